"""The journal: on the disk before a change is sent, for its owner's eyes only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.run.journal import Journal


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write({"slot": 2})
    journal.write({"profile": 2})
    assert journal.entries() == [{"slot": 2}, {"profile": 2}]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write({"password": {"name": "p2", "text": "x" * 20}})
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write({"slot": 2})
    with journal.path.open("ab") as file:
        file.write(b'{"slot": ')
    assert journal.entries() == [{"slot": 2}]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.path.write_bytes(b"nonsense\n{}\n")
    with pytest.raises(InputError, match=":1: journal"):
        journal.entries()


def test_no_file_means_no_entries(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal").entries() == []
