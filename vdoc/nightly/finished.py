"""Reading the directory that a run left: evidence always, `result.json` when the run got that far.

Owns the way from files to a `FinishedRun`. Verdicts are taken as recorded (whoever doubts them has
`vdoc rejudge`). A run whose evidence has no seal was cut off and counts as void, whatever else the
directory holds; so does one without `result.json`, since nobody knows what it came to as a whole.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vdoc.bench import Facts, Verdict
from vdoc.declaration import FirmwareServed, RunVerdict
from vdoc.digest import digest
from vdoc.errors import InputError, Problem
from vdoc.evidence import EvidenceReader, Kind, Line, open_evidence
from vdoc.nightly.response_times import ResponseTimes, frame_of, message_of
from vdoc.nightly.stored import FinishedRun, StoredCase, StoredFailure, StoredRun
from vdoc.rejudge import UPKEEP

EVIDENCE = "evidence.jsonl"
CUT_OFF = "the run was cut off: its evidence has no seal"
NO_RESULT = "the run was cut off after its seal: there is no result.json (`vdoc report` writes it)"
_NS = 1e9


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a run from elsewhere, used where its own files do not say.

    Attributes:
        dut: the name that the user gave the station.
        firmware_sha256: of the image that was fetched for the night.
        void_because: why the run was void by what happened around it; empty for nothing.
    """

    dut: str
    firmware_sha256: str = ""
    void_because: str = ""


@dataclass(slots=True)
class _Seen:
    """What one pass over the evidence shows."""

    start: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] | None = None
    void: str = ""
    first: Line | None = None
    last: Line | None = None
    times: ResponseTimes = field(default_factory=ResponseTimes)
    image: FirmwareServed = field(default_factory=FirmwareServed)
    cases: list[StoredCase] = field(default_factory=list)
    messages: dict[int, str] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)
    _begun_ns: int = 0
    _failures: list[Mapping[str, Any]] = field(default_factory=list)
    _checks: int = 0

    def feed(self, line: Line) -> None:
        self.first, self.last = self.first or line, line
        self.times.feed(line)
        self.image.feed(line)
        match line.kind:
            case Kind.RUN:
                self._about_the_run(line.data)
            case Kind.CASE:
                self._begun_ns, self._failures, self._checks = line.mono_ns, [], 0
                self.messages, self._asked = {}, {}
            case Kind.CHECK:
                self._check(line.data)
            case Kind.VERDICT if line.case not in UPKEEP:
                self._verdict(line)
            case _:
                self._shown(line)

    def _about_the_run(self, data: Mapping[str, Any]) -> None:
        match data.get("what"):
            case "start":
                self.start = data
            case "facts":
                self.facts = data.get("value")
            case "void":
                self.void = _text(data.get("because"))
            case _:
                pass

    def _shown(self, line: Line) -> None:
        """Remember what each line of the case shows, for the failures that point at it."""
        match frame_of(line):
            case [2, str(message_id), str(action), *_]:
                self._asked[message_id] = action
            case _:
                pass
        self.messages[line.n] = message_of(line, self._asked)

    def _check(self, data: Mapping[str, Any]) -> None:
        self._checks += 1
        if data.get("passed") is False:
            self._failures.append(data)

    def _verdict(self, line: Line) -> None:
        self.cases.append(
            StoredCase(
                case=line.case,
                variant=line.variant,
                verdict=Verdict(line.data["verdict"]),
                because=_text(line.data.get("because") or ""),
                checks=self._checks,
                seconds=(line.mono_ns - self._begun_ns) / _NS,
                failures=tuple(_failure(each, self.messages) for each in self._failures),
            )
        )


def read_finished(directory: Path, known: Known) -> FinishedRun:
    """Return what a run left in its directory.

    Args:
        directory: with `evidence.jsonl` (or `evidence.jsonl.gz`).
        known: what its files may not say.

    Raises:
        InputError: there is no evidence there, or it has no readable line.
    """
    path = evidence_file(directory)
    reader = open_evidence(path, check_chain=False)
    seen = _Seen()
    for line in reader:
        seen.feed(line)
    if seen.first is None or seen.last is None:
        raise _refused(path, "has no whole line.", "give the directory of a run that began.")
    result = _result(directory)
    void = known.void_because or _void(reader, result, seen)
    span = (seen.first.at, (seen.last.mono_ns - seen.first.mono_ns) / _NS)
    outcome = (RunVerdict.VOID if void or result is None else RunVerdict(result["verdict"]), void)
    run = _run(directory, known, seen, result or {}, span, outcome)
    return FinishedRun(run, tuple(seen.cases), seen.times.result(), _facts(seen))


