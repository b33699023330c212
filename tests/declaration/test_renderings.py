from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from vdoc.bench import CaseResult, Verdict
from vdoc.declaration import RunRecord, RunVerdict, write_reports
from vdoc.declaration.renderings import Html, JunitXml, ResultJson, result_json

Change = Callable[..., RunRecord]


def html(record: RunRecord) -> str:
    return Html().render(record).decode()


def junit(record: RunRecord) -> dict[str, Element]:
    root = fromstring(JunitXml().render(record))  # noqa: S314  # our own output
    return {str(case.get("name")): case for case in root.iter("testcase")}


class TestResultJson:
    def test_has_its_promised_keys(self, failed: RunRecord) -> None:
        result = json.loads(ResultJson().render(failed))
        assert result["verdict"] == "fail"
        assert result["void_because"] is None
        assert result["window"]["seconds"] == 4 * 3600
        case = next(c for c in result["cases"] if c["case"] == "TC_B_06_CS")
        assert (case["variant"], case["verdict"]) == ("-", "fail")
        assert case["failures"][0] == {
            "step": "2",
            "requirement": "P01.FR.01",
            "what": "vendorId",
            "expected": "'acme'",
            "actual": "'<script>alert(1)</script>'",
            "n": 1,
        }

    def test_says_why_there_is_no_declaration(self, failed: RunRecord) -> None:
        assert result_json(failed)["no_declaration_because"]

    def test_of_a_void_run_says_why(self, record: RunRecord) -> None:
        void = replace(record, verdict=RunVerdict.VOID, void_because="suspended", window=None)
        result = result_json(void)
        assert (result["verdict"], result["void_because"]) == ("void", "suspended")
        assert result["window"] is None


class TestHtml:
    def test_says_the_verdict_first(self, failed: RunRecord, record: RunRecord) -> None:
        assert "Failed: 1 of 3 runs of cases did not pass" in html(failed)
        assert "Passed: all 3 runs of cases" in html(record)

    def test_shows_the_message_of_a_failure(self, failed: RunRecord) -> None:
        page = html(failed)
        assert "P01.FR.01" in page
        assert "line 1, received at" in page
        assert "&#34;DataTransfer&#34;" in page

    def test_escapes_what_the_station_sent(self, failed: RunRecord) -> None:
        assert "<script>" not in html(failed)
        assert "&lt;script&gt;" in html(failed)

    def test_needs_nothing_from_elsewhere(self, failed: RunRecord) -> None:
        assert not re.search(r'(src|href)="(?!#)', html(failed))

    def test_marks_a_demonstration(self, record: RunRecord) -> None:
        page = html(replace(record, grade_problems=("values.x is 1",)))
        assert page.count("DEMONSTRATION") == 2
        assert "values.x is 1" in page
        assert "DEMONSTRATION" not in html(record)

    def test_lists_what_is_missing(self, record: RunRecord) -> None:
        plan = record.plan.model_copy(update={"not_implemented": ("TC_B_99_CS",)})
        page = html(replace(record, plan=plan, results=record.results[:1]))
        assert "TC_B_99_CS" in page
        assert "Planned, not run" in page

    def test_survives_evidence_that_is_gone(self, failed: RunRecord, tmp_path: Path) -> None:
        page = html(replace(failed, evidence=tmp_path / "none.jsonl"))
        assert "could not be read" in page

    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_names_what_each_verdict_means(self, with_result: Change, verdict: Verdict) -> None:
        assert verdict.value in html(with_result(verdict, because="so it was", diverged="x"))

    def test_of_a_void_run_says_why(self, record: RunRecord) -> None:
        void = replace(record, verdict=RunVerdict.VOID, void_because="suspended")
        assert "Void: suspended" in html(void)

    def test_of_a_crash_says_so(self, record: RunRecord) -> None:
        crashed = replace(record, verdict=RunVerdict.FAIL, crashes=("booted by Watchdog",))
        assert "the station crashed" in html(crashed)


class TestJunit:
    def test_maps_the_verdicts(self, failed: RunRecord) -> None:
        cases = junit(failed)
        failure = cases["TC_B_06_CS"].find("failure")
        assert failure is not None
        assert failure.get("message") == "step 2, P01.FR.01: vendorId"
        assert "evidence line 1" in str(failure.text)
        assert list(cases["TC_L_01_CS"]) == []
        assert "TC_C_06_CS[local=ISO14443]" in cases

    @pytest.mark.parametrize(
        ("verdict", "tag"),
        [
            (Verdict.INCONC, "error"),
            (Verdict.ERROR, "error"),
            (Verdict.NOT_APPLICABLE, "skipped"),
        ],
    )
    def test_maps_the_other_verdicts(self, with_result: Change, verdict: Verdict, tag: str) -> None:
        result = junit(with_result(verdict, because="so it was"))["TC_B_06_CS"].find(tag)
        assert result is not None
        assert "so it was" in str(result.get("message"))

    def test_reports_what_was_not_run(self, record: RunRecord) -> None:
        plan = record.plan.model_copy(update={"not_implemented": ("TC_B_99_CS",)})
        cases = junit(replace(record, results=(), plan=plan))
        assert cases["TC_L_01_CS"].find("error") is not None
        assert cases["TC_B_99_CS"].find("skipped") is not None

    def test_reports_void_runs_and_crashes(self, record: RunRecord) -> None:
        void = replace(record, verdict=RunVerdict.VOID, void_because="suspended")
        assert junit(void)["run"].find("error") is not None
        crashed = replace(record, verdict=RunVerdict.FAIL, crashes=("Watchdog",))
        assert junit(crashed)["run"].find("failure") is not None

    def test_survives_what_xml_cannot_hold(self, with_result: Change) -> None:
        cases = junit(with_result(Verdict.ERROR, because="bell \x07 and \ud800"))
        assert cases["TC_B_06_CS"].find("error") is not None


def test_all_reports_are_written(failed: RunRecord, tmp_path: Path) -> None:
    written = write_reports(failed, tmp_path / "out")
    assert {path.name for path in written} == {"result.json", "report.html", "junit.xml"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {p.name for p in written}


def test_a_report_of_nothing_is_still_a_report(record: RunRecord) -> None:
    results: tuple[CaseResult, ...] = ()
    empty = replace(record, results=results, facts=None, window=None, verdict=RunVerdict.FAIL)
    for render in (ResultJson().render, Html().render, JunitXml().render):
        assert render(empty)
