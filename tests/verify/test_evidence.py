from __future__ import annotations

import gzip

import pytest

from vdoc.verify import evidence
from vdoc.verify.evidence import Examination
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
