"""N01 against stations that upload their logs, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case
from tests.cases.uploading import STATUS, play_uploading

Make = Callable[..., Any]
Payload = dict[str, Any]

IDS = "N01.FR.07, N01.FR.13"


@pytest.mark.parametrize("case", ["TC_N_25_CS", "TC_N_35_CS"])
class TestOneUpload:
    @pytest.mark.parametrize("uploading", [1, 3])
    def test_after_any_attempts(self, case: str, uploading: int) -> None:
        assert run_case(case, quirks=Quirks(uploading=uploading)).verdict == "pass"

    @pytest.mark.parametrize(
        ("message", "where", "changes", "failed"),
        [
            ("GetLogResponse", {}, {"status": "Rejected"}, ("2", "N01.FR.01")),
            ("GetLogResponse", {}, {"filename": ""}, ("2", "N01.FR.01")),
            ("GetLogResponse", {}, {"filename": ...}, ("2", "N01.FR.01")),
            (STATUS, {"status": "Uploading"}, {"status": "Idle"}, ("3", "N01.FR.08")),
            (STATUS, {"status": "Uploading"}, {"requestId": 1}, ("3", IDS)),
            (STATUS, {"status": "Uploaded"}, {"requestId": ...}, ("5", IDS)),
            (STATUS, {"status": "Uploaded"}, {"status": "UploadFailure"}, ("5", "N01.FR.09")),
            ("file_received", {}, {"bytes": 0}, ("5", "N01.FR.02")),
        ],
    )
    def test_a_wrong_word(
        self,
        case: str,
        alter: Make,
        message: str,
        where: Payload,
        changes: Payload,
        failed: tuple[str, str],
    ) -> None:
        run = run_case(case, spoil=alter(message, where, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_a_word_without_a_file(self, case: str) -> None:
        run = run_case(case, quirks=Quirks(upload_bytes=None))
        assert (run.verdict, run.failed) == ("fail", [("5", "N01.FR.02")])

    def test_a_word_and_a_file_on_different_ways(self, case: str) -> None:
        assert run_case(case, quirks=Quirks(received_s=8.0)).verdict == "pass"

    def test_a_word_before_its_time(self, case: str) -> None:
        run = run_case(case, quirks=Quirks(received_s=12.0))
        assert (run.verdict, run.failed) == ("fail", [("5", "N01.FR.09")])

    @pytest.mark.parametrize(("status", "step"), [("Uploading", "3"), ("Uploaded", "5")])
    def test_a_word_that_does_not_come(self, case: str, drop: Make, status: str, step: str) -> None:
        run = run_case(case, spoil=drop(STATUS, {"status": status}))
        assert run.verdict == "fail"
        assert run.failed[0][0] == step


class TestTcN35:
    def test_the_events_in_the_log_are_noted(self, alter: Make) -> None:
        text = "2027-01-15 startup of the device; ResetOrReboot"
        run = run_case("TC_N_35_CS", spoil=alter("file_received", {}, {"text": text}))
        assert run.verdict == "pass"
        notes = [line.data["text"] for line in run.lines if line.kind == "note"]
        assert notes[-1].endswith("StartupOfTheDevice, ResetOrReboot")


class TestTcN26:
    @pytest.mark.parametrize("each_told", [False, True])
    @pytest.mark.parametrize("takes_s", [0.5, 3.0])
    def test_four_attempts(self, each_told: bool, takes_s: float) -> None:
        run = play_uploading("TC_N_26_CS", each_told=each_told, takes_s=takes_s)
        assert run.verdict == "pass", run.because
        assert run.calls("GetLog")[0]["retries"] == 3
        assert "does-not-exist" in run.calls("GetLog")[0]["log"]["remoteLocation"]

    def test_attempts_that_take_long_and_are_told(self) -> None:
        run = play_uploading("TC_N_26_CS", each_told=True, takes_s=20.0)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize("status", ["BadMessage", "PermissionDenied", "NotSupportedOperation"])
    def test_any_word_for_a_failure(self, alter: Make, status: str) -> None:
        spoil = alter(STATUS, {"status": "UploadFailure"}, {"status": status})
        assert play_uploading("TC_N_26_CS", spoil=spoil).verdict == "pass"

    @pytest.mark.parametrize(
        "ways",
        [
            {"attempts": 1},
            {"attempts": 3},
            {"attempts": 3, "each_told": True},
            {"attempts": 5, "each_told": True},
            {"every_s": 0.0},
            {"every_s": 60.0},
            {"every_s": 60.0, "each_told": True},
        ],
    )
    def test_not_as_often_or_not_as_late(self, ways: Payload) -> None:
        run = play_uploading("TC_N_26_CS", **ways)
        assert run.verdict == "fail"
        assert {"N01.FR.10", "N01.FR.08"} >= {requirement for _, requirement in run.failed}

    @pytest.mark.parametrize(
        ("message", "where", "changes", "failed"),
        [
            ("GetLogResponse", {}, {"status": "Rejected"}, ("2", "N01.FR.01")),
            (STATUS, {"status": "Uploading"}, {"status": "Idle"}, ("3", "N01.FR.08")),
            (STATUS, {"status": "Uploading"}, {"requestId": 1}, ("3", IDS)),
            (STATUS, {"status": "UploadFailure"}, {"requestId": ...}, ("5", IDS)),
            (STATUS, {"status": "UploadFailure"}, {"status": "Uploaded"}, ("5", "N01.FR.10")),
        ],
    )
    def test_a_wrong_word(
        self,
        alter: Make,
        message: str,
        where: Payload,
        changes: Payload,
        failed: tuple[str, str],
    ) -> None:
        run = play_uploading("TC_N_26_CS", spoil=alter(message, where, changes))
        assert failed in run.failed

    def test_no_word_of_the_failure(self, drop: Make) -> None:
        run = play_uploading("TC_N_26_CS", spoil=drop(STATUS, {"status": "UploadFailure"}))
        assert run.failed == [("5", "N01.FR.10")]


class TestTcN36:
    @pytest.mark.parametrize("told_first", [False, True])
    def test_the_second_is_served(self, told_first: bool) -> None:
        run = play_uploading("TC_N_36_CS", told_first=told_first)
        assert run.verdict == "pass", run.because
        first, second = run.calls("GetLog")
        assert first["requestId"] != second["requestId"]
        assert first["log"] != second["log"]

    @pytest.mark.parametrize(
        ("message", "where", "changes", "failed"),
        [
            ("GetLogResponse", {"status": "Accepted"}, {"status": "Rejected"}, ("2", "N01.FR.01")),
            ("GetLogResponse", {"status": "AcceptedCanceled"}, {"status": "Accepted"},
             ("6", "N01.FR.12")),
            (STATUS, {"status": "AcceptedCanceled"}, {"status": "UploadFailure"},
             ("9", "N01.FR.08")),
            (STATUS, {"status": "AcceptedCanceled"}, {"requestId": 1}, ("7", IDS)),
            (STATUS, {"status": "Uploading"}, {"requestId": 1}, ("3", IDS)),
            (STATUS, {"status": "Uploaded"}, {"requestId": 1}, ("11", IDS)),
            (STATUS, {"status": "Uploaded"}, {"status": "UploadFailure"}, ("11", "N01.FR.09")),
            ("file_received", {}, {"bytes": 0}, ("11", "N01.FR.02")),
        ],
    )  # fmt: skip
    def test_a_wrong_word(
        self,
        alter: Make,
        message: str,
        where: Payload,
        changes: Payload,
        failed: tuple[str, str],
    ) -> None:
        run = play_uploading("TC_N_36_CS", spoil=alter(message, where, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_no_word_of_the_cancellation(self, drop: Make) -> None:
        spoil = drop(STATUS, {"status": "AcceptedCanceled"})
        run = play_uploading("TC_N_36_CS", spoil=spoil)
        assert run.failed == [("7", "N01.FR.20")]
