"""`vdoc demo`: the main job end to end against the embedded reference station.

Owns the station process, the bench around it and what is said of the outcome. With short configured
waits it leads to a demonstration; with waits of declaration grade, to a declaration.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vdoc.catalogue import load_catalogue
from vdoc.cli.inputs import load, run_inputs
from vdoc.cli.output import RunProgress, console
from vdoc.cli.reference_bench import DEMO_FACTORY, DEMO_VALUES, ReferenceBench
from vdoc.cli.running import EXIT, finish, interruptible
from vdoc.declaration.record import RunRecord
from vdoc.errors import BenchError, ExitCode, InputError, Problem
from vdoc.evidence import open_evidence
from vdoc.pics import load_pics
from vdoc.rejudge import rejudge
from vdoc.run.runner import Run
from vdoc.run.stamping import stamp_plan
from vdoc.signing import Trust
from vdoc.signing.keys import KeyType, SigningKey, new_key
from vdoc.verify import Verification, verify_bundle

Grade = Literal["demonstration", "declaration"]

_EXAMPLES = Path(__file__).resolve().parents[2] / "pics"
_INSTALLED_EXAMPLES = Path("/usr/share/vdoc/pics")
_DEMO_PICS = "ac-wallbox-detachable.toml"
_READY_LIMIT_S = 30.0


def demo_command(
    out: Path, pics_file: Path | None, *, seed: int | None, grade: Grade = "demonstration"
) -> ExitCode:
    """Run a product, the wallbox at first, against the reference station and say what it shows."""
    shown = demonstrate(_fresh(out), pics_file or _example(_DEMO_PICS), seed=seed, grade=grade)
    _explain(shown)
    return _checked(shown)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A run against the reference station.

    Attributes:
        bundle: what was signed; None when the run deserved none.
        directory: of the run, its bench and its keys.
    """

    record: RunRecord
    bundle: Path | None
    directory: Path

    def verified(self) -> Verification | None:
        """Verify the bundle as who receives it would; None when there is none."""
        if self.bundle is None:
            return None
        trust = Trust.load(self.directory / "keys")
        return verify_bundle(self.bundle, trust, allow_demo=bool(self.record.grade_problems))


def demonstrate(
    directory: Path, pics_file: Path, *, seed: int | None, grade: Grade = "demonstration"
) -> Demonstration:
    """Run a product against the reference station in a process of its own, and sign the result."""
    (directory / "bench").mkdir(parents=True)
    bench = ReferenceBench(directory / "bench", load_pics(pics_file), values=_values(grade))
    bench.make_firmware()
    key = SigningKey.load(new_key(directory / "keys", "demo", KeyType.ECDSA_P256).private)
    factory = DEMO_FACTORY if grade == "demonstration" else {}
    with _station(bench, pics_file, factory) as ready:
        settings_file = bench.write_settings(ready["action_api"], ready["ev_api"])
        loaded = load(pics_file, settings_file, seed=seed, only=None)
        inputs = stamp_plan(run_inputs(loaded, (pics_file, settings_file)), directory / "run")
        run = Run(inputs, directory / "run", RunProgress())
        record = asyncio.run(interruptible(run))
    return Demonstration(record, finish(record, directory / "run", key), directory)


def _values(grade: Grade) -> dict[str, float | int]:
    """Return the waits: short ones, or the least that a declaration allows."""
    if grade == "demonstration":
        return dict(DEMO_VALUES)
    bounds = load_catalogue().bounds
    least = {name: bound.minimum for name, bound in bounds.items()}
    least["stall_tolerance_s"] = bounds["stall_tolerance_s"].maximum  # no wait of the station's
    return {name: int(value) if value.is_integer() else value for name, value in least.items()}


def _checked(shown: Demonstration) -> ExitCode:
    record, verification = shown.record, shown.verified()
    if verification is not None:
        console.print(f"vdoc verify {shown.bundle}: {'ok' if verification.ok else 'refused'}")
        for finding in verification.findings:
            console.print(f"  {finding.code}: {finding.message}")
        return EXIT[record.verdict] if verification.ok else ExitCode.FAIL
    judged = rejudge(open_evidence(record.evidence))
    same = [r.verdict for r in judged.cases] == [r.verdict for r in record.results]
    words = "the same verdicts" if same and not judged.flaws else "OTHER verdicts"
    console.print(f"vdoc rejudge {record.evidence}: {words} from the evidence alone")
    return EXIT[record.verdict] if same and not judged.flaws else ExitCode.FAIL


def _explain(shown: Demonstration) -> None:
    plan = shown.record.plan
    implemented = len({entry.case for entry in plan.entries})
    console.print(
        f"What this shows: {implemented} of the {implemented + len(plan.not_implemented)} cases "
        f"that apply to {shown.record.pics.product.model} are implemented and were run, "
        f"{len(plan.entries)} runs in all."
    )
    if shown.bundle is None:
        console.print("This is a report, not a declaration: see the reasons above.")
    elif shown.record.grade_problems:
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
    directory.mkdir()
    return directory.resolve()


def _example(name: str) -> Path:
    for directory in (_EXAMPLES, _INSTALLED_EXAMPLES):
        if (directory / name).exists():
            return directory / name
    raise InputError(
        Problem(name, None, "demo", "the example PICS is not installed.", "give one with --pics.")
    )


@contextmanager
def _station(
    bench: ReferenceBench, pics_file: Path, factory: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Start the reference station as a process; yields its ready line."""
    command = [
        sys.executable, "-m", "vdoc.cli", "station", "--pics", str(pics_file),
        "--csms", "ws://localhost:9", "--identity", bench.identity, "--state", str(bench.state),
        "--action-timing", "after-effect", "--timings", "boot_s=0.1",
        *(f"--factory={name}={value}" for name, value in factory.items()),
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
