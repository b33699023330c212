"""What may be fetched and sent, whatever the protocol, and what is told of every transfer.

Owns the rules: a file is offered, or a folder opened, under a path that nobody can guess; the first
client that uses it owns it, and uses it once at a time. Whatever is refused or broken off is told,
as every transfer is with the SHA-256 of the bytes that went over the wire: the firmware hash of a
declaration rests on it (TC_L_01_CS), and a log that is announced but never uploaded must be noticed
(TC_N_25_CS). Nothing that is uploaded is kept. Servers may live in threads of their own; `told` is
called from there and has to hand over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from vdoc.run.file_server.blocks import Blocks

Told = Callable[[dict[str, Any]], None]
FILES, UPLOADS = "files", "uploads"

_HOLD_LIMIT_S = 90.0  # two message time-outs and some; most clients wait for a byte that long
_MISSING_SUFFIX = "_does_not_exist"


class Why(StrEnum):
    """Why a transfer was refused."""

    OUTSIDE = "path outside what is served"
    MISSING = "no such file"
    SECOND_CLIENT = "second client"
    PASSWORD = "wrong user name or password"  # noqa: S105  # a reason


class RefusedError(Exception):
    """A transfer may not be; it has been told already."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(slots=True)
class Place:
    """A path that has been given away.

    Attributes:
        file: what is served there; None in a folder for uploads.
        kept_bytes: how much of an upload's text is told.
        owner: the client that uses it.
        busy: a transfer is under way.
    """

    file: Path | None = None
    kept_bytes: int = 0
    owner: str | None = None
    busy: bool = False


@dataclass(slots=True, eq=False)
class Download:
    """A file on its way to a client."""

    shelf: Shelf
    place: Place
    about: dict[str, Any]
    source: BinaryIO
    total_bytes: int
    spoilt: bool = False
    _blocks: Blocks = field(default_factory=Blocks)
    _over: bool = False

    def read(self, size_bytes: int, offset: int | None = None) -> bytes:
        """Return the next bytes, or those at an offset, and count them as served."""
        at = self._blocks.size if offset is None else offset
        data = os.pread(self.source.fileno(), size_bytes, at)
        self.spoilt = not self._blocks.take(data, at) or self.spoilt
        return data

    @property
    def over(self) -> bool:
        """The transfer has ended."""
        return self._over

    def seek(self, position: int, whence: int) -> int:
        """Answer where data lies, and where the next hole: all of it is data (SEEK_DATA, _HOLE)."""
        return position if whence == os.SEEK_DATA else self.total_bytes

    def is_last(self, size_bytes: int, offset: int | None = None) -> bool:
        """Tell whether a read of this size would reach the end of the file."""
        at = self._blocks.size if offset is None else offset
        return at + size_bytes >= self.total_bytes

    def close(self) -> None:
        """End the transfer and tell what was served; a second call does nothing."""
        if self._over:
            return
        self._over = True
        self.source.close()
        self.shelf.leave(self.place)
        whole = self._blocks.size == self.total_bytes and not self.spoilt
        served = {"what": "file_served", **self.about, **self._blocks.as_json(), "complete": whole}
        self.shelf.told(served)


@dataclass(slots=True, eq=False)
class Upload:
    """A file on its way from a client."""

    shelf: Shelf
    place: Place
    about: dict[str, Any]
    _blocks: Blocks
    spoilt: bool = False
    _over: bool = False

    def write(self, data: bytes, offset: int | None = None) -> None:
        """Count bytes as received."""
        self.spoilt = not self._blocks.take(data, offset) or self.spoilt

    def finish(self) -> None:
        """The client says that this was all of it; a second call does nothing."""
        self._end("upload_broken" if self.spoilt else "file_received")

    def abort(self) -> None:
        """The client went away, or gave up; after `finish` this does nothing."""
        self._end("upload_broken")

    def _end(self, what: str) -> None:
        if self._over:
            return
        self._over = True
        self.shelf.leave(self.place)
        received = {"what": what, **self.about, **self._blocks.as_json()}
        if self._blocks.kept_bytes:
            received["text"] = self._blocks.text.decode("utf-8", "replace")
        self.shelf.told(received)


