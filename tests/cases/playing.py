"""Running a case function against a scripted station in virtual time, and replaying it.

A `Played` is a run: the lines, the result, what was sent. A station is a `Scripted`, told to
misbehave by `spoil`: a function of (action, payload) that returns the payload to send instead, or
None to send nothing. `altering` and `dropping` make such functions.
"""

from __future__ import annotations

import heapq
import itertools
import json
import tomllib
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from vdoc.bench import CaseFunction, CaseResult, CaseStart, DutState, Facts, Password, VariableFact
from vdoc.bench.context import RunContext, begin_case
from vdoc.bench.message import look_up
from vdoc.bench.replay import replay
from vdoc.bench.start import OpenConnection
from vdoc.bench.timeline import Timeline
from vdoc.cases.registry import case_functions
from vdoc.evidence import Kind, Line
from vdoc.pics import BenchSettings, Pics, template

EPOCH = datetime(2027, 1, 15, 8, tzinfo=UTC)
Payload = dict[str, Any]
Spoil = Callable[[str, Payload], Payload | None]
_TABLES = {"AQ": "questions", "HFS": "hardware"}
TOKENS = ("ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "Central")
SETTINGS = """
[dut]
identity = "CS-1"
[csms]
advertised_host = "bench.example"
[[csms.endpoint]]
bind_host = "127.0.0.1"
bind_port = 0
[[csms.endpoint]]
bind_host = "127.0.0.1"
bind_port = 0
[pki]
directory = "pki"
[password]
initial = "0123456789abcdef"
[action_api]
url = "http://127.0.0.1:8080"
[[action_api.outlet]]
evse = 1
connector = 1
[firmware]
image = "image.bin"
signature = "image.sig"
signing_certificate = "image.pem"
version = "1.0.0"
"""
VARIABLES = {
    "TxCtrlr.TxStartPoint": "EVConnected,Authorized",
    "TxCtrlr.TxStopPoint": "Authorized",
    "AuthCtrlr.Enabled": "true",
    "AuthCtrlr.AuthorizeRemoteStart": "true",
    "AuthCtrlr.DisableRemoteAuthorization": "false",
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": "false",
    "AuthCacheCtrlr.Enabled": "true",
    "LocalAuthListCtrlr.Enabled": "true",
    "SampledDataCtrlr.Enabled": "true",
    "SampledDataCtrlr.SignReadings": "false",
    "SampledDataCtrlr.TxUpdatedInterval": "0",
    "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register,Voltage",
    "OCPPCommCtrlr.OfflineThreshold": "20",
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "10",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "5",
}


def settings(tree: Mapping[str, Any] | None = None) -> BenchSettings:
    raw = tomllib.loads(SETTINGS)
    tokens = [{"idToken": f"{kind[:5]}-{n}", "type": kind} for kind in TOKENS for n in (1, 2)]
    raw["tokens"] = {"valid": tokens} | {
        role: {"idToken": role, "type": "ISO14443"}
        for role in ("invalid", "blocked", "expired", "master_pass")
    }
    for table, changes in (tree or {}).items():
        raw.setdefault(table, {}).update(changes)
    return BenchSettings.model_validate(raw)


def pics(changes: Mapping[str, Any] | None = None) -> Pics:
    """The template's PICS, items changed; `profiles` adds to the profiles, `evse` replaces all."""
    raw = tomllib.loads(template())
    for item, value in (changes or {}).items():
        if item == "profiles":
            raw["profiles"] += value
        elif item == "evse":
            raw["hardware"]["evse"] = value
        else:
            raw[_TABLES.get(item.partition("-")[0], "features")][item] = value
    return Pics.from_json(raw)


def facts(variables: Mapping[str, str], read_only: tuple[str, ...], connectors: int) -> Facts:
    found = [
        VariableFact(
            component=name.partition(".")[0],
            variable=name.partition(".")[2],
            value=value,
            mutability="ReadOnly" if name in read_only else "ReadWrite",
        )
        for name, value in variables.items()
    ]
    for number in range(1, connectors + 1):
        found.append(
            VariableFact(component="Connector", variable="Available", evse=1, connector=number)
        )
    return Facts(variables=tuple(found))


class Played:
    """A case run to its end against a scripted station; times are seconds since its start."""

    def __init__(
        self, function: CaseFunction, context: RunContext, start: CaseStart, station: Scripted
    ) -> None:
        self.lines: list[Line] = []
        self.now_s = 0.0
        self.sent: list[Any] = []
        self.actions: list[str] = []
        self.gates: dict[int, bool] = {1: True, 2: False}
        self._function, self._context, self._start = function, context, start
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._station = station
        station.run = self
        line = self._line(Kind.CASE, start.as_json())
        self.timeline: Timeline = begin_case(line, start, self, function, context)
        self._play()

    # --- the shell's side ---

    def _line(self, kind: Kind, data: dict[str, Any]) -> Line:
        mono = round(self.now_s * 1e9)
        at = round(EPOCH.timestamp() * 1e9) + mono
        line = Line(len(self.lines), at, mono, self._start.case, self._start.variant_id, kind, data)
        self.lines.append(line)
        return line

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self._line(kind, data)

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        line = self._line(kind, json.loads(json.dumps(data)))
        if kind is Kind.SENT:
            frame = json.loads(data["frame"])
            self.sent.append(frame)
            self._station.heard(frame)
        elif kind is Kind.ACTION:
            self.actions.append(data["action"]["operation"])
            self._act(line.data)
        elif kind is Kind.GATE:
            self.gates[data["endpoint"]] = data["accept"]
        elif kind is Kind.DROP:
            self._station.lost()
        return line

    def _act(self, data: dict[str, Any]) -> None:
        done = {"id": data["id"], "outcome": {"status": "done", "detail": "", "asked": ""}}
        lag = self._station.lag_s
        self.later(0.05, lambda: self.observe(Kind.ACTION_DONE, done))
        self.later(0.05 + lag, lambda: self._station.acted(data["action"]))

    def _play(self) -> None:
        for _ in range(100_000):
            if self.timeline.result is not None:
                return
            deadline = self.timeline.deadline_ns
            due_s = None if deadline is None else (deadline + 1) / 1e9
            if self._agenda and (due_s is None or self._agenda[0][0] <= due_s):
                at_s, _, thing = heapq.heappop(self._agenda)
                self.now_s = max(self.now_s, at_s)
                thing()
            elif due_s is not None:
                self.now_s = max(self.now_s, due_s)
                self.observe(Kind.DEADLINE, {})
            else:
                raise AssertionError("the case waits for what will never come")
        raise AssertionError("the case does not end")

    # --- the station's side ---

    def later(self, seconds: float, thing: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now_s + seconds, next(self._order), thing))

    def observe(self, kind: Kind, data: dict[str, Any]) -> None:
        self.timeline.feed(self._line(kind, data))

    # --- what came of it ---

    @property
    def result(self) -> CaseResult:
        assert self.timeline.result is not None
        return self.timeline.result

    @property
    def verdict(self) -> str:
        """The verdict; that the replay comes to the same is checked first."""
        assert self.replayed() == self.result
        return self.result.verdict.value

    @property
    def failed(self) -> list[tuple[str, str]]:
        """(step, requirement) of each failed check."""
        return [(check.step, check.requirement) for check in self.result.failures]

    @property
    def because(self) -> str:
        return "; ".join(str(check) for check in self.result.failures) or self.result.because

    def calls(self, action: str) -> list[Payload]:
        """Return what the bench asked of the station by this action."""
        return [frame[3] for frame in self.sent if frame[0] == 2 and frame[2] == action]

    def replayed(self) -> CaseResult:
        def begin(line: Line, port: Any) -> Timeline:
            start = CaseStart.from_json(line.case, line.data)
            return begin_case(line, start, port, self._function, self._context)

        return replay(self.lines, begin)[0]


