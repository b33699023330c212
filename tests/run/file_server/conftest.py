"""Servers of every protocol on loopback, and the station's own clients for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from vdoc.pics import FileServer as Table
from vdoc.run.file_server import FileServers
from vdoc.tls.pki import BenchPki, ServerCredentials

PROTOCOLS = ("HTTP", "HTTPS", "FTP", "FTPS", "SFTP")
CONTENT = bytes(range(256)) * 1000


@dataclass
class Bench:
    """The servers of one bench, and what they told."""

    servers: FileServers
    image: Path
    roots: tuple[x509.Certificate, ...]
    told: list[dict[str, Any]] = field(default_factory=list)

    async def next(self, what: str) -> dict[str, Any]:
        """The first thing of a kind that was told; it is taken off."""
        async with asyncio.timeout(10):
            while not (found := [e for e in self.told if e["what"] == what]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        self.told.remove(found[0])
        return found[0]


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> BenchPki:
    return BenchPki.create(tmp_path_factory.mktemp("pki") / "pki")


Made = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def bench(pki: BenchPki, tmp_path: Path) -> AsyncIterator[Made]:
    """Makes the servers of these protocols."""
    made: list[FileServers] = []
    image = tmp_path / "image.bin"
    image.write_bytes(CONTENT)

    def certificate(root: str) -> ServerCredentials:
        return pki.server("localhost", key_type="ECDSA", root=root)  # type: ignore[arg-type]

    async def make(*protocols: str, claimed: tuple[str, ...] = (), **others: Any) -> Bench:
        tables = [
            Table.model_validate(
                {"protocol": protocol, "bind_host": "127.0.0.1", "bind_port": 0, **others}
            )
            for protocol in protocols
        ]
        servers = FileServers(tables, claimed, "localhost", certificate, tmp_path / "sftp")
        made.append(servers)
        roots = tuple(
            x509.load_pem_x509_certificate(pki.certificate_pem(name).encode())
            for name in ("root1", "root2")
        )
        found = Bench(servers, image, roots)
        servers.tell(found.told.append)
        return found

    yield make
    for servers in made:
        await servers.stop()