@dataclass(slots=True)
class Shelf:
    """Everything that is offered and taken in, for all servers of a bench.

    Attributes:
        told: takes what happened, as the data of a `made` line.
    """

    told: Told
    _places: dict[str, Place] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _released: asyncio.Event | None = None
    _held_since_s: float | None = None

    # --- what is given away ---

    def offer(self, file: Path) -> str:
        """Return a new path at which a file is served, once at a time and to one client."""
        path = f"{FILES}/{secrets.token_hex(8)}/{file.name}"
        self._places[path] = Place(file)
        return path

    def offer_missing(self, file: Path) -> str:
        """Return a new path like that of a file, at which there is none (TC_L_07_CS)."""
        return f"{FILES}/{secrets.token_hex(8)}/{file.name}{_MISSING_SUFFIX}"

    def open_folder(self, *, kept_bytes: int = 0) -> str:
        """Return a new folder for uploads; ends with a slash.

        Args:
            kept_bytes: how many bytes of an upload are told as text.
        """
        path = f"{UPLOADS}/{secrets.token_hex(8)}/"
        self._places[path] = Place(kept_bytes=kept_bytes)
        return path

    # --- transfers ---

    def download(self, path: str, client: str, location: str) -> Download:
        """Begin to serve a file.

        Args:
            path: as the client asked for it, without a slash before it.
            client: its address.
            location: the URL as the DUT was told it.

        Raises:
            RefusedError: there is no such file, or another client has it.
        """
        place = self._places.get(path)
        if place is None or place.file is None:
            inside = path.startswith(f"{FILES}/") and ".." not in path
            raise self.refused(path, client, Why.MISSING if inside else Why.OUTSIDE)
        self._enter(place, path, client)
        about = {"path": f"/{path}", "location": location, "client": client}
        source = place.file.open("rb")
        return Download(self, place, about, source, place.file.stat().st_size)

    def size_bytes(self, path: str) -> int | None:
        """Return the size of what is served at a path, or None when nothing is."""
        place = self._places.get(path)
        return None if place is None or place.file is None else place.file.stat().st_size

    def look(self, path: str, client: str) -> int | None:
        """Return the size of what is served at a path; None for a folder.

        Raises:
            RefusedError: nothing is there; told unless an upload may be on its way to it.
        """
        place = self._places.get(path)
        if place is not None and place.file is not None:
            return place.file.stat().st_size
        if self.is_folder(path):
            return None
        if f"{path.rpartition('/')[0]}/" in self._places:
            raise RefusedError(Why.MISSING)
        inside = path.startswith(f"{FILES}/") and ".." not in path
        raise self.refused(path, client, Why.MISSING if inside else Why.OUTSIDE)

    def upload(self, path: str, client: str, location: str, name: str | None = None) -> Upload:
        """Begin to take a file in.

        Args:
            path: where the client wants it, without a slash before it.
            client: its address.
            location: the URL of that.
            name: of the file, when the path does not end with it.

        Raises:
            RefusedError: no folder was opened there, or another client has it.
        """
        folder, _, last = path.rpartition("/")
        place = self._places.get(f"{folder}/")
        if place is None or ".." in path:
            raise self.refused(path, client, Why.OUTSIDE)
        self._enter(place, path, client)
        about = {"path": f"/{path}", "location": location, "client": client, "name": name or last}
        return Upload(self, place, about, Blocks(place.kept_bytes))

    def is_folder(self, path: str) -> bool:
        """Tell whether something that was given away lies in a folder."""
        inside = f"{path}/" if path else ""
        return any(known.startswith(inside) for known in self._places)

    def refused(self, path: str, client: str, why: Why) -> RefusedError:
        """Tell that something was refused, and return the error that says so."""
        path = f"/{path}" if path else ""
        self.told({"what": "transfer_refused", "why": why.value, "path": path, "client": client})
        return RefusedError(why)

    def _enter(self, place: Place, path: str, client: str) -> None:
        with self._lock:
            free = place.owner in {None, client} and not place.busy
            if free:
                place.owner, place.busy = client, True
        if not free:
            raise self.refused(path, client, Why.SECOND_CLIENT)

    def leave(self, place: Place) -> None:
        """Note that a transfer is over."""
        place.busy = False

    # --- holding ---

    @property
    def held(self) -> bool:
        """No transfer may end; asked by a transfer, from which on the limit counts."""
        return self._left_s() > 0

    def hold(self) -> None:
        """Let no transfer end before `release`, or before it has been held for 90 s."""
        self._released, self._held_since_s = asyncio.Event(), None

    @property
    def holding(self) -> bool:
        """Whether a transfer is held at present."""
        return self._held_since_s is not None and self._left_s() > 0

    def release(self) -> None:
        """Let transfers end, those that were held included."""
        if self._released is not None:
            self._released.set()

    async def until_released(self) -> None:
        """Wait until a transfer may end."""
        left_s = self._left_s()
        if self._released is None or left_s <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._released.wait()

    def _left_s(self) -> float:
        if self._released is None or self._released.is_set():
            return 0.0
        now_s = time.monotonic()
        if self._held_since_s is None:
            self._held_since_s = now_s
        return self._held_since_s + _HOLD_LIMIT_S - now_s
