"""What stands around a station in these tests: files, products, a CSMS on loopback."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.typing import Subprotocol

from vdoc.ocpp.frames import Call, CallError, CallResult, parse, serialise
from vdoc.ocpp.schemas import Violation, violations
from vdoc.pics import Pics, load_pics
from vdoc.station.config import StationConfig, Timings
from vdoc.station.link import PASSWORD
from vdoc.station.machine import Machine
from vdoc.station.process import QuietServer
from vdoc.station.station import Station
from vdoc.station.storage import FileStorage
from vdoc.station.styles import STYLES
from vdoc.tls import ServerCredentials, server_context
from vdoc.tls import authority as build

PICS = Path(__file__).parents[2] / "pics"


@pytest.fixture(scope="session")
def product() -> Callable[[str], Pics]:
    """Loads a product by the name of its file in pics/."""

    def load(name: str) -> Pics:
        return load_pics(PICS / f"{name}.toml")

    return load


@dataclass(frozen=True)
class Upload:
    """A file that a station has sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FileServer:
    """Serves `files` and takes uploads; answers everything with `status` when that is set."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    requests: int = 0
    status: int | None = None

    async def answer(self, request: Request) -> Response:
        self.requests += 1
        if self.status is not None:
            return Response(status_code=self.status)
        path = request.url.path
        if request.method == "GET":
            known = path in self.files
            return Response(self.files.get(path, b""), status_code=200 if known else 404)
        body = await request.body()
        self.uploads.append(Upload(request.method, path, dict(request.headers), body))
        return Response(status_code=201)


@pytest.fixture
async def file_server() -> AsyncIterator[FileServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    files = FileServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    methods = ["GET", "PUT", "POST"]
    application = Starlette(routes=[Route("/{path:path}", files.answer, methods=methods)])
    server = QuietServer(uvicorn.Config(application, lifespan="off", log_level="warning"))
    task = asyncio.create_task(server.serve([listener]))
    yield files
    server.should_exit = True
    await task


class Csms:
    """A CSMS on loopback that accepts everything; tests look at what came and send CALLs."""

    def __init__(self) -> None:
        self.context: ssl.SSLContext | None = None
        self.requests: list[HttpRequest] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.connection: ServerConnection | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        self.invalid: list[Violation] = []
        self.port = 0
        self.opened = 0
        self._results: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._claimed: set[int] = set()
        self._news = asyncio.Condition()
        self._server: Server | None = None

    async def open(self, port: int = 0) -> None:
        """Listen; connections are accepted from now on."""
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            port or self.port,
            ssl=self.context,
            subprotocols=[Subprotocol("ocpp2.0.1")],
            process_request=self._upgrade,
            close_timeout=1,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def close(self) -> None:
        """Close all connections and refuse further ones."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def drop(self) -> None:
        """Close the connection; the next one is accepted."""
        assert self.connection is not None
        await self.connection.close()

    def url(self, scheme: str = "ws") -> str:
        return f"{scheme}://localhost:{self.port}/ocpp"

    def _upgrade(self, connection: ServerConnection, request: HttpRequest) -> None:
        del connection
        self.requests.append(request)

    async def _converse(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.opened += 1
        await self._tell()
        with contextlib.suppress(ConnectionClosed):
            await self._serve(connection)

    async def _serve(self, connection: ServerConnection) -> None:
        async for text in connection:
            kind, identifier, *rest = json.loads(text)
            if kind == 2:
                self.calls.append((rest[0], rest[1]))
                self.invalid.extend(violations(rest[0], "Request", rest[1]))
                await connection.send(json.dumps([3, identifier, self._answer(rest[0])]))
                await self._tell()
            elif not self._results[identifier].done():
                self._results[identifier].set_result(rest[0] if kind == 3 else {"error": rest[0]})

    def _answer(self, action: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        usual: dict[str, dict[str, Any]] = {
            "BootNotification": {"currentTime": now, "interval": 300, "status": "Accepted"},
            "Heartbeat": {"currentTime": now},
            "SignCertificate": {"status": "Accepted"},
        }
        return {**usual, **self.answers}.get(action, {})

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def receive(self, action: str, **where: object) -> dict[str, Any]:
        """Wait for the next CALL of this kind whose payload has these values; claims it."""

        def find() -> int | None:
            for number, (name, payload) in enumerate(self.calls):
                fits = all(payload.get(key) == value for key, value in where.items())
                if number not in self._claimed and name == action and fits:
                    return number
            return None

        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: find() is not None)
        number = find()
        assert number is not None
        self._claimed.add(number)
        return self.calls[number][1]

    async def next_connection(self, number: int) -> None:
        """Wait until that many connections were made, counted from 1."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: self.opened >= number)

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a CALL and return the payload of its result."""
        assert self.connection is not None
        identifier = str(len(self._results))
        self._results[identifier] = asyncio.get_running_loop().create_future()
        await self.connection.send(json.dumps([2, identifier, action, payload]))
        async with asyncio.timeout(10):
            answer = await self._results[identifier]
        if "error" not in answer:
            self.invalid.extend(violations(action, "Response", answer))
        return answer

    async def get(self, component: str, variable: str) -> str:
        """Read a variable."""
        asked = {"component": {"name": component}, "variable": {"name": variable}}
        answer = await self.call("GetVariables", {"getVariableData": [asked]})
        return str(answer["getVariableResult"][0]["attributeValue"])

    async def set(self, component: str, variable: str, value: str) -> str:
        """Write a variable; returns the attributeStatus."""
        wanted = {
            "component": {"name": component},
            "variable": {"name": variable},
            "attributeValue": value,
        }
        answer = await self.call("SetVariables", {"setVariableData": [wanted]})
        return str(answer["setVariableResult"][0]["attributeStatus"])


@pytest.fixture
async def csms() -> AsyncIterator[Csms]:
    """A CSMS; not yet listening. Everything that it was sent obeys the schemas."""
    made = Csms()
    yield made
    await made.close()
    assert made.invalid == []


@pytest.fixture
async def secure_csms() -> AsyncIterator[Csms]:
    """Another CSMS; not yet listening."""
    made = Csms()
    yield made
    await made.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits until something is so that nobody announces."""

    async def wait(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not is_so():  # noqa: ASYNC110  # nobody announces it
                await asyncio.sleep(0.01)

    return wait


@dataclass(frozen=True)
class Kit:
    """Two roots (ECDSA) and a place for files."""

    directory: Path
    roots: tuple[build.Authority, ...]

    def server(
        self,
        *,
        root: int = 0,
        name: str = "localhost",
        validity: build.Validity = build.LEAF_VALIDITY,
        client_root: int | None = None,
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> ssl.SSLContext:
        """A context of a CSMS."""
        key = build.new_key("ECDSA")
        leaf = build.leaf_certificate(
            build.distinguished_name(name),
            key.public_key(),
            signer=self.roots[root],
            validity=validity,
        )
        pem, key_file = self.directory / "csms.pem", self.directory / "csms.key"
        pem.write_bytes(leaf.public_bytes(Encoding.PEM))
        key_file.touch(mode=0o600)
        key_file.write_bytes(key_pem(key))
        credentials = ServerCredentials(name, "ECDSA", "root1", "valid", pem, key_file)
        trusted = None if client_root is None else self.pem(client_root)
        return server_context(credentials, maximum=newest, client_ca=trusted)

    def pem(self, root: int = 0) -> str:
        return build.pem(self.roots[root].certificate)

    def client(self, common_name: str, root: int = 0) -> tuple[bytes, bytes]:
        """Chain and key of a station."""
        key = build.new_key("ECDSA")
        leaf = build.leaf_certificate(
            build.distinguished_name(common_name), key.public_key(), signer=self.roots[root]
        )
        return leaf.public_bytes(Encoding.PEM), key_pem(key)

    def sign(self, csr: str, root: int = 0) -> str:
        """The certificate that a request asks for."""
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return build.pem(build.leaf_certificate(request.subject, key, signer=self.roots[root]))


def key_pem(key: build.PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    def authority(name: str, signer: build.Authority | None = None) -> build.Authority:
        key = build.new_key("ECDSA")
        subject = build.distinguished_name(name)
        return build.Authority(build.authority_certificate(subject, key, signer=signer), key)

    first = authority("root 1")
    return Kit(tmp_path, (first, authority("root 2", first), authority("root 3")))


@pytest.fixture
async def run(
    tmp_path: Path, product: Callable[[str], Pics]
) -> AsyncIterator[Callable[..., Awaitable[Machine]]]:
    """Switches a station on; it is switched off at the end, and its errors surface."""
    machines: list[Machine] = []

    async def switch_on(
        url: str,
        *defects: str,
        name: str = "ac-wallbox-detachable",
        prepare: Callable[[FileStorage], None] = lambda _: None,
        **changes: Any,
    ) -> Machine:
        state = tmp_path / "state"
        storage = FileStorage(state)
        storage.put("variables", FAST)
        storage.put_secret(PASSWORD, "a-password-of-tests")
        prepare(storage)
        config = StationConfig(
            pics=product(name),
            identity="CS 1",
            csms_url=url,
            state_dir=state,
            timings=SPEED,
            defects=frozenset(defects),
            **changes,
        )
        machine = Machine(config)
        machines.append(machine)
        await machine.power_on()
        return machine

    yield switch_on
    for machine in machines:
        broken = machine.failure
        await machine.power_off()
        if broken is not None:
            raise broken


FAST = {
    "OCPPCommCtrlr@.RetryBackOffWaitMinimum[]": "0",
    "OCPPCommCtrlr@.RetryBackOffRandomRange[]": "0",
    "OCPPCommCtrlr@.NetworkProfileConnectionAttempts[]": "1",
}
SPEED = Timings(boot_s=0.05, firmware_download_s=0.02, firmware_install_s=0.02, log_upload_s=0.02)


class Desk:
    """A CSMS without sockets, at the seam `Link`: records every frame and checks its schema."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.accepting = asyncio.Event()
        self.accepting.set()
        self.station: Any = None
        self._listener: Any = None
        self._transport: DeskTransport | None = None
        self._gone = asyncio.Event()
        self._news = asyncio.Event()
        self._results: dict[str, asyncio.Future[Any]] = {}

    # the Link of the station

    async def run(self, listener: Any) -> None:
        self._listener = listener
        while True:
            await self.accepting.wait()
            self._gone.clear()
            transport = self._transport = DeskTransport(self)
            listener.opened(transport)
            await self._gone.wait()
            listener.closed(transport)
            await asyncio.sleep(0)

    async def reconnect(self) -> None:
        self.drop()

    def set_profile(self, slot: int, data: dict[str, Any]) -> tuple[str, str | None]:
        return ("Accepted" if slot == 2 and data else "Rejected"), None

    def drop(self, *, refuse: bool = False) -> None:
        """Close the connection; with `refuse`, accept none until `accepting` is set again."""
        if refuse:
            self.accepting.clear()
        if self._transport is not None:
            self._transport.open = False
        self._gone.set()

    def received(self, text: str) -> None:
        frame = parse(text)
        if isinstance(frame, Call):
            assert not violations(frame.action, "Request", frame.payload), frame
            self.calls.append((frame.action, frame.payload))
            answer = self._answer(frame)
            if answer is not None:
                asyncio.get_running_loop().call_soon(self._listener.received, serialise(answer))
        elif isinstance(frame, CallResult | CallError):
            self._results[frame.id].set_result(frame)
        self._news.set()

    def _answer(self, call: Call) -> CallResult | CallError | None:
        payload = self.answers.get(call.action, usual_answer)(call.payload)
        if isinstance(payload, str):
            return CallError(call.id, payload, "", {})
        return None if payload is None else CallResult(call.id, payload)

    # what tests use

    def of(self, action: str) -> list[dict[str, Any]]:
        """The payloads of all CALLs of this kind so far."""
        return [payload for name, payload in self.calls if name == action]

    def events(self) -> list[dict[str, Any]]:
        """All TransactionEvents so far, by seqNo."""
        return sorted(self.of("TransactionEvent"), key=lambda event: event["seqNo"])

    def triggers(self) -> list[str]:
        """Their trigger reasons."""
        return [event["triggerReason"] for event in self.events()]

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something is so; looks whenever a frame came, and now and then."""
        async with asyncio.timeout(5):
            while not holds():
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.02)
        for _ in range(10):  # let the station read what was answered
            await asyncio.sleep(0)

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a CALL; returns the payload of its valid result, or {"error": code}."""
        identifier = f"desk-{len(self._results)}"
        result = self._results[identifier] = asyncio.get_running_loop().create_future()
        self._listener.received(serialise(Call(identifier, action, payload)))
        async with asyncio.timeout(5):
            frame = await result
        if isinstance(frame, CallError):
            return {"error": frame.code}
        assert not violations(action, "Response", frame.payload), frame
        return dict(frame.payload)

    async def set(self, component: str, variable: str, value: str, instance: str = "") -> str:
        """Write a variable; returns the attributeStatus."""
        named = {"name": variable, **({"instance": instance} if instance else {})}
        wanted = {"component": {"name": component}, "variable": named, "attributeValue": value}
        answer = await self.call("SetVariables", {"setVariableData": [wanted]})
        return str(answer["setVariableResult"][0]["attributeStatus"])

    async def get(self, component: str, variable: str) -> dict[str, Any]:
        """Read a variable; returns its GetVariableResult."""
        asked = {"component": {"name": component}, "variable": {"name": variable}}
        answer = await self.call("GetVariables", {"getVariableData": [asked]})
        return dict(answer["getVariableResult"][0])


def usual_answer(request: dict[str, Any]) -> Any:
    now = datetime.now(UTC).isoformat()
    if "chargingStation" in request:
        return {"currentTime": now, "interval": 300, "status": "Accepted"}
    if not request:
        return {"currentTime": now}
    return {"idTokenInfo": {"status": "Accepted"}} if "idToken" in request else {}


class DeskTransport:
    """One connection to a `Desk`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.open = True

    async def send(self, text: str) -> None:
        if self.open:
            self._desk.received(text)

    async def close(self) -> None:
        self._desk.drop()


@pytest.fixture
def claiming(product: Callable[[str], Pics]) -> Callable[..., Pics]:
    """The AC wallbox with some answers of its PICS changed."""

    def make(changes: dict[str, bool | tuple[str, ...]], **fields: Any) -> Pics:
        base = product("ac-wallbox-detachable")
        answers = tuple((item, changes.get(item, value)) for item, value in base.answers)
        return base.model_copy(update={"answers": answers, **fields})

    return make


@pytest.fixture
async def desk(
    tmp_path: Path, product: Callable[[str], Pics]
) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Starts a station whose CSMS is a `Desk`; `booted=False` does not wait for its boot."""
    running: list[tuple[Station, asyncio.Task[None]]] = []

    async def start(
        *defects: str,
        name: str = "ac-wallbox-detachable",
        style: str = "plain",
        booted: bool = True,
        answers: dict[str, Callable[[dict[str, Any]], Any]] | None = None,
        pics: Pics | None = None,
        **speed: float,
    ) -> Desk:
        config = StationConfig(
            pics=pics or product(name),
            identity="CS 1",
            csms_url="ws://desk",
            state_dir=tmp_path / "state",
            timings=replace(QUICK, **speed),
            defects=frozenset(defects),
            style=STYLES[style],
        )
        made = Desk()
        made.answers.update(answers or {})
        made.station = Station(config, link=lambda _: made)
        running.append((made.station, asyncio.create_task(made.station.run())))
        if booted:
            await made.until(lambda: made.of("StatusNotification") or made.of("NotifyEvent"))
            await made.station.software.outbox.drained(5)
        return made

    yield start
    for station, task in running:
        await station.close()
        await task


QUICK = Timings(boot_s=0.02, charging_start_s=0.01, charging_stop_s=0.01, lock_s=0.0)
