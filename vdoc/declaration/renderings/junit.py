"""junit.xml: the run for a CI server; one test case per planned run.

The verdicts map as CI servers understand them: fail is a failure; inconc, error and a run that did
not happen are errors; not_applicable and cases without a function are skipped, with the reason.
"""

from __future__ import annotations

import re

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from vdoc.bench import CaseResult, Verdict
from vdoc.declaration.record import RunRecord, RunVerdict
from vdoc.declaration.renderings.interface import Rendering
from vdoc.declaration.renderings.outline import not_run

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitXml(Rendering):
    """JUnit XML."""

    file_name = "junit.xml"

    def render(self, record: RunRecord) -> bytes:
        """Return the run as one test suite."""
        suite = TestSuite(_clean(f"vdoc {record.pics.product.vendor} {record.pics.product.model}"))
        if record.window is not None:
            suite.timestamp = record.window.start.strftime("%Y-%m-%dT%H:%M:%S")
        suite.add_testcases(
            [
                *_about_the_run(record),
                *(_case(result) for result in record.results),
                *(_not_run(case, variant) for case, variant in not_run(record)),
                *(_not_implemented(case) for case in record.plan.not_implemented),
            ]
        )
        xml = JUnitXml()
        xml.add_testsuite(suite)
        text: bytes = xml.tostring()  # type: ignore[no-untyped-call]  # the library has no types
        return text


def _about_the_run(record: RunRecord) -> list[TestCase]:
    whole = TestCase("run", "vdoc")
    if record.verdict is RunVerdict.VOID:
        whole.result = [Error(_clean(f"the run is void: {record.void_because}"), "void")]
    elif record.crashes:
        whole.result = [Failure(_clean(f"the DUT crashed: {c}"), "crash") for c in record.crashes]
    return [whole]


def _case(result: CaseResult) -> TestCase:
    case = TestCase(_name(result.case, result.variant), f"vdoc.{result.case}")
    words = _clean(result.because or result.verdict.value)
    match result.verdict:
        case Verdict.PASS:
            pass
        case Verdict.FAIL:
            case.result = [_failed(result, words)]
        case Verdict.NOT_APPLICABLE:
            case.result = [Skipped(f"not applicable: {words}")]
        case _:
            error = Error(words, result.verdict.value)
            error.text = _details(result)
            case.result = [error]
    return case


def _failed(result: CaseResult, words: str) -> Failure:
    first = result.failures[0] if result.failures else None
    short = words if first is None else f"step {first.step}, {first.requirement}: {first.what}"
    failure = Failure(_clean(short), "fail")
    failure.text = _details(result)
    return failure


def _details(result: CaseResult) -> str:
    return _clean(
        "\n".join(
            f"step {check.step} ({check.requirement}) {check.what}: expected {check.expected}, "
            f"got {check.actual}" + ("" if check.n is None else f", evidence line {check.n}")
            for check in result.failures
        )
    )


def _not_run(case: str, variant: str) -> TestCase:
    missing = TestCase(_name(case, variant), f"vdoc.{case}")
    missing.result = [Error("planned, but not run", "not_run")]
    return missing


def _not_implemented(case: str) -> TestCase:
    missing = TestCase(case, f"vdoc.{case}")
    missing.result = [Skipped("applicable, but not implemented: no declaration is possible")]
    return missing


def _name(case: str, variant: str) -> str:
    return case if variant == "-" else f"{case}[{variant}]"


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot hold, such as control characters that a station has sent."""
    return _NOT_XML.sub("\ufffd", text)
