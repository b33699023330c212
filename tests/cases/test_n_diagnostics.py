"""Block N against stations that upload their log, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]

STATUS = "LogStatusNotification"
IDS = "N01.FR.07, N01.FR.13"


class TestTcN25:
    @pytest.mark.parametrize("uploading", [1, 3])
    def test_an_upload_after_any_attempts(self, uploading: int) -> None:
        assert run_case("TC_N_25_CS", quirks=Quirks(uploading=uploading)).verdict == "pass"

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
        alter: Make,
        message: str,
        where: dict[str, Any],
        changes: dict[str, Any],
        failed: tuple[str, str],
    ) -> None:
        run = run_case("TC_N_25_CS", spoil=alter(message, where, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_a_word_without_a_file(self) -> None:
        run = run_case("TC_N_25_CS", quirks=Quirks(upload_bytes=None))
        assert (run.verdict, run.failed) == ("fail", [("5", "N01.FR.02")])

    @pytest.mark.parametrize(("status", "step"), [("Uploading", "3"), ("Uploaded", "5")])
    def test_a_word_that_does_not_come(self, drop: Make, status: str, step: str) -> None:
        run = run_case("TC_N_25_CS", spoil=drop(STATUS, {"status": status}))
        assert run.verdict == "fail"
        assert run.failed[0][0] == step
