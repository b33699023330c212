"""`vdoc run`, `vdoc rejudge`, `vdoc report`: what they do and how they end.

Owns the order inputs → run → reports → bundle, and the exit code of each outcome. A declaration is
made only of a run that `vdoc.declaration.eligible` finds nothing against.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import signal
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from vdoc.bench import CaseFunction
from vdoc.catalogue import load_catalogue
from vdoc.cli.challenge import Challenged, load_challenge
from vdoc.cli.inputs import load, run_inputs
from vdoc.cli.output import (
    RunProgress,
    console,
    print_failures,
    print_json,
    print_problems,
    print_summary,
)
from vdoc.cli.signing_key import SigningAs, forget_secrets
from vdoc.cli.stamping import stamps_of
from vdoc.declaration.bundle import make_bundle
from vdoc.declaration.container import read as read_bundle
from vdoc.declaration.eligible import WINDOW_S, eligible
from vdoc.declaration.firmware import FirmwareServed
from vdoc.declaration.record import RunRecord, RunVerdict
from vdoc.declaration.renderings import write_reports
from vdoc.declaration.words import DEMONSTRATION
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.evidence import EvidenceReader, Flaw, Line, open_evidence
from vdoc.pics import load_pics
from vdoc.plan import Plan, Share
from vdoc.rejudge import Rejudged, passed, rejudge
from vdoc.rejudge.contradiction import Contradiction
from vdoc.run.runner import Inputs, Run
from vdoc.run.stamping import stamp_plan
from vdoc.run.starts import StartLog
from vdoc.signing import SigningKey
from vdoc.verify.record import EvidenceFile, MadeWith, record_of

EXIT = {
    RunVerdict.PASS: ExitCode.PASS,
    RunVerdict.FAIL: ExitCode.FAIL,
    RunVerdict.VOID: ExitCode.VOID,
}
BUNDLE = "declaration.zip"
_NO_RUN = "name the directory that a run was made in (its --out)."
_LONGEST_RUN = timedelta(seconds=WINDOW_S)
_REASON_WIDTH, _MORE = 240, " … (all of it in the report)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the plan is to be run, and for whom.

    Attributes:
        only: these cases, or all.
        share: only some of the variants, or all.
        seed: of the plan; chosen when None.
        key: signs the declaration; no bundle is made without one.
        challenge: of a laboratory, which fixes the seed.
    """

    only: Collection[str] | None = None
    share: Share | None = None
    seed: int | None = None
    key: SigningAs | None = None
    challenge: Path | None = None

    @property
    def partial(self) -> bool:
        """Whether only some cases or variants are to be run."""
        return bool(self.only) or self.share is not None


def run_command(pics_file: Path, settings_file: Path, out: Path, wanted: Wanted) -> ExitCode:
    """Make a run; reports always, a bundle when the run deserves one and there is a key."""
    if (out / "evidence.jsonl").exists():
        raise InputError(
            Problem(str(out), None, "--out", "holds a run already.", "name another directory.")
        )
    challenged, seed = None, wanted.seed
    if wanted.challenge is not None:
        pics = load_pics(pics_file)
        challenged = load_challenge(wanted.challenge, pics, seed=seed, partial=wanted.partial)
        seed = challenged.seed
    loaded = load(pics_file, settings_file, seed=seed, only=wanted.only, share=wanted.share)
    signing_key = None if wanted.key is None else wanted.key.open(_LONGEST_RUN)
    forget_secrets()  # before anything is started that is not ours
    inputs = stamp_plan(run_inputs(loaded, (pics_file, settings_file)), out)
    if challenged is None:
        run = Run(inputs, out, RunProgress())
        record = asyncio.run(interruptible(run))
    else:
        run, record = _against(challenged, inputs, out)
    finish(record, out, signing_key)
    return run.exit_code if record.verdict is RunVerdict.VOID else EXIT[record.verdict]


