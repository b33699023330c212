"""Every protocol: what is fetched and sent is told, and what must not be is refused and told."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from vdoc.errors import InputError
from vdoc.pics.product import CIPHER_PAIRS
from vdoc.station.transfer import TransferError, fetch, trusting, upload
from vdoc.tls.context import iana_name, openssl_ciphers
from vdoc.tls.pki import BenchPki

PROTOCOLS = ("HTTP", "HTTPS", "FTP", "FTPS", "SFTP")
CONTENT = bytes(range(256)) * 1000
LARGE_BYTES = 400 * 1024 * 1024
SHA256 = hashlib.sha256(CONTENT).hexdigest()

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


async def send(bench: Any, url: str, content: bytes = b"a log\n", method: str = "PUT") -> str:
    return await upload(url, "a log.txt", content, method=method, roots=bench.roots)


class TestEveryProtocol:
    @every_protocol
    @pytest.mark.parametrize("login", [{}, {"username": "a@b/c%d"}])
    async def test_serves_a_file(
        self, bench: Any, tmp_path: Path, protocol: str, login: dict[str, str]
    ) -> None:
        made = await bench(protocol, **login)
        location = await made.servers.offer(made.image)
        await fetch(location, tmp_path / "got", made.roots)
        assert (tmp_path / "got").read_bytes() == CONTENT
        served = await made.next("file_served")
        assert served["location"] == location
        assert (served["bytes"], served["sha256"]) == (len(CONTENT), SHA256)
        assert served["complete"] is True

    @every_protocol
    async def test_takes_a_file(self, bench: Any, protocol: str) -> None:
        made = await bench(protocol, username="user")  # whose password is made for the run
        location = await made.servers.open_folder(kept_bytes=4)
        assert await send(made, location) == "Uploaded"
        received = await made.next("file_received")
        assert received["location"].startswith(location)
        assert (received["name"], received["bytes"], received["text"]) == ("a log.txt", 6, "a lo")
        assert received["sha256"] == hashlib.sha256(b"a log\n").hexdigest()

    @every_protocol
    async def test_refuses_a_path_outside(self, bench: Any, tmp_path: Path, protocol: str) -> None:
        made = await bench(protocol)
        location = await made.servers.offer(made.image)
        outside = location.split("/files/")[0] + "/files/%2e%2e/%2e%2e/etc/passwd"
        with pytest.raises(TransferError):
            await fetch(outside, tmp_path / "got", made.roots)
        assert (await made.next("transfer_refused"))["why"] == "path outside what is served"

    @every_protocol
    async def test_refuses_an_upload_outside(self, bench: Any, protocol: str) -> None:
        made = await bench(protocol)
        location = await made.servers.open_folder()
        outside = location.split("/uploads/")[0] + "/uploads/elsewhere/"
        assert await send(made, outside) != "Uploaded"
        assert (await made.next("transfer_refused"))["why"] == "path outside what is served"

    @every_protocol
    async def test_refuses_a_file_that_is_not_there(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        location = await made.servers.offer_missing(made.image)
        with pytest.raises(TransferError):
            await fetch(location, tmp_path / "got", made.roots)
        assert (await made.next("transfer_refused"))["why"] == "no such file"

    @every_protocol
    async def test_refuses_a_wrong_password(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol, username="user")
        location = await made.servers.offer(made.image)
        password = urlsplit(location).password
        assert password
        with pytest.raises(TransferError):
            await fetch(location.replace(password, "wrong"), tmp_path / "got", made.roots)
        assert (await made.next("transfer_refused"))["why"] == "wrong user name or password"

    @every_protocol
    async def test_refuses_a_second_client(self, bench: Any, tmp_path: Path, protocol: str) -> None:
        made = await bench(protocol)
        location = await made.servers.offer(made.image)
        place = next(iter(made.servers.shelf._places.values()))
        place.owner = "192.0.2.1"  # who began with it
        with pytest.raises(TransferError):
            await fetch(location, tmp_path / "got", made.roots)
        refused = await made.next("transfer_refused")
        assert (refused["why"], refused["client"]) == ("second client", "127.0.0.1")

    @every_protocol
    async def test_refuses_two_transfers_at_once(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        location = await made.servers.offer(made.image)
        place = next(iter(made.servers.shelf._places.values()))
        place.busy = True
        with pytest.raises(TransferError):
            await fetch(location, tmp_path / "got", made.roots)
        assert (await made.next("transfer_refused"))["why"] == "second client"

    @every_protocol
    async def test_a_transfer_is_held_until_released(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        out, into = await made.servers.offer(made.image), await made.servers.open_folder()
        made.servers.shelf.hold()
        transfers = [
            asyncio.create_task(fetch(out, tmp_path / "got", made.roots)),
            asyncio.create_task(send(made, into)),
        ]
        done, _ = await asyncio.wait(transfers, timeout=0.5)
        assert (done, made.told) == (set(), [])
        made.servers.shelf.release()
        await asyncio.gather(*transfers)
        assert (await made.next("file_served"))["complete"] is True
        await made.next("file_received")

    @every_protocol
    async def test_a_download_that_is_given_up_is_not_whole(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        with made.image.open("r+b") as file:
            file.truncate(LARGE_BYTES)
        location = await made.servers.offer(made.image)
        got = tmp_path / "got"
        transfer = asyncio.create_task(fetch(location, got, made.roots))
        async with asyncio.timeout(10):
            while not got.exists() or not got.stat().st_size:  # noqa: ASYNC110  # none tells
                await asyncio.sleep(0.001)
        transfer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await transfer
        served = await made.next("file_served")
        assert served["complete"] is False
        assert served["bytes"] < LARGE_BYTES


class TestServers:
    async def test_start_when_they_are_needed(self, bench: Any) -> None:
        made = await bench("HTTP", "FTP")
        assert made.servers._running == {}
        await made.servers.offer(made.image)
        assert list(made.servers._running) == ["HTTP"]

    async def test_take_turns_of_those_that_the_station_has(self, bench: Any) -> None:
        made = await bench("HTTP", "HTTPS", "SFTP", claimed=("SFTP", "HTTPS"))
        schemes = [urlsplit(await made.servers.offer(made.image)).scheme for _ in range(3)]
        assert schemes == ["https", "sftp", "https"]

    async def test_none_of_which_the_station_has(self, bench: Any) -> None:
        with pytest.raises(InputError, match="none speaks SFTP"):
            await bench("HTTP", claimed=("SFTP",))

    @pytest.mark.parametrize("protocol", ["HTTPS", "FTPS"])
    async def test_show_a_certificate_of_the_root_in_force(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        for root, trusted in (("root1", made.roots[:1]), ("root2", made.roots[1:])):
            made.servers.root = root
            await fetch(await made.servers.offer(made.image), tmp_path / root, trusted)

    @pytest.mark.parametrize("protocol", ["HTTPS", "FTPS"])
    @pytest.mark.parametrize("pair", CIPHER_PAIRS.values())
    async def test_know_the_suites_of_part_6(
        self, bench: Any, pki: BenchPki, protocol: str, pair: tuple[str, str]
    ) -> None:
        made = await bench(protocol)
        made.servers.certificate = lambda root: pki.server(
            "localhost", key_type="RSA" if "TLS_RSA_WITH" in pair[0] else "ECDSA", root=root
        )
        port = urlsplit(await made.servers.offer(made.image)).port
        for suite in pair:
            context = trusting(made.roots)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(openssl_ciphers([suite]))
            _, writer = await asyncio.open_connection("localhost", port, ssl=context)
            assert iana_name(writer.get_extra_info("cipher")[0]) == suite
            writer.close()

    async def test_a_port_that_is_taken(self, bench: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            made = await bench("HTTP", bind_port=taken.getsockname()[1])
            with pytest.raises(OSError, match="in use"):
                made.servers.check()
