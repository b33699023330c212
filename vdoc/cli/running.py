"""`vdoc run`, `vdoc demo`, `vdoc rejudge`: what they do and how they end.

Owns the order inputs → run → reports → bundle, and the exit code of each outcome. A declaration is
made only of a run that `vdoc.declaration.eligible` finds nothing against.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vdoc.catalogue import load_catalogue
from vdoc.cli.inputs import load, run_inputs
from vdoc.cli.output import RunProgress, console, print_failures, print_json, print_summary
from vdoc.cli.reference_bench import DEMO_FACTORY, DEMO_VALUES, ReferenceBench
from vdoc.declaration.bundle import make_bundle
from vdoc.declaration.container import read as read_bundle
from vdoc.declaration.eligible import eligible
from vdoc.declaration.firmware import FirmwareServed
from vdoc.declaration.record import RunRecord, RunVerdict
from vdoc.declaration.renderings import write_reports
from vdoc.declaration.words import DEMONSTRATION
from vdoc.errors import BenchError, ExitCode, InputError, Problem
from vdoc.evidence import EvidenceReader, Line, open_evidence
from vdoc.pics import load_pics
from vdoc.plan import Plan
from vdoc.rejudge import Rejudged, passed, rejudge
from vdoc.run.runner import Run
from vdoc.signing import Trust
from vdoc.signing.keys import SigningKey, new_key
from vdoc.verify import verify_bundle
from vdoc.verify.record import EvidenceFile, MadeWith, record_of

_EXIT = {
    RunVerdict.PASS: ExitCode.PASS,
    RunVerdict.FAIL: ExitCode.FAIL,
    RunVerdict.VOID: ExitCode.VOID,
}
_EXAMPLES = Path(__file__).resolve().parents[2] / "pics"
_INSTALLED_EXAMPLES = Path("/usr/share/vdoc/pics")
_DEMO_PICS = "ac-wallbox-detachable.toml"
_READY_LIMIT_S = 30.0
_REASON_WIDTH, _MORE = 240, " … (all of it in the report)"


def run_command(
    pics_file: Path,
    settings_file: Path,
    out: Path,
    *,
    only: Collection[str] | None,
    seed: int | None,
    key: Path | None,
) -> ExitCode:
    """Make a run; reports always, a bundle when the run deserves one and there is a key."""
    if (out / "evidence.jsonl").exists():
        raise InputError(
            Problem(str(out), None, "--out", "holds a run already.", "name another directory.")
        )
    loaded = load(pics_file, settings_file, seed=seed, only=only)
    signing_key = None if key is None else SigningKey.load(key)
    run = Run(run_inputs(loaded, (pics_file, settings_file)), out, RunProgress())
    record = asyncio.run(_interruptible(run))
    finish(record, out, signing_key)
    return run.exit_code if record.verdict is RunVerdict.VOID else _EXIT[record.verdict]


async def _interruptible(run: Run) -> RunRecord:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(
            number, run.interrupt, f"interrupted by {signal.Signals(number).name}"
        )
    return await run.make()


def finish(record: RunRecord, out: Path, key: SigningKey | None) -> Path | None:
    """Write the reports and, when the run deserves it, the bundle; return the bundle."""
    reports = write_reports(record, out)
    print_summary(record)
    console.print(f"report: {next(path for path in reports if path.suffix == '.html')}")
    against = eligible(record)
    if against:
        console.print("no declaration:")
        for reason in against:
            console.print(f"  - {textwrap.shorten(reason, _REASON_WIDTH, placeholder=_MORE)}")
        return None
    if key is None:
        console.print("no declaration: no signing key was given (--key)")
        return None
    bundle = out / "declaration.zip"
    make_bundle(record, [key], bundle)
    kind = DEMONSTRATION if record.grade_problems else "declaration"
    console.print(f"{kind}: {bundle}")
    return bundle


# --- demo -------------------------------------------------------------------------------------


def demo_command(out: Path, pics_file: Path | None, *, seed: int | None) -> ExitCode:
    """Run the wallbox PICS against the reference station in a process of its own."""
    directory = _fresh(out)
    pics_file = pics_file or _example(_DEMO_PICS)
    bench = ReferenceBench(directory / "bench", load_pics(pics_file), values=dict(DEMO_VALUES))
    bench.make_firmware()
    key = SigningKey.load(new_key(directory / "keys", "demo").private)
    with _station(bench, pics_file) as ready:
        settings_file = bench.write_settings(ready["action_api"], ready["ev_api"])
        loaded = load(pics_file, settings_file, seed=seed, only=None)
        run = Run(run_inputs(loaded, (pics_file, settings_file)), directory / "run", RunProgress())
        record = asyncio.run(_interruptible(run))
    bundle = finish(record, directory / "run", key)
    _explain(record, bundle)
    return _checked(record, bundle, directory)


def _checked(record: RunRecord, bundle: Path | None, directory: Path) -> ExitCode:
    if bundle is not None:
        trust = Trust.load(directory / "keys")
        verification = verify_bundle(bundle, trust, allow_demo=True)
        console.print(f"vdoc verify {bundle}: {'ok' if verification.ok else 'refused'}")
        for finding in verification.findings:
            console.print(f"  {finding.code}: {finding.message}")
        return _EXIT[record.verdict] if verification.ok else ExitCode.FAIL
    evidence = directory / "run" / "evidence.jsonl"
    judged = rejudge(open_evidence(evidence))
    same = [r.verdict for r in judged.cases] == [r.verdict for r in record.results]
    words = "the same verdicts" if same and not judged.flaws else "OTHER verdicts"
    console.print(f"vdoc rejudge {evidence}: {words} from the evidence alone")
    return _EXIT[record.verdict] if same and not judged.flaws else ExitCode.FAIL


def _explain(record: RunRecord, bundle: Path | None) -> None:
    implemented = len({entry.case for entry in record.plan.entries})
    missing = len(record.plan.not_implemented)
    console.print(
        f"What this shows: {implemented} of the {implemented + missing} cases that apply to "
        f"{record.pics.product.model} are implemented and were run, "
        f"{len(record.plan.entries)} runs in all."
    )
    if bundle is None:
        console.print("This is a report, not a declaration: see the reasons above.")
    else:
        console.print(
            "This is a demonstration, not a declaration: its waits are shorter than a "
            "declaration allows."
        )


def _fresh(out: Path) -> Path:
    """Return a directory below `out` that no earlier demo has used."""
    out.mkdir(parents=True, exist_ok=True)
    number = 1
    while (out / f"{number:03d}").exists():
        number += 1
    directory = out / f"{number:03d}"
    (directory / "bench").mkdir(parents=True)
    return directory.resolve()


def _example(name: str) -> Path:
    for directory in (_EXAMPLES, _INSTALLED_EXAMPLES):
        if (directory / name).exists():
            return directory / name
    raise InputError(
        Problem(name, None, "demo", "the example PICS is not installed.", "give one with --pics.")
    )


@contextmanager
def _station(bench: ReferenceBench, pics_file: Path) -> Iterator[dict[str, Any]]:
    """Start the reference station as a process; yields its ready line."""
    command = [
        sys.executable, "-m", "vdoc.cli", "station", "--pics", str(pics_file),
        "--csms", "ws://localhost:9", "--identity", bench.identity, "--state", str(bench.state),
        "--action-timing", "after-effect", "--timings", "boot_s=0.1",
        *(f"--factory={name}={value}" for name, value in DEMO_FACTORY.items()),
    ]  # fmt: skip
    log = (bench.directory / "station.log").open("wb")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=os.environ)  # noqa: S603
    try:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        line = process.stdout.readline()
        if not line:
            raise BenchError(f"the reference station did not start; see {log.name}")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(_READY_LIMIT_S)
        log.close()


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
                "flaws": [*flaws, *judged.flaws],
            }
        )
    else:
        _print_rejudged(judged, flaws)
    return _rejudged_exit(judged, flaws)


def report_command(source: Path, out: Path) -> ExitCode:
    """Write the reports of a run anew, from its evidence alone."""
    reader = _reader(source, check_chain=True)
    served = FirmwareServed()
    judged = rejudge(_told(reader, served))
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
        EvidenceFile(_evidence_file(source), reader.head, reader.count, served.sha256),
        judged,
    )
    for path in write_reports(record, out):
        console.print(f"wrote {path}")
    return _EXIT[record.verdict]


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
    for text in (*flaws, *judged.flaws, *map(str, judged.findings), *judged.breaches):
        console.print(f"! {text}")


def _evidence_file(source: Path) -> Path:
    return source / "evidence.jsonl" if source.is_dir() else source


def _reader(source: Path, *, check_chain: bool) -> EvidenceReader:
    if source.suffix == ".zip":
        packed = read_bundle(source)["evidence.jsonl.gz"]
        return EvidenceReader(gzip.open(io.BytesIO(packed)), check_chain=check_chain)
    return open_evidence(_evidence_file(source), check_chain=check_chain)
