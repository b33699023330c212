"""Firmware updates: asking for one, and what the DUT tells on its way through it.

Owns the order of FirmwareStatusNotifications and boots (L01, Part 6 states
RebootBeforeFirmwareInstallation and RebootBeforeFirmwareActivation) as a table: what may follow
what. Whether and when a DUT reboots is its own business (L01.FR.15, 23, 28, 32); that it tells so
is not. Reports are looked for from the request on, since other messages come between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import one_of
from vdoc.cases import connectors
from vdoc.cases.connectors import Place
from vdoc.ocpp.values import render_datetime

BOOT = "BootNotification"

_EARLIER = timedelta(hours=2)  # so far back lie installDateTime and retrieveDateTime
_FOLLOWS: Mapping[str, Mapping[str, str]] = {
    "asked": {"Downloading": "downloading"},
    "downloading": {
        "Downloading": "downloading",  # a further attempt, L01.FR.30
        "DownloadPaused": "paused",  # L01.FR.14
        "Downloaded": "downloaded",
    },
    "paused": {"Downloading": "downloading"},
    "downloaded": {"SignatureVerified": "verified"},
    "verified": {"InstallRebooting": "rebooting to install", "Installing": "installing"},
    "rebooting to install": {BOOT: "booted to install"},
    "booted to install": {  # a bootloader without OCPP leaves Installing out, L01.FR.23
        "Installing": "installing",
        "InstallRebooting": "rebooting to activate",
        "Installed": "installed",
    },
    "installing": {
        "InstallRebooting": "rebooting to activate",
        BOOT: "activated",  # InstallRebooting is optional here
        "Installed": "installed",  # also before a boot, L01.FR.32 b
    },
    "rebooting to activate": {BOOT: "activated"},
    "activated": {"Installed": "installed"},
}
_STEPS: Mapping[str, tuple[str, str]] = {
    "Downloading": ("3", "L01.FR.01"),
    "Downloaded": ("5", "L01.FR.01"),
    "SignatureVerified": ("7", "L01.FR.04"),
    "InvalidSignature": ("7", "L01.FR.04"),
    "InstallRebooting": ("11", "L01.FR.15"),
    "Installing": ("12", "L01.FR.05"),
    BOOT: ("14", "B01.FR.03"),
    "Installed": ("18", "L01.FR.28"),
}


@dataclass(frozen=True, slots=True)
class Image:
    """A firmware image as the bench serves it, and how it is signed."""

    location: str
    signing_certificate: str
    signature: str
    sha256: str
    version: str


@dataclass(slots=True)
class Update:
    """One firmware update under way.

    Attributes:
        image: what is to be installed.
        request_id: of the UpdateFirmwareRequest.
        since: the mark of that request.
        connection: number of the connection that it was sent on.
        told: every message that may tell of a connector, as they come.
        boots: the BootNotifications so far.
        of_bootloader: how many of them came before Installing.
    """

    bench: Bench
    image: Image
    request_id: int
    since: int
    connection: int | None
    told: list[Message]
    boots: list[Message] = field(default_factory=list)
    of_bootloader: int = 0
    _at: str = "asked"

    async def reaches(self, place: str) -> None:
        """Follow the reports up to a place of the table, and judge each.

        Raises:
            StepFailedError: one did not come within a long operation time-out, or out of order.
        """
        while self._at != place:
            follows = _FOLLOWS[self._at]
            self._at = follows[await self.reports(*follows)]
            if self._at == "installing":
                self.of_bootloader = len(self.boots)

    async def reports(self, *allowed: str) -> str:
        """Wait for the next report of the update, and check that it is one of these.

        Returns:
            The status, or `BootNotification`.

        Raises:
            StepFailedError: none came within a long operation time-out, or another one.
        """
        bench = self.bench
        bench.step(*_STEPS.get(allowed[-1], ("", "L01.FR.01")))
        message = await bench.receive(
            "FirmwareStatusNotification",
            BOOT,
            since=self.since,
            within_s=bench.settings.values.long_operation_timeout_s,
            what=" or ".join(allowed),
        )
        name = BOOT if message.action == BOOT else str(message.get("status"))
        if name in _STEPS:
            bench.step(*_STEPS[name])
        fact = Fact(f"next report of the update, {message.name}", name, message.n)
        bench.require(fact, one_of(*allowed))
        if message.action == BOOT:
            await self.booted(message)
        else:
            bench.check(message["requestId"], self.request_id, "L01.FR.10, L01.FR.20")
        return name

    async def booted(self, message: Message) -> None:
        """Judge a boot of the update: its reason, and a report of every connector after it."""
        bench = self.bench
        self.boots.append(message)
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

    async def reconnected(self) -> None:
        """The DUT reconnects at least once; when it boots only now, the boot must be right."""
        bench = self.bench
        bench.step(15, "L01.FR.28")
        if bench.connection.number == self.connection:
            await bench.connection.opened(what="the DUT reconnects")
        if self.new_boot is None:
            late = await bench.receive_optional(BOOT, since=self.since)
            if late is not None:
                await self.booted(late)

    def check_connectors_taken_out(self) -> None:
        """A connector that is told of before the DUT goes for installation is Unavailable."""
        first: dict[Place, connectors.Report] = {}
        for report in self._reports():
            if report.message.connection == self.connection and report.tells_change:
                first.setdefault(report.place, report)
        for report in first.values():
            connectors.check(self.bench, report, "Unavailable")

    async def connectors_back(self) -> None:
        """A connector that was told to be Unavailable is told to be Available in the end."""
        last = {report.place: report for report in self._reports()}
        out = [p for p, each in sorted(last.items()) if _state(each) == "Unavailable"]
        if out:
            latest = max(message.n for message in self.told)
            await connectors.all_notified(self.bench, "Available", out, since=latest)

    async def security_event(self, kind: str) -> None:
        """Wait for a security event of the update (L01.FR.03, L01.FR.31)."""
        event = await self.bench.receive(
            "SecurityEventNotification",
            where=lambda message: message.get("type") == kind,
            since=self.since,
            what=kind,
        )
        self.bench.check(event["type"], kind)

    async def served(self) -> None:
        """See the whole image leave the file server of the bench."""
        bench = self.bench
        bench.step(5, "L01.FR.04")
        event = await bench.made(
            "file_served",
            where=self._is_whole_image,
            within_s=2 * bench.settings.values.long_operation_timeout_s,  # both reports come first
        )
        bench.check(event["sha256"], self.image.sha256, what="the image as it was served")

    def _is_whole_image(self, made: Event) -> bool:
        return made.get("location") == self.image.location and made.get("complete") is True


async def requested(bench: Bench, which: str) -> Update:
    """Ask for an update that is due already (UpdateFirmware, steps 1 and 2).

    Args:
        bench: the bench.
        which: `valid` or `invalid_signature`.
    """
    made: dict[str, Any] = await bench.ask("firmware", which=which)
    earlier = render_datetime(bench.now() - _EARLIER)
    told = bench.collect("StatusNotification", "NotifyEvent")
    request_id = bench.fresh_int()
    bench.step(2, "L01.FR.21")
    answer = await bench.call(
        "UpdateFirmware",
        requestId=request_id,
        firmware={
            "location": made["location"],
            "retrieveDateTime": earlier,
            "installDateTime": earlier,
            "signingCertificate": made["signingCertificate"],
            "signature": made["signature"],
        },
    )  # 1
    since = bench.mark()
    bench.require(answer["status"], "Accepted")
    image = Image(
        location=made["location"],
        signing_certificate=made["signingCertificate"],
        signature=made["signature"],
        sha256=made["sha256"],
        version=made["version"],
    )
    return Update(bench, image, request_id, since, bench.connection.number, told)


def _about(places: list[Place]) -> Any:  # noqa: ANN401  # a predicate
    wanted = frozenset(places)
    return lambda message: any(each.place in wanted for each in connectors.reports(message))


def _state(report: connectors.Report) -> Any:  # noqa: ANN401  # JSON
    return report.message.get(report.state_path)