def evidence_file(directory: Path) -> Path:
    """Return where the evidence of a run is, packed or not.

    Raises:
        InputError: it has none.
    """
    for name in (EVIDENCE, f"{EVIDENCE}.gz"):
        if (directory / name).is_file():
            return directory / name
    raise _refused(directory, f"has no {EVIDENCE}.", "give the --out directory of a run.")


def _run(
    directory: Path,
    known: Known,
    seen: _Seen,
    result: Mapping[str, Any],
    span: tuple[datetime, float],
    outcome: tuple[RunVerdict, str],
) -> StoredRun:
    pics: Mapping[str, Any] = seen.start.get("pics", {})
    product: Mapping[str, Any] = pics.get("product", {})
    plan: Mapping[str, Any] = seen.start.get("plan", {})
    catalogue: Mapping[str, Any] = seen.start.get("catalogue", {})
    (started, seconds), (verdict, void) = span, outcome
    return StoredRun(
        id=_identity(evidence_file(directory)),
        dut=known.dut,
        directory=directory.resolve(),
        started=started,
        seconds=seconds,
        verdict=verdict,
        void_because=void,
        crashes=tuple(map(_text, result.get("crashes", ()))),
        vendor=str(product.get("vendor", "")),
        model=str(product.get("model", "")),
        firmware_version=str(product.get("firmware_version", "")),
        firmware_sha256=seen.image.sha256 or known.firmware_sha256,
        pics_digest=str(seen.start.get("pics_digest", "")),
        settings_digest=str(seen.start.get("settings_digest", "")),
        catalogue_version=str(catalogue.get("version", "")),
        catalogue_digest=str(catalogue.get("digest", "")),
        plan_digest=str(result.get("plan", "")),
        seed=int(seen.start.get("seed", 0)),
        planned=len(plan.get("entries", ())),
        runner=str(seen.start.get("runner", "")),
        counts=dict(Counter(case.verdict for case in seen.cases)),
        device_model="" if seen.facts is None else digest(seen.facts.get("variables")),
        pics_claims=_claims(pics),
        bench_facts=_bench_facts(seen.start.get("settings")),
    )


def _claims(pics: Mapping[str, Any]) -> str:
    """Digest PICS without the firmware in it."""
    product = pics.get("product")
    if not isinstance(product, dict):
        return ""
    kept = {name: each for name, each in product.items() if not name.startswith("firmware_")}
    return digest({**pics, "product": kept})


def _bench_facts(published: object) -> str:
    """Digest published settings without the firmware, and without salts, which every run draws."""
    match published:
        case {"settings": dict(settings)}:
            return digest(_open(settings | {"firmware": None}))
        case _:
            return ""


def _open(value: object) -> object:
    """Leave out what is withheld: its commitment differs from run to run."""
    match value:
        case {"withheld": _}:
            return None
        case dict():
            return {name: _open(each) for name, each in value.items()}
        case list():
            return [_open(each) for each in value]
        case _:
            return value


def _void(reader: EvidenceReader, result: Mapping[str, Any] | None, seen: _Seen) -> str:
    if not reader.sealed:
        return CUT_OFF
    if seen.void:
        return seen.void
    if result is None:
        return NO_RESULT
    return _text(result.get("void_because") or "")


def _result(directory: Path) -> Mapping[str, Any] | None:
    path = directory / "result.json"
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text("utf-8"))
        RunVerdict(value["verdict"])
    except (ValueError, KeyError, TypeError) as error:
        what = f"is no result of a run: {error}."
        raise _refused(path, what, "write it anew: `vdoc report`.") from error
    known: Mapping[str, Any] = value
    return known


def _facts(seen: _Seen) -> Facts | None:
    if seen.facts is None:
        return None
    try:
        return Facts.model_validate(seen.facts)
    except ValidationError:  # evidence of another version: the comparison does without
        return None


def _failure(data: Mapping[str, Any], messages: Mapping[int, str]) -> StoredFailure:
    line = data.get("n")
    return StoredFailure(
        step=_text(data.get("step", "")),
        requirement=_text(data.get("requirement", "")),
        what=_text(data.get("what", "")),
        expected=_text(data.get("expected", "")),
        actual=_text(data.get("actual", "")),
        line=line if isinstance(line, int) else None,
        message=_text(messages.get(line, "")) if isinstance(line, int) else "",
    )


def _text(value: object) -> str:
    """Return a text that any file can hold: half a surrogate pair, as JSON may, is written out."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _identity(evidence: Path) -> str:
    first = next(iter(open_evidence(evidence, check_chain=False).source))
    return hashlib.sha256(first.rstrip(b"\n")).hexdigest()


def _refused(path: Path, what: str, remedy: str) -> InputError:
    return InputError(Problem(str(path), None, "run", what, remedy))
