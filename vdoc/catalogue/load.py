"""Reads the catalogue that ships with the package and puts a digest on it.

The digest covers the bytes of every data file, so that a declaration names exactly the catalogue
it was planned with. The files are ours: a fault in them is a programming error, not an input error.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal, cast

from vdoc.catalogue.bounds import Bounds, parse_bounds, parse_reasons
from vdoc.catalogue.rows import (
    FACTOR_NAMES,
    OPTIONS,
    CaseRow,
    Factor,
    FactorName,
    Mode,
    Prerequisite,
    ProfileRow,
    Wait,
)
from vdoc.digest import digest, sha256_hex

DATA_FILES = (
    "bounds.toml",
    "cases.tsv",
    "catalogue.toml",
    "components.tsv",
    "precedence.toml",
    "prerequisites.toml",
    "rows.tsv",
)
_SOURCE_COLUMNS: dict[FactorName, str] = {
    "local": "local_source",
    "remote": "remote_source",
    "key": "key_source",
    "energy": "energy_source",
    "rateUnit": "rate_unit_source",
}


@dataclass(frozen=True, slots=True)
class Before:
    """A case that must have been run before the later ones, inside a stage and across stages."""

    case: str
    later: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Precedence:
    """What an order must keep: the first case, the change of stage, and who precedes whom."""

    first: str
    first_source: str
    stage_change: str
    stage_change_source: str
    before: tuple[Before, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All certification cases of a Charging Station; `digest` covers every data file."""

    version: str
    edition: str
    errata: str
    digest: str
    cases: tuple[CaseRow, ...]
    precedence: Precedence
    bounds: Bounds
    bound_reasons: Mapping[str, str]

    def case(self, case_id: str) -> CaseRow:
        """The case of that id.

        Raises:
            KeyError: the catalogue has no such case.
        """
        return self._by_id[case_id]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all cases."""
        return frozenset(self._by_id)

    @cached_property
    def _by_id(self) -> dict[str, CaseRow]:
        return {case.id: case for case in self.cases}


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of this version of the package; read once, then shared."""
    files = {name: _bytes(name) for name in DATA_FILES}
    head = _toml(files["catalogue.toml"])
    bounds = _toml(files["bounds.toml"])
    return Catalogue(
        version=head["version"],
        edition=head["edition"],
        errata=head["errata"],
        digest=digest({name: sha256_hex(data) for name, data in files.items()}),
        cases=tuple(_cases(files)),
        precedence=_precedence(_toml(files["precedence.toml"])),
        bounds=parse_bounds(bounds),
        bound_reasons=parse_reasons(bounds),
    )


def _bytes(name: str) -> bytes:
    return resources.files("vdoc.catalogue").joinpath(name).read_bytes()


def _toml(data: bytes) -> dict[str, Any]:
    return tomllib.loads(data.decode())


def _tsv(data: bytes) -> Iterator[dict[str, str]]:
    header, *lines = data.decode().splitlines()
    names = header.split("\t")
    for line in lines:
        yield dict(zip(names, line.split("\t"), strict=True))


def _cases(files: dict[str, bytes]) -> Iterator[CaseRow]:
    rows: dict[str, list[ProfileRow]] = defaultdict(list)
    for row in _tsv(files["rows.tsv"]):
        status: Literal["M", "C"] = "M" if row["status"] == "M" else "C"
        rows[row["id"]].append(ProfileRow(row["profile"], status, row["condition"]))
    needs: dict[str, list[Prerequisite]] = defaultdict(list)
    for entry in _toml(files["prerequisites.toml"])["prerequisite"]:
        needs[entry["case"]].append(_prerequisite(entry))
    for row in _tsv(files["cases.tsv"]):
        yield _case(row, tuple(rows[row["id"]]), tuple(needs[row["id"]]))


def _prerequisite(entry: dict[str, Any]) -> Prerequisite:
    return Prerequisite(
        **{**entry, "variables": tuple(entry["variables"]), "items": tuple(entry["items"])}
    )


def _case(
    row: dict[str, str], rows: tuple[ProfileRow, ...], needs: tuple[Prerequisite, ...]
) -> CaseRow:
    return CaseRow(
        id=row["id"],
        title=row["title"],
        block=row["block"],
        rows=rows,
        use_cases=tuple(row["use_cases"].split()),
        requirements=tuple(row["requirements"].split()),
        errata=row["errata"],
        security=tuple(int(profile) for profile in row["security"].split(",")),
        security_source=row["security_source"],
        mode=cast(Mode, row["mode"]),
        factors=tuple(_factors(row)),
        prerequisites=needs,
        waits=tuple(_wait(text) for text in row["waits"].split()),
        charging_starts=int(row["charging_starts"]),
        actions=tuple(row["actions"].split()),
        memory_states=row["memory_states"],
        reusable_states=row["reusable_states"],
    )


def _factors(row: dict[str, str]) -> Iterator[Factor]:
    for name in FACTOR_NAMES:
        source = row[_SOURCE_COLUMNS[name]]
        if source:
            allowed = tuple(row[name].split()) if name in row else OPTIONS[name]
            yield Factor(name, allowed, source)


def _wait(text: str) -> Wait:
    term, _, times = text.partition("*")
    return Wait(term, int(times))


def _precedence(data: dict[str, Any]) -> Precedence:
    before = tuple(
        Before(entry["case"], tuple(entry["later"]), entry["source"]) for entry in data["before"]
    )
    return Precedence(
        first=data["first"],
        first_source=data["first_source"],
        stage_change=data["stage_change"],
        stage_change_source=data["stage_change_source"],
        before=before,
    )
