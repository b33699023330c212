"""A second request while the first update is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import PATTERN, Quirks, run_case

Make = Callable[..., Any]


def answering(second: str, *pattern: str) -> Quirks:
    return Quirks(update_answers=("Accepted", second), pattern=pattern or PATTERN)


class TestTcL10:
    def test_the_first_is_cancelled(self) -> None:
        run = run_case("TC_L_10_CS", quirks=answering("AcceptedCanceled"))
        assert run.verdict == "pass"

    @pytest.mark.parametrize("status", ["DownloadPaused", "DownloadFailed"])
    def test_the_first_is_told_of_until_then(self, status: str) -> None:
        quirks = answering("AcceptedCanceled")
        quirks.before_second = (status,)
        assert run_case("TC_L_10_CS", quirks=quirks).verdict == "pass"

    @pytest.mark.parametrize("answer", ["Accepted", "Rejected"])
    def test_another_answer(self, answer: str) -> None:
        run = run_case("TC_L_10_CS", quirks=answering(answer))
        assert (run.verdict, run.failed) == ("fail", [("6", "L01.FR.24")])

    def test_the_first_goes_on_instead(self, alter: Make) -> None:
        spoil = alter("FirmwareStatusNotification", {"status": "Installed"}, {"requestId": 1})
        run = run_case("TC_L_10_CS", spoil=spoil, quirks=answering("AcceptedCanceled"))
        assert (run.verdict, run.failed) == ("fail", [("22", "L01.FR.10, L01.FR.20")])


class TestTcL11:
    def test_the_first_goes_on(self) -> None:
        assert run_case("TC_L_11_CS", quirks=answering("Rejected")).verdict == "pass"

    @pytest.mark.parametrize("answer", ["Accepted", "AcceptedCanceled"])
    def test_another_answer(self, answer: str) -> None:
        run = run_case("TC_L_11_CS", quirks=answering(answer))
        assert (run.verdict, run.failed) == ("fail", [("6", "L01.FR.27")])

    def test_the_first_stops(self) -> None:
        run = run_case("TC_L_11_CS", quirks=answering("Rejected", "Downloading"))
        assert (run.verdict, run.failed) == ("fail", [("7", "L01.FR.01")])
