"""Named defects: ways in which the reference station can be told to misbehave.

Owns the registry. A defect is declared in the module where it acts, misbehaves in exactly one
defined way, and names the cases that must catch it. The rest of the station stays sound.

    EARLY = declare("boot-again", "sends BootNotification twice", "B01.FR.05", "TC_B_01_CS")
    ...
    if station.has(EARLY): ...
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

_REGISTRY: dict[str, Defect] = {}


@dataclass(frozen=True, slots=True)
class Defect:
    """One way to misbehave.

    Attributes:
        name: what `--defect` takes; lower-case words joined by hyphens.
        description: what the station then does wrong.
        requirement: the Part 2 or Part 4 requirement that it breaks.
        cases: ids of the Part 6 cases that must fail because of it.
    """

    name: str
    description: str
    requirement: str
    cases: tuple[str, ...]


def declare(name: str, description: str, requirement: str, *cases: str) -> str:
    """Register a defect and return its name, to be kept as a module constant.

    Raises:
        ValueError: the name is taken, or no case is named.
    """
    defect = Defect(name, description, requirement, cases)
    if not cases:
        raise ValueError(f"defect {name} names no case that must catch it")
    if _REGISTRY.setdefault(name, defect) != defect:
        raise ValueError(f"defect {name} is declared twice")
    return name


def is_declared(name: str) -> bool:
    """Whether some module that has been imported declares `name`."""
    return name in _REGISTRY


def all_defects() -> tuple[Defect, ...]:
    """Every defect of every module of the station, by name."""
    package = importlib.import_module("vdoc.station")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"vdoc.station.{module.name}")
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))
