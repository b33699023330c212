"""Reading the inputs of a command once, and noticing when they change later.

Owns the path from file names to `Inputs`; what is wrong with a file is the file's own module's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue
from vdoc.digest import sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.pics import BenchSettings, Pics, load_pics, load_settings, missing_files
from vdoc.plan import Plan, Share, make_plan
from vdoc.run.runner import Inputs

_SALT_BYTES = 32
_SEED_BITS = 48


@dataclass(frozen=True, slots=True)
class Loaded:
    """PICS, settings and the plan that follows from them."""

    pics: Pics
    settings: BenchSettings
    plan: Plan


def implemented() -> frozenset[str]:
    """Return the ids of the cases that have a function."""
    return frozenset(case_functions())


def load(
    pics_file: Path,
    settings_file: Path,
    *,
    seed: int | None,
    only: Collection[str] | None,
    share: Share | None = None,
    draft: bool = False,
) -> Loaded:
    """Read PICS and settings and make the plan.

    Raises:
        InputError: a file cannot be used, or no plan can be made; holds every problem.
    """
    pics = load_pics(pics_file)
    settings = load_settings(settings_file, pics)
    chosen = secrets.randbits(_SEED_BITS) if seed is None else seed
    plan = make_plan(
        pics,
        settings,
        load_catalogue(),
        implemented(),
        chosen,
        only=full_ids(only) or None,
        share=share,
        draft=draft,
    )
    return Loaded(pics, settings, plan)


def full_ids(only: Collection[str] | None) -> tuple[str, ...]:
    """Return case ids as the catalogue has them; `B_06` and `TC_B_06` are understood too."""
    ids = []
    for name in only or ():
        upper = name.strip().upper()
        upper = upper if upper.startswith("TC_") else f"TC_{upper}"
        ids.append(upper if upper.endswith("_CS") else f"{upper}_CS")
    return tuple(ids)


def run_inputs(loaded: Loaded, files: Collection[Path]) -> Inputs:
    """Return the inputs of a run, which know when one of `files` changes.

    Raises:
        InputError: the firmware files that the settings name are missing or are not as declared.
    """
    problems = missing_files(loaded.settings, loaded.pics)
    if problems:
        raise InputError(*(_as_problem(problem) for problem in problems))
    return Inputs(
        pics=loaded.pics,
        settings=loaded.settings,
        catalogue=load_catalogue(),
        plan=loaded.plan,
        functions=case_functions(),
        salt=secrets.token_bytes(_SALT_BYTES),
        unchanged=_unchanged(files),
    )


def _as_problem(problem: object) -> Problem:
    if isinstance(problem, Problem):
        return problem
    return Problem("bench settings", None, "[firmware]", str(problem), "correct the settings.")


def _unchanged(files: Collection[Path]) -> Callable[[], str]:
    digests = {file: sha256_hex(file.read_bytes()) for file in files}

    def changed() -> str:
        for file, digest in digests.items():
            try:
                same = sha256_hex(file.read_bytes()) == digest
            except OSError as error:
                return f"{file} ({error.strerror})"
            if not same:
                return str(file)
        return ""

    return changed
