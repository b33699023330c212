"""Putting a bench together from its settings: PKI, end points, file server, drivers.

Owns which object is given to which; no rule of a run is decided here. A bench that cannot be put
together is reported as what it is: bad input (a file, an address) or unreachable.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api_clients.action_errors import ActionError
from vdoc.automation.interface import Driver
from vdoc.automation.opening import open_router
from vdoc.automation.wiring import wiring_of
from vdoc.bench.endpoint import Endpoint, Trust
from vdoc.bench.gate import Gate, standard_gate
from vdoc.bench.live import LiveBench
from vdoc.bench.start import DutState, starting_state
from vdoc.errors import BenchError
from vdoc.evidence import Clock, EvidenceWriter, Kind
from vdoc.pics import BenchSettings, Pics
from vdoc.run.asked import Workshop
from vdoc.run.file_server import FileServers
from vdoc.run.journal import Journal
from vdoc.run.passwords import PasswordBook
from vdoc.tls.context import server_context
from vdoc.tls.hello import ClientHello
from vdoc.tls.pki import BenchPki, ServerCredentials

_WITH_CLIENT_CERTIFICATE = 3


@dataclass(frozen=True, slots=True)
class Assembled:
    """A bench that listens.

    Attributes:
        live: runs cases.
        workshop: makes what cases ask for.
        passwords: of the run.
        journal: of what is changed in the DUT.
        pki: the test PKI.
    """

    live: LiveBench
    workshop: Workshop
    passwords: PasswordBook
    journal: Journal
    pki: BenchPki


def load_pki(settings: BenchSettings) -> BenchPki:
    """Return the bench PKI, made when there is none yet.

    Raises:
        InputError: it is damaged or cannot be written.
    """
    return BenchPki.create_or_load(Path(settings.pki.directory))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bench that is to be put together.

    Attributes:
        pics: the product.
        settings: of the bench.
        session: names the run to the action API.
        first_profile: security profile that the DUT starts with.
    """

    pics: Pics
    settings: BenchSettings
    session: str
    first_profile: int


async def assemble(
    stack: AsyncExitStack, wanted: Wanted, writer: EvidenceWriter, clock: Clock
) -> Assembled:
    """Start a bench; `stack` stops it.

    Args:
        stack: gets everything that must be stopped.
        wanted: what is to be put together.
        writer: the evidence.
        clock: stamps it.

    Raises:
        InputError: the PKI, a certificate name or an address of the settings cannot be used.
        BenchError: a port cannot be bound, or the action API cannot be used.
    """
    settings = wanted.settings
    pki = load_pki(settings)
    journal = Journal(Path(settings.pki.directory) / f"journal-{settings.dut.identity}.jsonl")
    passwords = PasswordBook(settings.password.initial.reveal())
    state = starting_state(wanted.pics, settings, wanted.first_profile)
    files = _file_servers(wanted, pki, state)
    bound: dict[int, int] = {}
    workshop = Workshop(settings, pki, passwords, journal, files, bound)
    live = LiveBench(
        writer,
        clock,
        driver=await _driver(stack, settings, wanted.session),
        asked=workshop.handlers(),
        stall_s=settings.values.stall_tolerance_s,
    )
    trust = _trust(settings, pki, passwords)
    endpoints = [_endpoint(settings, number, state, trust, live) for number in (1, 2)]
    await _listen(stack, live, files, endpoints)
    bound.update({endpoint.number: endpoint.port for endpoint in endpoints})
    return Assembled(live, workshop, passwords, journal, pki)


async def _listen(
    stack: AsyncExitStack,
    live: LiveBench,
    files: FileServers,
    endpoints: Sequence[Endpoint],
) -> None:
    try:
        files.check()
        files.tell(lambda data: live.observe(Kind.MADE, data))
        stack.push_async_callback(files.stop)
        stack.push_async_callback(live.stop)
        await live.start(*endpoints)
    except OSError as error:
        raise BenchError(f"cannot listen: {error}. Remedy: free the port or change it.") from error


async def _driver(stack: AsyncExitStack, settings: BenchSettings, session: str) -> Driver:
    try:
        router = await open_router(
            wiring_of(settings), clock=lambda: datetime.now(UTC), session=session
        )
    except ActionError as error:
        raise BenchError(f"action API: {error}") from error
    stack.push_async_callback(router.close)
    return router


def _file_servers(wanted: Wanted, pki: BenchPki, state: DutState) -> FileServers:
    """Return the file servers; each begins to listen when something is to be transferred by it."""
    host = wanted.settings.csms.advertised_host

    def certificate(root: str) -> ServerCredentials:
        return pki.server(host, key_type=state.key, root=root)  # type: ignore[arg-type]  # plain text

    return FileServers(
        wanted.settings.file_server,
        wanted.pics.limits.file_transfer_protocols,
        host,
        certificate,
        pki.directory / "sftp",
    )


def _endpoint(
    settings: BenchSettings,
    number: int,
    state: DutState,
    trust: Trust,
    live: LiveBench,
) -> Endpoint:
    table = settings.csms.endpoint[number - 1]
    return Endpoint(
        number=number,
        host=table.bind_host,
        port=table.bind_port,
        path=table.path,
        gate=standard_gate(state, number).refusing(),
        trust=trust,
        listener=live,
    )


def _trust(settings: BenchSettings, pki: BenchPki, passwords: PasswordBook) -> Trust:
    credentials = _credentials(settings.csms.advertised_host, pki)
    return Trust(
        identity=settings.dut.identity,
        context=_contexts(pki, credentials),
        credentials=credentials,
        password_name=passwords.name_of,
        password_text=passwords.shown,
    )


def _credentials(host: str, pki: BenchPki) -> Callable[[Gate], ServerCredentials]:
    kept: dict[tuple[str, str, str], ServerCredentials] = {}

    def credentials(gate: Gate) -> ServerCredentials:
        key = (gate.key, gate.root, gate.flavour)
        if key not in kept:
            kept[key] = pki.server(
                host,
                key_type=gate.key,  # type: ignore[arg-type]  # evidence holds plain text
                root=gate.root,  # type: ignore[arg-type]
                flavour=gate.flavour,
            )
        return kept[key]

    return credentials


def _contexts(
    pki: BenchPki, credentials: Callable[[Gate], ServerCredentials]
) -> Callable[[Gate, ClientHello], ssl.SSLContext]:
    def context(gate: Gate, hello: ClientHello) -> ssl.SSLContext:  # noqa: ARG001  # the seam's
        with_client = gate.profile == _WITH_CLIENT_CERTIFICATE
        client_ca = pki.client_trust_pem() if with_client else None
        return server_context(credentials(gate), client_ca=client_ca)

    return context
