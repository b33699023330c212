"""The journal: on the disk before a change is sent, for its owner's eyes only."""

from __future__ import annotations

import json
import os
import resource
import stat
from pathlib import Path
from unittest import mock

import pytest

from vdoc.run.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def given(text: str) -> dict[str, dict[str, str]]:
    return {"password": {"name": "p2", "text": text}}


def test_entries_stand_in_order(journal: Journal) -> None:
    journal.write({"slot": 2})
    journal.write({"profile": 2})
    lines = journal.path.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"slot": 2}, {"profile": 2}]


def test_only_the_owner_may_read_it(journal: Journal) -> None:
    journal.write(given("x" * 20))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_an_entry_is_on_the_disk_and_so_is_its_file(journal: Journal) -> None:
    synced: list[tuple[str, int]] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        synced.append((name, journal.path.stat().st_size))

    with mock.patch("os.fsync", watched):
        journal.write({"slot": 2})
        size = journal.path.stat().st_size
        assert synced == [(journal.path.name, size), (journal.path.parent.name, size)]


def test_it_tells_the_passwords_that_the_dut_may_have(journal: Journal) -> None:
    assert journal.passwords() == []
    for entry in (given("first"), {"slot": 2}, {"password": {"name": "initial", "text": None}}):
        journal.write(entry)
    journal.write(given("last"))
    assert journal.passwords() == ["first", "last"]


def test_a_line_that_a_killed_run_left_torn_spoils_no_other(journal: Journal) -> None:
    journal.write(given("first"))
    with journal.path.open("ab") as file:
        file.write(b'{"password": {"name"')
    journal.write(given("second"))
    journal.write(given("last"))
    assert journal.passwords() == ["first", "second", "last"]


def test_a_full_disk_is_told_before_the_change_is_sent(journal: Journal) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, limits[1]))
    try:
        with pytest.raises(OSError, match="a part of an entry"):
            journal.write(given("first"))
        with pytest.raises(OSError, match="File too large"):
            journal.write(given("first"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.write(given("second"))
    assert journal.passwords() == ["second"]


def test_what_was_before_is_kept_once(journal: Journal) -> None:
    journal.set_aside()
    journal.write(given("first"))
    journal.set_aside()
    journal.set_aside()  # nothing was written since, so the DUT may have been left as it was
    assert journal.passwords() == []
    before = Journal(journal.path.with_name("journal.jsonl.before"))
    assert before.passwords() == ["first"]
    assert stat.S_IMODE(before.path.stat().st_mode) == 0o600
