"""Transfers that clients break off, and what FTP knows beside."""

from __future__ import annotations

import asyncio
import ftplib
import io
import socket
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncssh
import pytest

from vdoc.station.transfer import fetch, trusting


def ftp_of(location: str, session: ftplib.FTP) -> tuple[ftplib.FTP, str]:
    """Log in as the URL says; returns the session and the path."""
    parts = urlsplit(location)
    session.connect("localhost", parts.port or 0, timeout=10)
    session.login(unquote(parts.username or ""), unquote(parts.password or ""))
    return session, unquote(parts.path)


class TestUploads:
    async def test_by_http(self, bench: Any) -> None:
        made = await bench("HTTP")
        parts = urlsplit(await made.servers.open_folder())
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = f"PUT {parts.path}log HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        writer.write(f"{head}begun".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        del reader
        assert (await made.next("upload_broken"))["bytes"] == 5

    async def test_by_ftp(self, bench: Any) -> None:
        made = await bench("FTP")
        location = await made.servers.open_folder()

        def begin_and_abort() -> None:
            session, path = ftp_of(location, ftplib.FTP())  # noqa: S321  # the protocol tested
            with session, session.transfercmd(f"STOR {path}log") as data:
                data.sendall(b"begun")
                session.sendcmd("NOOP")  # answered when the server has got round to it
                session.putcmd("ABOR")
                session.getmultiline()

        await asyncio.to_thread(begin_and_abort)
        await made.next("upload_broken")

    @pytest.mark.parametrize("how", ["abort", "close"])
    async def test_by_sftp(self, bench: Any, how: str) -> None:
        made = await bench("SFTP")
        parts = urlsplit(await made.servers.open_folder())
        connection = await asyncssh.connect(
            "localhost", parts.port or 0, username="u", password="p", known_hosts=None,
            client_keys=None, agent_path=None, config=None,
        )  # fmt: skip
        client = await connection.start_sftp_client()
        file = await client.open(f"{parts.path}log", "wb")
        await file.write(b"begun")
        getattr(connection, how)()
        await connection.wait_closed()
        assert (await made.next("upload_broken"))["bytes"] == 5


async def given_up_while_held(made: Any, target: Path) -> None:
    """Begin to fetch the image, go away while the server holds it, and let it go on."""
    shelf = made.servers.shelf
    location = await made.servers.offer(made.image)
    shelf.hold()
    transfer = asyncio.create_task(fetch(location, target, made.roots))
    async with asyncio.timeout(10):
        while not shelf.holding:  # noqa: ASYNC110  # none tells
            await asyncio.sleep(0.01)
    transfer.cancel()
    await asyncio.wait([transfer])
    assert transfer.cancelled()
    shelf.release()


class TestDownloads:
    @pytest.mark.parametrize("protocol", ["HTTP", "HTTPS", "SFTP"])
    async def test_that_are_given_up_while_they_are_held(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        await given_up_while_held(made, tmp_path / "got")
        assert (await made.next("file_served"))["complete"] is False

    @pytest.mark.parametrize("protocol", ["FTP", "FTPS"])
    async def test_that_are_given_up_before_they_begin(
        self, bench: Any, tmp_path: Path, protocol: str
    ) -> None:
        made = await bench(protocol)
        await given_up_while_held(made, tmp_path / "got")
        again = await made.servers.offer(made.image)
        await fetch(again, tmp_path / "again", made.roots)
        assert (await made.next("file_served"))["complete"] is True
        assert made.told == []  # of the first not a byte has gone


class TestFtp:
    async def test_a_part_of_a_file_is_not_whole(self, bench: Any) -> None:
        made = await bench("FTP")
        location = await made.servers.offer(made.image)

        def resume() -> None:
            session, path = ftp_of(location, ftplib.FTP())  # noqa: S321
            with session:
                session.retrbinary(f"RETR {path}", io.BytesIO().write, rest=10)

        await asyncio.to_thread(resume)
        assert (await made.next("file_served"))["complete"] is False

    async def test_text_mode_is_not_whole(self, bench: Any) -> None:
        made = await bench("FTP")
        location = await made.servers.offer(made.image)

        def as_text() -> None:
            session, path = ftp_of(location, ftplib.FTP())  # noqa: S321
            session.encoding = "latin-1"
            with session:
                session.retrlines(f"RETR {path}", lambda _: None)

        await asyncio.to_thread(as_text)
        assert (await made.next("file_served"))["complete"] is False

    async def test_steps_down_folders_and_sees_no_names(self, bench: Any) -> None:
        made = await bench("FTP")
        location = await made.servers.offer(made.image)

        def walk() -> tuple[list[str], int | None, str]:
            session, path = ftp_of(location, ftplib.FTP())  # noqa: S321
            with session:
                folders, _, name = path.strip("/").rpartition("/")
                for folder in folders.split("/"):
                    session.cwd(folder)
                names = session.nlst()
                session.voidcmd("TYPE I")
                return names, session.size(name), session.pwd()

        names, size, where = await asyncio.to_thread(walk)
        assert (names, size) == ([], made.image.stat().st_size)
        assert where.startswith("/files/")

    async def test_nothing_can_be_changed(self, bench: Any) -> None:
        made = await bench("FTP")
        location = await made.servers.offer(made.image)

        def change() -> list[str]:
            session, path = ftp_of(location, ftplib.FTP())  # noqa: S321
            with session:
                commands = (f"DELE {path}", "MKD x", f"RNFR {path}", "CWD /etc")
                return [_answer(session, command) for command in commands]

        assert all(answer.startswith("550") for answer in await asyncio.to_thread(change))


def _answer(session: ftplib.FTP, command: str) -> str:
    try:
        return session.sendcmd(command)
    except ftplib.Error as error:
        return str(error)


class _ImplicitTls(ftplib.FTP_TLS):
    """A client that begins with the handshake."""

    def connect(self, host: str = "", port: int = 0, timeout: float = 10, **_: Any) -> str:  # type: ignore[override]
        self.host = host
        plain = socket.create_connection((host, port), timeout=timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=host)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome


class TestFtps:
    async def test_begins_with_tls_when_the_client_does(self, bench: Any) -> None:
        made = await bench("FTPS", username="user")
        location = await made.servers.offer(made.image)
        got = io.BytesIO()

        def fetch() -> None:
            session = _ImplicitTls(context=trusting(made.roots))
            _, path = ftp_of(location, session)
            with session:
                session.prot_p()
                session.retrbinary(f"RETR {path}", got.write)

        await asyncio.to_thread(fetch)
        assert got.getvalue() == made.image.read_bytes()
        assert (await made.next("file_served"))["complete"] is True

    async def test_lets_nobody_in_without_tls(self, bench: Any) -> None:
        made = await bench("FTPS", username="user")
        location = await made.servers.offer(made.image)

        def log_in() -> str:
            with ftplib.FTP() as session:  # noqa: S321
                try:
                    ftp_of(location, session)
                except ftplib.error_perm as refused:
                    return str(refused)
            return "let in"

        assert "required" in await asyncio.to_thread(log_in)
