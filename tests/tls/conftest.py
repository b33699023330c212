"""One PKI for the session, and a station's side of a handshake in memory."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from vdoc.tls import BenchPki, CsmsRoot, Tunnel

HOST = "csms.example.com"
Handshake = Callable[
    [Tunnel, ssl.SSLContext],
    tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, ssl.SSLError | None],
]


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> BenchPki:
    return BenchPki.create(tmp_path_factory.mktemp("bench") / "pki")


@pytest.fixture
def station(pki: BenchPki) -> Callable[..., ssl.SSLContext]:
    """Makes the client context of a station that trusts `root`."""

    def make(
        *, root: CsmsRoot = "root1", maximum: str = "TLSv1_3", ciphers: str = ""
    ) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion[maximum]
        context.load_verify_locations(cadata=pki.certificate_pem(root))
        if ciphers:
            context.set_ciphers(ciphers)
        return context

    return make


@pytest.fixture
def handshake() -> Handshake:
    """Plays a station's handshake with a tunnel; returns its TLS object, its BIOs and its error."""

    def play(
        tunnel: Tunnel, context: ssl.SSLContext
    ) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, ssl.SSLError | None]:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing, server_hostname=HOST)
        error: ssl.SSLError | None = None
        for _ in range(6):
            try:
                client.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as failed:
                error = failed
            tunnel.receive(outgoing.read())
            incoming.write(tunnel.outgoing())
        return client, incoming, outgoing, error

    return play


@pytest.fixture
def hello_bytes(station: Callable[..., ssl.SSLContext]) -> bytes:
    """A genuine ClientHello record."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = station().wrap_bio(incoming, outgoing, server_hostname=HOST)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.fixture
def scratch_pki(pki: BenchPki, tmp_path: Path) -> Path:
    """A copy of the PKI's directory that a test may damage."""
    target = tmp_path / "pki"
    for source in sorted(pki.directory.rglob("*")):
        copy = target / source.relative_to(pki.directory)
        if source.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
            copy.chmod(source.stat().st_mode & 0o777)
    return target
