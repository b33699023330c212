"""Steps 8 and 9: the rules of the run, and every verdict judged again.

Owns what a re-judgement must show before a declaration holds; how cases are judged again is
`vdoc.rejudge`'s.
"""

from __future__ import annotations

from vdoc.bench import CaseResult
from vdoc.bench.start import starting_state
from vdoc.catalogue import Catalogue
from vdoc.evidence import FORMAT_VERSION
from vdoc.rejudge import UPKEEP, Rejudged, passed
from vdoc.verify.difference import first_difference, same
from vdoc.verify.enclosed import Enclosed
from vdoc.verify.evidence import Course
from vdoc.verify.findings import Findings, shown

WINDOW_S = 24 * 3600.0


def check_run(
    enclosed: Enclosed, catalogue: Catalogue, course: Course, judged: Rejudged, findings: Findings
) -> None:
    """Step 8: made with what is enclosed, not void, no crash, one identity, clocks, window."""
    _made_with(enclosed, catalogue, judged, findings)
    _starting_state(enclosed, course, findings)
    for line in course.voids:
        because = shown(str(line.data.get("because", "the seal says so")))
        findings.add(8, "void", f"the run is void: {because} (evidence line {line.n})")
    for finding in judged.findings:
        if finding.code != "void":
            findings.add(8, finding.code, str(finding))
    _window(judged, findings)


def _made_with(
    enclosed: Enclosed, catalogue: Catalogue, judged: Rejudged, findings: Findings
) -> None:
    if judged.start is None:
        findings.add(8, "start", "the evidence does not say what the run was made with")
        return
    expected = {
        "format": FORMAT_VERSION,
        "pics": enclosed.pics.to_json(),
        "pics_digest": enclosed.pics.digest,
        "settings": enclosed.settings_public,
        "settings_digest": enclosed.settings_digest,
        "catalogue": {"version": catalogue.version, "digest": catalogue.digest},
        "plan": enclosed.plan.to_json(),
        "seed": enclosed.plan.seed,
    }
    for name, value in expected.items():
        got = judged.start.data.get(name)
        if not same(got, value):
            words = f"the run was made with something else (evidence line {judged.start.n})"
            findings.add(8, "made-with", f"{words}: {first_difference(got, value, name)}")


def _starting_state(enclosed: Enclosed, course: Course, findings: Findings) -> None:
    """The run begins with the state that provision leaves the DUT in, at the lowest stage."""
    if not course.began or not enclosed.plan.entries:
        return
    profile = min(entry.stage for entry in enclosed.plan.entries)
    state = starting_state(enclosed.pics, enclosed.settings, profile).model_dump(mode="json")
    first = course.began[0]
    if not same(first.state, state):
        words = f"the run begins with another state of the DUT (evidence line {first.n})"
        difference = first_difference(first.state, state, "state")
        findings.add(8, "start-state", f"{words}: {difference}")


def _window(judged: Rejudged, findings: Findings) -> None:
    if judged.window is None:
        findings.add(8, "window", "no connection, or no verdict after one")
        return
    first, last = judged.window
    clocks = {"monotonic": last.mono_ns - first.mono_ns, "wall": last.at_ns - first.at_ns}
    for clock, ns in clocks.items():
        if not 0 < ns / 1e9 <= WINDOW_S:
            place = f"evidence lines {first.n} to {last.n}"
            words = f"by the {clock} clock the run took {ns / 3.6e12:.3f} h ({place})"
            findings.add(8, "window", f"{words}, expected at most 24 h")


def check_verdicts(judged: Rejudged, findings: Findings) -> None:
    """Step 9: each recorded verdict follows from the evidence, and allows a declaration."""
    for flaw in judged.flaws:
        findings.add(9, flaw.code, f"{flaw.message} (evidence line {flaw.n})")
    if not judged.cases:
        findings.add(9, "nothing", "the evidence holds no case, so nothing was judged")
    each = zip(judged.results, judged.recorded, judged.begins, strict=True)
    for result, recorded, n in each:
        name = f"{result.case} {result.variant} (from evidence line {n})"
        if result.diverged:
            code = f"diverged-{result.divergence}"
            findings.add(9, code, f"{name}: {shown(result.diverged)}")
        what = f"{name}: the verdict that the evidence records, against the one that it shows"
        findings.expect(9, "verdict", what, recorded, result.verdict.value)
        if not passed(result):
            code = "upkeep" if result.case in UPKEEP else "not-passed"
            findings.add(9, code, f"{name}: {result.verdict.value}: {shown(_why(result))}")


def _why(result: CaseResult) -> str:
    failures = (
        f"step {check.step}, {check.requirement}: {check.what}: expected {check.expected}, "
        f"got {check.actual}{_line(check.n)}"
        for check in result.failures
    )
    return "; ".join(failures) or result.because


def _line(n: int | None) -> str:
    return "" if n is None else f" (evidence line {n})"
