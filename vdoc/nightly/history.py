"""The history of runs in an SQLite file.

Owns the database: opening and migrating it, storing a run whole or not at all, and the questions
that comparison and pages ask. Safe with several writers, in threads or processes: WAL, a busy
time-out, and every write takes the write lock before it reads. Storing the same run twice is the
same as once.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter
from sqlite_utils import Database

from vdoc.bench import VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.errors import BenchError, InputError, Problem, VdocError
from vdoc.nightly.attempts import Attempts
from vdoc.nightly.rows import (
    VERDICTS,
    case_of,
    case_rows,
    failure_of,
    failure_rows,
    run_of,
    run_row,
    time_rows,
)
from vdoc.nightly.schema import migrate, time_text, up_to_date
from vdoc.nightly.stored import (
    CaseKey,
    FinishedRun,
    Parameter,
    StoredCase,
    StoredFailure,
    StoredRun,
    by_key,
)

BUSY_TIMEOUT_S = 60.0
_WAL_PAUSE_S = 0.02
_HELD = f"another program has been holding it for {BUSY_TIMEOUT_S:g} s"
_NEWEST = "started desc, id"
_VARIABLES = TypeAdapter(tuple[VariableFact, ...])


class History:
    """An open history; a context manager.

    Args:
        path: of the SQLite file; made when it is missing.

    Attributes:
        attempts: what was due, what became of it, and when stations are due next.

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
        self.attempts = Attempts(self._db, self.writing)
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self.close()
            why = _HELD if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else error
            raise BenchError(f"cannot open the history {path}: {why}") from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise _no_history(path, error) from error
        except VdocError:
            self.close()
            raise

    def _prepare(self) -> None:
        self._db.execute(f"pragma busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
        self._enable_wal()
        self._db.execute("pragma foreign_keys = on")
        self._db.execute("pragma synchronous = full")
        if not up_to_date(self._db):
            with self.writing():
                migrate(self._db, self.path)

    def _enable_wal(self) -> None:
        """Switch a new file to WAL; SQLite makes nobody wait for that, so two that open it do."""
        limit = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                return self._db.enable_wal()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > limit:
                    raise
            time.sleep(_WAL_PAUSE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Hold the write lock; what is done inside happens whole or not at all.

        Raises:
            BenchError: the file cannot be written: no room, no right, or another program holds it.
        """
        try:
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise
        except sqlite3.OperationalError as error:
            why = _HELD if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else error
            raise BenchError(f"cannot write the history {self.path}: {why}") from error

    # --- storing ---

    def add(self, finished: FinishedRun) -> bool:
        """Store a run; False when it was there already, which changes nothing."""
        run = finished.run
        with self.writing() as db:
            if list(db.table("run").rows_where("id = ?", [run.id], select="id")):
                return False
            db.table("run").insert(run_row(run))
            if finished.facts is not None:
                _add_model(db, run.device_model, finished.facts.variables)
            db.table("case_result").insert_all(case_rows(finished))
            db.table("failure").insert_all(failure_rows(finished))
            db.table("response_time").insert_all(time_rows(finished))
        return True

    def forget(self, run: StoredRun) -> None:
        """Remove a run and all that hangs on it; its files stay. Twice is the same as once."""
        with self.writing() as db:
            db.execute("delete from run where id = ?", [run.id])
            db.execute(
                "delete from device_model where digest not in (select device_model from run)"
            )

    def evidence_pruned(self, run: StoredRun) -> None:
        """Remember that the evidence of a run is no longer there."""
        with self.writing() as db:
            db.execute("update run set evidence_kept = 0 where id = ?", [run.id])

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
            conditions["started < :before"] = time_text(before)
        if comparable:
            conditions["verdict != :void"] = RunVerdict.VOID.value
        arguments = {c.rpartition(":")[2]: value for c, value in conditions.items()}
        where = " and ".join(conditions) or None
        rows = self._db.table("run").rows_where(where, arguments, order_by=_NEWEST, limit=limit)
        return tuple(map(run_of, rows))

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
        return run_of(rows[0])

    def cases(self, run: StoredRun) -> tuple[StoredCase, ...]:
        """Return the cases of a run in the order in which they ran, with their failures."""
        failures: dict[int, list[StoredFailure]] = {}
        for row in self._db.table("failure").rows_where(
            "run = ?", [run.id], order_by="ordinal, number"
        ):
            failures.setdefault(row["ordinal"], []).append(failure_of(row))
        rows = self._db.table("case_result").rows_where("run = ?", [run.id], order_by="ordinal")
        return tuple(case_of(row, failures.get(row["ordinal"], ())) for row in rows)

    def verdicts(self, runs: Iterable[StoredRun]) -> Mapping[str, tuple[StoredCase, ...]]:
        """Return the cases of several runs by the id of the run, without their failures."""
        found: dict[str, list[StoredCase]] = {run.id: [] for run in runs}
        marks = ",".join("?" * len(found))
        rows = self._db.execute(
            "select run, case_id, variant, verdict, because, checks, seconds from case_result"  # noqa: S608  # only marks
            f" where run in ({marks}) order by run, ordinal",
            list(found),
        )
        for run, case, variant, verdict, *rest in rows:
            found[run].append(StoredCase(case, variant, VERDICTS[verdict], *rest))
        return {run: tuple(cases) for run, cases in found.items()}

    def last_judged(self, dut: str, key: CaseKey, before: datetime) -> StoredCase | None:
        """Return the last result of a case in earlier runs of a station, without its failures.

        Void runs and faults of the bench do not count: they say nothing about the station.
        """
        rows = self._db.query(
            "select case_result.* from case_result join run on run.id = case_result.run"
            " where case_id = ? and variant = ? and dut = ? and started < ?"
            " and run.verdict != ? and case_result.verdict != ?"
            " order by started desc, case_result.ordinal",
            [*key, dut, time_text(before), RunVerdict.VOID.value, Verdict.ERROR.value],
        )
        for _, same_run in groupby(rows, key=itemgetter("run")):
            return by_key(case_of(row, ()) for row in same_run)[key]
        return None

    def times(self, run: StoredRun) -> Mapping[Parameter, tuple[float, ...]]:
        """Return the response times of a run, in seconds."""
        rows = self._db.table("response_time").rows_where("run = ?", [run.id])
        return {Parameter(r["parameter"]): tuple(json.loads(r["samples"])) for r in rows}

    def query(self, sql: str, arguments: Iterable[Any] = ()) -> Iterator[dict[str, Any]]:
        """Return the rows of a question that only its asker has; it reads, values are bound."""
        return self._db.query(sql, list(arguments))

    def device_model(self, run: StoredRun) -> tuple[VariableFact, ...] | None:
        """Return the variables that intake saw; None when it did not get that far."""
        rows = self._db.table("device_model").rows_where("digest = ?", [run.device_model])
        for row in rows:
            return _VARIABLES.validate_json(row["variables"])
        return None


def _no_history(path: Path, error: Exception) -> InputError:
    return InputError(
        Problem(str(path), None, "history", f"cannot be used: {error}.", "name another file.")
    )


def _add_model(db: Database, digest: str, variables: Iterable[VariableFact]) -> None:
    values = [variable.model_dump(mode="json", exclude_defaults=True) for variable in variables]
    text = json.dumps(values, separators=(",", ":"))
    db.execute("insert or ignore into device_model values (?, ?)", [digest, text])
