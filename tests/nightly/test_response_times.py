"""What is measured between, and what is not measured at all."""

from __future__ import annotations

import pytest

from tests.nightly.made import RunDirectory
from vdoc.evidence import Kind, open_evidence
from vdoc.nightly.response_times import ResponseTimes
from vdoc.nightly.stored import Parameter


def measured(directory: RunDirectory) -> dict[Parameter, tuple[float, ...]]:
    times = ResponseTimes()
    for line in open_evidence(directory.path / "evidence.jsonl", check_chain=False):
        times.feed(line)
    return {name: tuple(round(t, 6) for t in each) for name, each in times.result().items()}


def asked(directory: RunDirectory, action: str, milliseconds: float, status: str) -> None:
    directory.sent([2, "m1", action, {}])
    directory.clock.pass_ms(milliseconds - 1)  # the line itself takes one
    directory.received([3, "m1", {"status": status}])


class TestAnswer:
    def test_is_from_request_to_result(self, run_directory: RunDirectory) -> None:
        asked(run_directory, "ClearCache", 250, "Accepted")
        assert measured(run_directory) == {Parameter.ANSWER: (0.25,)}

    def test_an_error_is_no_answer(self, run_directory: RunDirectory) -> None:
        run_directory.sent([2, "m1", "ClearCache", {}])
        run_directory.received([4, "m1", "InternalError", "", {}])
        assert measured(run_directory) == {}

    def test_an_answer_to_nothing_is_not_measured(self, run_directory: RunDirectory) -> None:
        run_directory.received([3, "m1", {}])
        run_directory.received([])
        assert measured(run_directory) == {}


class TestCauseAndEffect:
    @pytest.mark.parametrize(
        ("action", "effect", "parameter"),
        [
            ("Reset", "BootNotification", Parameter.BOOT),
            ("RequestStartTransaction", "TransactionEvent", Parameter.REMOTE_START),
            ("RequestStopTransaction", "TransactionEvent", Parameter.REMOTE_STOP),
        ],
    )
    def test_an_accepted_request_begins_it(
        self, run_directory: RunDirectory, action: str, effect: str, parameter: Parameter
    ) -> None:
        asked(run_directory, action, 10, "Accepted")
        run_directory.clock.pass_ms(499)
        run_directory.received([2, "s1", effect, {}])
        assert measured(run_directory)[parameter] == (0.5,)

    def test_a_rejected_request_does_not(self, run_directory: RunDirectory) -> None:
        asked(run_directory, "Reset", 10, "Rejected")
        run_directory.received([2, "s1", "BootNotification", {}])
        assert Parameter.BOOT not in measured(run_directory)

    @pytest.mark.parametrize(
        ("action", "effect", "parameter"),
        [
            ("Reboot", "BootNotification", Parameter.BOOT),
            ("PresentToken", "Authorize", Parameter.AUTHORIZE),
            ("PresentToken", "TransactionEvent", Parameter.AUTHORIZE),
            ("PlugIn", "StatusNotification", Parameter.PLUG),
            ("EvPlugIn", "NotifyEvent", Parameter.PLUG),
        ],
    )
    def test_a_physical_action_begins_it_when_it_is_asked_for(
        self, run_directory: RunDirectory, action: str, effect: str, parameter: Parameter
    ) -> None:
        run_directory.acted(action, 50)
        run_directory.clock.pass_ms(48)
        run_directory.received([2, "s1", effect, {}])
        run_directory.received([2, "s2", effect, {}])
        assert measured(run_directory) == {parameter: (0.1,)}

    def test_an_action_that_failed_does_not(self, run_directory: RunDirectory) -> None:
        run_directory.acted("PlugIn", status="fault")
        run_directory.received([2, "s1", "StatusNotification", {}])
        assert measured(run_directory) == {}

    @pytest.mark.parametrize(("status", "expected"), [("done", (0.1,)), ("fault", None)])
    def test_a_station_may_report_before_the_action_is_done(
        self, run_directory: RunDirectory, status: str, expected: tuple[float, ...] | None
    ) -> None:
        run_directory.line(Kind.ACTION, {"id": "1", "action": {"action": "PresentToken"}})
        run_directory.clock.pass_ms(99)
        run_directory.received([2, "s1", "Authorize", {}])
        run_directory.line(Kind.ACTION_DONE, {"id": "1", "outcome": {"status": status}})
        run_directory.received([2, "s2", "TransactionEvent", {"triggerReason": "Authorized"}])
        assert measured(run_directory).get(Parameter.AUTHORIZE) == expected

    def test_a_periodic_event_ends_nothing(self, run_directory: RunDirectory) -> None:
        run_directory.acted("PresentToken")
        run_directory.received([2, "s1", "TransactionEvent", {"triggerReason": "MeterValueClock"}])
        run_directory.clock.pass_ms(97)
        run_directory.received([2, "s2", "TransactionEvent", {"triggerReason": "StopAuthorized"}])
        assert measured(run_directory) == {Parameter.AUTHORIZE: (0.1,)}

    def test_nothing_reaches_from_one_case_into_the_next(self, run_directory: RunDirectory) -> None:
        run_directory.acted("PlugIn")
        run_directory.begin("TC_B_01_CS")
        run_directory.received([2, "s1", "StatusNotification", {}])
        assert measured(run_directory) == {}
