"""Runs made by hand: directories as a run leaves them, and values as the history keeps them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vdoc.bench import Facts, VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.digest import digest, sha256_hex
from vdoc.evidence import EvidenceWriter, Kind
from vdoc.nightly.history import History
from vdoc.nightly.stored import (
    FinishedRun,
    Parameter,
    StoredCase,
    StoredFailure,
    StoredRun,
)

FIRST_NIGHT = datetime(2026, 11, 1, 2, tzinfo=UTC)
MS_NS = 1_000_000


@dataclass
class TickingClock:
    """Advances by a millisecond at each line, or as far as a test says."""

    mono: int = 1_000
    wall: int = int(FIRST_NIGHT.timestamp()) * 10**9

    def wall_ns(self) -> int:
        return self.wall

    def mono_ns(self) -> int:
        self.pass_ms(1)
        return self.mono

    def pass_ms(self, milliseconds: float) -> None:
        self.mono += round(milliseconds * MS_NS)
        self.wall += round(milliseconds * MS_NS)


@dataclass
class RunDirectory:
    """Writes what a run writes, in the words of a test."""

    path: Path
    clock: TickingClock = field(default_factory=TickingClock)

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.writer = EvidenceWriter(self.path / "evidence.jsonl", self.clock)
        self.case, self.variant = "", ""

    def line(self, kind: Kind, data: Mapping[str, Any]) -> int:
        return self.writer.append(kind, dict(data), case=self.case, variant=self.variant).n

    def start(self, *, planned: int = 2, seed: int = 7, version: str = "3.2.1") -> None:
        product = {"vendor": "Acme", "model": "Wall", "firmware_version": version}
        self.line(
            Kind.RUN,
            {
                "what": "start", "runner": "0.1.0", "seed": seed, "pics": {"product": product},
                "pics_digest": "aa", "settings_digest": "bb",
                "catalogue": {"version": "1", "digest": "cc"},
                "plan": {"entries": [{}] * planned},
            },
        )  # fmt: skip

    def facts(self, *variables: VariableFact) -> None:
        value = Facts(variables=variables).model_dump(mode="json")
        self.line(Kind.RUN, {"what": "facts", "value": value, "digest": "dd"})

    def begin(self, case: str, variant: str = "-") -> None:
        self.case, self.variant = case, variant
        self.line(Kind.CASE, {"variant": {}})

    def received(self, frame: Sequence[Any]) -> int:
        return self.line(Kind.RECEIVED, {"connection": 1, "frame": json.dumps(frame)})

    def sent(self, frame: Sequence[Any]) -> int:
        return self.line(Kind.SENT, {"connection": 1, "frame": json.dumps(frame)})

    def acted(self, action: str, milliseconds: float = 0, status: str = "done") -> None:
        self.line(Kind.ACTION, {"id": action, "action": {"action": action}})
        self.clock.pass_ms(milliseconds)
        self.line(Kind.ACTION_DONE, {"id": action, "outcome": {"status": status}})

    def check(self, *, passed: bool = True, n: int | None = None, what: str = "idToken") -> None:
        self.line(
            Kind.CHECK,
            {
                "step": "2", "requirement": "C01.FR.02", "what": what, "expected": "'04A1'",
                "actual": "'04A1'" if passed else "'FFFF'", "n": n, "passed": passed,
                "phase": "main",
            },
        )  # fmt: skip

    def verdict(self, verdict: str, because: str = "") -> None:
        self.line(Kind.VERDICT, {"verdict": verdict, "because": because})
        self.case, self.variant = "", ""

    def end(self, verdict: str = "pass", **more: Any) -> Path:
        self.writer.seal({"void": verdict == "void"})
        result = {"verdict": verdict, "plan": "ee", "crashes": [], **more}
        (self.path / "result.json").write_text(json.dumps(result), "utf-8")
        return self.path


def failure(
    requirement: str = "C01.FR.02", what: str = "idToken", actual: str = "'FFFF'", **more: Any
) -> StoredFailure:
    values = {"step": "2", "expected": "'04A1'", "line": 12, "message": "Authorize", **more}
    return StoredFailure(requirement=requirement, what=what, actual=actual, **values)


def case(
    name: str, verdict: str = "pass", *failures: StoredFailure, variant: str = "-"
) -> StoredCase:
    if verdict == "fail" and not failures:
        failures = (failure(),)
    return StoredCase(name, variant, Verdict(verdict), "", 3, 1.5, failures)


_COMMON: dict[str, Any] = {
    "seconds": 3600.0, "crashes": (), "vendor": "Acme", "model": "Wall",
    "firmware_version": "3.2.1", "pics_digest": "aa", "settings_digest": "bb",
    "catalogue_version": "1", "catalogue_digest": "cc", "plan_digest": "ee", "seed": 7,
    "runner": "0.1.0", "pics_claims": "ff", "bench_facts": "gg",
}  # fmt: skip


@dataclass
class Nights:
    """Stores a run a night; what a test does not say is that everything passed."""

    history: History
    night: int = 0

    def __call__(
        self,
        *cases: StoredCase,
        firmware: str = "fw1",
        dut: str = "wall",
        void: str = "",
        times: Mapping[Parameter, tuple[float, ...]] | None = None,
        variables: tuple[VariableFact, ...] | None = None,
        **more: Any,
    ) -> StoredRun:
        self.night += 1
        good = all(each.good for each in cases)
        facts = None if variables is None else Facts(variables=variables)
        verdict = RunVerdict.PASS if good else RunVerdict.FAIL
        values: dict[str, Any] = {
            "id": sha256_hex(f"{dut}/{self.night}".encode()),
            "dut": dut,
            "directory": Path(f"/runs/{dut}/{self.night}"),
            "started": FIRST_NIGHT + timedelta(days=self.night),
            "verdict": RunVerdict.VOID if void else verdict,
            "void_because": void,
            "firmware_sha256": firmware,
            "planned": len(cases),
            "counts": dict(Counter(each.verdict for each in cases)),
            "device_model": ""
            if facts is None
            else digest(facts.model_dump(mode="json")["variables"]),
        }
        run = StoredRun(**{**_COMMON, **values, **more})
        self.history.add(FinishedRun(run, cases, times or {}, facts))
        return run
