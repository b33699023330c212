"""What was due, what became of it, and when stations are due next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from vdoc.nightly.attempts import Attempt
from vdoc.nightly.history import History

DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)
PLACE = Path("/runs/wall/1")
DAY = timedelta(days=1)


def test_only_one_claims(history: History) -> None:
    attempts = history.attempts
    assert attempts.claim("wall", DUE, PLACE) == Attempt("wall", DUE, PLACE)
    assert attempts.claim("wall", DUE, PLACE) is None
    assert attempts.skip(Attempt("wall", DUE, PLACE), "off") is None
    assert attempts.claim("pole", DUE, PLACE) is not None


def test_a_claim_has_one_end(history: History) -> None:
    attempts = history.attempts
    claimed = attempts.claim("wall", DUE, PLACE)
    assert claimed is not None
    assert [a.state for a in attempts.unfinished()] == ["under way"]
    attempts.finish(claimed, run="ab", because="unplugged")
    assert attempts.unfinished() == ()
    (done,) = attempts.all("wall")
    assert (done.state, done.run, done.because) == ("run", "ab", "unplugged")
    assert attempts.all("pole") == ()


def test_what_is_told_is_told_once(history: History) -> None:
    attempts = history.attempts
    attempts.claim("pole", DUE, PLACE)
    attempts.skip(Attempt("wall", DUE, PLACE), "the bench was off")
    assert [(a.dut, a.state) for a in attempts.untold()] == [("wall", "not run")]
    attempts.mark_told(attempts.untold())
    assert attempts.untold() == ()


def test_notes_add_up(history: History) -> None:
    attempts = history.attempts
    claimed = attempts.claim("wall", DUE, PLACE)
    assert claimed is not None
    attempts.note(claimed, "began late")
    attempts.note(claimed, "waited")
    attempts.finish(claimed, run="ab")
    assert attempts.note_of("ab") == "began late; waited"
    assert attempts.note_of("other") == ""


def test_the_next_time_is_remembered_with_the_claim(history: History) -> None:
    attempts = history.attempts
    assert attempts.next_due("wall") is None
    attempts.schedule("wall", DUE)
    attempts.claim("wall", DUE, PLACE, DUE + DAY)
    assert attempts.next_due("wall") == DUE + DAY
    attempts.skip(Attempt("wall", DUE + DAY, PLACE), "off", DUE + 2 * DAY)
    assert attempts.next_due("wall") == DUE + 2 * DAY


def test_only_whole_runs_complete_a_turn(history: History) -> None:
    attempts = history.attempts
    for day, (run, because) in enumerate([("ab", ""), ("cd", "unplugged"), (None, "off")]):
        claimed = attempts.claim("wall", DUE + day * DAY, PLACE)
        assert claimed is not None
        attempts.finish(claimed, run=run, because=because)
    assert attempts.completed("wall") == 1