async def interruptible(run: Run) -> RunRecord:
    """Make a run that SIGINT and SIGTERM end in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(
            number, run.interrupt, f"interrupted by {signal.Signals(number).name}"
        )
    return await run.make()


def _against(challenged: Challenged, inputs: Inputs, out: Path) -> tuple[Run, RunRecord]:
    """Make a run against a challenge; its start is logged before, its outcome after it."""
    given = challenged.begin(out.absolute())
    outcome = "broken off"
    try:
        run = Run(replace(inputs, challenge=given), out, RunProgress())
        record = asyncio.run(interruptible(run))
        outcome = record.verdict.value
    finally:
        _log_end(challenged.log, outcome)
    return run, record


def _log_end(log: StartLog, outcome: str) -> None:
    """Log how a run has ended; a log that was altered meanwhile costs the entry, not the run."""
    try:
        log.end(outcome)
    except InputError as error:
        print_problems(error)


def finish(record: RunRecord, out: Path, key: SigningKey | None) -> Path | None:
    """Write the reports and, when the run deserves it, the bundle; return the bundle."""
    try:
        return _finish(record, out, key)
    except InputError:
        raise
    except BaseException:  # a full disk, Ctrl-C while a stamp is waited for: the run is not lost
        print_problems(_not_signed(out))
        raise


def _finish(record: RunRecord, out: Path, key: SigningKey | None) -> Path | None:
    if not reported(record, out):
        return None
    if key is None:
        console.print(f"no declaration: no --key was given; sign it: vdoc declare {out} --key …")
        return None
    bundle = out / BUNDLE
    sign(record, out, key, bundle)
    announce(record, bundle)
    return bundle


def reported(record: RunRecord, out: Path) -> bool:
    """Write the reports of a run; tell whether it may be declared, and if not, say why."""
    reports = write_reports(record, out)
    print_summary(record)
    console.print(f"report: {next(path for path in reports if path.suffix == '.html')}")
    against = eligible(record)
    if against:
        console.print("no declaration:")
        for reason in against:
            console.print(f"  - {textwrap.shorten(reason, _REASON_WIDTH, placeholder=_MORE)}")
    return not against


def sign(record: RunRecord, out: Path, key: SigningKey, bundle: Path) -> None:
    """Write the bundle of a run that may be declared.

    Raises:
        InputError: it cannot be signed, or not be written; says how to do it later.
    """
    try:
        make_bundle(record, [key], bundle, stamps_of(record, out, out / BUNDLE))
    except InputError as error:
        raise InputError(*error.problems, _not_signed(out)) from error


def _not_signed(out: Path) -> Problem:
    text, remedy = "the run is over, but not signed.", f"sign it: vdoc declare {out} --key …"
    return Problem(str(out), None, "declaration", text, remedy)


def announce(record: RunRecord, bundle: Path) -> None:
    """Say that a bundle is there."""
    kind = "demonstration" if record.grade_problems else "declaration"
    console.print(f"{kind}: {bundle}")
    if record.grade_problems:
        console.print(DEMONSTRATION)


# --- rejudge ----------------------------------------------------------------------------------


def rejudge_command(source: Path, case: str | None, *, unsealed: bool, as_json: bool) -> ExitCode:
    """Judge a run again; the verdicts follow from the evidence alone."""
    reader = _reader(source, check_chain=not unsealed)
    judged = rejudge(reader, only=case)
    flaws = [f"line {flaw.n}: {flaw.code}: {flaw.message}" for flaw in reader.flaws]
    if as_json:
        print_json(
            {
                "cases": [result.as_json() for result in judged.cases],
                "upkeep": [r.as_json() for r in judged.results if r not in judged.cases],
                "crashes": [
                    *(str(f) for f in judged.findings if f.severity == "crash"),
                    *judged.breaches,
                ],
                "void": [str(f) for f in judged.findings if f.severity == "void"],
                "flaws": [*flaws, *map(str, judged.flaws)],
            }
        )
    else:
        _print_rejudged(judged, flaws)
    return _rejudged_exit(judged, flaws)


def report_command(source: Path, out: Path) -> ExitCode:
    """Write the reports of a run anew, from its evidence alone."""
    record, _ = recorded(source)
    for path in write_reports(record, out):
        console.print(f"wrote {path}")
    return EXIT[record.verdict]


def recorded(
    source: Path, functions: Mapping[str, CaseFunction] | None = None
) -> tuple[RunRecord, tuple[Flaw | Contradiction, ...]]:
    """Return what a run came to by its evidence, and the flaws that the evidence has.

    Raises:
        InputError: it names no run.
    """
    reader = _reader(source, check_chain=True)
    served = FirmwareServed()
    judged = rejudge(_told(reader, served), functions=functions)
    if judged.start is None:
        raise InputError(
            Problem(str(source), 0, "run", "the evidence names no run.", "give a whole file.")
        )
    record = record_of(
        MadeWith(
            judged.start.pics,
            judged.start.settings,
            judged.start.data["settings"],
            judged.start.data["settings_digest"],
            load_catalogue(),
            Plan.from_json(judged.start.data["plan"]),
        ),
        EvidenceFile(_evidence_file(source), reader.head, reader.count, served),
        judged,
    )
    return record, (*reader.flaws, *judged.flaws)


def _told(lines: Iterable[Line], served: FirmwareServed) -> Iterator[Line]:
    for line in lines:
        served.feed(line)
        yield line


def _rejudged_exit(judged: Rejudged, flaws: list[str]) -> ExitCode:
    if any(finding.severity == "void" for finding in judged.findings):
        return ExitCode.VOID
    sound = bool(judged.cases) and all(map(passed, judged.cases))
    against = (*flaws, *judged.flaws, *judged.findings, *judged.breaches)
    return ExitCode.PASS if sound and not against else ExitCode.FAIL


def _print_rejudged(judged: Rejudged, flaws: list[str]) -> None:
    for result in judged.cases:
        console.print(f"{result.case} {result.variant}: {result.verdict.value}")
        print_failures(result)
    for text in (*flaws, *map(str, (*judged.flaws, *judged.findings)), *judged.breaches):
        console.print(f"! {text}")


def _evidence_file(source: Path) -> Path:
    return source / "evidence.jsonl" if source.is_dir() else source


def _reader(source: Path, *, check_chain: bool) -> EvidenceReader:
    if source.suffix == ".zip":
        packed = read_bundle(source)["evidence.jsonl.gz"]
        return EvidenceReader(gzip.open(io.BytesIO(packed)), check_chain=check_chain)
    file = _evidence_file(source)
    if not file.is_file():
        problem = Problem(str(source), None, "run", f"there is no {file.name}.", _NO_RUN)
        raise InputError(problem)
    return open_evidence(file, check_chain=check_chain)
