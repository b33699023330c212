"""The history of runs in an SQLite file.

Owns the database: opening and migrating it, storing a run whole or not at all, and the questions
that comparison and pages ask. Safe with several writers, in threads or processes: WAL, a busy
time-out, and every write takes the write lock before it reads. Storing the same run twice is the
same as once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from vdoc.bench import VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.errors import BenchError, InputError, Problem
from vdoc.nightly.schema import migrate
from vdoc.nightly.stored import (
    FinishedRun,
    Parameter,
    StoredCase,
    StoredFailure,
    StoredRun,
)

BUSY_TIMEOUT_S = 60.0
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_DECIMALS = 6
_NEWEST = "started desc, id"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run that was due: begun once, and what became of it.

    Attributes:
        due: when; aware. Together with the station it names the attempt.
        directory: where the run leaves its files.
        done: whether it has ended.
        run: id of the run; None while there is none.
        because: why there is no run.
    """

    dut: str
    due: datetime
    directory: Path
    done: bool = False
    run: str | None = None
    because: str = ""


class History:
    """An open history; a context manager.

    Args:
        path: of the SQLite file; made when it is missing.

    Raises:
        InputError: it is no database, or one of a newer version.
        BenchError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        except sqlite3.Error as error:
            raise BenchError(f"cannot open the history {path}: {error}") from error
        self._db = Database(connection)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise _no_history(path, error) from error
        except InputError:
            self.close()
            raise

    def _prepare(self) -> None:
        self._db.execute(f"pragma busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
        self._db.enable_wal()
        self._db.execute("pragma foreign_keys = on")
        self._db.execute("pragma synchronous = full")
        with self.writing():
            migrate(self._db, self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Hold the write lock; what is done inside happens whole or not at all."""
        self._db.execute("begin immediate")
        try:
            yield self._db
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    # --- storing ---

    def add(self, finished: FinishedRun) -> bool:
        """Store a run; False when it was there already, which changes nothing."""
        run = finished.run
        with self.writing() as db:
            if list(db.table("run").rows_where("id = ?", [run.id], select="id")):
                return False
            db.table("run").insert(_run_row(run))
            if finished.facts is not None:
                _add_model(db, run.device_model, finished.facts.variables)
            db.table("case_result").insert_all(_case_rows(finished))
            db.table("failure").insert_all(_failure_rows(finished))
            db.table("response_time").insert_all(_time_rows(finished))
        return True

    def forget(self, run: StoredRun) -> None:
        """Remove a run and all that hangs on it; its files stay."""
        with self.writing() as db:
            db.table("run").delete(run.id)
            db.execute(
                "delete from device_model where digest not in (select device_model from run)"
            )

    def evidence_pruned(self, run: StoredRun) -> None:
        """Remember that the evidence of a run is no longer there."""
        with self.writing() as db:
            db.table("run").update(run.id, {"evidence_kept": 0})

    # --- attempts ---

    def claim(self, dut: str, due: datetime, directory: Path) -> Attempt | None:
        """Begin what is due; None when somebody has begun it already."""
        attempt = Attempt(dut, due, directory)
        with self.writing() as db:
            if list(db.table("attempt").rows_where("dut = ? and due = ?", [dut, _text(due)])):
                return None
            db.table("attempt").insert(_attempt_row(attempt))
        return attempt

    def finish(self, attempt: Attempt, *, run: str | None = None, because: str = "") -> None:
        """Remember what became of an attempt: a run, or the reason why there is none."""
        with self.writing() as db:
            db.execute(
                "update attempt set state = 'done', run = ?, because = ? where dut = ? and due = ?",
                [run, because, attempt.dut, _text(attempt.due)],
            )

    def attempts(self, *, unfinished: bool = False) -> tuple[Attempt, ...]:
        """Return what was begun, the oldest first; only what has no end yet on request."""
        where = "state = 'running'" if unfinished else None
        rows = self._db.table("attempt").rows_where(where, order_by="due, dut")
        return tuple(_attempt_of(row) for row in rows)

    # --- asking ---

    def duts(self) -> tuple[str, ...]:
        """Return the names of all stations that have a run."""
        rows = self._db.query("select distinct dut from run order by dut")
        return tuple(row["dut"] for row in rows)

    def runs(
        self,
        dut: str | None = None,
        *,
        before: datetime | None = None,
        limit: int | None = None,
        comparable: bool = False,
    ) -> tuple[StoredRun, ...]:
        """Return runs, the newest first.

        Args:
            dut: only of this station.
            before: only those that began earlier.
            limit: at most so many.
            comparable: leave void runs out.
        """
        conditions: dict[str, Any] = {}
        if dut is not None:
            conditions["dut = :dut"] = dut
        if before is not None:
            conditions["started < :before"] = _text(before)
        if comparable:
            conditions["verdict != :void"] = RunVerdict.VOID.value
        arguments = {c.rpartition(":")[2]: value for c, value in conditions.items()}
        where = " and ".join(conditions) or None
        rows = self._db.table("run").rows_where(where, arguments, order_by=_NEWEST, limit=limit)
        return tuple(map(_run_of, rows))

    def run(self, name: str) -> StoredRun:
        """Return a run by its id or the unambiguous beginning of one.

        Raises:
            InputError: there is none, or several begin so.
        """
        like = name.replace("%", "").replace("_", "") + "%"
        rows = list(self._db.table("run").rows_where("id like ?", [like], limit=2))
        if len(rows) != 1:
            what = "names no run." if not rows else "is the beginning of several ids."
            raise InputError(
                Problem(str(self.path), None, name, what, "see `vdoc nightly list` for the ids.")
            )
        return _run_of(rows[0])

    def cases(self, run: StoredRun) -> tuple[StoredCase, ...]:
        """Return the cases of a run in the order in which they ran, with their failures."""
        failures: dict[int, list[StoredFailure]] = {}
        for row in self._db.table("failure").rows_where(
            "run = ?", [run.id], order_by="ordinal, number"
        ):
            failures.setdefault(row["ordinal"], []).append(_failure_of(row))
        rows = self._db.table("case_result").rows_where("run = ?", [run.id], order_by="ordinal")
        return tuple(_case_of(row, failures.get(row["ordinal"], ())) for row in rows)

    def verdicts(self, runs: Iterable[StoredRun]) -> Mapping[str, tuple[StoredCase, ...]]:
        """Return the cases of several runs by the id of the run, without their failures."""
        found: dict[str, list[StoredCase]] = {run.id: [] for run in runs}
        marks = ",".join("?" * len(found))
        where = f"run in ({marks})"
        for row in self._db.table("case_result").rows_where(
            where, list(found), order_by="run, ordinal"
        ):
            found[row["run"]].append(_case_of(row, ()))
        return {run: tuple(cases) for run, cases in found.items()}

    def times(self, run: StoredRun) -> Mapping[Parameter, tuple[float, ...]]:
        """Return the response times of a run, in seconds."""
        rows = self._db.table("response_time").rows_where("run = ?", [run.id])
        return {Parameter(r["parameter"]): tuple(json.loads(r["samples"])) for r in rows}

    def device_model(self, run: StoredRun) -> tuple[VariableFact, ...] | None:
        """Return the variables that intake saw; None when it did not get that far."""
        rows = self._db.table("device_model").rows_where("digest = ?", [run.device_model])
        for row in rows:
            return tuple(VariableFact.model_validate(v) for v in json.loads(row["variables"]))
        return None


