"""What a run came to, as one value: the input of every rendering and of the declaration.

Owns nothing but the shape. Everything here follows from evidence, PICS, settings, catalogue and
plan; `vdoc.run` fills it after a run, `vdoc.verify` from a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from vdoc.bench import CaseResult, Facts
from vdoc.catalogue import Catalogue
from vdoc.pics import Pics
from vdoc.plan import Plan


class RunVerdict(StrEnum):
    """What a run came to as a whole."""

    PASS = "pass"  # noqa: S105  # not a password
    FAIL = "fail"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Window:
    """From the first connection for the run to the last verdict (design §4)."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run.

    Attributes:
        verdict: pass only when every planned case passed or was not applicable.
        void_because: why the run is void; empty when it is not.
        crashes: what fails the run although no case does, in words with its evidence line: boots
            that nobody asked for, breaches of the protocol outside of a case.
        results: of every case and variant that ran, in order.
        settings_public: the settings without secrets, with their digest.
        grade_problems: settings outside the bounds of a declaration; empty for declaration grade.
        firmware_sha256: of the image served whole in TC_L_01_CS; None when it was not.
        firmware_problems: why that image cannot be declared; empty when it can.
        evidence: the sealed file and the hash of its last line.
        challenge: the laboratory's challenge that it was made against (its envelope) and every
            start against it; None without one.
        plan_stamp: SHA-256 of the time stamp over the plan, taken before it; None without one.
        evidence_lines: how many lines it has, the seal included.
    """

    pics: Pics
    settings_public: dict[str, Any]
    settings_digest: str
    catalogue: Catalogue
    plan: Plan
    facts: Facts | None
    verdict: RunVerdict
    void_because: str
    crashes: tuple[str, ...]
    results: tuple[CaseResult, ...]
    window: Window | None
    grade_problems: tuple[str, ...]
    firmware_sha256: str | None
    evidence: Path
    evidence_head: str
    runner_version: str = "0.1.0"
    evidence_lines: int = 0
    firmware_problems: tuple[str, ...] = ()
    challenge: Mapping[str, Any] | None = None
    plan_stamp: str | None = None
    notes: tuple[str, ...] = field(default=())
