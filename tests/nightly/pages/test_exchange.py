"""From the evidence of one case to the rows of its diagram."""

from __future__ import annotations

from pathlib import Path

from tests.nightly.made import RunDirectory
from vdoc.evidence import Kind
from vdoc.nightly.pages.exchange import Direction, Row, read_exchanges
from vdoc.nightly.stored import StoredRun


def read_exchange(directory: Path, ordinal: int) -> tuple[Row, ...]:
    return read_exchanges(directory, [ordinal])[ordinal].rows


def one_case(made: RunDirectory) -> tuple[Row, ...]:
    made.verdict("fail")
    return read_exchange(made.end("fail"), 0)


class TestRows:
    def test_messages_deeds_and_what_was_checked_on_them(self, failed_run: StoredRun) -> None:
        rows = read_exchange(failed_run.directory, 1)[12:]
        assert [(row.direction, row.label, len(row.steps)) for row in rows[:3]] == [
            (Direction.DEED, "PresentToken", 0),
            (Direction.TO_BENCH, "Authorize", 2),
            (Direction.TO_STATION, "AuthorizeResponse", 0),
        ]
        assert [step.passed for step in rows[1].steps] == [True, False]
        assert (rows[1].failed[0].expected, rows[1].failed[0].actual) == ("'04A1'", "'FFFF'")

    def test_what_did_not_come_stands_where_it_was_missed(self, failed_run: StoredRun) -> None:
        last = read_exchange(failed_run.directory, 1)[-1]
        assert (last.direction, last.failed[0].requirement) == (Direction.MISSING, "C01.FR.07")

    def test_times_count_from_the_beginning_of_the_case(self, failed_run: StoredRun) -> None:
        first, *_, last = read_exchange(failed_run.directory, 1)
        assert (round(first.at_s, 3), round(last.at_s, 3)) == (0.001, 0.019)

    def test_each_case_has_its_own(self, failed_run: StoredRun) -> None:
        [row] = read_exchange(failed_run.directory, 0)
        assert (row.direction, len(row.steps)) == (Direction.EVENT, 1)
        assert read_exchanges(failed_run.directory, [2]) == {}

    def test_steps_are_not_known_where_the_case_cannot_be_judged_again(
        self, failed_run: StoredRun
    ) -> None:
        assert not read_exchanges(failed_run.directory, [1])[1].steps_known

    def test_a_check_on_something_else_shows_what(self, run_directory: RunDirectory) -> None:
        run_directory.start()
        run_directory.begin("TC_A_04_CS")
        n = run_directory.line(Kind.TLS, {"ciphers": ["A", "B"]})
        run_directory.line(Kind.TLS, {"ciphers": []})
        run_directory.check(passed=False, n=n)
        [row] = one_case(run_directory)
        assert (row.n, row.label, row.body) == (n, "tls", {"ciphers": ["A", "B"]})

    def test_what_the_bench_does_is_told(self, run_directory: RunDirectory) -> None:
        run_directory.start()
        run_directory.begin("TC_B_03_CS")
        policy = {"first": [{"computed": "boot Rejected 2 s"}], "then": {"computed": "boot"}}
        run_directory.line(Kind.ANSWER, {"action": "BootNotification", "policy": policy})
        run_directory.line(Kind.DROP, {"connection": 1})
        told = [(row.label, row.gist) for row in one_case(run_directory)]
        assert told == [
            ("from now on BootNotification is answered with", "boot Rejected 2 s, boot"),
            ("connection dropped by the bench", ""),
        ]

    def test_the_values_that_tell_messages_apart(self, run_directory: RunDirectory) -> None:
        run_directory.start()
        run_directory.begin("TC_E_04_CS")
        event = {"seqNo": 3, "eventType": "Updated", "triggerReason": "CablePluggedIn", "evse": {}}
        run_directory.received([2, "1", "TransactionEvent", event])
        run_directory.sent([4, "1", "InternalError", "", {}])
        run_directory.line(Kind.RECEIVED, {"connection": 1, "frame": "no JSON"})
        gists = [(row.gist, row.body) for row in one_case(run_directory)]
        assert gists[0][0] == "Updated, CablePluggedIn, seqNo 3"
        assert gists[1][0] == "InternalError"
        assert gists[2] == ("", "no JSON")
