"""Cases that are judged by processes beside the verifier come to the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import vdoc.verify.verifier
from tests.verify.every_attack import ATTACKS
from vdoc.verify import Verification

Forger = Any
CODES = [
    "not-passed", "verdict", "check", "diverged-sent-extra", "diverged-cut-short", "case-state",
    "case-connection", "case-seed", "facts-missing", "case-unknown", "outside-case", "upkeep",
    "unjudgeable", "run-twice", "crash", "connection-unknown", "connection-gate", "case-told",
    "outcome-unasked", "made-value", "served-unoffered", "deed-late", "stall", "words",
]  # fmt: skip


@pytest.fixture
def both(forger: Forger, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Verifies alone and with helpers."""

    def verify(path: Path) -> list[Verification]:
        outcomes = []
        for much in (1 << 40, 0):
            monkeypatch.setattr(vdoc.verify.verifier, "MUCH_BYTES", much)
            outcomes.append(forger.lab.verify(path))
        return outcomes

    return verify


def test_a_sound_bundle_holds(forger: Forger, both: Any) -> None:
    alone, helped = both(forger.bundle)
    assert alone.ok
    assert helped == alone


@pytest.mark.parametrize("code", CODES)
def test_an_attack_is_refused_the_same(forger: Forger, both: Any, code: str) -> None:
    alone, helped = both(ATTACKS[code].attack(forger))
    assert set(helped.findings) == set(alone.findings)
    assert code in {finding.code for finding in helped.findings}


def test_a_helper_that_dies_is_a_finding(forger: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dying(_bench: object) -> None:
        os._exit(3)

    monkeypatch.setattr(vdoc.verify.verifier, "MUCH_BYTES", 0)
    monkeypatch.setitem(forger.lab.functions, "TC_B_06_CS", dying)
    assert "unjudgeable" in forger.lab.codes(forger.bundle)
