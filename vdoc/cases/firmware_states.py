"""Firmware updates: asking for one, and what the DUT tells on its way through it.

Owns following it: what may come after what, `firmware_ways` says. Whether and when a DUT reboots is
its own business (L01.FR.15, 23, 28, 32); that it tells so is not. Reports are looked for from the
request on, since other messages come between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import one_of, that
from vdoc.cases import connectors
from vdoc.cases.connectors import Place
from vdoc.cases.firmware_ways import (
    ANY_STATE,
    BOOT,
    FALLEN_BACK,
    REQUIREMENTS,
    USUAL,
    Steps,
    Ways,
)
from vdoc.ocpp.values import render_datetime

STATUS = "FirmwareStatusNotification"

_EARLIER = timedelta(hours=2)  # so far back lie installDateTime and retrieveDateTime


@dataclass(frozen=True, slots=True)
class Image:
    """A firmware image as the bench serves it, and how it is signed."""

    location: str
    signing_certificate: str
    signature: str
    sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that must not be told before a line of the evidence.

    Attributes:
        anew: it is free to be told on the connection on which the update was asked for.
    """

    line: int
    requirement: str
    because: str
    anew: bool = False


@dataclass(slots=True)
class Update:
    """One firmware update under way.

    Attributes:
        image: what is to be installed.
        steps: the numbers of its steps.
        request_id: of the UpdateFirmwareRequest.
        since: the mark of that request.
        connection: number of the connection that it was sent on.
        told: every message that may tell of a connector, as they come.
        ways: where its way differs from the usual one.
        cancelled: request ids of updates that it took the place of.
        answered: the line of the answer by which it did so.
        bars: what must not be told too early.
        boots: the BootNotifications so far.
        of_bootloader: how many of them came before Installing.
        at: where it stands.
    """

    bench: Bench
    image: Image
    steps: Steps
    request_id: int
    since: int
    connection: int | None
    told: list[Message]
    ways: Ways = field(default_factory=dict)
    cancelled: tuple[int, ...] = ()
    answered: int = 0
    bars: dict[str, Bar] = field(default_factory=dict)
    boots: list[Message] = field(default_factory=list)
    of_bootloader: int = 0
    at: str = "asked"
    _last: Message = field(init=False)
    _verified: int = 0

    async def reaches(self, *places: str, wait_s: float = 0.0) -> None:
        """Follow the reports up to one of these places, and judge each.

        Args:
            places: of the way.
            wait_s: how much longer than a long operation time-out each may take.

        Raises:
            StepFailedError: one did not come in time, or out of order.
        """
        while self.at not in places:
            follows = self._follows
            self.at = follows[await self.reports(*follows, wait_s=wait_s)]
            if self.at == "verified":
                self._verified = self._last.n
            elif self.at == "installing":
                self.of_bootloader = len(self.boots)

    @property
    def _follows(self) -> Mapping[str, str]:
        return self.ways.get(self.at) or USUAL.get(self.at, {})

    async def reports(self, *allowed: str, wait_s: float = 0.0) -> str:
        """Wait for the next report of the update, and check that it is one of these.

        Returns:
            The status, or `BootNotification`.

        Raises:
            StepFailedError: none came within a long operation time-out, or another one.
        """
        bench = self.bench
        self._step(allowed[-1])
        message = await bench.receive(
            STATUS,
            BOOT,
            where=lambda each: not self._of_the_cancelled(each),
            since=self.since,
            within_s=bench.settings.values.long_operation_timeout_s + wait_s,
            what=" or ".join(allowed),
        )
        name = BOOT if message.action == BOOT else str(message.get("status"))
        self._last = message
        if name in allowed:
            self._step(name)
        fact = Fact(f"next report of the update, {message.name}", name, message.n)
        bench.require(fact, one_of(*allowed))
        self._check_bar(name, message)
        if message.action == BOOT:
            await self.booted(message)
        else:
            bench.check(message["requestId"], self.request_id, "L01.FR.10, L01.FR.20")
        return name

    def _step(self, name: str) -> None:
        number = self.steps.told.get(name, "")
        self.bench.step(number, REQUIREMENTS.get(name, ANY_STATE))

    def _of_the_cancelled(self, message: Message) -> bool:
        """An update that was cancelled may be told to have failed (L01.FR.24, errata 6.2.82).

        Until it is, it may be told to be anything.
        """
        failed = message.get("status") in {"DownloadFailed", "InstallationFailed"}
        free = failed or message.n < self.answered
        return free and message.get("requestId") in self.cancelled

    def _check_bar(self, name: str, message: Message) -> None:
        bar = self.bars.get(name)
        if bar is not None and not (bar.anew and message.connection == self.connection):
            fact = Fact(f"{name} comes {bar.because}", message.n > bar.line, message.n)
            self.bench.check(fact, expected=True, requirement=bar.requirement)

    async def due(self, name: str, moment: datetime, requirement: str) -> None:
        """Wait for the next step of the way, which must not come before a time, less the deviation.

        Args:
            name: of the time.
            moment: the time.
            requirement: what it rests on.

        Raises:
            StepFailedError: another report came, or none.
        """
        values = self.bench.settings.values
        left_s = max((moment - self.bench.now()).total_seconds(), 0.0)
        place = self.at
        while self.at == place:
            await self.reaches(*self._follows.values(), wait_s=left_s)
        early_s = round((moment - self._last.at).total_seconds(), 3)
        words = f"at most {values.max_time_deviation_s:g}"
        expected = that(words, lambda seconds: seconds <= values.max_time_deviation_s)
        fact = Fact(f"seconds from this report to {name}", early_s, self._last.n)
        self.bench.check(fact, expected, requirement)

    async def booted(self, message: Message) -> None:
        """Judge a boot of the update: its reason, and a report of every connector after it."""
        bench = self.bench
        self.boots.append(message)
        if self._follows.get(BOOT) != FALLEN_BACK:  # there a watchdog may be the reason, too
            bench.check(message["reason"], "FirmwareUpdate", "B01.FR.09")
        while missing := self._untold(message.n):
            await bench.receive(
                "StatusNotification",
                "NotifyEvent",
                where=_about(missing),
                since=message.n,
                what=f"the state of {', '.join(map(str, missing))} after the boot",
            )

    def _untold(self, since: int) -> list[Place]:
        told = {report.place for report in self._reports() if report.message.n > since}
        return [place for place in connectors.all_places(self.bench) if place not in told]

    def _reports(self) -> Iterator[connectors.Report]:
        for message in self.told:
            yield from connectors.reports(message)

    @property
    def new_boot(self) -> Message | None:
        """The last BootNotification, when it is one of the new firmware."""
        return self.boots[-1] if len(self.boots) > self.of_bootloader else None

    # --- its end ---

    async def installed(self, *, served: bool = False, free_choice: bool = False) -> None:
        """The rest of an update that succeeds: from here to Installed, reconnected, all told.

        Args:
            served: the bench must have seen the whole image leave.
            free_choice: connectors were told of for other reasons than the update, too.
        """
        bench = self.bench
        await bench.gather(self.reaches("installed"), *([self.served()] if served else []))
        await self.reconnected()
        await bench.gather(self._connectors(free_choice=free_choice), self._updated())
        bench.step("post", "B01.FR.01")
        if self.new_boot is not None:
            bench.check(self.new_boot["chargingStation.firmwareVersion"], self.image.version)

    async def _connectors(self, *, free_choice: bool) -> None:
        self.bench.step(self.steps.out, "L01.FR.07")
        if not free_choice:
            self.check_connectors_taken_out()
        self.bench.step(self.steps.back, "L01.FR.28")
        await self.connectors_back()

    async def _updated(self) -> None:
        self.bench.step(self.steps.event, "L01.FR.31")
        await self.security_event("FirmwareUpdated")

    async def reconnected(self) -> None:
        """The DUT reconnects at least once; when it boots only now, the boot must be right."""
        bench = self.bench
        bench.step(self.steps.reconnects, "L01.FR.28")
        if bench.connection.number in {None, self.connection}:
            await bench.connection.opened(what="the DUT reconnects")
        if self.new_boot is None:
            late = await bench.receive_optional(BOOT, since=self.since)
            if late is not None:
                await self.booted(late)

    def check_connectors_taken_out(self) -> None:
        """A connector that is told of before the DUT goes for installation is Unavailable.

        That is from SignatureVerified to the first reconnection: what comes earlier may be late.
        One that was taken out earlier may be told to be back.
        """
        first: dict[Place, connectors.Report] = {}
        for report in self._reports():
            if report.message.connection == self.connection and report.tells_change:
                late = report.message.n <= self._verified and not report.tells("Unavailable")
                if not late:
                    first.setdefault(report.place, report)
        for report in first.values():
            connectors.check(self.bench, report, "Unavailable")

    def is_out(self, place: Place, since: int) -> bool:
        """Tell whether a connector was told to be Unavailable after a line, and nothing since."""
        told = [each for each in self._reports() if each.place == place]
        return bool(told) and told[-1].message.n > since and told[-1].tells("Unavailable")

    async def connectors_back(self) -> None:
        """A connector that was told to be Unavailable is told to be Available in the end."""
        last = {report.place: report for report in self._reports() if report.tells_change}
        out = [p for p, each in sorted(last.items()) if each.state == "Unavailable"]
        if out:
            latest = max(last[place].message.n for place in out)
            await connectors.all_notified(self.bench, "Available", out, since=latest)

    async def security_event(self, kind: str) -> None:
        """Wait for a security event of the update (L01.FR.03, L01.FR.31)."""
        await security_event(self.bench, kind, since=self.since)

    async def told_no_more(self, step: int) -> None:
        """Nothing is told of the update after its end (FirmwareStatusEnumType)."""
        await not_told_of(self.bench, self.request_id, ANY_STATE, step=step)

    async def served(self) -> None:
        """See the whole image leave the file server of the bench."""
        bench = self.bench
        bench.step(self.steps.told["Downloaded"], "L01.FR.04")
        event = await bench.made(
            "file_served",
            where=self._is_whole_image,
            within_s=2 * bench.settings.values.long_operation_timeout_s,  # both reports come first
        )
        bench.check(event["sha256"], self.image.sha256, what="the image as it was served")

    def _is_whole_image(self, made: Event) -> bool:
        return made.get("location") == self.image.location and made.get("complete") is True


