"""CSV and JSON hold the same as the history."""

from __future__ import annotations

import csv
import io
import json

from tests.nightly.made import Nights, case, failure
from vdoc.nightly.export import COLUMNS, write_csv, write_json
from vdoc.nightly.history import History
from vdoc.nightly.stored import Parameter


def as_csv(history: History) -> list[dict[str, str]]:
    file = io.StringIO()
    write_csv(history, history.runs(), file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


class TestCsv:
    def test_a_row_for_each_case_with_its_first_failure(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A"), case("TC_B", "fail", failure("C01.FR.02"), failure("C01.FR.03")))
        first, second = as_csv(history)
        assert tuple(first) == COLUMNS
        assert (first["case"], first["verdict"], first["requirement"]) == ("TC_A", "pass", "")
        assert (second["requirement"], second["line"]) == ("C01.FR.02", "12")
        assert second["run_verdict"] == "fail"

    def test_what_a_station_sent_is_no_formula(self, history: History, nights: Nights) -> None:
        nights(case("TC_A", "fail", failure(actual="=cmd|' /C calc'!A0")))
        (row,) = as_csv(history)
        assert row["actual"].startswith("'=")
        assert row["variant"] == "-"

    def test_no_run_is_a_header_alone(self, history: History) -> None:
        assert as_csv(history) == []


class TestJson:
    def test_runs_with_cases_failures_and_times(self, history: History, nights: Nights) -> None:
        nights(case("TC_A", "fail"), times={Parameter.BOOT: (1.5,)})
        nights(case("TC_A"))
        file = io.StringIO()
        write_json(history, history.runs(), file)
        newest, oldest = json.loads(file.getvalue())
        assert newest["cases"][0]["failures"] == []
        assert oldest["cases"][0]["failures"][0]["requirement"] == "C01.FR.02"
        assert oldest["response_times_s"] == {"boot": [1.5]}
        assert oldest["counts"] == {"fail": 1}

    def test_no_run_is_an_empty_array(self, history: History) -> None:
        file = io.StringIO()
        write_json(history, (), file)
        assert json.loads(file.getvalue()) == []
