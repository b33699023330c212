"""CSV and JSON hold the same as the history, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.nightly.made import FIRST_NIGHT, Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.nightly.compare import compare
from vdoc.nightly.export import COLUMNS, Table, comparison_json, write_csv, write_json
from vdoc.nightly.history import History
from vdoc.nightly.stored import Parameter, StoredRun

VARIABLE = VariableFact(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="60")
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def as_csv(history: History, table: Table = Table.CASES) -> list[dict[str, str]]:
    file = io.StringIO()
    write_csv(history, history.runs(), file, table)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def as_json(history: History) -> dict[str, Any]:
    file = io.StringIO()
    write_json(history, history.runs(), file)
    found: dict[str, Any] = json.loads(file.getvalue())
    return found


class TestCsv:
    def test_a_row_for_each_failure_and_each_case_without_one(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A"), case("TC_B", "fail", failure("C01.FR.02"), failure("C01.FR.03")))
        first, second, third = as_csv(history)
        assert tuple(first) == COLUMNS[Table.CASES]
        assert (first["case"], first["verdict"], first["requirement"]) == ("TC_A", "pass", "")
        assert (second["requirement"], second["line"]) == ("C01.FR.02", "12")
        assert (third["case"], third["requirement"]) == ("TC_B", "C01.FR.03")
        assert (first["failure"], second["failure"], third["failure"]) == ("", "0", "1")
        assert second["run_verdict"] == "fail"

    def test_runs_without_a_case_are_in_the_table_of_runs(
        self, history: History, nights: Nights
    ) -> None:
        nights(void="unplugged", crashes=("a boot",), planned=9)
        assert as_csv(history) == []
        (run,) = as_csv(history, Table.RUNS)
        assert (run["run_verdict"], run["void_because"], run["planned"]) == (
            "void", "unplugged", "9",
        )  # fmt: skip
        assert (run["crashes"], run["pics_digest"], run["catalogue_digest"]) == (
            '["a boot"]', "aa", "cc",
        )  # fmt: skip

    def test_every_response_time(self, history: History, nights: Nights) -> None:
        nights(times={Parameter.BOOT: (1.5, 1.25)})
        rows = as_csv(history, Table.TIMES)
        assert [(row["parameter"], row["number"], row["seconds"]) for row in rows] == [
            ("boot", "0", "1.5"), ("boot", "1", "1.25"),
        ]  # fmt: skip

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(sent=st.one_of(printable, printable.map("={}".format), printable.map("'{}".format)))
    @example("=cmd|' /C calc'!A0")
    @example("'=1")
    @example("\n=1")
    @example("-")
    def test_what_a_station_sent_is_no_formula_and_comes_back(
        self, history: History, nights: Nights, sent: str
    ) -> None:
        run = nights(case("TC_A", "fail", failure(actual=sent)))
        row = next(row for row in as_csv(history) if row["run"] == run.id)
        cell = row["actual"]
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n"))
        assert cell == "-" or not cell.startswith("-")
        assert cell.removeprefix("'") == sent or cell == sent

    def test_no_run_is_a_header_alone(self, history: History) -> None:
        assert as_csv(history) == []


class TestJson:
    def test_runs_with_cases_failures_and_times(self, history: History, nights: Nights) -> None:
        nights(case("TC_A", "fail"), times={Parameter.BOOT: (1.5,)}, variables=(VARIABLE,))
        run: StoredRun = nights(case("TC_A"), variables=(VARIABLE,))
        whole = as_json(history)
        newest, oldest = whole["runs"]
        assert newest["cases"][0]["failures"] == []
        assert oldest["cases"][0]["failures"][0]["requirement"] == "C01.FR.02"
        assert oldest["response_times_s"] == {"boot": [1.5]}
        assert oldest["counts"] == {"fail": 1}
        assert list(whole["device_models"]) == [run.device_model]

    def test_what_was_due_and_not_run(self, history: History) -> None:
        history.attempts.claim("wall", FIRST_NIGHT, Path("/runs/wall/1"))
        (attempt,) = as_json(history)["attempts"]
        assert attempt["due"] == FIRST_NIGHT.isoformat()

    def test_no_run_is_empty(self, history: History) -> None:
        whole = as_json(history)
        assert (whole["runs"], whole["device_models"], whole["attempts"]) == ([], {}, [])


def test_a_comparison_has_the_distribution_of_each_parameter(
    history: History, nights: Nights
) -> None:
    times = {Parameter.BOOT: tuple(float(n) for n in range(1, 101))}
    found = comparison_json(compare(history, nights(case("TC_A"), times=times)))
    assert found["distributions_s"] == {
        "boot": {"count": 100, "min": 1.0, "median": 50.0, "p95": 95.0, "max": 100.0}
    }
    assert json.loads(json.dumps(found)) == found