class Scripted:
    """A station that answers calls from `answers` and sends one CALL at a time."""

    def __init__(self, spoil: Spoil | None = None, lag_s: float = 0.1) -> None:
        self.run: Played
        self.answers: dict[str, Callable[[Payload], Payload]] = {}
        self.delays: Mapping[str, float] = {}
        self.connection: int | None = 1
        self.retry_s = 4.0
        self.lag_s = lag_s
        self._connections = itertools.count(2)
        self._ids = itertools.count(1)
        self._outbox: deque[tuple[str, Payload, Callable[[Payload], None]]] = deque()
        self._waiting: tuple[str, Callable[[Payload], None]] | None = None
        self._spoil = spoil or (lambda _action, payload: payload)

    def now(self) -> str:
        """The station's clock, which is exact."""
        at = EPOCH + timedelta(seconds=self.run.now_s)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def acted(self, action: Payload) -> None:
        """A physical action takes effect."""

    # --- talking ---

    def says(
        self, action: str, payload: Payload, then: Callable[[Payload], None] = lambda _: None
    ) -> bool:
        """Queue a CALL, unless it is spoilt; `then` gets the payload of its answer."""
        spoilt = self._spoil(action, payload)
        if spoilt is None:
            return False

        def queue() -> None:
            self._outbox.append((action, spoilt, then))
            self._pump()

        delay_s = self.delays.get(str(payload.get("triggerReason", action)), 0.0)
        self.run.later(delay_s, queue) if delay_s else queue()
        return True

    def _pump(self) -> None:
        if self.connection is None or self._waiting is not None or not self._outbox:
            return
        identity = f"s{next(self._ids)}"
        action, payload, then = self._outbox[0]
        self._waiting = (identity, then)
        self._write([2, identity, action, payload])

    def _write(self, frame: list[Any]) -> None:
        number = self.connection

        def arrive() -> None:
            if self.connection == number:
                data = {"connection": number, "frame": json.dumps(frame)}
                self.run.observe(Kind.RECEIVED, data)

        self.run.later(0.01, arrive)

    def heard(self, frame: list[Any]) -> None:
        """The bench has sent something."""
        if frame[0] == 2:
            _, identity, action, payload = frame
            self.run.later(0.01, lambda: self._answer(identity, action, payload))
        elif self._waiting is not None and frame[1] == self._waiting[0]:
            then, self._waiting = self._waiting[1], None
            self._outbox.popleft()
            self.run.later(0.0, lambda: then(frame[2]))
            self.run.later(0.0, self._pump)

    def _answer(self, identity: str, action: str, payload: Payload) -> None:
        answer = self.answers[action](payload) if action in self.answers else {}
        spoilt = self._spoil(f"{action}Response", answer)
        if spoilt is not None:
            self._write([3, identity, spoilt])

    # --- the connection ---

    def lost(self) -> None:
        """The bench has cut the connection."""
        self.connection, self._waiting = None, None
        self.run.later(self.retry_s, self._retry)

    def _retry(self) -> None:
        if not self.run.gates[1]:
            self.run.observe(Kind.REFUSED, {"endpoint": 1})
            self.run.later(self.retry_s, self._retry)
            return
        self.connection = next(self._connections)
        self.run.observe(Kind.OPENED, {"connection": self.connection, "endpoint": 1})
        self._pump()


