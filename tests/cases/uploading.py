"""A scripted station that uploads logs: well, in vain, and until it is told otherwise (N01)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.cases.playing import Payload, Spoil, pics, settings
from tests.cases.restarting import Quirks, Run, Station
from vdoc.bench import CaseStart, DutState, Facts, Password
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases.registry import case_functions
from vdoc.evidence import Kind

STATUS = "LogStatusNotification"


@dataclass
class Ways:
    """What conforming stations do differently, and what none may.

    Attributes:
        each_told: tells each attempt, not only the first and the last.
        told_first: tells the cancellation before it answers (errata 6.2.97).
        attempts: how often it tries in vain.
        every_s: from one attempt to the next; None: retryInterval.
        takes_s: how long an attempt takes.
    """

    each_told: bool = False
    told_first: bool = False
    attempts: int = 4
    every_s: float | None = None
    takes_s: float = 0.5


class Uploader(Station):
    """Uploads one log at a time; in vain to where nothing is."""

    def __init__(self, ways: Ways, spoil: Spoil | None) -> None:
        super().__init__(spoil, Quirks())
        self.ways = ways
        self.busy: int | None = None

    def _log(self, payload: Payload) -> Payload:
        before, self.busy = self.busy, payload["requestId"]
        location = payload["log"]["remoteLocation"]
        self._tells(0.5, self.busy, "Uploading")
        if "exist" in location:
            self._in_vain(self.busy, payload)
        else:
            self.run.later(3.0, partial(self._done, self.busy, location))
        if before is None:
            return {"status": "Accepted", "filename": "log.txt"}
        self._tells(0.0 if self.ways.told_first else 0.2, before, "AcceptedCanceled")
        return {"status": "AcceptedCanceled", "filename": "log.txt"}

    def _tells(self, after_s: float, request_id: int, status: str) -> None:
        def tell() -> None:
            self.says(STATUS, {"requestId": request_id, "status": status})

        self.run.later(after_s, tell) if after_s else tell()

    def _done(self, request_id: int, location: str) -> None:
        if self.busy == request_id:
            received = {"location": f"{location}log.txt", "name": "log.txt", "bytes": 100}
            self._made("file_received", received)
            self.says(STATUS, {"requestId": request_id, "status": "Uploaded"})

    def _in_vain(self, request_id: int, payload: Payload) -> None:
        every_s = payload["retryInterval"] if self.ways.every_s is None else self.ways.every_s
        at_s = 0.5
        for number in range(self.ways.attempts):
            last = number + 1 == self.ways.attempts
            if number and self.ways.each_told:
                self._tells(at_s, request_id, "Uploading")
            at_s += self.ways.takes_s
            if last or self.ways.each_told:
                self._tells(at_s, request_id, "UploadFailure")
            at_s += every_s

    def asked(self, data: Payload) -> None:
        """Answer what it does not know of with a new folder each, or with true."""
        if data["what"] not in {"upload_location", "hold_transfers", "release_transfers"}:
            super().asked(data)
            return
        value: Any = True
        if data["what"] == "upload_location":
            value = {"location": f"http://bench.example/uploads/{data['id']}/"}
        made = {"id": data["id"], "what": data["what"], "value": value}
        self.run.later(0.01, lambda: self.run.observe(Kind.MADE, made))


def play_uploading(case_id: str, *, spoil: Spoil | None = None, **ways: Any) -> Run:
    """Run a case of N01 against an `Uploader`."""
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    start = CaseStart(case_id, {}, 1, 7, state, connection=OpenConnection(1, {"connection": 1}))
    context = RunContext(pics(), settings(), Facts())
    return Run(case_functions()[case_id], context, start, Uploader(Ways(**ways), spoil))
