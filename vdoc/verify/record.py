"""The record of a run, rebuilt from its evidence alone.

Owns the way from a re-judgement to the `RunRecord` that reports and declarations are made of. A run
that was just made and a bundle from elsewhere go the same way, so both lead to the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vdoc.catalogue import Catalogue
from vdoc.declaration import FirmwareServed, RunRecord, RunVerdict, Window, grade_problems
from vdoc.pics import BenchSettings, Pics
from vdoc.plan import Plan
from vdoc.rejudge import Rejudged, passed


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What a run was made with."""

    pics: Pics
    settings: BenchSettings
    settings_public: dict[str, Any]
    settings_digest: str
    catalogue: Catalogue
    plan: Plan


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """Which evidence it left: where, hash of the last line, count of lines, firmware served."""

    path: Path
    head: str
    lines: int
    served: FirmwareServed


def record_of(made_with: MadeWith, evidence: EvidenceFile, judged: Rejudged) -> RunRecord:
    """Return what a run came to by its evidence."""
    crashes = tuple(str(each) for each in judged.findings if each.severity == "crash")
    crashes += judged.breaches
    void = "; ".join(str(each) for each in judged.findings if each.severity == "void")
    start: Mapping[str, Any] = {} if judged.start is None else judged.start.data
    whole = len(judged.cases) == len(made_with.plan.entries)
    good = bool(judged.cases) and whole and all(map(passed, judged.cases)) and not crashes
    verdict = RunVerdict.PASS if good else RunVerdict.FAIL
    return RunRecord(
        pics=made_with.pics,
        settings_public=made_with.settings_public,
        settings_digest=made_with.settings_digest,
        catalogue=made_with.catalogue,
        plan=made_with.plan,
        facts=judged.facts,
        verdict=RunVerdict.VOID if void else verdict,
        void_because=void,
        crashes=crashes,
        results=judged.cases,
        window=_window(judged),
        grade_problems=grade_problems(made_with.settings, made_with.catalogue),
        firmware_sha256=evidence.served.sha256,
        firmware_problems=evidence.served.problems(made_with.pics.product.firmware_version),
        evidence=evidence.path,
        evidence_head=evidence.head,
        evidence_lines=evidence.lines,
        runner_version=str(start.get("runner", "")),
        challenge=start.get("challenge"),
        plan_stamp=start.get("plan_stamp"),
    )


def _window(judged: Rejudged) -> Window | None:
    if judged.window is None:
        return None
    first, last = judged.window
    return Window(first.at, last.at)
