"""Fetching firmware and putting logs; by the other protocols in tests/run/file_server."""

import socket
from pathlib import Path
from typing import Any

import pytest

from vdoc.station.transfer import PROTOCOLS, TransferError, fetch, upload


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class TestFetch:
    async def test_writes_the_file(self, file_server: Any, tmp_path: Path) -> None:
        file_server.files["/fw"] = b"image"
        await fetch(f"{file_server.url}/fw", tmp_path / "fw", [])
        assert (tmp_path / "fw").read_bytes() == b"image"

    @pytest.mark.parametrize("url", ["gopher://127.0.0.1/fw", "nothing", "http://[::bad", "ftp:/x"])
    async def test_refuses_an_address_it_cannot_use(self, url: str, tmp_path: Path) -> None:
        with pytest.raises(TransferError):
            await fetch(url, tmp_path / "fw", [])

    async def test_says_which_file_is_missing(self, file_server: Any, tmp_path: Path) -> None:
        with pytest.raises(TransferError, match="/absent"):
            await fetch(f"{file_server.url}/absent", tmp_path / "fw", [])

    @pytest.mark.parametrize("scheme", PROTOCOLS)
    async def test_says_that_nobody_listens(self, scheme: str, tmp_path: Path) -> None:
        with pytest.raises(TransferError):
            await fetch(f"{scheme}://127.0.0.1:{closed_port()}/fw", tmp_path / "fw", [])


class TestUpload:
    async def test_put_into_a_folder_adds_the_name(self, file_server: Any) -> None:
        url = f"{file_server.url}/logs/"
        assert await upload(url, "a b.log", b"log", method="PUT", roots=[]) == "Uploaded"
        (found,) = file_server.uploads
        assert (found.method, found.path, found.body) == ("PUT", "/logs/a b.log", b"log")

    async def test_put_elsewhere_takes_the_address_as_it_is(self, file_server: Any) -> None:
        await upload(f"{file_server.url}/logs", "a.log", b"", method="PUT", roots=[])
        assert file_server.uploads[0].path == "/logs"

    async def test_post_names_the_file_in_its_headers(self, file_server: Any) -> None:
        await upload(f"{file_server.url}/logs/", "a.log", b"log", method="POST", roots=[])
        (found,) = file_server.uploads
        assert found.path == "/logs/"
        assert 'filename="a.log"' in found.headers["content-disposition"]
        assert found.headers["content-type"] == "application/octet-stream"

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (400, "BadMessage"),
            (403, "PermissionDenied"),
            (405, "NotSupportedOperation"),
            (500, "UploadFailure"),
        ],
    )
    async def test_tells_what_went_wrong(self, file_server: Any, code: int, status: str) -> None:
        file_server.status = code
        assert await upload(file_server.url, "a.log", b"", method="PUT", roots=[]) == status

    @pytest.mark.parametrize("scheme", PROTOCOLS)
    async def test_tells_that_nobody_listens(self, scheme: str) -> None:
        url = f"{scheme}://127.0.0.1:{closed_port()}/"
        assert await upload(url, "a.log", b"", method="PUT", roots=[]) == "UploadFailure"

    async def test_tells_that_the_protocol_is_foreign(self) -> None:
        found = await upload("gopher://127.0.0.1/", "a.log", b"", method="PUT", roots=[])
        assert found == "NotSupportedOperation"
