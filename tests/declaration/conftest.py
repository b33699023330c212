"""A run record made by hand: every planned case passed, unless a test changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vdoc.bench import CaseResult, Check, Facts, VariableFact, Verdict
from vdoc.bench.outcome import Phase
from vdoc.catalogue import load_catalogue
from vdoc.declaration import RunRecord, RunVerdict, Window
from vdoc.evidence import EvidenceWriter, Kind, SystemClock
from vdoc.pics import load_pics, load_settings
from vdoc.plan import make_plan
from vdoc.signing import SigningKey, new_key

PICS = Path(__file__).parents[2] / "pics"
SALT = b"0123456789abcdef"
IDS = ("TC_L_01_CS", "TC_B_06_CS", "TC_C_06_CS")


def a_check(*, passed: bool = True, n: int | None = 1, actual: str = "'acme'") -> Check:
    return Check("2", "P01.FR.01", "vendorId", "'acme'", actual, n, passed=passed, phase=Phase.MAIN)


def _evidence(path: Path) -> EvidenceWriter:
    writer = EvidenceWriter(path, SystemClock())
    writer.append(Kind.RUN, {"what": "start"})
    frame = '[2,"s1","DataTransfer",{"vendorId":"<script>alert(1)</script>"}]'
    data = {"connection": 1, "frame": frame}
    writer.append(Kind.RECEIVED, data, case="TC_B_06_CS", variant="-")
    writer.seal({})
    return writer


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    whole = load_catalogue()
    catalogue = replace(whole, cases=tuple(case for case in whole.cases if case.id in IDS))
    pics = load_pics(PICS / "ac-wallbox-detachable.toml")
    settings = load_settings(PICS / "bench-example.toml")
    plan = make_plan(pics, settings, catalogue, set(IDS), 7)
    start = datetime(2026, 11, 24, 6, tzinfo=UTC)
    writer = _evidence(tmp_path / "evidence.jsonl")
    variables = (
        VariableFact(component="A", variable="B", mutability="ReadOnly", value="seen"),
        VariableFact(component="A", variable="C", value="unseen"),
    )
    return RunRecord(
        pics=pics,
        settings_public=settings.public(SALT),
        settings_digest=settings.digest(SALT),
        catalogue=catalogue,
        plan=plan,
        facts=Facts(serial_number="SN1", variables=variables),
        verdict=RunVerdict.PASS,
        void_because="",
        crashes=(),
        results=tuple(
            CaseResult(e.case, e.variant.id, Verdict.PASS, (a_check(),)) for e in plan.entries
        ),
        window=Window(start, start + timedelta(hours=4)),
        grade_problems=(),
        firmware_sha256="ab" * 32,
        evidence=writer.path,
        evidence_head=writer.head,
        evidence_lines=writer.count,
    )


Change = Callable[..., RunRecord]


@pytest.fixture
def with_result(record: RunRecord) -> Change:
    """The record with one result changed."""

    def change(
        verdict: Verdict, *checks: Check, case: str = "TC_B_06_CS", **more: Any
    ) -> RunRecord:
        results = tuple(
            replace(result, verdict=verdict, checks=checks, **more)
            if result.case == case
            else result
            for result in record.results
        )
        bad = verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}
        outcome = RunVerdict.FAIL if bad else record.verdict
        return replace(record, results=results, verdict=outcome)

    return change


@pytest.fixture
def failed(with_result: Change) -> RunRecord:
    return with_result(
        Verdict.FAIL,
        a_check(),
        a_check(passed=False, actual="'<script>alert(1)</script>'"),
        a_check(passed=False, n=None),
    )


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.load(new_key(tmp_path / "keys", "vendor").private)