async def requested(
    bench: Bench,
    which: str,
    steps: Steps,
    *,
    ways: Ways | None = None,
    retrieve_at: datetime | None = None,
    install_at: datetime | None = None,
) -> Update:
    """Ask for an update, and demand that it is accepted (steps 1 and 2).

    Args:
        bench: the bench.
        which: `valid`, `invalid_signature`, `invalid_image` or `missing`.
        steps: the numbers of its steps.
        ways: where its way differs from the usual one.
        retrieve_at: retrieveDateTime; two hours ago unless said otherwise.
        install_at: installDateTime; likewise.
    """
    made: dict[str, Any] = await bench.ask("firmware", which=which)
    told = bench.collect("StatusNotification", "NotifyEvent")
    request_id = bench.fresh_int()
    bench.step(2, "L01.FR.21")
    firmware = request_of(bench, made, retrieve_at=retrieve_at, install_at=install_at)
    answer = await bench.call("UpdateFirmware", requestId=request_id, firmware=firmware)  # 1
    since = bench.mark()
    bench.require(answer["status"], "Accepted")
    connection = bench.connection.number
    return Update(
        bench, image_of(made), steps, request_id, since, connection, told, ways=ways or {}
    )


def request_of(
    bench: Bench,
    made: Mapping[str, Any],
    *,
    retrieve_at: datetime | None = None,
    install_at: datetime | None = None,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the field firmware of an UpdateFirmwareRequest; times lie two hours back by default.

    Args:
        bench: the bench.
        made: what the bench made.
        retrieve_at: retrieveDateTime.
        install_at: installDateTime.
        without: fields that are left out.
    """
    earlier = bench.now() - _EARLIER
    firmware = {
        "location": made["location"],
        "retrieveDateTime": render_datetime(retrieve_at or earlier),
        "installDateTime": render_datetime(install_at or earlier),
        "signingCertificate": made["signingCertificate"],
        "signature": made["signature"],
    }
    return {name: value for name, value in firmware.items() if name not in without}


def image_of(made: Mapping[str, Any]) -> Image:
    """Return what the bench made, as a value."""
    return Image(
        location=made["location"],
        signing_certificate=made["signingCertificate"],
        signature=made["signature"],
        sha256=made["sha256"],
        version=made["version"],
    )


async def security_event(bench: Bench, kind: str, *, since: int) -> None:
    """Wait for a security event of firmware management (L01.FR.02, 03, 31)."""
    event = await bench.receive(
        "SecurityEventNotification",
        where=lambda message: message.get("type") == kind,
        since=since,
        what=kind,
    )
    bench.check(event["type"], kind)


async def not_told_of(
    bench: Bench, request_id: int, requirement: str, *, step: int | str = "post"
) -> None:
    """Demand that no status of an update is told for a message time-out.

    Raises:
        StepFailedError: one came.
    """
    bench.step(step, requirement)
    await bench.silence(STATUS, where=lambda message: message.get("requestId") == request_id)


def _about(places: list[Place]) -> Any:  # noqa: ANN401  # a predicate
    wanted = frozenset(places)
    return lambda message: any(each.place in wanted for each in connectors.reports(message))
