"""The container of a declaration: one zip in one form only, written whole, read with suspicion.

Owns which members there are, their order, and the form: stored, not compressed, all with the same
time stamp and mode. So equal members give equal bytes, a member cannot grow while it is unpacked,
and a reader can demand every byte of the file. It knows nothing of what the members say.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from vdoc.digest import sha256_hex
from vdoc.errors import InputError, Problem

MEMBERS = (
    "README.txt",
    "declaration.pdf",
    "declaration.html",
    "declaration.json",
    "declaration.dsse.json",
    "declaration.tsr",
    "pics.json",
    "settings.json",
    "plan.json",
    "plan.tsr",
    "evidence.jsonl.gz",
    "report.html",
)
"""Every member that a bundle may hold, in their order."""

OPTIONAL = frozenset({"declaration.tsr", "plan.tsr"})
REQUIRED = tuple(name for name in MEMBERS if name not in OPTIONAL)

MAX_BUNDLE_BYTES = 1 << 30
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_UNIX = 3
_PART_BYTES = 1 << 20
_FIRST_BYTES = b"PK\x03\x04"
_END_RECORD = b"PK\x05\x06"
_UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, EOFError, OSError, RuntimeError,
    LookupError, OverflowError, TypeError, MemoryError,
)  # fmt: skip


class Item(StrEnum):
    """What is wrong with the container; the code under which a verifier reports it."""

    FILE = "container-file"
    SIZE = "container-size"
    NO_ZIP = "container-no-zip"
    TRUNCATED = "container-truncated"
    BROKEN = "container-broken"
    TWICE = "container-twice"
    LACKS = "container-lacks"
    PATH = "container-path"
    UNKNOWN = "container-unknown"
    ENCRYPTED = "container-encrypted"
    COMPRESSED = "container-compressed"
    BOMB = "container-bomb"
    FORM = "container-form"


def enclosed(members: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each member whose digest the declaration holds: all but its own."""
    return {
        name: sha256_hex(members[name])
        for name in MEMBERS
        if name in members and not name.startswith("declaration.")
    }


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a bundle; the same members always give the same bytes.

    Raises:
        ValueError: a member is missing, empty or unknown.
    """
    return b"".join(_packed(members))


class _Pieces(io.RawIOBase):
    """What is written, by its place; members are referred to, not copied, as they may be large."""

    def __init__(self) -> None:
        self.by_place: dict[int, bytes] = {}
        self._at = 0

    def write(self, data: Any, /) -> int:  # noqa: ANN401  # a buffer
        self.by_place[self._at] = data if isinstance(data, bytes) else bytes(data)
        self._at += len(data)
        return len(data)

    def seek(self, at: int, whence: int = 0, /) -> int:
        if whence != io.SEEK_SET:
            raise ValueError("a place is counted from the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True


def _packed(members: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Return a bundle in pieces."""
    if not set(REQUIRED) <= set(members) <= set(MEMBERS) or not all(members.values()):
        raise ValueError(f"a bundle holds {', '.join(REQUIRED)}, none of them empty, no others")
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:
        for name in filter(members.__contains__, MEMBERS):
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr = (0o100000 | _MODE) << 16
            info.create_system = _UNIX
            archive.writestr(info, members[name])
    return tuple(pieces.by_place[at] for at in sorted(pieces.by_place))


def _is_exact(members: Mapping[str, bytes], file: BinaryIO) -> bool:
    """Tell whether members lead to the bytes of a file; read in parts, since it may be large."""
    file.seek(0)
    for piece in _packed(members):
        for at in range(0, len(piece), _PART_BYTES):
            part = piece[at : at + _PART_BYTES]
            if file.read(len(part)) != part:
                return False
    return not file.read(1)


def write(path: Path, members: Mapping[str, bytes]) -> None:
    """Write a bundle, whole or not at all; an existing file is never replaced.

    Raises:
        InputError: the file exists already or cannot be written.
        ValueError: a member is missing, empty or unknown.
    """
    pieces = _packed(members)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        finally:
            aside.unlink()
    except OSError as error:
        text = f"cannot be written: {error.strerror}."
        raise InputError(
            Problem(str(path), None, "bundle", text, "choose another file name.")
        ) from error


def read(path: Path) -> dict[str, bytes]:
    """Return the members of a bundle, in their order.

    Raises:
        InputError: the file cannot be read, is too large, is no zip, or is not in the one form
            that bundles have (a member missing, unknown, twice, compressed, elsewhere).
    """
    with _opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                _check_names(path, [info.filename for info in infos])
                _check_sizes(path, infos)
                members = {info.filename: archive.read(info) for info in infos}
            exact = _is_exact(members, file)
        except _UNREADABLE as error:
            words = f"is no readable bundle: {type(error).__name__}: {error}."
            raise _refused(path, _unreadable(file), words) from error
    if not exact:
        words = "is not in the one form that bundles have; something was altered."
        raise _refused(path, Item.FORM, words)
    return members


def read_member(path: Path, name: str) -> bytes:
    """Return one member of a bundle that `read` has accepted.

    Raises:
        InputError: it cannot be read any more.
    """
    with _opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return archive.read(name)
        except (*_UNREADABLE, KeyError) as error:
            words = f"is no readable bundle any more: {type(error).__name__}: {error}."
            raise _refused(path, Item.BROKEN, words) from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            words = f"has {size} bytes, expected at most {MAX_BUNDLE_BYTES}."
            raise _refused(path, Item.SIZE, words)
        file = path.open("rb")
    except OSError as error:
        raise _refused(path, Item.FILE, f"cannot be read: {error.strerror}.") from error
    with file:
        yield file


def _unreadable(file: BinaryIO) -> Item:
    """Tell a file that is no zip from one that was cut off and one with a wrong check sum."""
    file.seek(0)
    data = file.read()
    if not data.startswith(_FIRST_BYTES):
        return Item.NO_ZIP
    return Item.TRUNCATED if _END_RECORD not in data else Item.BROKEN


def _check_names(path: Path, names: list[str]) -> None:
    problems = [
        _problem(path, Item.TWICE, f"holds {name!r} twice.")
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    problems += [
        _problem(path, Item.LACKS, f"lacks {name}.") for name in REQUIRED if name not in names
    ]
    for name in sorted(set(names) - set(MEMBERS)):
        outside = name.startswith(("/", "\\")) or ".." in name or ":" in name
        item = Item.PATH if outside else Item.UNKNOWN
        problems.append(_problem(path, item, f"holds the unknown member {name[:80]!r}."))
    if problems:
        raise InputError(*problems)


def _check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse what would grow when it is read: a bundle's members are stored as they are."""
    for info in infos:
        stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
        if info.flag_bits & 1:
            raise _refused(path, Item.ENCRYPTED, f"holds {info.filename} encrypted.")
        if not stored:
            words = f"holds {info.filename} compressed, expected stored."
            raise _refused(path, Item.COMPRESSED, words)
    if sum(info.file_size for info in infos) > MAX_BUNDLE_BYTES:
        raise _refused(path, Item.BOMB, "says that its members are larger than the file.")


def _refused(path: Path, item: Item, message: str) -> InputError:
    return InputError(_problem(path, item, message))


def _problem(path: Path, item: Item, message: str) -> Problem:
    return Problem(str(path), None, item.value, message, "get the bundle again from the vendor.")
