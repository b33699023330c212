from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import Any

import pytest

from vdoc.catalogue.variants import Variant
from vdoc.verify import evidence
from vdoc.verify.evidence import Began, Course, Examination, compare_with_plan
from vdoc.verify.findings import Findings


def test_evidence_that_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_LINE_BYTES", 1000)
    findings = Findings()
    Examination(gzip.compress(b" " * 10_000), findings).finish()
    assert [finding.code for finding in findings.found] == ["evidence-unreadable"]


def test_evidence_with_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_EVIDENCE_BYTES", 1000)
    findings = Findings()
    Examination(gzip.compress(b"{}\n" * 1000), findings).finish()
    assert "evidence-unreadable" in {finding.code for finding in findings.found}


def test_many_flaws_are_summed_up() -> None:
    findings = Findings()
    Examination(gzip.compress(b"{}\n" * 1000), findings).finish()
    assert len(findings.found) < 30
    assert "more lines of evidence have flaws" in findings.found[-1].message


@pytest.mark.parametrize(
    ("factors", "codes"),
    [({"local": "X", "key": "RSA"}, []), ({"local": "X,key=RSA"}, ["variant"])],
)
def test_a_variant_that_only_looks_like_the_planned_one(factors: Any, codes: list[str]) -> None:
    variant = Variant.parse("local=ISO14443,key=RSA")
    factors = {key: value.replace("X", "ISO14443") for key, value in factors.items()}
    course = Course(began=[Began("TC_X", variant.id, 3, factors, {"profile": 1})])
    entry = SimpleNamespace(case="TC_X", variant=variant, stage=1)
    findings, plan = Findings(), SimpleNamespace(entries=(entry,))
    compare_with_plan(course, plan, findings)  # type: ignore[arg-type]  # a plan of one case
    assert [finding.code for finding in findings.found] == codes
