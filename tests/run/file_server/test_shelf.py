"""The rules of the shelf, without a protocol."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from vdoc.run.file_server.shelf import RefusedError, Shelf, Why

Told = list[dict[str, Any]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def shelf(told: Told) -> Shelf:
    return Shelf(told.append)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "image.bin"
    file.write_bytes(b"0123456789")
    return file


class TestDownload:
    def test_is_whole_when_every_byte_was_read(self, shelf: Shelf, told: Told, image: Path) -> None:
        download = shelf.download(shelf.offer(image), "c", "url")
        assert (download.read(4, 4), download.read(4, 0), download.read(9)) == (
            b"4567",
            b"0123",
            b"89",
        )
        download.close()
        download.close()
        (served,) = told
        assert (served["what"], served["complete"], served["bytes"]) == ("file_served", True, 10)
        assert served["sha256"] == hashlib.sha256(b"0123456789").hexdigest()

    def test_is_not_whole_otherwise(self, shelf: Shelf, told: Told, image: Path) -> None:
        download = shelf.download(shelf.offer(image), "c", "url")
        download.read(4)
        download.close()
        assert told[0]["complete"] is False

    def test_again_when_the_first_is_over(self, shelf: Shelf, image: Path) -> None:
        path = shelf.offer(image)
        shelf.download(path, "c", "url").close()
        shelf.download(path, "c", "url").close()

    @pytest.mark.parametrize("client", ["c", "d"])
    def test_not_twice_at_once(self, shelf: Shelf, told: Told, image: Path, client: str) -> None:
        path = shelf.offer(image)
        first = shelf.download(path, "c", "url")
        with pytest.raises(RefusedError, match="second client"):
            shelf.download(path, client, "url")
        first.close()
        assert (told[0]["what"], told[0]["client"]) == ("transfer_refused", client)

    def test_not_by_another_client_afterwards(self, shelf: Shelf, image: Path) -> None:
        path = shelf.offer(image)
        shelf.download(path, "c", "url").close()
        with pytest.raises(RefusedError, match="second client"):
            shelf.download(path, "d", "url")

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            ("files/0/image.bin", Why.MISSING),
            ("files/../image.bin", Why.OUTSIDE),
            ("image.bin", Why.OUTSIDE),
            ("", Why.OUTSIDE),
        ],
    )
    def test_of_nothing_else(self, shelf: Shelf, told: Told, path: str, why: Why) -> None:
        with pytest.raises(RefusedError):
            shelf.download(path, "c", "url")
        assert told[0]["why"] == why.value


class TestUpload:
    def test_is_told_with_its_name(self, shelf: Shelf, told: Told) -> None:
        upload = shelf.upload(f"{shelf.open_folder()}log.txt", "c", "url")
        upload.write(b"ab")
        upload.finish()
        upload.abort()  # nothing is left to abort
        (received,) = told
        assert (received["what"], received["name"], received["bytes"]) == (
            "file_received",
            "log.txt",
            2,
        )
        assert "text" not in received

    def test_that_is_given_up_is_told_too(self, shelf: Shelf, told: Told) -> None:
        upload = shelf.upload(f"{shelf.open_folder()}log.txt", "c", "url")
        upload.write(b"ab")
        upload.abort()
        upload.finish()
        assert [(each["what"], each["bytes"]) for each in told] == [("upload_broken", 2)]

    def test_keeps_as_much_text_as_was_asked_for(self, shelf: Shelf, told: Told) -> None:
        upload = shelf.upload(f"{shelf.open_folder(kept_bytes=3)}log.txt", "c", "url")
        upload.write(b"a")
        upload.write("äöü".encode())
        upload.finish()
        assert told[0]["text"] == "aä"

    def test_into_a_folder_of_ours_only(self, shelf: Shelf, told: Told) -> None:
        folder = shelf.open_folder()
        for path in (f"{folder}../log", f"{folder}deeper/log", "uploads/0/log", "log"):
            with pytest.raises(RefusedError, match="outside"):
                shelf.upload(path, "c", "url")
        assert len(told) == 4


class TestLook:
    def test_at_what_is_there(self, shelf: Shelf, image: Path) -> None:
        path = shelf.offer(image)
        assert shelf.look(path, "c") == 10
        assert shelf.look("files", "c") is None
        assert shelf.is_folder("")

    def test_before_an_upload_tells_nothing(self, shelf: Shelf, told: Told) -> None:
        with pytest.raises(RefusedError):
            shelf.look(f"{shelf.open_folder()}log.txt", "c")
        assert told == []


class TestHolding:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now_s = [1000.0]
        monkeypatch.setattr("vdoc.run.file_server.shelf.time.monotonic", lambda: now_s[0])
        return now_s

    def test_nothing_is_held_unasked(self, shelf: Shelf) -> None:
        assert not shelf.held

    def test_the_limit_counts_from_the_first_transfer(
        self, shelf: Shelf, clock: list[float]
    ) -> None:
        shelf.hold()
        clock[0] += 500  # the DUT takes its time
        assert shelf.held
        clock[0] += 89
        assert shelf.held
        clock[0] += 2
        assert not shelf.held

    async def test_a_transfer_that_comes_after_the_limit_does_not_wait(
        self, shelf: Shelf, clock: list[float]
    ) -> None:
        shelf.hold()
        assert shelf.held
        clock[0] += 91
        await shelf.until_released()

    def test_released_it_is_over(self, shelf: Shelf) -> None:
        shelf.hold()
        shelf.release()
        assert not shelf.held
