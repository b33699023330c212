"""Declaration grade: between which bounds each value of the settings must lie (design §4).

A value outside its bounds is fine for tests and demonstrations; the bundle is then a demonstration.
Each bound says why it stands: too short a wait lets a wrong message escape, too long a time-out
lets a slow station pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias


class Bound(NamedTuple):
    """The least and the greatest value, both included, in the unit of the value's name."""

    minimum: float
    maximum: float


Bounds: TypeAlias = Mapping[str, Bound]
"""Bounds by the name of the value in the settings table `values`."""


def parse_bounds(data: Mapping[str, Any]) -> Bounds:
    """The bounds written as one TOML table per value with `min` and `max`."""
    bounds = {name: Bound(float(each["min"]), float(each["max"])) for name, each in data.items()}
    return MappingProxyType(bounds)


def parse_reasons(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Why each bound stands: the `reason` of each table."""
    return MappingProxyType({name: str(each["reason"]) for name, each in data.items()})
