"""Verifying a bundle with a million lines of evidence: how fast, and with how much memory.

The run is made by writer, Timeline and plan themselves, with a clock that is moved by hand: the
cases that apply to the wallbox, stood in for by one that takes TransactionEvents with one sampled
value (about 500 bytes a line, as in runs against the reference station). It is declared, and then
verified by `verify_bundle` in a process of its own: container, signature, chain, tree, plan, every
case judged again. Peak memory is that of this process and its helpers together (proportional set
size: what they share counts once), looked at ten times a second.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from benchmarks.rejudging import LINES, HandClock
from benchmarks.station import event
from vdoc.bench import Bench, CaseFunction, CaseStart, DutState, Facts, Password, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.expect import equals
from vdoc.bench.outcome import Fact
from vdoc.bench.start import OpenConnection
from vdoc.cases.intake import Intake
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.declaration import FirmwareServed, make_bundle
from vdoc.digest import digest
from vdoc.evidence import EvidenceWriter, Kind, Line, open_evidence
from vdoc.pics import load_pics, load_settings
from vdoc.plan import Plan, make_plan
from vdoc.rejudge import rejudge
from vdoc.signing import SigningKey, Trust, new_key
from vdoc.verify import EvidenceFile, MadeWith, record_of, verify_bundle

TARGET_S = 12.0
TARGET_MB = 300
_FIRMWARE_CASE = "TC_L_01_CS"
_CHANGE_OF_STAGE = "TC_A_19_CS"
_OBSERVED_CASE = "TC_N_62_CS"
_PICS = Path(__file__).parents[1] / "pics"
_SALT = bytes(32)
_FACTS = Facts(serial_number="SN1")
_LINES_OF_UPKEEP = 6  # of a restore and of a case around its events
_IMAGE = "0" * 64


async def _intake(bench: Bench) -> Intake:
    await bench.connection.opened()
    boot = await bench.receive("BootNotification")
    bench.check(boot["chargingStation.serialNumber"], "SN1")
    return Intake(_FACTS, bench.state)


async def _upkeep(bench: Bench) -> None:
    bench.check(Fact("basic state", "reached", None), "reached")


async def _firmware(bench: Bench) -> None:
    bench.step(1, "L01.FR.01")
    served = await bench.made("file_served")
    bench.check(Fact("complete", served.data["complete"], served.n), equals(True))


def _taking(count: int) -> CaseFunction:
    async def case(bench: Bench) -> DutState | None:
        bench.step(1, "E02.FR.01")
        for n in range(count):
            message = await bench.receive("TransactionEvent", within_s=60)
            if n == count - 1:
                bench.check(message["seqNo"], n)
        if bench.start.case != _CHANGE_OF_STAGE:
            return None
        return bench.state.model_copy(update={"profile": bench.state.profile + 1})

    return case


def functions(events: int) -> Mapping[str, CaseFunction]:
    """Return what stands in for every case."""
    upkeep = {"intake": _intake, "restore": _upkeep, "closing": _upkeep, _FIRMWARE_CASE: _firmware}
    return {**dict.fromkeys(load_catalogue().ids, _taking(events)), **upkeep}


def cases() -> Catalogue:
    """Return the catalogue without the case that asks for a person or a camera."""
    whole = load_catalogue()
    return replace(whole, cases=tuple(case for case in whole.cases if case.id != _OBSERVED_CASE))


class _Player:
    """Plays a run into evidence; the port of every Timeline."""

    def __init__(
        self,
        writer: EvidenceWriter,
        clock: HandClock,
        context: RunContext,
        events: int,
        state: DutState,
    ) -> None:
        self._writer = writer
        self._context = context
        self._functions = functions(events)
        self._events = events
        self._place = ("", "")
        self.clock = clock
        self.state = state

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        case, variant = self._place
        return self._writer.append(kind, data, case=case, variant=variant)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self.deed(kind, data)

    def play(self, start: CaseStart) -> None:
        self._place = (start.case, start.variant_id)
        line = self.deed(Kind.CASE, start.as_json())
        function = self._functions[start.case]
        timeline = begin_case(line, start, self, function, self._context)
        for kind, data in self._observations(start.case):
            self.clock.now_ns += 1_000_000
            timeline.feed(self.deed(kind, data))
        if isinstance(timeline.value, DutState):
            self.state = timeline.value

    def _observations(self, case: str) -> list[tuple[Kind, dict[str, Any]]]:
        if case in {"restore", "closing"}:
            return []
        if case == _FIRMWARE_CASE:
            return [(Kind.MADE, {"what": "file_served", "sha256": _IMAGE, "complete": True})]
        if case == "intake":
            product = self._context.pics.product
            station = {
                "vendorName": product.vendor, "model": product.model,
                "firmwareVersion": product.firmware_version, "serialNumber": "SN1",
            }  # fmt: skip
            boot = [2, "b", "BootNotification", {"reason": "PowerUp", "chargingStation": station}]
            received = {"connection": 1, "frame": json.dumps(boot)}
            return [(Kind.OPENED, {"connection": 1}), (Kind.RECEIVED, received)]
        frames = (event(n) for n in range(self._events))
        return [(Kind.RECEIVED, {"connection": 1, "frame": frame}) for frame in frames]


def _made_with() -> MadeWith:
    pics, settings = (
        load_pics(_PICS / "ac-wallbox-detachable.toml"),
        load_settings(_PICS / "bench-example.toml"),
    )
    catalogue = cases()
    plan = make_plan(pics, settings, catalogue, set(catalogue.ids), 7)
    public, commitments = settings.public(_SALT), settings.digest(_SALT)
    return MadeWith(pics, settings, public, commitments, catalogue, plan)


def _events(plan: Plan, lines: int) -> int:
    runs = len(plan.entries)
    return max(1, (lines - _LINES_OF_UPKEEP * runs) // (2 * (runs - 1)) + 1)


def make(directory: Path, lines: int) -> Path:
    """Declare a run with at least `lines` lines; its key is trusted by `directory`/trust."""
    made = _made_with()
    events = _events(made.plan, lines)
    evidence = directory / "evidence.jsonl"
    _play(made, evidence, events)
    served = FirmwareServed()
    reader = open_evidence(evidence)

    def told() -> Any:  # noqa: ANN401  # an iterator
        for line in reader:
            served.feed(line)
            yield line

    judged = rejudge(told(), functions=functions(events))
    file = EvidenceFile(evidence, reader.head, reader.count, served)
    key = SigningKey.load(new_key(directory / "trust", "vendor").private)
    make_bundle(record_of(made, file, judged), [key], directory / "bundle.zip")
    evidence.unlink()
    (directory / "events").write_text(str(events), encoding="ascii")
    return directory


def _play(made: MadeWith, path: Path, events: int) -> None:
    context = RunContext(made.pics, made.settings, _FACTS)
    clock = HandClock()
    writer = EvidenceWriter(path, clock)
    password = Password(name="p1", text="0123456789abcdef")
    state = DutState(password=password, profile=made.plan.entries[0].stage)
    player = _Player(writer, clock, context, events, state)
    writer.append(Kind.RUN, {
        "what": "start", "format": 1, "runner": "0.1.0", "pics": made.pics.to_json(),
        "pics_digest": made.pics.digest, "settings": made.settings_public,
        "settings_digest": made.settings_digest, "plan": made.plan.to_json(), "seed": 7,
        "catalogue": {"version": made.catalogue.version, "digest": made.catalogue.digest},
    })  # fmt: skip
    player.play(CaseStart("intake", {}, 1, 7, state))
    value = _FACTS.model_dump(mode="json")
    writer.append(Kind.RUN, {"what": "facts", "value": value, "digest": digest(value)})
    at_hand = OpenConnection(1, {"connection": 1})
    restore = CaseStart("restore", {}, 1, 7, state, digest(value), at_hand)
    for entry in made.plan.entries:
        restore = replace(restore, state=player.state)
        player.play(restore)
        player.play(replace(restore, case=entry.case, variant=dict(entry.variant)))
    player.play(replace(restore, state=player.state))
    player.play(replace(restore, state=player.state, case="closing"))
    writer.seal({"void": False})


@dataclass(frozen=True, slots=True)
class Verified:
    """One verification: lines, seconds by the clock and of CPU, and the codes of its findings."""

    lines: int
    seconds: float
    cpu_seconds: float
    codes: list[str]


def verify(directory: Path) -> Verified:
    """Verify in this process."""
    events = int((directory / "events").read_text(encoding="ascii"))
    trust = Trust.load(directory / "trust")
    begun, cpu_begun = time.monotonic(), time.process_time()
    outcome = verify_bundle(
        directory / "bundle.zip",
        trust,
        allow_demo=True,
        catalogue=cases(),
        functions=functions(events),
    )
    seconds = time.monotonic() - begun
    assert outcome.statement is not None
    lines = outcome.statement.predicate["evidence"]["lines"]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_seconds = sum(each.ru_utime + each.ru_stime for each in used) - cpu_begun
    codes = sorted({finding.code for finding in outcome.findings})
    return Verified(lines, seconds, cpu_seconds, codes)


def run(rounds: int, lines: int) -> list[Figure]:
    """Verify `rounds` times and return medians."""
    with tempfile.TemporaryDirectory() as name:
        directory = make(Path(name), lines)
        found = [_verify_apart(directory) for _ in range(rounds)]
    seconds = median(each.seconds for each, _ in found)
    cpu_seconds = median(each.cpu_seconds for each, _ in found)
    peak_mb = median(mb for _, mb in found)
    count = found[0][0].lines
    assert found[0][0].codes == [], found[0][0].codes
    target_s = TARGET_S * max(1.0, count / LINES)
    return [
        Figure(
            f"verifying a bundle of {count:,} lines",
            f"{seconds:.1f} s ({cpu_seconds:.1f} s of CPU), {count / seconds:,.0f} lines/s, "
            f"peak memory {peak_mb:.0f} MB",
            f"<= {target_s:.0f} s and {TARGET_MB} MB",
            met=seconds <= target_s and peak_mb <= TARGET_MB,
        )
    ]


def _verify_apart(directory: Path) -> tuple[Verified, float]:
    command = [sys.executable, "-m", "benchmarks.verifying", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own module
        peak_kb = 0
        while process.poll() is None:
            peak_kb = max(peak_kb, _memory_kb(process.pid))
            time.sleep(0.1)
        assert process.stdout is not None
        return Verified(**json.loads(process.stdout.read())), peak_kb / 1000


def _memory_kb(pid: int) -> int:
    """Return the proportional set size of a process and those that it began."""
    place = Path(f"/proc/{pid}")
    try:
        rollup = (place / "smaps_rollup").read_text(encoding="ascii")
        children = (place / "task" / str(pid) / "children").read_text(encoding="ascii").split()
    except OSError:  # it has just ended
        return 0
    [pss] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(pss.split()[1]) + sum(_memory_kb(int(child)) for child in children)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--make", type=int, help="make a bundle of so many lines there instead")
    given = parser.parse_args()
    if given.make is None:
        json.dump(asdict(verify(given.directory)), sys.stdout)
    else:
        make(given.directory, given.make)
