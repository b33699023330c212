"""A station played line by line into a Timeline, and a bench that listens on loopback sockets."""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from websockets.asyncio.client import connect

from vdoc.automation.actions import Action
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome
from vdoc.bench import CaseFunction, CaseResult, CaseStart, DutState, Facts, Password
from vdoc.bench.context import RunContext, begin_case
from vdoc.bench.endpoint import Endpoint, Trust
from vdoc.bench.gate import Gate, standard_gate
from vdoc.bench.live import LiveBench
from vdoc.bench.replay import replay
from vdoc.bench.start import OpenConnection
from vdoc.bench.timeline import Timeline
from vdoc.evidence import EvidenceWriter, Kind, Line, SystemClock, open_evidence
from vdoc.pics.values import Values
from vdoc.tls.context import server_context
from vdoc.tls.hello import ClientHello
from vdoc.tls.pki import BenchPki, ServerCredentials

EPOCH_NS = 1_800_000_000_000_000_000


def a_context(**values: Any) -> RunContext:
    settings = SimpleNamespace(values=Values(**values))
    return RunContext(cast("Any", None), cast("Any", settings), Facts())


def a_start(*, connected: bool = True) -> CaseStart:
    return CaseStart(
        case="TC_X_01_CS",
        variant={},
        attempt=1,
        seed=7,
        state=DutState(password=Password(name="p1", text="0123456789abcdef")),
        connection=OpenConnection(1, {"connection": 1}) if connected else None,
    )


@dataclass
class Scripted:
    """A case under way; times are seconds since its start."""

    function: CaseFunction
    context: RunContext = field(default_factory=a_context)
    start: CaseStart = field(default_factory=a_start)
    lines: list[Line] = field(default_factory=list)
    now_s: float = 0.0

    def __post_init__(self) -> None:
        line = self._line(Kind.CASE, self.start.as_json())
        self.timeline: Timeline = begin_case(line, self.start, self, self.function, self.context)

    def _line(self, kind: Kind, data: dict[str, Any]) -> Line:
        mono = round(self.now_s * 1e9)
        line = Line(len(self.lines), EPOCH_NS + mono, mono, "TC_X_01_CS", "-", kind, data)
        self.lines.append(line)
        return line

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        return self._line(kind, data)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self._line(kind, data)

    # --- the station's side ---

    def observe(self, kind: Kind, data: dict[str, Any], at: float | None = None) -> Scripted:
        self.now_s = max(self.now_s, self.now_s if at is None else at)
        self.timeline.feed(self._line(kind, data))
        return self

    def frame(self, frame: Any, at: float | None = None, connection: int = 1) -> Scripted:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        return self.observe(Kind.RECEIVED, {"connection": connection, "frame": text}, at)

    def says(self, action: str, payload: dict[str, Any], at: float | None = None) -> Scripted:
        return self.frame([2, f"s{len(self.lines)}", action, payload], at)

    def answers(self, payload: dict[str, Any], at: float | None = None) -> Scripted:
        return self.frame([3, self.calls[-1][1], payload], at)

    def passes(self, at: float) -> Scripted:
        return self.observe(Kind.DEADLINE, {}, at)

    # --- what came of it ---

    @property
    def sent(self) -> list[Any]:
        return [json.loads(line.data["frame"]) for line in self.lines if line.kind is Kind.SENT]

    @property
    def calls(self) -> list[Any]:
        return [frame for frame in self.sent if frame[0] == 2]

    @property
    def result(self) -> CaseResult:
        assert self.timeline.result is not None, "the case has not ended"
        return self.timeline.result

    @property
    def running(self) -> bool:
        return self.timeline.result is None

    def replayed(self, lines: list[Line] | None = None) -> CaseResult:
        return self.judged(self.lines if lines is None else lines, self.function, self.context)

    @staticmethod
    def judged(lines: list[Line], function: CaseFunction, context: RunContext) -> CaseResult:
        def begin(line: Line, port: Any) -> Timeline:
            start = CaseStart.from_json(line.case, line.data)
            return begin_case(line, start, port, function, context)

        return replay(lines, begin)[0]


Script = Callable[..., Scripted]


@pytest.fixture
def script() -> Script:
    return Scripted


# --- a bench on loopback sockets ---

HOST = "csms.example.com"
IDENTITY = "CS-1"
PASSWORDS = {"p1": "0123456789abcdef", "p2": "fedcba9876543210"}


class JumpyClock(SystemClock):
    """The machine's clock, put ahead at will, as if the bench had been blocked."""

    ahead_ns = 0

    def mono_ns(self) -> int:
        return super().mono_ns() + self.ahead_ns


class Hands(Driver):
    """Performs nothing; answers as it was told to, or never."""

    outcome: Outcome | Exception | None = Outcome("done", "plugged", "plugin")

    def supports(self, action: Action) -> bool:  # noqa: ARG002  # the driver's seam
        return True

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:  # noqa: ARG002
        if self.outcome is None:
            await asyncio.get_running_loop().create_future()
        if isinstance(self.outcome, Outcome):
            return self.outcome
        raise self.outcome or AssertionError

    async def close(self) -> None:
        return

    async def total(self, arguments: Mapping[str, Any]) -> int:
        if self.outcome is None:
            await asyncio.get_running_loop().create_future()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return sum(arguments.values())


