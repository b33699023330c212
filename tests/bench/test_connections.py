"""Waiting for a connection: when none comes, the report says what was tried instead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import Played, Scripted, pics, settings
from vdoc.bench import Bench, CaseStart, DutState, Facts, Password
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.evidence import Kind

REFUSED = {"endpoint": 1, "why": "wrong password"}
FAILED = {"endpoint": 1, "outcome": "failed", "failure": {"sent_by": "station"}}


class Trying(Scripted):
    """A station that tries to connect, in vain."""

    def __init__(self, kind: Kind, data: dict[str, Any]) -> None:
        super().__init__()
        self.tried = (kind, data)

    def lost(self) -> None:
        self.connection = None
        self.run.later(1, lambda: self.run.observe(*self.tried))


async def reconnects(bench: Bench) -> None:
    bench.connection.drop()
    await bench.connection.opened(what="the DUT reconnects", within_s=5)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (Kind.REFUSED, REFUSED, "an attempt was refused: wrong password"),
        (Kind.TLS, FAILED, "an attempt failed in TLS: {'sent_by': 'station'}"),
        (Kind.CLOSED, {"connection": 1}, "did not happen"),
    ],
)
def test_the_attempt_that_failed_is_named(kind: Kind, data: dict[str, Any], words: str) -> None:
    state = DutState(password=Password(name="p1"))
    start = CaseStart("x", {}, 1, 7, state, connection=OpenConnection(1, {"connection": 1}))
    context = RunContext(pics(), settings(), Facts())
    run = Played(reconnects, context, start, Trying(kind, data))
    assert run.verdict == "fail"
    (failure,) = run.result.failures
    assert (failure.expected, failure.actual) == ("within 5 s", words)
