"""Which firmware image TC_L_01_CS installed: the subject of a declaration.

Owns the rule, as a pure function of evidence: the image is what the bench's file server delivered
whole while TC_L_01_CS ran, and there must be exactly one; the DUT reported it Installed; and a boot
followed, in the case or in the restore after it, that tells the declared version. A DUT that never
fetched the whole image, or that does not install the version that it has, cannot be declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vdoc.evidence import Kind, Line
from vdoc.ocpp.frames import Call, parse

FIRMWARE_CASE = "TC_L_01_CS"
_AFTERWARDS = "restore"


@dataclass(slots=True)
class FirmwareServed:
    """Follows evidence line by line.

    Attributes:
        images: SHA-256 of each image served whole, by the first line that shows it.
        installed: the line at which the DUT reported Installed.
        version: of the boot after it; None when there was none.
        over: the case and the restore after it have ended.
    """

    images: dict[str, int] = field(default_factory=dict)
    installed: int | None = None
    version: str | None = None
    over: bool = False
    _begun: bool = False

    def feed(self, line: Line) -> None:
        """Take the next line."""
        if line.case == FIRMWARE_CASE:
            self._begun = True
        elif not self._begun or self.over:
            return
        self.over = line.case not in {FIRMWARE_CASE, _AFTERWARDS}
        if line.kind is Kind.MADE and line.case == FIRMWARE_CASE:
            self._made(line)
        elif line.kind is Kind.RECEIVED and not self.over:
            self._received(line)

    def _made(self, line: Line) -> None:
        data = line.data
        if data.get("what") == "file_served" and data.get("complete") is True:
            self.images.setdefault(str(data.get("sha256")), line.n)
            self.version = None  # what booted before was not this image

    def _received(self, line: Line) -> None:
        frame = parse(line.data["frame"])
        if not isinstance(frame, Call):
            return
        status, here = frame.payload.get("status"), line.case == FIRMWARE_CASE
        match frame.action:
            case "FirmwareStatusNotification" if status == "Installing":
                self.version = None
            case "FirmwareStatusNotification" if status == "Installed" and here:
                self.installed = line.n
            case "BootNotification" if frame.payload.get("reason") != "Triggered":
                self.version = _version(frame.payload)
            case _:
                pass

    @property
    def sha256(self) -> str | None:
        """The one image, or None when there is none or more than one."""
        return next(iter(self.images)) if len(self.images) == 1 else None

    def problems(self, declared: str) -> tuple[str, ...]:
        """Return why the image cannot be declared; empty when it can.

        Args:
            declared: firmwareVersion of the PICS.
        """
        return tuple(self._problems(declared))

    def _problems(self, declared: str) -> Iterator[str]:
        if len(self.images) != 1:
            count = len(self.images) or "no"
            yield (
                f"no firmware hash: {FIRMWARE_CASE} was served {count} whole images, expected one"
            )
        if self.installed is None:
            yield f"the DUT did not report Installed in {FIRMWARE_CASE}"
        if self.version is None:
            yield f"no boot told which firmware runs after {FIRMWARE_CASE}"
        elif self.version != declared:
            yield (
                f"after {FIRMWARE_CASE} the DUT runs firmware {self.version!r}, "
                f"the PICS declares {declared!r}"
            )


def _version(payload: dict[str, Any]) -> str | None:
    station = payload.get("chargingStation")
    version = station.get("firmwareVersion") if isinstance(station, dict) else None
    return version if isinstance(version, str) else None
