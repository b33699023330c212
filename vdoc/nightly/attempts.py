"""What was due, what became of it, whether somebody was told, and when each station is due next.

Owns the part of the history that keeps a night from being lost or made twice. Station and due time
name an attempt; it is claimed once, by whoever comes first, and ends once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from vdoc.nightly.schema import time_of, time_text

_THIS = "dut = ? and due = ?"
_NEXT = "insert or replace into schedule values (?, ?)"
_BETWEEN = "case note when '' then '' else '; ' end"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run that was due: begun once, and what became of it.

    Attributes:
        due: when; aware. Together with the station it names the attempt.
        directory: where the run leaves its files.
        done: whether it has ended.
        run: id of the run; None while there is none.
        because: why there is no run, or why it is void.
        note: what else to know of it: that it began late, for whom it waited, how far a turn is.
        told: whether its outcome has been told.
    """

    dut: str
    due: datetime
    directory: Path
    done: bool = False
    run: str | None = None
    because: str = ""
    note: str = ""
    told: bool = False

    @property
    def state(self) -> str:
        """In one word: `under way`, `run`, or `not run`."""
        if not self.done:
            return "under way"
        return "not run" if self.run is None else "run"


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of an open history.

    Args:
        db: of the history.
        writing: holds its write lock; what is done inside happens whole or not at all.
    """

    db: Database
    writing: Callable[[], AbstractContextManager[Database]]

    def claim(
        self, dut: str, due: datetime, directory: Path, following: datetime | None = None
    ) -> Attempt | None:
        """Begin what is due; None when somebody has begun it already.

        Args:
            dut: the station.
            due: when it was due.
            directory: of its run.
            following: when it is due next by the schedule, which is remembered with the claim or
                not at all, so that nothing falls between.
        """
        return self._new(Attempt(dut, due, directory), following)

    def skip(
        self, attempt: Attempt, because: str, following: datetime | None = None
    ) -> Attempt | None:
        """Remember that what was due is not run; None when somebody has begun it already."""
        return self._new(replace(attempt, done=True, because=because), following)

    def _new(self, attempt: Attempt, following: datetime | None) -> Attempt | None:
        with self.writing() as db:
            if following is not None:
                db.execute(_NEXT, [attempt.dut, time_text(following)])
            if list(db.table("attempt").rows_where(_THIS, _key(attempt))):
                return None
            db.table("attempt").insert(_row(attempt))
        return attempt

    def finish(self, attempt: Attempt, *, run: str | None = None, because: str = "") -> None:
        """Remember what became of an attempt: a run, or the reason why there is none."""
        with self.writing() as db:
            db.execute(
                f"update attempt set state = 'done', run = ?, because = ? where {_THIS}",  # noqa: S608
                [run, because, *_key(attempt)],
            )

    def note(self, attempt: Attempt, text: str) -> None:
        """Add a sentence to what there is to know of an attempt."""
        with self.writing() as db:
            db.execute(
                f"update attempt set note = note || {_BETWEEN} || ? where {_THIS}",  # noqa: S608
                [text, *_key(attempt)],
            )

    def mark_told(self, attempts: Iterable[Attempt]) -> None:
        """Remember that the outcomes of these have been told."""
        with self.writing() as db:
            for attempt in attempts:
                db.execute(f"update attempt set told = 1 where {_THIS}", _key(attempt))  # noqa: S608

    def all(self, dut: str | None = None) -> tuple[Attempt, ...]:
        """Return what was begun, the oldest first."""
        return self._where("?1 is null or dut = ?1", [dut])

    def unfinished(self) -> tuple[Attempt, ...]:
        """Return what has no end yet, the oldest first."""
        return self._where("state = 'running'")

    def untold(self) -> tuple[Attempt, ...]:
        """Return what has ended without anybody having been told, the oldest first."""
        return self._where("state = 'done' and told = 0")

    def find(self, dut: str, due: datetime) -> Attempt | None:
        """Return the attempt of a station that was due then."""
        return next(iter(self._where(_THIS, [dut, time_text(due)])), None)

    def completed(self, dut: str) -> int:
        """Return how many runs of a station have come to an end that is not void."""
        return len(self._where("dut = ? and run is not null and because = ''", [dut]))

    def note_of(self, run: str) -> str:
        """Return what else there is to know of a run; nothing of one that was added by hand."""
        return "; ".join(each.note for each in self._where("run = ?", [run]) if each.note)

    # --- the schedule ---

    def next_due(self, dut: str) -> datetime | None:
        """Return when a station is due next; None when nobody has scheduled it yet."""
        for row in self.db.table("schedule").rows_where("dut = ?", [dut]):
            return time_of(row["next_due"])
        return None

    def schedule(self, dut: str, due: datetime) -> None:
        """Remember when a station is due next."""
        with self.writing() as db:
            db.execute(_NEXT, [dut, time_text(due)])

    def _where(self, where: str, values: Iterable[Any] = ()) -> tuple[Attempt, ...]:
        rows = self.db.table("attempt").rows_where(where, list(values), order_by="due, dut")
        return tuple(_of(row) for row in rows)


def _key(attempt: Attempt) -> list[str]:
    return [attempt.dut, time_text(attempt.due)]


def _row(attempt: Attempt) -> dict[str, Any]:
    return {
        "dut": attempt.dut,
        "due": time_text(attempt.due),
        "directory": str(attempt.directory),
        "state": "done" if attempt.done else "running",
        "run": attempt.run,
        "because": attempt.because,
        "note": attempt.note,
        "told": int(attempt.told),
    }


def _of(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        dut=row["dut"],
        due=time_of(row["due"]),
        directory=Path(row["directory"]),
        done=row["state"] == "done",
        run=row["run"],
        because=row["because"],
        note=row["note"],
        told=bool(row["told"]),
    )
