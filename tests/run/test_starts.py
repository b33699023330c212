"""The log of starts: complete, in order, and not to be altered unseen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.run.starts import StartLog

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> StartLog:
    return StartLog(tmp_path / "x.starts.jsonl", "ab" * 32, lambda: AT)


def test_every_start_is_told_with_its_outcome(log: StartLog) -> None:
    log.begin("one")
    log.end("fail")
    log.begin("two")  # and is cut off
    told = log.begin("three")
    assert [(start["run"], start["outcome"]) for start in told] == [
        ("one", "fail"), ("two", None), ("three", None),
    ]  # fmt: skip
    assert told[0]["at"] == AT.isoformat()


def test_it_lies_beside_the_challenge(tmp_path: Path) -> None:
    assert StartLog.beside(tmp_path / "c.json", "x").path == tmp_path / "c.json.starts.jsonl"


def test_before_the_first_start_there_is_none(log: StartLog) -> None:
    assert log.starts() == []


@pytest.mark.parametrize("n", [0, 1])
def test_a_start_taken_out_is_noticed(log: StartLog, n: int) -> None:
    for _ in range(3):
        log.begin("run")
    lines = log.path.read_bytes().splitlines(keepends=True)
    del lines[n]
    log.path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="does not follow"):
        log.begin("again")


def test_an_altered_entry_is_noticed(log: StartLog) -> None:
    log.begin("run")
    log.end("fail")
    log.begin("run")
    log.path.write_text(log.path.read_text().replace('"fail"', '"pass"'))
    with pytest.raises(InputError, match="does not follow"):
        log.starts()


@pytest.mark.parametrize("text", ["x\n", "[]\n", "{}\n", json.dumps({"prev": "0" * 64}) + "\n"])
def test_junk_is_noticed(log: StartLog, text: str) -> None:
    log.path.write_text(text)
    with pytest.raises(InputError, match="no entry"):
        log.begin("run")


def test_the_log_of_another_challenge_is_refused(log: StartLog) -> None:
    log.begin("run")
    with pytest.raises(InputError, match="does not follow"):
        StartLog(log.path, "cd" * 32).starts()


def test_a_log_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        StartLog(tmp_path / "none" / "x", "ab" * 32).begin("run")
