"""The entries of the tables as values. Their keys are explained in README.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Alteration:
    """What is done to the lines that match."""

    kind: str
    message: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    pick: str = "all"
    after_request: str = ""
    after_action: str = ""
    before_request: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    delete: tuple[str, ...] = ()
    drop: bool = False
    error_code: str = ""
    as_result: Mapping[str, Any] | None = None
    move_before_response: str = ""


@dataclass(frozen=True)
class Insertion:
    """A line that the station never caused."""

    kind: str
    frame_action: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    after_request: str = ""
    after_message: str = ""
    after_kind: str = ""
    after_action: str = ""
    at_end: bool = False
    pick: str = "last"


@dataclass(frozen=True)
class Validation:
    """One entry: a demand of the tables and the alteration that violates it."""

    id: str
    case: str
    what: str
    main: Alteration | Insertion | None
    also: tuple[Alteration, ...] = ()
    only_if: str = ""
    alternatives: bool = False
    advisory: bool = False
    unreachable: str = ""

    @property
    def mutation(self) -> str:
        """The alteration in a few words, for the table."""
        match self.main:
            case None:
                return "-"
            case Insertion():
                return f"insert {self.main.frame_action or self.main.kind}"
            case Alteration():
                name = self.main.message or self.main.kind
                changes = ["drop"] if self.main.drop else []
                changes += [f"{path} = {value}" for path, value in self.main.set.items()]
                changes += [f"delete {path}" for path in self.main.delete]
                changes += [f"code = {code}" for code in [self.main.error_code] if code]
                changes += ["as CALLRESULT"] if self.main.as_result is not None else []
                asked = self.main.move_before_response
                changes += [f"before {asked}Response"] if asked else []
                return f"{name} {self.main.pick}: {', '.join(changes)}"


def load_validations() -> tuple[Validation, ...]:
    """Every entry of every table, in order."""
    return tuple(entry for file in sorted(HERE.glob("?.toml")) for entry in _read(file))


@dataclass(frozen=True)
class Excuse:
    """Why a finding that is not to be comes of an entry all the same."""

    id: str
    finding: str
    because: str
    only_if: str = ""


@cache
def load_excuses() -> tuple[Excuse, ...]:
    """The allow-list."""
    tables = tomllib.loads((HERE / "excused.toml").read_text("utf-8"))
    return tuple(Excuse(**table) for table in tables["excused"])


def _read(file: Path) -> Iterator[Validation]:
    for table in tomllib.loads(file.read_text("utf-8"))["validation"]:
        yield Validation(
            id=table["id"],
            case=table["case"],
            what=table["what"],
            main=_main(table),
            also=tuple(map(_alteration, table.get("also", ()))),
            only_if=table.get("only_if", ""),
            alternatives="alternatives" in table,
            advisory=bool(table.get("advisory", False)),
            unreachable=table.get("unreachable", ""),
        )


def _main(table: Mapping[str, Any]) -> Alteration | Insertion | None:
    if "unreachable" in table:
        return None
    if "insert" not in table:
        return _alteration(table)
    new = table["insert"]
    return Insertion(
        kind=new.get("kind", "received"),
        frame_action=new.get("frame_action", ""),
        content=new.get("payload", new.get("data", {})),
        after_request=new.get("after_request", ""),
        after_message=new.get("after_message", ""),
        after_kind=new.get("after_kind", ""),
        after_action=new.get("after_action", ""),
        at_end=new.get("at_end", False),
        pick=new.get("pick", "last"),
    )


def _alteration(table: Mapping[str, Any]) -> Alteration:
    return Alteration(
        kind=table["kind"],
        message=table.get("message", ""),
        where=table.get("where", {}),
        pick=table["pick"],
        after_request=table.get("after_request", ""),
        after_action=table.get("after_action", ""),
        before_request=table.get("before_request", ""),
        set=table.get("set", {}),
        delete=tuple(table.get("delete", ())),
        drop=table.get("drop", False),
        error_code=table.get("error_code", ""),
        as_result=table.get("as_result"),
        move_before_response=table.get("move_before_response", ""),
    )
