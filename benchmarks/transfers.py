"""Memory of the file servers while an image of 200 MB goes out and comes in, by each protocol.

A process of its own serves; what counts is the most memory that it ever had (VmHWM). The station's
own clients fetch and send.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from benchmarks.figure import Figure
from vdoc.pics import FileServer as Table
from vdoc.run.file_server import SERVED_PROTOCOLS, FileServers
from vdoc.station.transfer import fetch, upload
from vdoc.tls.pki import BenchPki

IMAGE_BYTES = 200 * 1000 * 1000
MOST_BYTES = 200 * 1000 * 1000
_PIECE_BYTES = 1 << 20


def run() -> Iterator[Figure]:
    """Transfer by every protocol, each with a fresh server."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        image = directory / "image.bin"
        with image.open("wb") as file:
            for _ in range(IMAGE_BYTES // _PIECE_BYTES + 1):
                file.write(os.urandom(_PIECE_BYTES))
            file.truncate(IMAGE_BYTES)
        pki = BenchPki.create(directory / "pki")
        pki.server("localhost", key_type="ECDSA")
        for protocol in sorted(SERVED_PROTOCOLS):
            yield from _measured(protocol, directory, image, pki)


def _measured(protocol: str, directory: Path, image: Path, pki: BenchPki) -> Iterator[Figure]:
    server = subprocess.Popen(  # noqa: S603  # ourselves
        [sys.executable, "-m", "benchmarks.transfers", protocol, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        location, folder = server.stdout.readline().strip().split(" ")
        roots = [x509.load_pem_x509_certificate(pki.certificate_pem("root1").encode())]
        begun = time.monotonic()
        asyncio.run(fetch(location, directory / "got", roots))
        out_s, begun = time.monotonic() - begun, time.monotonic()
        content = image.read_bytes()
        status = asyncio.run(upload(folder, "log", content, method="PUT", roots=roots))
        in_s = time.monotonic() - begun
        whole = status == "Uploaded" and (directory / "got").read_bytes() == content
        server.stdin.close()
        most = int(server.stdout.readline()) if whole else 0
        server.stdout.close()
    finally:
        server.terminate()
        server.wait()
    yield Figure(
        f"file server {protocol}, 200 MB each way",
        f"{most / 1e6:.0f} MB of memory, out in {out_s:.1f} s, in in {in_s:.1f} s",
        f"whole, and <= {MOST_BYTES / 1e6:.0f} MB of memory",
        met=0 < most <= MOST_BYTES,
    )


async def _serve(protocol: str, directory: Path) -> None:
    """Serve one image and one folder until standard input ends; then tell the most memory."""
    pki = BenchPki.load(directory / "pki")
    own = pki.server("localhost", key_type="ECDSA")
    values = {"protocol": protocol, "bind_host": "127.0.0.1", "bind_port": 0, "username": "u"}
    servers = FileServers(
        [Table.model_validate(values)],
        (),
        "localhost",
        lambda _: own,
        directory / "sftp",
    )
    servers.tell(lambda _: None)
    location = await servers.offer(directory / "image.bin")
    print(location, await servers.open_folder(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await servers.stop()
    print(_most_bytes(), flush=True)


def _most_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
