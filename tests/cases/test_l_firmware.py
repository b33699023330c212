"""Block L against stations that update as they tell, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import BAD_PATTERN, DOWNLOADED, Quirks, run_case

Make = Callable[..., Any]

VERIFIED = (*DOWNLOADED, "SignatureVerified")
DONE = ("Installed", "FirmwareUpdated")


def updating(*pattern: str, **quirks: Any) -> Quirks:
    return Quirks(pattern=pattern, **quirks)


class TestTcL01:
    @pytest.mark.parametrize(
        "pattern",
        [
            pytest.param((*VERIFIED, "Installing", "boot", *DONE), id="activation"),
            pytest.param(
                (*VERIFIED, "Installing", "InstallRebooting", "boot", *DONE), id="activation, told"
            ),
            pytest.param(
                (*VERIFIED, "InstallRebooting", "boot", *DONE), id="installed by a mute bootloader"
            ),
            pytest.param(
                (*VERIFIED, "InstallRebooting", "boot", "Installing", "boot", *DONE),
                id="bootloader speaks OCPP",
            ),
            pytest.param(
                (*VERIFIED, "InstallRebooting", "boot", "Installing", *DONE),
                id="bootloader only",
            ),
            pytest.param((*VERIFIED, "Installing", "reconnect", *DONE), id="no reboot"),
            pytest.param((*VERIFIED, "Installing", *DONE, "boot"), id="installed before the boot"),
            pytest.param(
                (*VERIFIED, "Unavailable", "Installing", "reconnect", "Available", *DONE[::-1]),
                id="connectors out and back",
            ),
            pytest.param(
                ("Downloading", "DownloadPaused", *VERIFIED, "Installing", "boot", *DONE),
                id="paused",
            ),
        ],
    )
    def test_a_pattern_that_l01_knows(self, pattern: tuple[str, ...]) -> None:
        run = run_case("TC_L_01_CS", quirks=updating(*pattern))
        assert run.verdict == "pass"
        assert run.timeline.value.firmware_version == "1.0.0"

    @pytest.mark.parametrize(
        ("pattern", "step"),
        [
            (("Downloaded",), "5"),
            (("Downloading", "DownloadPaused", "Downloaded"), "5"),
            ((*DOWNLOADED, "Installing"), "12"),
            ((*VERIFIED, "boot"), "14"),
            ((*VERIFIED, "Installing", "InstallationFailed"), "18"),
            ((*VERIFIED, "InstallRebooting", "Installing"), "12"),
            ((*VERIFIED, "Installing", "boot"), "18"),
            ((*VERIFIED, "Installing", *DONE), ""),
            ((*VERIFIED, "Installing", "boot", "Installed"), "20"),
            ((*VERIFIED, "Unavailable", "Installing", "reconnect", *DONE), "16"),
            ((*VERIFIED, "Available", "Installing", "reconnect", *DONE), "9"),
        ],
    )
    def test_a_pattern_that_l01_does_not_know(self, pattern: tuple[str, ...], step: str) -> None:
        run = run_case("TC_L_01_CS", quirks=updating(*pattern))
        assert run.verdict == "fail"
        assert run.failed[0][0] == step or not step

    def test_no_reconnection_at_all(self) -> None:
        run = run_case("TC_L_01_CS", quirks=updating(*VERIFIED, "Installing", *DONE))
        assert (run.verdict, run.failed) == ("fail", [("15", "L01.FR.28")])

    @pytest.mark.parametrize(
        ("message", "where", "changes", "failed"),
        [
            ("UpdateFirmwareResponse", {}, {"status": "Rejected"}, ("2", "L01.FR.21")),
            (
                "FirmwareStatusNotification",
                {"status": "Installed"},
                {"requestId": 1},
                ("18", "L01.FR.10, L01.FR.20"),
            ),
            (
                "FirmwareStatusNotification",
                {"status": "Downloaded"},
                {"requestId": ...},
                ("5", "L01.FR.10, L01.FR.20"),
            ),
            ("BootNotification", {}, {"reason": "PowerUp"}, ("14", "B01.FR.09")),
            ("file_served", {}, {"sha256": "00"}, ("5", "L01.FR.04")),
            (
                "BootNotification",
                {},
                {"chargingStation.firmwareVersion": "0.9"},
                ("post", "B01.FR.01"),
            ),
        ],
    )
    def test_a_wrong_word(
        self,
        alter: Make,
        message: str,
        where: dict[str, Any],
        changes: dict[str, Any],
        failed: tuple[str, str],
    ) -> None:
        run = run_case("TC_L_01_CS", spoil=alter(message, where, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_connectors_are_not_told_after_the_boot(self, drop: Make) -> None:
        run = run_case("TC_L_01_CS", spoil=drop("StatusNotification", {}))
        assert (run.verdict, run.failed) == ("fail", [("14", "B01.FR.03")])

    def test_an_image_that_was_not_served_whole(self, alter: Make) -> None:
        run = run_case("TC_L_01_CS", spoil=alter("file_served", {}, {"complete": False}))
        assert (run.verdict, run.failed) == ("fail", [("5", "L01.FR.04")])


class TestTcL06:
    @pytest.mark.parametrize("order", [1, -1])
    def test_status_and_event_in_either_order(self, order: int) -> None:
        pattern = (*DOWNLOADED, *("InvalidSignature", "InvalidFirmwareSignature")[::order])
        assert run_case("TC_L_06_CS", quirks=updating(*pattern)).verdict == "pass"

    @pytest.mark.parametrize(
        ("pattern", "failed"),
        [
            ((*VERIFIED, "Installing"), ("7", "L01.FR.04")),
            ((*DOWNLOADED, "InvalidSignature"), ("9", "L01.FR.03")),
            ((*DOWNLOADED, "InvalidFirmwareSignature"), ("7", "L01.FR.04")),
        ],
    )
    def test_half_of_it(self, pattern: tuple[str, ...], failed: tuple[str, str]) -> None:
        run = run_case("TC_L_06_CS", quirks=updating(*pattern))
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_another_request_id(self, alter: Make) -> None:
        where = {"status": "InvalidSignature"}
        spoil = alter("FirmwareStatusNotification", where, {"requestId": 1})
        run = run_case("TC_L_06_CS", spoil=spoil, quirks=updating(*BAD_PATTERN))
        assert (run.verdict, run.failed) == ("fail", [("7", "L01.FR.10, L01.FR.20")])
