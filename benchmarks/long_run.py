"""A run as long as one of a day, declared: what the verification of a million lines is tried on.

It is made by writer, Timeline and plan themselves, with a clock that is moved by hand: the cases
that apply to the wallbox, stood in for by one that takes TransactionEvents with one sampled value
(about 500 bytes a line, as in runs against the reference station). What the runner does around
cases is stood in for as well; what binds one case to the next is as in every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.rejudging import HandClock
from benchmarks.station import event
from vdoc.bench import Bench, CaseFunction, CaseStart, DutState, Facts, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.expect import equals
from vdoc.bench.outcome import Fact
from vdoc.bench.start import OpenConnection, starting_state
from vdoc.cases.intake import Intake
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.declaration import FIRMWARE_CASE, FirmwareServed, make_bundle
from vdoc.digest import digest
from vdoc.evidence import EvidenceWriter, Kind, Line, open_evidence
from vdoc.pics import Pics, load_pics, load_settings
from vdoc.plan import Plan, make_plan
from vdoc.rejudge import rejudge
from vdoc.rejudge.leftovers import Leftovers
from vdoc.signing import load_signing_key, new_key
from vdoc.verify import EvidenceFile, MadeWith, record_of

_CHANGE_OF_STAGE = "TC_A_19_CS"
_OBSERVED_CASE = "TC_N_62_CS"
_PICS = Path(__file__).parents[1] / "pics"
_SALT = bytes(32)
_FACTS = Facts(serial_number="SN1")
_FACTS_DIGEST = digest(_FACTS.model_dump(mode="json"))
_LINES_OF_UPKEEP = 6  # of a restore and of a case around its events
_IMAGE = {"location": "https://bench/image", "sha256": "0" * 64}

Observation = tuple[Kind, dict[str, Any]]


# --- what stands in for the cases ---


async def _intake(bench: Bench) -> Intake:
    await bench.connection.opened()
    boot = await bench.receive("BootNotification")
    bench.check(boot["chargingStation.serialNumber"], "SN1")
    return Intake(_FACTS, bench.state)


async def _upkeep(bench: Bench) -> None:
    bench.check(Fact("basic state", "reached", None), "reached")


async def _firmware(bench: Bench) -> None:
    bench.step(1, "L01.FR.01")
    image = await bench.ask("firmware")
    when = {"retrieveDateTime": "2027-01-15T08:00:00Z"}
    firmware = {"location": image["location"], **when}
    await bench.call("UpdateFirmware", requestId=1, firmware=firmware)
    served = await bench.made("file_served")
    bench.check(Fact("complete", served.data["complete"], served.n), equals(True))
    boot = await bench.receive("BootNotification")
    bench.check(boot["reason"], "FirmwareUpdate")
    status = await bench.receive("FirmwareStatusNotification")
    bench.check(status["status"], "Installed")


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
    upkeep = {"intake": _intake, "restore": _upkeep, "closing": _upkeep, FIRMWARE_CASE: _firmware}
    return {**dict.fromkeys(load_catalogue().ids, _taking(events)), **upkeep}


def cases() -> Catalogue:
    """Return the catalogue without the case that asks for a person or a camera."""
    whole = load_catalogue()
    return replace(whole, cases=tuple(case for case in whole.cases if case.id != _OBSERVED_CASE))


# --- playing them ---


@dataclass(slots=True)
class _Player:
    """Plays a run into evidence; the port of every Timeline."""

    writer: EvidenceWriter
    clock: HandClock
    context: RunContext
    events: int
    state: DutState
    left: Leftovers = field(default_factory=Leftovers)
    _functions: Mapping[str, CaseFunction] = field(init=False)
    _place: tuple[str, str] = ("", "")
    _newest: dict[Kind, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._functions = functions(self.events)

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        case, variant = self._place
        line = self.writer.append(kind, data, case=case, variant=variant)
        self.left.feed(line)
        self._newest[kind] = data
        return line

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self.deed(kind, data)

    def play(self, start: CaseStart) -> None:
        self._place = (start.case, start.variant_id)
        line = self.deed(Kind.CASE, start.as_json())
        function = self._functions[start.case]
        timeline = begin_case(line, start, self, function, self.context)
        for kind, data in self._observations(start.case):
            self.clock.now_ns += 1_000_000
            timeline.feed(self.deed(kind, data))
        if isinstance(timeline.value, DutState):
            self.state = timeline.value

    def restore(self, start: CaseStart) -> None:
        self.play(replace(start, case="restore", state=self.state, extra=self.left.extra()))
        self.left.cleared()

    def _observations(self, case: str) -> Iterator[Observation]:
        if case in {"restore", "closing"}:
            return
        if case == "intake":
            yield Kind.OPENED, _opened(self.context, self.state)
            yield _boots(self.context.pics, "PowerUp")
        elif case == FIRMWARE_CASE:
            yield from self._update()
        else:
            for n in range(self.events):
                yield Kind.RECEIVED, {"connection": 1, "frame": event(n)}

    def _update(self) -> Iterator[Observation]:
        asked = self._newest[Kind.ASK]["id"]
        yield Kind.MADE, {"id": asked, "what": "firmware", "value": _IMAGE}
        asked = json.loads(self._newest[Kind.SENT]["frame"])[1]
        yield _heard([3, asked, {"status": "Accepted"}])
        yield Kind.MADE, {"what": "file_served", **_IMAGE, "complete": True}
        yield _boots(self.context.pics, "FirmwareUpdate")
        status = {"status": "Installed", "requestId": 1}
        yield _heard([2, "status", "FirmwareStatusNotification", status])


def _opened(context: RunContext, state: DutState) -> dict[str, Any]:
    identity = context.settings.dut.identity
    return {
        "connection": 1, "endpoint": state.endpoint, "profile": state.profile, "root": None,
        "identity": identity, "tls": None,
        "authorization": {
            "scheme": "Basic", "user": identity, "password_name": state.password.name,
        },
    }  # fmt: skip


def _boots(pics: Pics, reason: str) -> Observation:
    station = {
        "vendorName": pics.product.vendor, "model": pics.product.model,
        "firmwareVersion": pics.product.firmware_version, "serialNumber": "SN1",
    }  # fmt: skip
    payload = {"reason": reason, "chargingStation": station}
    return _heard([2, f"boot {reason}", "BootNotification", payload])


def _heard(frame: list[Any]) -> Observation:
    return Kind.RECEIVED, {"connection": 1, "frame": json.dumps(frame)}


# --- a bundle of it ---


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
    served, reader = FirmwareServed(), open_evidence(evidence)

    def told() -> Iterator[Line]:
        for line in reader:
            served.feed(line)
            yield line

    judged = rejudge(told(), functions=functions(events))
    file = EvidenceFile(evidence, reader.head, reader.count, served)
    key = load_signing_key(new_key(directory / "trust", "vendor").private)
    make_bundle(record_of(made, file, judged), [key], directory / "bundle.zip")
    evidence.unlink()
    (directory / "events").write_text(str(events), encoding="ascii")
    return directory


def _play(made: MadeWith, path: Path, events: int) -> None:
    context = RunContext(made.pics, made.settings, _FACTS)
    clock = HandClock()
    writer = EvidenceWriter(path, clock)
    state = starting_state(made.pics, made.settings, made.plan.entries[0].stage)
    player = _Player(writer, clock, context, events, state)
    writer.append(Kind.RUN, {
        "what": "start", "format": 1, "runner": "0.1.0", "pics": made.pics.to_json(),
        "pics_digest": made.pics.digest, "settings": made.settings_public,
        "settings_digest": made.settings_digest, "plan": made.plan.to_json(), "seed": 7,
        "catalogue": {"version": made.catalogue.version, "digest": made.catalogue.digest},
    })  # fmt: skip
    passwords = {"passwords": [state.password.name]}
    player.play(CaseStart("intake", {}, 1, 7, state, extra=passwords))
    value = _FACTS.model_dump(mode="json")
    writer.append(Kind.RUN, {"what": "facts", "value": value, "digest": _FACTS_DIGEST})
    at_hand = OpenConnection(1, _opened(context, state))
    start = CaseStart("restore", {}, 1, 7, state, _FACTS_DIGEST, at_hand)
    for entry in made.plan.entries:
        player.restore(start)
        past = {"past": list(player.left.past)} if player.left.past else {}
        case = replace(start, case=entry.case, variant=dict(entry.variant), extra=past)
        player.play(replace(case, state=player.state))
    player.restore(start)
    player.play(replace(start, case="closing", state=player.state))
    writer.seal({"void": False})
