"""Updates that fail, as the station tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import BAD_PATTERN, DOWNLOADED, Quirks, run_case

Make = Callable[..., Any]

VERIFIED = (*DOWNLOADED, "SignatureVerified")


def updating(*pattern: str, **quirks: Any) -> Quirks:
    return Quirks(pattern=pattern, **quirks)


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


class TestTcL07:
    @pytest.mark.parametrize(
        "pattern",
        [
            ("DownloadFailed",),
            ("Downloading", "DownloadFailed"),
            ("Downloading", "Downloading", "DownloadFailed"),
        ],
    )
    def test_the_image_is_not_there(self, pattern: tuple[str, ...]) -> None:
        assert run_case("TC_L_07_CS", quirks=updating(*pattern)).verdict == "pass"

    @pytest.mark.parametrize("pattern", [("Downloading",), ("Downloading", "InstallationFailed")])
    def test_that_is_not_told(self, pattern: tuple[str, ...]) -> None:
        run = run_case("TC_L_07_CS", quirks=updating(*pattern))
        assert (run.verdict, run.failed) == ("fail", [("5", "L01.FR.30")])

    def test_without_its_request_id(self, alter: Make) -> None:
        spoil = alter("FirmwareStatusNotification", {"status": "DownloadFailed"}, {"requestId": 1})
        run = run_case("TC_L_07_CS", spoil=spoil, quirks=updating("DownloadFailed"))
        assert (run.verdict, run.failed) == ("fail", [("5", "L01.FR.10, L01.FR.20")])


class TestTcL08:
    @pytest.mark.parametrize("failed", ["InstallVerificationFailed", "InstallationFailed"])
    @pytest.mark.parametrize(
        "course",
        [
            ("Installing",),
            ("InstallRebooting", "boot"),
            ("InstallRebooting", "boot", "Installing"),
            ("Installing", "InstallRebooting", "boot"),
        ],
    )
    def test_it_fails_to_install(self, course: tuple[str, ...], failed: str) -> None:
        run = run_case("TC_L_08_CS", quirks=updating(*VERIFIED, *course, failed))
        assert run.verdict == "pass"

    @pytest.mark.parametrize(
        ("course", "verdict"),
        [
            (("Installing", "boot"), "pass"),
            (("Installing", "InstallRebooting", "boot"), "pass"),
            (("InstallRebooting", "boot", "Installing"), "fail"),
        ],
    )
    def test_a_boot_that_falls_back_may_have_another_reason(
        self, alter: Make, course: tuple[str, ...], verdict: str
    ) -> None:
        spoil = alter("BootNotification", {}, {"reason": "Watchdog"})
        quirks = updating(*VERIFIED, *course, "InstallationFailed")
        assert run_case("TC_L_08_CS", spoil=spoil, quirks=quirks).verdict == verdict

    def test_connectors_come_back(self) -> None:
        course = ("Unavailable", "Installing", "InstallationFailed", "Available")
        assert run_case("TC_L_08_CS", quirks=updating(*VERIFIED, *course)).verdict == "pass"

    @pytest.mark.parametrize(
        ("course", "step"),
        [
            (("Installing",), "16"),
            (("Installing", "Installed"), "16"),
            (("InstallationFailed",), "12"),
            (("InstallVerificationFailed",), "12"),
            (("Unavailable", "Installing", "InstallationFailed"), "14"),
            (("Available", "Installing", "InstallationFailed"), "9"),
        ],
    )
    def test_another_course(self, course: tuple[str, ...], step: str) -> None:
        run = run_case("TC_L_08_CS", quirks=updating(*VERIFIED, *course))
        assert (run.verdict, run.failed[0][0]) == ("fail", step)
