from __future__ import annotations

from typing import Any

import pytest

from vdoc.declaration import FirmwareServed
from vdoc.evidence import Kind, Line


def served(case: str = "TC_L_01_CS", **changes: Any) -> Line:
    data = {"what": "file_served", "sha256": "a" * 64, "complete": True, **changes}
    return Line(7, 0, 0, case, "-", Kind.MADE, data)


def test_the_image_is_what_was_served_whole() -> None:
    firmware = FirmwareServed()
    for _ in range(2):
        firmware.feed(served())
    assert firmware.sha256 == "a" * 64
    assert firmware.images == {"a" * 64: 7}


@pytest.mark.parametrize(
    "line", [served("TC_L_05_CS"), served(complete=False), served(what="file_received")]
)
def test_nothing_else_counts(line: Line) -> None:
    firmware = FirmwareServed()
    firmware.feed(line)
    assert firmware.sha256 is None


def test_two_images_are_none() -> None:
    firmware = FirmwareServed()
    firmware.feed(served())
    firmware.feed(served(sha256="b" * 64))
    assert firmware.sha256 is None
