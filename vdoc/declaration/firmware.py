"""Which firmware image TC_L_01_CS was given: the subject of a declaration.

Owns one rule, as a pure function of evidence: the image is what the bench's file server delivered
whole while TC_L_01_CS ran, and there must be exactly one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vdoc.evidence import Kind, Line

FIRMWARE_CASE = "TC_L_01_CS"


@dataclass(slots=True)
class FirmwareServed:
    """Follows evidence line by line.

    Attributes:
        images: SHA-256 of each image served whole, by the first line that shows it.
    """

    images: dict[str, int] = field(default_factory=dict)

    def feed(self, line: Line) -> None:
        """Take the next line."""
        if line.kind is not Kind.MADE or line.case != FIRMWARE_CASE:
            return
        data = line.data
        if data.get("what") == "file_served" and data.get("complete") is True:
            self.images.setdefault(str(data.get("sha256")), line.n)

    @property
    def sha256(self) -> str | None:
        """The one image, or None when there is none or more than one."""
        return next(iter(self.images)) if len(self.images) == 1 else None
