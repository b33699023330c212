"""Writing: on the way to the disk before `append` returns, stamped, chained, never continued."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vdoc.evidence.writer
from vdoc.errors import BenchError
from vdoc.evidence import EvidenceWriter, Kind, SystemClock
from vdoc.evidence.merkle import leaf_hash


def last(writer: EvidenceWriter) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(writer.path.read_bytes().splitlines()[-1])
    return line


def test_a_line_is_in_the_file_before_append_returns(writer: EvidenceWriter) -> None:
    line = writer.append(Kind.NOTE, {"text": "x"}, case="TC_X_01_CS", variant="-")
    assert last(writer)["data"] == line.data == {"text": "x"}
    assert (writer.count, line.n) == (1, 0)


def test_stamps_never_decrease(writer: EvidenceWriter, clock: Any) -> None:
    clock.wall, clock.mono = [5_000, 3_000, 9_000], [50, 40, 60]
    stamps = [writer.append(Kind.NOTE, {}) for _ in range(3)]
    assert [line.at_ns for line in stamps] == [5_000, 5_000, 9_000]
    assert [line.mono_ns for line in stamps] == [50, 50, 60]


def test_a_line_is_returned_as_it_will_be_read(
    writer: EvidenceWriter, reading: Callable[..., Any]
) -> None:
    line = writer.append(Kind.NOTE, {"text": "\ud800ü\n"}, case="TC", variant="-")
    assert reading([writer.path.read_bytes()]).lines == [line]


def test_the_seal_repeats_count_head_and_tree_and_closes(writer: EvidenceWriter) -> None:
    writer.append(Kind.NOTE, {})
    head = writer.head
    tree = leaf_hash(writer.path.read_bytes()[:-1]).hex()
    seal = writer.seal({"void": True})
    assert seal.data == {"lines": 1, "head": head, "tree": tree, "void": True}
    with pytest.raises(BenchError, match="Bad file descriptor"):
        writer.append(Kind.NOTE, {})


def test_a_file_is_never_continued(writer: EvidenceWriter) -> None:
    with pytest.raises(BenchError, match="File exists"):
        EvidenceWriter(writer.path, SystemClock())


def test_a_missing_directory_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="No such file"):
        EvidenceWriter(tmp_path / "none" / "evidence.jsonl", SystemClock())


def test_what_json_cannot_say_is_not_written(writer: EvidenceWriter) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        writer.append(Kind.NOTE, {"value": float("nan")})
    assert writer.append(Kind.NOTE, {}).n == 0
    assert last(writer)["n"] == 0


def test_a_full_disk_is_reported(writer: EvidenceWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int, _text: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(BenchError, match="No space left on device"):
        writer.append(Kind.NOTE, {})


def test_nothing_follows_a_line_that_was_not_taken_whole(
    writer: EvidenceWriter, monkeypatch: pytest.MonkeyPatch, reading: Callable[..., Any]
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, text: write(fd, text[:10]))
    with pytest.raises(BenchError, match=r"disk full\? \(10 of"):
        writer.append(Kind.NOTE, {})
    monkeypatch.undo()
    with pytest.raises(BenchError, match="disk full"):
        writer.append(Kind.NOTE, {})
    assert reading([writer.path.read_bytes()]).codes == {"torn"}


def test_a_disk_that_fails_is_reported_at_the_next_line(
    writer: EvidenceWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    writer.append(Kind.NOTE, {})
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(BenchError, match="Input/output error"):
        writer.sync()
    with pytest.raises(BenchError, match="Input/output error"):
        writer.append(Kind.NOTE, {})
    monkeypatch.undo()


def test_what_is_written_is_synced_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vdoc.evidence.writer, "SYNC_INTERVAL_S", 0.001)
    synced = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _fd: synced.set())
    writer = EvidenceWriter(tmp_path / "evidence.jsonl", SystemClock())
    writer.append(Kind.NOTE, {})
    assert synced.wait(10)
    writer.close()


def test_closing_twice_is_harmless(writer: EvidenceWriter) -> None:
    writer.close()
    writer.close()


def test_the_machine_gives_both_clocks() -> None:
    clock = SystemClock()
    assert clock.mono_ns() <= clock.mono_ns()
    assert clock.wall_ns() > 1_700_000_000_000_000_000
