from __future__ import annotations

import json
from typing import Any

import pytest

from vdoc.declaration import FirmwareServed
from vdoc.evidence import Kind, Line

IMAGE = "a" * 64


def served(case: str = "TC_L_01_CS", **changes: Any) -> Line:
    data = {"what": "file_served", "sha256": IMAGE, "complete": True, **changes}
    return Line(7, 0, 0, case, "-", Kind.MADE, data)


def says(action: str, payload: dict[str, Any], case: str = "TC_L_01_CS") -> Line:
    frame = json.dumps([2, "1", action, payload])
    return Line(8, 0, 0, case, "-", Kind.RECEIVED, {"connection": 1, "frame": frame})


def status(word: str, case: str = "TC_L_01_CS") -> Line:
    return says("FirmwareStatusNotification", {"status": word, "requestId": 1}, case)


def boot(case: str = "TC_L_01_CS", version: str = "1.0", reason: str = "FirmwareUpdate") -> Line:
    station = {"vendorName": "V", "model": "M", "firmwareVersion": version}
    return says("BootNotification", {"reason": reason, "chargingStation": station}, case)


def seen(*lines: Line) -> FirmwareServed:
    firmware = FirmwareServed()
    for line in lines:
        firmware.feed(line)
    return firmware


class TestImage:
    def test_is_what_was_served_whole(self) -> None:
        firmware = seen(served(), served())
        assert firmware.sha256 == IMAGE
        assert firmware.images == {IMAGE: 7}

    @pytest.mark.parametrize(
        "line", [served("TC_L_05_CS"), served(complete=False), served(what="file_received")]
    )
    def test_is_nothing_else(self, line: Line) -> None:
        assert seen(line).sha256 is None

    def test_is_not_two(self) -> None:
        assert seen(served(), served(sha256="b" * 64)).sha256 is None


class TestProblems:
    @pytest.mark.parametrize(
        "lines",
        [
            pytest.param((boot(), status("Installed")), id="activation"),
            pytest.param((status("Installed"), boot("restore", reason="RemoteReset")), id="none"),
            pytest.param(
                (boot(), status("Installing"), boot(), status("Installed")), id="bootloader"
            ),
        ],
    )
    def test_none_when_it_is_installed_and_boots(self, lines: tuple[Line, ...]) -> None:
        assert seen(served(), *lines).problems("1.0") == ()

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            ((status("Installed"), boot()), "served no whole images"),
            ((served(complete=False), status("Installed"), boot()), "served no whole images"),
            ((served(), boot()), "did not report Installed"),
            ((served(), status("Installed", "restore"), boot()), "did not report Installed"),
            ((served(), status("Installed")), "no boot told"),
            ((boot(), served(), status("Installed")), "no boot told"),
            ((served(), boot(), status("Installing"), status("Installed")), "no boot told"),
            ((served(), status("Installed"), boot("TC_B_01_CS")), "no boot told"),
            ((served(), status("Installed"), boot(reason="Triggered")), "no boot told"),
            ((served(), status("Installed"), boot(version="0.9")), "runs firmware '0.9'"),
        ],
    )
    def test_one_for_each_thing_that_is_missing(
        self, lines: tuple[Line, ...], problem: str
    ) -> None:
        (found,) = seen(*lines).problems("1.0")
        assert problem in found

    def test_what_comes_later_does_not_count(self) -> None:
        firmware = seen(served(), status("Installed"), boot(), served("TC_B_01_CS"))
        firmware.feed(boot("restore", version="0.9"))
        assert firmware.over
        assert firmware.problems("1.0") == ()
