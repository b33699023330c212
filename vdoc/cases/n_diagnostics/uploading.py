"""Steps of the cases of N01: asking for a log, what is told of its upload, the file that arrives.

Owns how messages of an upload are recognised: by what they tell (`where`), never by the requestId
that they must carry (N01.FR.07), which is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import at_least, that

STATUS = "LogStatusNotification"
LogType = Literal["DiagnosticsLog", "SecurityLog"]

_NOT_EMPTY = that("not empty", lambda name: name != "")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that the DUT has accepted.

    Attributes:
        bench: the bench.
        request_id: of the GetLogRequest.
        location: the folder that it goes to.
        answer: the GetLogResponse.
    """

    bench: Bench
    request_id: int
    location: str
    answer: Message

    async def status(self, **search: Any) -> Message:  # noqa: ANN401  # arguments of receive
        """Wait for the next status and judge whose it is.

        Raises:
            StepFailedError: it did not come in time.
        """
        limit_s = self.bench.settings.values.long_operation_timeout_s
        message = await self.bench.receive(STATUS, **{"within_s": limit_s, **search})
        self.judge_id(message)
        return message

    def judge_id(self, message: Message) -> None:
        """Check that a status is of this upload (N01.FR.07, N01.FR.13)."""
        self.bench.check(message["requestId"], self.request_id, "N01.FR.07, N01.FR.13")

    async def served(self, *, first: int, **search: Any) -> Event:  # noqa: ANN401  # as `status`
        """Wait for the statuses, and the file, which must be whole by Uploaded (N01.FR.09).

        They come on different ways, so a deviation is allowed.

        Args:
            first: step of Uploading; Uploaded is two further.
            search: which message may be the first.

        Returns:
            What the bench tells of the file.
        """
        bench = self.bench
        told: Message
        received: Event
        told, received = await bench.gather(
            self.uploaded(first=first, **search), self.arrived(first + 2)
        )
        bench.step(first + 2, "N01.FR.09")
        late_s = (received.mono_ns - told.mono_ns) / 1e9
        limit_s = bench.settings.values.max_time_deviation_s
        expected = that(f"at most {limit_s:g}", lambda found: found <= limit_s)
        bench.check(Fact("seconds from Uploaded to the end of the file", late_s, told.n), expected)
        return received

    async def uploaded(self, *, first: int, **search: Any) -> Message:  # noqa: ANN401  # as `status`
        """Wait for Uploading and Uploaded; a further attempt may be told between (N01.FR.10).

        Args:
            first: step of Uploading; Uploaded is two further.
            search: which message may be the first.
        """
        bench = self.bench
        bench.step(first, "N01.FR.08")
        message = await self.status(**search)
        bench.require(message["status"], "Uploading")
        while message.get("status") == "Uploading":
            bench.step(first + 2, "N01.FR.09")
            message = await self.status()
        bench.check(message["status"], "Uploaded")
        return message

    async def arrived(self, step: int) -> Event:
        """Wait for the file that the bench receives; it must not be empty (N01.FR.02).

        Raises:
            StepFailedError: none came in time.
        """
        self.bench.step(step, "N01.FR.02")
        received = await self.bench.made(
            "file_received",
            where=lambda event: str(event.get("location")).startswith(self.location),
            within_s=self.bench.settings.values.long_operation_timeout_s,
        )
        self.bench.check(received["bytes"], at_least(1), what="the log as it was received")
        return received


async def asked(
    bench: Bench,
    log_type: LogType,
    location: str,
    *,
    step: int = 2,
    status: str = "Accepted",
    requirement: str = "N01.FR.01",
    **more: Any,  # noqa: ANN401  # further fields of the request
) -> Upload:
    """Ask for a log, and check that the DUT will upload it and names the file (N01.FR.01).

    Args:
        bench: the bench.
        log_type: which log.
        location: remoteLocation.
        step: of the response.
        status: that it must have.
        requirement: what the status rests on.
        more: further fields of the request.
    """
    request_id = bench.fresh_int()
    bench.step(step, "N01.FR.01")
    answer = await bench.call(
        "GetLog", logType=log_type, requestId=request_id, log={"remoteLocation": location}, **more
    )
    bench.require(answer["status"], status, requirement)
    bench.check(answer["filename"], _NOT_EMPTY)
    return Upload(bench, request_id, location, answer)


async def folder(bench: Bench, **wishes: Any) -> str:  # noqa: ANN401  # JSON values
    """Return the URL of a new folder on a file server of the bench."""
    made: dict[str, str] = await bench.ask("upload_location", **wishes)
    return made["location"]
