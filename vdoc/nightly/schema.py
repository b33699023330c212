"""The tables of the history and how an older database becomes a newer one.

Owns the schema as migrations, applied in order and each once. A migration that has been released is
never changed; a database with one that this version does not know is refused, not guessed at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database, Migrations

from vdoc.errors import InputError, Problem

MIGRATIONS = Migrations("vdoc-history")
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"

_RUN = """
create table run (
    id text primary key,
    dut text not null,
    directory text not null,
    started text not null,
    seconds real not null,
    verdict text not null,
    void_because text not null,
    crashes text not null,
    vendor text not null,
    model text not null,
    firmware_version text not null,
    firmware_sha256 text not null,
    pics_digest text not null,
    settings_digest text not null,
    catalogue_version text not null,
    catalogue_digest text not null,
    plan_digest text not null,
    seed integer not null,
    planned integer not null,
    runner text not null,
    counts text not null,
    device_model text not null,
    evidence_kept integer not null default 1
) strict
"""
_CASE = """
create table case_result (
    run text not null references run(id) on delete cascade,
    ordinal integer not null,
    case_id text not null,
    variant text not null,
    verdict text not null,
    because text not null,
    checks integer not null,
    seconds real not null,
    primary key (run, ordinal)
) strict, without rowid
"""
_FAILURE = """
create table failure (
    run text not null,
    ordinal integer not null,
    number integer not null,
    step text not null,
    requirement text not null,
    what text not null,
    expected text not null,
    actual text not null,
    line integer,
    message text not null,
    primary key (run, ordinal, number),
    foreign key (run, ordinal) references case_result(run, ordinal) on delete cascade
) strict, without rowid
"""
_TIMES = """
create table response_time (
    run text not null references run(id) on delete cascade,
    parameter text not null,
    samples text not null,
    primary key (run, parameter)
) strict, without rowid
"""
_MODEL = """
create table device_model (
    digest text primary key,
    variables text not null
) strict, without rowid
"""

_ATTEMPT = """
create table attempt (
    dut text not null,
    due text not null,
    directory text not null,
    state text not null check (state in ('running', 'done')),
    run text,
    because text not null,
    primary key (dut, due)
) strict, without rowid
"""

_SCHEDULE = """
create table schedule (
    dut text primary key,
    next_due text not null
) strict, without rowid
"""


@MIGRATIONS()
def m001_runs(db: Database) -> None:
    """Runs, cases, failures, response times, device models."""
    for table in (_RUN, _CASE, _FAILURE, _TIMES, _MODEL):
        db.execute(table)
    db.execute("create index run_by_dut on run (dut, started)")
    db.execute("create index run_by_firmware on run (dut, firmware_sha256, firmware_version, seed)")
    db.execute("create index result_by_case on case_result (case_id, variant, run)")


@MIGRATIONS()
def m002_attempts(db: Database) -> None:
    """What was due, and what became of it: so that no night is lost or made twice."""
    db.execute(_ATTEMPT)


@MIGRATIONS()
def m003_schedule(db: Database) -> None:
    """When each station is due next; whether an attempt has been told, and what to know of it."""
    db.execute(_SCHEDULE)
    db.execute("alter table attempt add column note text not null default ''")
    db.execute("alter table attempt add column told integer not null default 1")


@MIGRATIONS()
def m004_conditions(db: Database) -> None:
    """PICS and bench settings without the firmware, so that a new firmware alone is no change."""
    for column in ("pics_claims", "bench_facts"):
        db.execute(f"alter table run add column {column} text not null default ''")


def up_to_date(db: Database) -> bool:
    """Tell whether a database has every migration of this version and no other."""
    return {m.name for m in MIGRATIONS.applied(db)} == _known()


def migrate(db: Database, path: Path) -> None:
    """Bring a database to this version; nothing happens when it is there.

    The caller holds the write lock, so that of two that open a new database one waits.

    Raises:
        InputError: the database was made by a newer version.
    """
    newer = [m.name for m in MIGRATIONS.applied(db) if m.name not in _known()]
    if newer:
        raise InputError(
            Problem(
                str(path), None, "history",
                f"was written by a newer vdoc (it knows {', '.join(newer)}).",
                "use that version, or name another file.",
            )
        )  # fmt: skip
    MIGRATIONS.apply(db)


def _known() -> set[str]:
    with Database(memory=True) as empty:
        return {migration.name for migration in MIGRATIONS.pending(empty)}


def time_text(moment: datetime) -> str:
    """Return an aware time as the tables hold it; texts sort as the times do."""
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def time_of(text: str) -> datetime:
    """Return the time, in UTC, that a table holds."""
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)
