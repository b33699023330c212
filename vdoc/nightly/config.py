"""`nightly.toml`: which stations are run when, with which cases, and who is told.

Owns the tables and their checks; every problem is reported at once, with its line. Relative paths
are relative to the file. Notification URLs hold secrets: a text, `{ env = … }` or `{ file = … }`.
"""

from __future__ import annotations

import os
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self, assert_never

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from vdoc.errors import InputError
from vdoc.nightly.retention import Retention
from vdoc.nightly.telling import NotifyWhen
from vdoc.pics import Secret
from vdoc.pics.secret import LocalPath, Reading
from vdoc.pics.source import field_problems, read_toml
from vdoc.plan import Share

Days = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Hours = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseChoice(StrEnum):
    """Which of the applicable cases are run."""

    ALL = "all"
    FAILED = "failed"


class Select(_Table):
    """`[dut.select]`: a selection of cases and variants; such a run leads to no declaration.

    Attributes:
        cases: all, or those that did not pass the last time.
        profiles: only cases of these certification profiles; empty for all.
        only: only these cases; empty for all.
        budget_h: as many cases as fit, the riskiest first.
        variants: all, the base one, or in turn so that `nights` nights cover all.
    """

    cases: CaseChoice = CaseChoice.ALL
    profiles: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    budget_h: Hours | None = None
    variants: Literal["all", "one", "rotating"] = "all"
    nights: int = Field(5, ge=2, le=999)

    def share(self, completed: int) -> Share | None:
        """Return the variants of the next night; None for all.

        Args:
            completed: how many nights have run theirs; one that was missed or void is made up for.
        """
        match self.variants:
            case "all":
                return None
            case "one":
                return Share(0, 0)
            case "rotating":
                return Share(completed % self.nights, self.nights)
            case _:
                assert_never(self.variants)


class FetchTable(_Table):
    """`[dut.fetch]`: the command that fetches the night's firmware, before the window."""

    command: tuple[str, ...] = Field(min_length=1)
    timeout_s: Annotated[float, Field(gt=0, le=86400)] = 1800


class KeepTable(_Table):
    """`[retention]`: after how many days evidence is packed, evidence and runs are removed."""

    pack_days: Days | None = 2
    evidence_days: Days | None = 90
    run_days: Days | None = None
    failing_days: Days | None = 365

    def policy(self) -> Retention:
        """Return it as what the history applies."""
        return Retention(**self.model_dump())


class NotifyTable(_Table):
    """`[notify]`: apprise URLs, and after which nights they are used."""

    urls: tuple[Secret, ...] = ()
    when: NotifyWhen = NotifyWhen.CHANGED


def _time(value: object) -> object:
    return time.fromisoformat(value) if isinstance(value, str) else value


class DutTable(_Table):
    """`[[dut]]`: one station.

    Attributes:
        at: local time of day at which it is due.
        seed: of the plan; the same every night unless changed, so that flaky can be told.
        longest_h: a run that takes longer is ended, and void.
        wait_h: how long it waits for an action API that another run uses.
        late_h: a start that was missed by more (the bench was off) is skipped, and said.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    pics: LocalPath
    bench: LocalPath
    at: Annotated[time, BeforeValidator(_time)] = time(2)
    seed: int = Field(1, ge=0)
    longest_h: Hours = 24
    wait_h: Annotated[float, Field(ge=0, le=24)] = 8
    late_h: Annotated[float, Field(ge=0, le=24)] = 4
    select: Select = Select()
    fetch: FetchTable | None = None


class NightlyConfig(_Table):
    """The whole file."""

    history: LocalPath
    runs: LocalPath
    metrics: LocalPath | None = None
    retention: KeepTable = KeepTable()
    notify: NotifyTable = NotifyTable()
    dut: tuple[DutTable, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [dut.name.casefold() for dut in self.dut]
        if len(set(names)) != len(names):
            raise ValueError("two [[dut]] have the same name")
        return self

    def chosen(self, names: tuple[str, ...]) -> tuple[DutTable, ...]:
        """Return the stations of these names, all when none is given.

        Raises:
            KeyError: one is in no [[dut]].
        """
        known = {dut.name: dut for dut in self.dut}
        return tuple(known[name] for name in names) if names else self.dut


def load_config(path: Path) -> NightlyConfig:
    """Read a nightly.toml.

    Raises:
        InputError: it cannot be used; holds every problem, with its line.
    """
    raw, source = read_toml(path)
    context = Reading(directory=path.absolute().parent, environment=os.environ)
    raw = {"history": "history.sqlite", "runs": "runs", **raw}
    try:
        return NightlyConfig.model_validate(raw, context=context)
    except ValidationError as error:
        raise InputError(*field_problems(error, source)) from error