def play_against(
    case_id: str,
    make: Callable[[], Scripted],
    *,
    variant: Mapping[str, str] | None = None,
    claims: Mapping[str, Any] | None = None,
    tree: Mapping[str, Any] | None = None,
    seen: Facts | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Played:
    """Run a case of the registry against a station, and return how it went."""
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    connection = OpenConnection(1, {"connection": 1})
    start = CaseStart(case_id, variant or {}, 1, 7, state, connection=connection, extra=extra or {})
    context = RunContext(pics(claims), settings(tree), seen or Facts())
    return Played(case_functions()[case_id], context, start, make())


def _matches(payload: Payload, where: Mapping[str, Any]) -> bool:
    return all(look_up(payload, path) == value for path, value in where.items())


def _altered(payload: Payload, changes: Mapping[str, Any]) -> Payload:
    copy: Payload = json.loads(json.dumps(payload))
    for path, value in changes.items():
        *parents, name = path.split(".")
        at: Any = copy
        for parent in parents:
            at = at[int(parent)] if isinstance(at, list) else at.setdefault(parent, {})
        if value is ...:
            at.pop(name, None)
        else:
            at[name] = value
    return copy


def altering(action: str, where: Mapping[str, Any], changes: Mapping[str, Any]) -> Spoil:
    def spoil(named: str, payload: Payload) -> Payload:
        right = named == action and _matches(payload, where)
        return _altered(payload, changes) if right else payload

    return spoil


def dropping(action: str, where: Mapping[str, Any]) -> Spoil:
    def spoil(named: str, payload: Payload) -> Payload | None:
        return None if named == action and _matches(payload, where) else payload

    return spoil