@dataclass
class Loopback:
    """A LiveBench with two end points on ports of the system's choice; judges each case twice."""

    directory: Path
    pki: BenchPki
    hands: Hands = field(default_factory=Hands)
    context: RunContext = field(default_factory=a_context)
    ran: list[tuple[CaseFunction, CaseResult]] = field(default_factory=list)
    clock: JumpyClock = field(default_factory=JumpyClock)
    replays: bool = True
    waiting: dict[Kind, asyncio.Event] = field(default_factory=dict)

    async def start(self, stack: AsyncExitStack) -> None:
        self.writer = EvidenceWriter(self.directory / "evidence.jsonl", self.clock)
        stack.callback(self.writer.close)
        self.live = LiveBench(
            self.writer, self.clock, driver=self.hands, asked={"sum": self.hands.total}, stall_s=30
        )
        self.live.on_line = lambda line: self.waiting.setdefault(line.kind, asyncio.Event()).set()
        gates = [standard_gate(a_start().state, number) for number in (1, 2)]
        self.endpoints = [
            Endpoint(g.endpoint, "127.0.0.1", 0, "/ocpp", g, self._trust(), self.live)
            for g in gates
        ]
        stack.push_async_callback(self.live.stop)
        await self.live.start(*self.endpoints)

    def _trust(self) -> Trust:
        def credentials(gate: Gate) -> ServerCredentials:
            return self.pki.server(HOST, key_type=cast("Any", gate.key), flavour=gate.flavour)

        def context(gate: Gate, _hello: ClientHello) -> ssl.SSLContext:
            client_ca = self.pki.client_trust_pem() if gate.profile == 3 else None
            return server_context(credentials(gate), client_ca=client_ca)

        names = {text: name for name, text in PASSWORDS.items()}
        return Trust(IDENTITY, context, credentials, names.get, lambda text: {"password": text})

    # --- cases ---

    async def run(self, function: CaseFunction, **state: Any) -> CaseResult:
        start = replace(a_start(connected=False), state=a_start().state.model_copy(update=state))
        result = (await self.live.run_case(start, function, self.context)).result
        self.ran.append((function, result))
        return result

    def begin(self, function: CaseFunction, **state: Any) -> asyncio.Task[CaseResult]:
        return asyncio.get_running_loop().create_task(self.run(function, **state))

    @property
    def lines(self) -> list[Line]:
        return list(open_evidence(self.writer.path))

    def of(self, kind: Kind) -> list[dict[str, Any]]:
        return [line.data for line in self.lines if line.kind is kind]

    async def seen(self, kind: Kind) -> None:
        """Wait until evidence holds a line of this kind."""
        await self.waiting.setdefault(kind, asyncio.Event()).wait()

    def judge_again(self) -> list[CaseResult]:
        """The results that follow from the evidence alone."""
        lines = self.lines
        starts = [line.n for line in lines if line.kind is Kind.CASE]
        cases = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
        return [
            Scripted.judged(case, function, self.context)
            for case, (function, _) in zip(cases, self.ran, strict=True)
        ]

    # --- the station ---

    def url(self, identity: str = IDENTITY, *, endpoint: int = 1, scheme: str = "ws") -> str:
        return f"{scheme}://127.0.0.1:{self.endpoints[endpoint - 1].port}/ocpp/{identity}"

    def connect(
        self, *, password: str | None = PASSWORDS["p1"], url: str = "", **options: Any
    ) -> connect:
        """A station's connection, to be awaited or entered."""
        token = b64encode(f"{IDENTITY}:{password}".encode()).decode()
        headers = {} if password is None else {"Authorization": f"Basic {token}"}
        usual: dict[str, Any] = {
            "subprotocols": ["ocpp2.0.1"],
            "compression": None,
            "proxy": None,
            "additional_headers": headers,
        }
        return connect(url or self.url(), **{**usual, **options})

    def trusting(self, *, client: str = "") -> ssl.SSLContext:
        """A station's TLS context; with a certificate of its own when `client` names one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.pki.certificate_pem("root1"))
        if client:
            own = self.pki.client(client)
            context.load_cert_chain(own.certificate_file, own.key_file)
        return context


@pytest.fixture(scope="session")
def bench_pki(tmp_path_factory: pytest.TempPathFactory) -> BenchPki:
    return BenchPki.create(tmp_path_factory.mktemp("bench") / "pki")


@pytest.fixture
async def bench(tmp_path: Path, bench_pki: BenchPki) -> AsyncIterator[Loopback]:
    """Listens; afterwards the evidence must be sound and judge to the very same results."""
    loopback = Loopback(tmp_path, bench_pki)
    async with AsyncExitStack() as stack:
        await loopback.start(stack)
        yield loopback
    reader = open_evidence(loopback.writer.path)
    assert len(list(reader)) == reader.count
    assert {flaw.code for flaw in reader.flaws} <= {"unsealed"}
    if loopback.replays:
        assert loopback.judge_again() == [result for _, result in loopback.ran]
