"""The night as JUnit XML, for a CI server: one suite a station, one test case a case and variant.

A failure that is known says so in its message; a flaky one is a failure all the same. A void run
and a station that was not run are errors, so that no server shows such a night as green.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from vdoc.bench import Verdict
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.stored import StoredCase
from vdoc.nightly.telling.news import News, NotRun, shown

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(news: News) -> bytes:
    """Return the night as JUnit XML."""
    xml = JUnitXml("vdoc nightly")
    for comparison in news.worst_first:
        xml.add_testsuite(_station(comparison))
    for missing in news.not_run:
        xml.add_testsuite(_missing(missing))
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]  # the library has no types
    return text


def _station(comparison: Comparison) -> TestSuite:
    now = comparison.now
    suite = TestSuite(_clean(now.dut))
    suite.timestamp = now.started.strftime("%Y-%m-%dT%H:%M:%S")
    known = dict(_known(comparison))
    whole = TestCase("run", "vdoc", time=round(now.seconds, 3))
    if not now.comparable:
        whole.result = [Error(_clean(f"the run is void: {now.void_because}"), "void")]
    elif now.crashes:
        whole.result = [Failure(_clean(crash), "crash") for crash in now.crashes]
    suite.add_testcases([whole, *(_case(case, known) for case in comparison.cases)])
    return suite


def _known(comparison: Comparison) -> Iterator[tuple[str, str]]:
    yield from ((change.now.name, "newly failing: ") for change in comparison.newly_failing)
    yield from ((change.now.name, "first run: ") for change in comparison.first_failing)
    yield from ((change.now.name, "still failing: ") for change in comparison.still_failing)
    yield from ((each.now.name, f"flaky, {each.measured}: ") for each in comparison.flaky)


def _case(case: StoredCase, known: dict[str, str]) -> TestCase:
    found = TestCase(_clean(case.name), f"vdoc.{_clean(case.case)}", time=round(case.seconds, 3))
    words = _clean(known.get(case.name, "") + shown(case))
    match case.verdict:
        case Verdict.PASS:
            pass
        case Verdict.FAIL:
            found.result = [Failure(words, "fail")]
        case Verdict.NOT_APPLICABLE:
            found.result = [Skipped(words)]
        case _:
            found.result = [Error(words, case.verdict.value)]
    return found


def _missing(missing: NotRun) -> TestSuite:
    suite = TestSuite(_clean(missing.dut))
    case = TestCase("run", "vdoc")
    case.result = [Error(_clean(f"there was no run: {missing.because}"), "not_run")]
    suite.add_testcases([case])
    return suite


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot hold, such as control characters that a station has sent."""
    return _NOT_XML.sub("\ufffd", text)
