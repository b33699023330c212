"""What the history keeps of a run: the values that go into the database and come out of it.

Owns the shapes only. Times are aware UTC datetimes, durations seconds. A run is named by the
SHA-256 of the first line of its evidence: it is the same wherever its directory stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from vdoc.bench import Facts, Verdict
from vdoc.declaration import RunVerdict

CaseKey = tuple[str, str]
"""Case id and variant id."""


class Parameter(StrEnum):
    """The six response times that are measured from the evidence of every run, in seconds.

    Which six Document 2 §8.2.1 means cannot be read in the sources at hand: these are our choice.
    """

    BOOT = "boot"
    ANSWER = "answer"
    AUTHORIZE = "authorize"
    PLUG = "plug"
    REMOTE_START = "remote_start"
    REMOTE_STOP = "remote_stop"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run, without its cases.

    Attributes:
        id: SHA-256 of the first line of its evidence, lower-case hex.
        dut: the name that the user gave the station.
        directory: where its files are; evidence may have been pruned since.
        started: the first line of evidence.
        seconds: from the first line of evidence to the last.
        void_because: empty unless the verdict is void.
        crashes: what failed the run although no case did.
        firmware_sha256: of the image that was installed, or that the night's fetch named; may be
            unknown.
        plan_digest: empty when the run ended before it had a plan, as are the other digests.
        counts: how many cases came to which verdict.
        device_model: digest of the snapshot; empty when intake did not get that far.
        evidence_kept: whether the evidence is still there.
        pics_claims: digest of the PICS without the firmware that it names; empty when unknown.
        bench_facts: the same of the bench settings, without what is secret in them as well.
    """

    id: str
    dut: str
    directory: Path
    started: datetime
    seconds: float
    verdict: RunVerdict
    void_because: str
    crashes: tuple[str, ...]
    vendor: str
    model: str
    firmware_version: str
    firmware_sha256: str
    pics_digest: str
    settings_digest: str
    catalogue_version: str
    catalogue_digest: str
    plan_digest: str
    seed: int
    planned: int
    runner: str
    counts: Mapping[Verdict, int]
    device_model: str
    evidence_kept: bool = True
    pics_claims: str = ""
    bench_facts: str = ""

    @property
    def firmware(self) -> str:
        """What tells one firmware from another: the hash of its image, else its version."""
        return self.firmware_sha256 or self.firmware_version

    @property
    def comparable(self) -> bool:
        """Whether its verdicts say something about the station."""
        return self.verdict is not RunVerdict.VOID


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A check that did not hold.

    Attributes:
        message: the OCPP action that the evidence line shows, or the kind of that line; empty when
            no line shows the failure.
        line: number of that line.
    """

    step: str
    requirement: str
    what: str
    expected: str
    actual: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class StoredCase:
    """How one case in one variant came out.

    Attributes:
        seconds: from its first line of evidence to its verdict.
    """

    case: str
    variant: str
    verdict: Verdict
    because: str
    checks: int
    seconds: float
    failures: tuple[StoredFailure, ...] = ()

    @property
    def key(self) -> CaseKey:
        """What names it within a run."""
        return self.case, self.variant

    @property
    def name(self) -> str:
        """The same in words."""
        return self.case if self.variant == "-" else f"{self.case} ({self.variant})"

    @property
    def good(self) -> bool:
        """Whether it stands in no declaration's way."""
        return self.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}

    @property
    def judged(self) -> bool:
        """Whether it says something about the station: an error is a fault of the bench."""
        return self.verdict is not Verdict.ERROR


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """All that is kept of a run.

    Attributes:
        times: every measured response time in seconds, in the order of the evidence.
    """

    run: StoredRun
    cases: tuple[StoredCase, ...]
    times: Mapping[Parameter, tuple[float, ...]]
    facts: Facts | None


_WORSE = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.INCONC, Verdict.ERROR, Verdict.FAIL)


def by_key(cases: Iterable[StoredCase]) -> dict[CaseKey, StoredCase]:
    """Return cases by what names them; of one that ran twice (once in each stage) the worse.

    A plan may hold a case once for each security profile; then the failure is what counts.
    """
    found: dict[CaseKey, StoredCase] = {}
    for case in cases:
        before = found.setdefault(case.key, case)
        if before is not case and _WORSE.index(case.verdict) > _WORSE.index(before.verdict):
            found[case.key] = case
    return found
