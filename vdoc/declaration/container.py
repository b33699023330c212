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
_UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, EOFError, OSError, RuntimeError,
    LookupError, OverflowError, TypeError, MemoryError,
)  # fmt: skip


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a bundle; the same members always give the same bytes.

    Raises:
        ValueError: a member is missing, empty or unknown.
    """
    if set(members) != set(MEMBERS) or not all(members.values()):
        raise ValueError(f"a bundle holds exactly {', '.join(MEMBERS)}, none of them empty")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr = (0o100000 | _MODE) << 16
            info.create_system = _UNIX
            archive.writestr(info, members[name])
    return buffer.getvalue()


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
        exact = pack(members) == data
    except _UNREADABLE as error:
        raise _refused(path, f"is no readable bundle: {type(error).__name__}: {error}.") from error
    if not exact:
        raise _refused(path, "is not in the one form that bundles have; something was altered.")
    return members


def _file(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            raise _refused(path, f"has {size} bytes, expected at most {MAX_BUNDLE_BYTES}.")
        return path.read_bytes()
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}.") from error


def _check_names(path: Path, names: list[str]) -> None:
    problems = [f"holds {name!r} twice" for name in set(names) if names.count(name) > 1]
    problems += [f"lacks {name}" for name in MEMBERS if name not in names]
    problems += [f"holds the unknown member {n[:80]!r}" for n in names if n not in MEMBERS]
    if problems:
        raise InputError(*(_problem(path, f"{words}.") for words in sorted(problems)))


def _check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse what would grow when it is read: a bundle's members are stored as they are."""
    for info in infos:
        stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
        if not stored or info.flag_bits & 1:
            raise _refused(path, f"holds {info.filename} compressed or encrypted, expected stored.")
    if sum(info.file_size for info in infos) > MAX_BUNDLE_BYTES:
        raise _refused(path, "says that its members are larger than the file.")


def _refused(path: Path, message: str) -> InputError:
    return InputError(_problem(path, message))


def _problem(path: Path, message: str) -> Problem:
    return Problem(str(path), None, "bundle", message, "get the bundle again from the vendor.")
