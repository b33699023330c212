"""What the catalogue knows of a case, as frozen values; the data itself are the files beside it.

Rule: every choice that Part 5 and Part 6 leave open carries its source, a clause id or the words
"our interpretation". Knows nothing of how a case is run, judged or attached to its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from vdoc.pics import Condition, parse_condition

FactorName: TypeAlias = Literal["local", "remote", "key", "energy", "rateUnit"]
FACTOR_NAMES: tuple[FactorName, ...] = ("local", "remote", "key", "energy", "rateUnit")
Mode: TypeAlias = Literal["none", "local", "remote", "default"]
"""How a case authorizes: not at all, by a token, by RequestStartTransaction, or by either."""

OPTIONS: Mapping[FactorName, tuple[str, ...]] = {
    "local": ("ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"),
    "remote": ("ISO14443", "ISO15693", "Central", "NoAuthorization"),
    "key": ("RSA", "ECDSA"),
    "energy": ("EIM", "PnC"),
    "rateUnit": ("A", "W"),
}
"""Every value a factor can take: C-30..C-35, C-36..C-39, C-41, state Authorized15118, SC-2."""


class ProfileRow(NamedTuple):
    """One row of Part 5: the case in one certification profile."""

    profile: str
    status: Literal["M", "C"]
    condition: str


class Exclusion(NamedTuple):
    """A value of a factor with which the case is never run, and why."""

    factor: FactorName
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing by which the runs of a case differ: the values it may take, base first."""

    name: FactorName
    allowed: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A Part 6 prerequisite narrower than Part 5; unmet by evidence gives not_applicable."""

    case: str
    requires: str
    unmet_when: str
    variables: tuple[str, ...]
    items: tuple[str, ...]
    source: str


class Wait(NamedTuple):
    """A mandated wait: `times` the number of seconds that `term` names in the settings."""

    term: str
    times: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One certification case.

    Attributes:
        id: as Part 6 prints it, for example TC_A_01_CS.
        rows: its rows in Part 5 as amended, one per certification profile.
        block: functional block, A to P.
        use_cases: use case ids of Part 6.
        requirements: requirement ids of Part 6.
        errata: the Part 6 items of the errata on the case or its states.
        security: security profiles in which the case has a meaning.
        mode: how it authorizes.
        factors: by which its runs differ.
        waits: mandated waits of one run.
        charging_starts: how often one run brings a transaction to energy transfer.
        actions: action tokens; `?` marks one needed only where the station has the equipment,
            `@2` one at the second EVSE, `@all` one at every EVSE.
    """

    id: str
    title: str
    block: str
    rows: tuple[ProfileRow, ...]
    use_cases: tuple[str, ...]
    requirements: tuple[str, ...]
    errata: str
    security: tuple[int, ...]
    security_source: str
    mode: Mode
    factors: tuple[Factor, ...]
    prerequisites: tuple[Prerequisite, ...]
    waits: tuple[Wait, ...]
    charging_starts: int
    actions: tuple[str, ...]
    memory_states: str
    reusable_states: str

    @property
    def neutral(self) -> bool:
        """Whether the security profile in force makes no difference to the case."""
        return self.security == (1, 2, 3)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The parsed conditions of its rows, in their order."""
        return tuple(parse_condition(row.condition) for row in self.rows)

    @property
    def states(self) -> str:
        """The memory and reusable states in the order in which they are reached."""
        return "; ".join(text for text in (self.memory_states, self.reusable_states) if text)

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """The values that its factors leave out, with the source of that choice."""
        return tuple(_exclusions(self.factors))

    def factor(self, name: FactorName) -> Factor | None:
        """Its factor of that name, if its runs differ by it."""
        return next((factor for factor in self.factors if factor.name == name), None)


def _exclusions(factors: tuple[Factor, ...]) -> Iterator[Exclusion]:
    for factor in factors:
        for value in OPTIONS[factor.name]:
            if value not in factor.allowed:
                yield Exclusion(factor.name, value, factor.source)
