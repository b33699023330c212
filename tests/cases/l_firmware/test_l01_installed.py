"""Updates that are installed, by stations that tell them as L01 has it, and by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import DOWNLOADED, Quirks, run_case

Make = Callable[..., Any]

VERIFIED = (*DOWNLOADED, "SignatureVerified")
DONE = ("Installed", "FirmwareUpdated")
ACTIVATED = ("Installing", "boot", *DONE)


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
                (
                    *(*DOWNLOADED, "Unavailable", "SignatureVerified"),
                    *("Installing", "Available", "reconnect", *DONE),
                ),
                id="connectors out before the signature is verified",
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
            (("Downloaded",), "3"),
            (("Downloading", "DownloadPaused", "Downloaded"), "3"),
            ((*DOWNLOADED, "Installing"), "7"),
            ((*VERIFIED, "boot"), "12"),
            ((*VERIFIED, "Installing", "InstallationFailed"), "18"),
            ((*VERIFIED, "InstallRebooting", "Installing"), "14"),
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

    def test_a_boot_that_is_under_way_when_all_is_told(self, alter: Make) -> None:
        pattern = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed")
        quirks = updating(*pattern, "gone", "served", "40 s", "boot", "FirmwareUpdated")
        assert run_case("TC_L_01_CS", quirks=quirks).verdict == "pass"
        spoil = alter("BootNotification", {}, {"reason": "PowerUp"})
        run = run_case("TC_L_01_CS", spoil=spoil, quirks=quirks)
        assert (run.verdict, run.failed) == ("fail", [("15", "B01.FR.09")])

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


class TestTcL02:
    def test_it_installs_at_its_time(self) -> None:
        pattern = (*VERIFIED, "InstallScheduled", "60 s", *ACTIVATED)
        assert run_case("TC_L_02_CS", quirks=updating(*pattern)).verdict == "pass"

    def test_it_may_reboot_at_its_time(self) -> None:
        pattern = (*VERIFIED, "InstallScheduled", "60 s", "InstallRebooting", "boot", *DONE)
        assert run_case("TC_L_02_CS", quirks=updating(*pattern)).verdict == "pass"

    @pytest.mark.parametrize(
        ("pattern", "failed"),
        [
            ((*VERIFIED, "60 s", *ACTIVATED), ("9", "L01.FR.16")),
            ((*VERIFIED, "InstallScheduled", *ACTIVATED), ("14", "L01.FR.16")),
            ((*DOWNLOADED, "InstallScheduled", "60 s", *ACTIVATED), ("7", "L01.FR.04")),
            ((*VERIFIED, "InstallScheduled", "60 s", *DONE), ("14", "L01.FR.05")),
            (
                (*VERIFIED, "InstallScheduled", "60 s", "Installing", "boot", "Installed"),
                ("22", "L01.FR.31"),
            ),
        ],
    )
    def test_another_course(self, pattern: tuple[str, ...], failed: tuple[str, str]) -> None:
        run = run_case("TC_L_02_CS", quirks=updating(*pattern))
        assert run.verdict == "fail"
        assert run.failed[0] == failed

    def test_a_download_that_takes_until_then(self) -> None:
        pattern = ("Downloading", "70 s", "served", "Downloaded", "SignatureVerified", *ACTIVATED)
        assert run_case("TC_L_02_CS", quirks=updating(*pattern)).verdict == "inconc"

    def test_connectors_that_stay_out(self) -> None:
        course = ("InstallScheduled", "60 s", "Unavailable", "Installing", "reconnect", *DONE)
        run = run_case("TC_L_02_CS", quirks=updating(*VERIFIED, *course))
        assert (run.verdict, run.failed[0][0]) == ("fail", "18")


class TestTcL03:
    def test_it_downloads_at_its_time(self) -> None:
        pattern = ("DownloadScheduled", "60 s", *VERIFIED, *ACTIVATED)
        assert run_case("TC_L_03_CS", quirks=updating(*pattern)).verdict == "pass"

    @pytest.mark.parametrize(
        ("pattern", "failed"),
        [
            (("60 s", *VERIFIED, *ACTIVATED), ("3", "L01.FR.13")),
            (("DownloadScheduled", *VERIFIED, *ACTIVATED), ("5", "L01.FR.13")),
            (("DownloadScheduled", "60 s", "Downloaded"), ("5", "L01.FR.01")),
            (("DownloadScheduled", "60 s", *VERIFIED, "Installing", *DONE), ("17", "L01.FR.28")),
        ],
    )
    def test_another_course(self, pattern: tuple[str, ...], failed: tuple[str, str]) -> None:
        run = run_case("TC_L_03_CS", quirks=updating(*pattern))
        assert run.verdict == "fail"
        assert run.failed[0] == failed
