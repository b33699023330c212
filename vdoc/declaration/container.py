"""The container of a declaration: one zip in one form only, written whole, read with suspicion.

Owns which members there are, their order, and the form: stored, not compressed, all with the same
time stamp and mode. So equal members give equal bytes, a member cannot grow while it is unpacked,
and a reader can demand every byte of the file. It knows nothing of what the members say.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from vdoc.errors import InputError, Problem

MEMBERS = (
    "README.txt",
    "declaration.json",
    "declaration.dsse.json",
    "pics.json",
    "settings.json",
    "plan.json",
    "evidence.jsonl.gz",
    "report.html",
)
SIGNED_MEMBERS = tuple(name for name in MEMBERS if not name.startswith("declaration."))
"""The members whose digests the declaration holds."""

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


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a bundle; the same members always give the same bytes.

    Raises:
        ValueError: a member is missing, empty or unknown.
    """
    return _packed(members).getvalue()


def _packed(members: Mapping[str, bytes]) -> io.BytesIO:
    if set(members) != set(MEMBERS) or not all(members.values()):
        raise ValueError(f"a bundle holds exactly {', '.join(MEMBERS)}, none of them empty")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr = (0o100000 | _MODE) << 16
            info.create_system = _UNIX
            archive.writestr(info, members[name])
    return buffer


def _is_exact(members: Mapping[str, bytes], data: bytes) -> bool:
    """Tell whether members lead to these bytes; compared in parts, since both may be large."""
    packed = _packed(members)
    if packed.tell() != len(data):
        return False
    packed.seek(0)
    parts = range(0, len(data), _PART_BYTES)
    return all(packed.read(_PART_BYTES) == data[at : at + _PART_BYTES] for at in parts)


def write(path: Path, members: Mapping[str, bytes]) -> None:
    """Write a bundle, whole or not at all; an existing file is never replaced.

    Raises:
        InputError: the file exists already or cannot be written.
        ValueError: a member is missing, empty or unknown.
    """
    data = pack(members)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("xb") as file:
            file.write(data)
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
    data = _file(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_names(path, [info.filename for info in infos])
            _check_sizes(path, infos)
            members = {info.filename: archive.read(info) for info in infos}
        exact = _is_exact(members, data)
    except _UNREADABLE as error:
        words = f"is no readable bundle: {type(error).__name__}: {error}."
        raise _refused(path, _unreadable(data), words) from error
    if not exact:
        words = "is not in the one form that bundles have; something was altered."
        raise _refused(path, Item.FORM, words)
    return members


def _file(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            words = f"has {size} bytes, expected at most {MAX_BUNDLE_BYTES}."
            raise _refused(path, Item.SIZE, words)
        return path.read_bytes()
    except OSError as error:
        raise _refused(path, Item.FILE, f"cannot be read: {error.strerror}.") from error


def _unreadable(data: bytes) -> Item:
    """Tell a file that is no zip from one that was cut off and one with a wrong check sum."""
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
        _problem(path, Item.LACKS, f"lacks {name}.") for name in MEMBERS if name not in names
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
