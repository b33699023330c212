"""How long what is kept: evidence is packed, then pruned; runs are forgotten last.

Owns the policy. Packing never loses a byte: the original goes only after the packed form has been
read back and has the same hash. The newest run of each station is always kept whole, however old,
and only files that a run itself wrote are ever removed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path

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
    """

    pack_days: float | None = 2.0
    evidence_days: float | None = 90.0
    run_days: float | None = None


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done to how many runs, and how many bytes of disk that freed."""

    packed: int = 0
    pruned: int = 0
    forgotten: int = 0
    freed_bytes: int = 0


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
    for run in _but_newest(history.runs()):
        age = now - run.started
        if _older(age, policy.run_days):
            history.forget(run)
            freed += _prune(run)
            forgotten += 1
        elif _older(age, policy.evidence_days) and run.evidence_kept:
            freed += _prune(run)
            history.evidence_pruned(run)
            pruned += 1
        elif _older(age, policy.pack_days) and (run.directory / EVIDENCE).is_file():
            freed += pack(run.directory)
            packed += 1
    return Tidied(packed, pruned, forgotten, freed)


def pack(directory: Path) -> int:
    """Compress the evidence of a run and return how many bytes that freed.

    Raises:
        BenchError: it cannot be done; the original is then as it was.
    """
    plain, packed = directory / EVIDENCE, directory / _PACKED
    aside = directory / f".{_PACKED}.{os.getpid()}"
    before = plain.stat()
    try:
        with plain.open("rb") as source, gzip.open(aside, "wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
        with plain.open("rb") as source, gzip.open(aside, "rb") as unpacked:
            same = _sha256(source) == _sha256(BufferedReader(unpacked))
        if not same:
            raise BenchError(f"{aside} does not unpack to what was packed; {plain} stays")
        os.utime(aside, (before.st_atime, before.st_mtime))
        aside.replace(packed)
        plain.unlink()
    except OSError as error:
        raise BenchError(f"cannot pack {plain}: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)
    return before.st_size - packed.stat().st_size


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
