"""How long what is kept: evidence is packed, then pruned; runs are forgotten last.

Owns the policy. Packing never loses a byte: the original goes only after the packed form is on
disk, has been read back and has the same hash. The newest run of each station is always kept whole,
however old, and only files that a run itself wrote are ever removed.

The evidence of a night that failed is the only copy of what the station did wrong. It has a longer
term of its own, and whoever removes it can say so before (`failing_nights`).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from io import BufferedReader
from pathlib import Path
from typing import assert_never

from vdoc.declaration import RunVerdict
from vdoc.errors import BenchError
from vdoc.nightly.finished import EVIDENCE
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredRun

_PACKED = f"{EVIDENCE}.gz"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Retention:
    """After how many days what is done to a run; None means never.

    Attributes:
        pack_days: evidence is compressed.
        evidence_days: evidence is removed; verdicts and times stay in the history.
        run_days: the run is forgotten as well.
        failing_days: neither is done to a run that failed before it is as old as this.
    """

    pack_days: float | None = 2.0
    evidence_days: float | None = 90.0
    run_days: float | None = None
    failing_days: float | None = 365.0


class Evidence(Enum):
    """What there is of the evidence of a run."""

    KEPT = "kept"
    PACKED = "packed"
    PRUNED = "pruned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done to how many runs, and how many bytes of disk that freed."""

    packed: int = 0
    pruned: int = 0
    forgotten: int = 0
    freed_bytes: int = 0


class _Deed(Enum):
    PACK = "pack"
    PRUNE = "prune"
    FORGET = "forget"


def evidence_of(run: StoredRun) -> Evidence:
    """Return what there is of the evidence of a run; missing: gone, and not by retention."""
    if not run.evidence_kept:
        return Evidence.PRUNED
    if (run.directory / EVIDENCE).is_file():
        return Evidence.KEPT
    return Evidence.PACKED if (run.directory / _PACKED).is_file() else Evidence.MISSING


def failing_nights(history: History, policy: Retention, now: datetime) -> tuple[str, ...]:
    """Say of which nights that failed the evidence goes with the next `tidy`.

    Args:
        history: whose runs are looked at.
        policy: after how long what.
        now: aware.
    """
    return tuple(
        f"the evidence of {run.dut} of {run.started:%Y-%m-%d} ({run.id[:10]}), a night that failed,"
        f" is removed after {policy.failing_days:g} days"
        for run, deed in _due(history, policy, now)
        if deed is not _Deed.PACK and _failed(run) and run.evidence_kept
    )


def tidy(history: History, policy: Retention, now: datetime) -> Tidied:
    """Apply the policy and return what was done.

    Args:
        history: whose runs are looked at.
        policy: after how long what.
        now: aware; passed in, so that tests own time.

    Raises:
        BenchError: a file could not be packed or removed.
    """
    packed = pruned = forgotten = freed = 0
    for run, deed in list(_due(history, policy, now)):
        match deed:
            case _Deed.FORGET:
                freed += _prune(run)
                history.forget(run)
                forgotten += 1
            case _Deed.PRUNE:
                freed += _prune(run)
                history.evidence_pruned(run)
                pruned += 1
            case _Deed.PACK:
                freed += pack(run.directory)
                packed += 1
            case _:
                assert_never(deed)
    return Tidied(packed, pruned, forgotten, freed)


def _due(history: History, policy: Retention, now: datetime) -> Iterator[tuple[StoredRun, _Deed]]:
    for run in _but_newest(history.runs()):
        age = now - run.started
        spared = _failed(run) and not _older(age, policy.failing_days)
        if _older(age, policy.run_days) and not spared:
            yield run, _Deed.FORGET
        elif _older(age, policy.evidence_days) and run.evidence_kept and not spared:
            yield run, _Deed.PRUNE
        elif _older(age, policy.pack_days) and (run.directory / EVIDENCE).is_file():
            yield run, _Deed.PACK


def _failed(run: StoredRun) -> bool:
    return run.verdict is RunVerdict.FAIL


def pack(directory: Path) -> int:
    """Compress the evidence of a run and return how many bytes that freed.

    Another `vdoc` may do the same at the same time: whoever comes second has nothing to do.

    Raises:
        BenchError: it cannot be done; the original is then as it was.
    """
    plain, packed = directory / EVIDENCE, directory / _PACKED
    aside = directory / f".{_PACKED}.{os.getpid()}"
    try:
        before = plain.stat()
        with plain.open("rb") as source, gzip.open(aside, "wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
        _to_disk(aside)
        with plain.open("rb") as source, gzip.open(aside, "rb") as unpacked:
            same = _sha256(source) == _sha256(BufferedReader(unpacked))
        if not same:
            raise BenchError(f"{aside} does not unpack to what was packed; {plain} stays")
        os.utime(aside, (before.st_atime, before.st_mtime))
        aside.replace(packed)
        _to_disk(directory)
        plain.unlink()
        return before.st_size - packed.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise BenchError(f"cannot pack {plain}: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Have a file or directory written out, so that a power cut takes nothing back."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _but_newest(runs: Iterable[StoredRun]) -> Iterator[StoredRun]:
    """Yield runs that come newest first, without the first of each station."""
    seen: set[str] = set()
    for run in runs:
        if run.dut in seen:
            yield run
        seen.add(run.dut)


def _older(age: timedelta, days: float | None) -> bool:
    return days is not None and age > timedelta(days=days)


def _prune(run: StoredRun) -> int:
    freed = 0
    for name in (EVIDENCE, _PACKED):
        path = run.directory / name
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BenchError(f"cannot remove {path}: {error.strerror}") from error
        freed += size
    return freed


def _sha256(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
