"""Searching the history: which cases and runs have certain words.

Owns what is searched: of a case its id, variant, verdict and reason, of what failed in it the
requirement, the OCPP message and the words of the check, of its run the station, product, firmware
and id. Each word of a query must be found in one of these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase, StoredRun

MOST_FOUND = 100
_MOST_WORDS = 6

_RUN_PLACES = (
    "r.dut", "r.vendor", "r.model", "r.firmware_version", "r.firmware_sha256", "r.id", "r.verdict",
    "r.void_because",
)  # fmt: skip
_CASE_PLACES = ("c.case_id", "c.variant", "c.verdict", "c.because")
_FAILURE_PLACES = ("f.requirement", "f.message", "f.what", "f.step", "f.actual")
_NEWEST = "order by r.started desc, r.id"
_EVERY_RUN = "select r.id from run r order by r.started desc, r.id"
_RUNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that has the words; `ordinal` names it within its run."""

    run: StoredRun
    ordinal: int
    case: StoredCase


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to, the newest first.

    Attributes:
        runs: with all words in what is known of the run itself.
        cases: with all words, at least one of them in the case itself.
        more: whether there are more than these.
    """

    runs: tuple[StoredRun, ...] = ()
    cases: tuple[FoundCase, ...] = ()
    more: bool = False


def search(history: History, query: str) -> Found:
    """Return what has every word of a query; upper and lower case are one."""
    words = query.split()[:_MOST_WORDS]
    if not words:
        return Found()
    names = _runs(history, words)
    places = _cases(history, words)
    runs = {run: history.run(run) for run in {*names, *(run for run, _ in places)}}
    cases = {run: history.cases(runs[run]) for run in {run for run, _ in places}}
    return Found(
        tuple(runs[name] for name in names[:MOST_FOUND]),
        tuple(FoundCase(runs[r], n, cases[r][n]) for r, n in places[:MOST_FOUND]),
        more=max(len(names), len(places)) > MOST_FOUND,
    )


def _runs(history: History, words: list[str]) -> list[str]:
    where = " and ".join(_any(_RUN_PLACES) for _ in words)
    sql = f"select r.id from run r where {where} {_NEWEST} limit {MOST_FOUND + 1}"  # noqa: S608
    return [str(row["id"]) for row in history.query(sql, _arguments(words, len(_RUN_PLACES)))]


def _cases(history: History, words: list[str]) -> list[tuple[str, int]]:
    """Return where cases are; some runs are looked at at once, so that many hits end it early."""
    sql, arguments = _question(words)
    every = [str(row["id"]) for row in history.query(_EVERY_RUN)]
    found: list[tuple[str, int]] = []
    for first in range(0, len(every), _RUNS_AT_ONCE):
        some = every[first : first + _RUNS_AT_ONCE]
        rows = history.query(sql, [json.dumps(some), *arguments])
        found += [(str(row["run"]), int(row["ordinal"])) for row in rows]
        if len(found) > MOST_FOUND:
            break
    return found


def _question(words: list[str]) -> tuple[str, list[str]]:
    """Return the question for cases, whose first argument is the runs to look at."""
    failed = (
        "exists (select 1 from failure f where f.run = c.run and f.ordinal = c.ordinal "  # noqa: S608
        f"and {_any(_FAILURE_PLACES)})"
    )
    of_case = f"({_any(_CASE_PLACES)} or {failed})"
    every = " and ".join(f"({_any(_RUN_PLACES)} or {of_case})" for _ in words)
    one = " or ".join(of_case for _ in words)
    sql = (
        "select c.run, c.ordinal from case_result c join run r on r.id = c.run "  # noqa: S608
        f"where c.run in (select value from json_each(?)) and {every} and ({one}) "
        f"{_NEWEST}, c.ordinal limit {MOST_FOUND + 1}"
    )
    of_case_places = len(_CASE_PLACES) + len(_FAILURE_PLACES)
    anywhere = _arguments(words, len(_RUN_PLACES) + of_case_places)
    return sql, [*anywhere, *_arguments(words, of_case_places)]


def _any(places: tuple[str, ...]) -> str:
    return "(" + " or ".join(f"{place} like ? escape '\\'" for place in places) + ")"


def _arguments(words: list[str], places: int) -> list[str]:
    return [like for word in words for like in [_like(word)] * places]


def _like(word: str) -> str:
    for sign in ("\\", "%", "_"):
        word = word.replace(sign, f"\\{sign}")
    return f"%{word}%"