def _no_history(path: Path, error: Exception) -> InputError:
    return InputError(
        Problem(str(path), None, "history", f"cannot be used: {error}.", "name another file.")
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def _run_row(run: StoredRun) -> dict[str, Any]:
    return {
        **asdict(run),
        "directory": str(run.directory),
        "started": _text(run.started),
        "verdict": run.verdict.value,
        "crashes": json.dumps(run.crashes),
        "counts": json.dumps({v.value: n for v, n in run.counts.items() if n}),
        "evidence_kept": int(run.evidence_kept),
    }


def _run_of(row: Mapping[str, Any]) -> StoredRun:
    changed = {
        "directory": Path(row["directory"]),
        "started": _moment(row["started"]),
        "verdict": RunVerdict(row["verdict"]),
        "crashes": tuple(json.loads(row["crashes"])),
        "counts": {Verdict(v): n for v, n in json.loads(row["counts"]).items()},
        "evidence_kept": bool(row["evidence_kept"]),
    }
    return StoredRun(**{**row, **changed})


def _attempt_row(attempt: Attempt) -> dict[str, Any]:
    return {
        "dut": attempt.dut,
        "due": _text(attempt.due),
        "directory": str(attempt.directory),
        "state": "done" if attempt.done else "running",
        "run": attempt.run,
        "because": attempt.because,
    }


def _attempt_of(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        dut=row["dut"],
        due=_moment(row["due"]),
        directory=Path(row["directory"]),
        done=row["state"] == "done",
        run=row["run"],
        because=row["because"],
    )


def _case_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    for ordinal, case in enumerate(finished.cases):
        yield {
            "run": finished.run.id,
            "ordinal": ordinal,
            "case_id": case.case,
            "variant": case.variant,
            "verdict": case.verdict.value,
            "because": case.because,
            "checks": case.checks,
            "seconds": round(case.seconds, _DECIMALS),
        }


def _case_of(row: Mapping[str, Any], failures: Iterable[StoredFailure]) -> StoredCase:
    return StoredCase(
        case=row["case_id"],
        variant=row["variant"],
        verdict=Verdict(row["verdict"]),
        because=row["because"],
        checks=row["checks"],
        seconds=row["seconds"],
        failures=tuple(failures),
    )


def _failure_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    for ordinal, case in enumerate(finished.cases):
        for number, failure in enumerate(case.failures):
            place = {"run": finished.run.id, "ordinal": ordinal, "number": number}
            yield {**place, **asdict(failure)}


def _failure_of(row: Mapping[str, Any]) -> StoredFailure:
    place = {"run", "ordinal", "number"}
    return StoredFailure(**{name: value for name, value in row.items() if name not in place})


def _time_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    for parameter, samples in finished.times.items():
        rounded = [round(sample, _DECIMALS) for sample in samples]
        yield {
            "run": finished.run.id,
            "parameter": parameter.value,
            "samples": json.dumps(rounded, separators=(",", ":")),
        }


def _add_model(db: Database, digest: str, variables: Iterable[VariableFact]) -> None:
    values = [variable.model_dump(mode="json", exclude_defaults=True) for variable in variables]
    text = json.dumps(values, separators=(",", ":"))
    db.execute("insert or ignore into device_model values (?, ?)", [digest, text])
