"""What is packed, pruned and forgotten when, and what never is."""

from __future__ import annotations

import gzip
import multiprocessing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.nightly.made import FIRST_NIGHT, Nights, case
from vdoc.errors import BenchError
from vdoc.nightly.history import History
from vdoc.nightly.retention import (
    Retention,
    Tidied,
    evidence_of,
    failing_nights,
    pack,
    tidy,
)
from vdoc.nightly.stored import FinishedRun

EVIDENCE = b'{"n":0}\n' * 5000


def on_disk(
    history: History, nights: Nights, place: Path, count: int, verdict: str = "pass"
) -> list[Path]:
    """So many nights of one station, each with evidence."""
    made = []
    for number in range(count):
        directory = place / str(number)
        directory.mkdir()
        (directory / "evidence.jsonl").write_bytes(EVIDENCE)
        one = case("TC_A", verdict)
        run = nights(one)
        history.forget(run)
        history.add(FinishedRun(replace(run, directory=directory), (one,), {}, None))
        made.append(directory)
    return made


def days_later(days: float) -> Retention:
    return Retention(pack_days=days, evidence_days=None)


NOW = FIRST_NIGHT + timedelta(days=11)  # the nights made are of day 1, 2, 3 …


class TestTidy:
    def test_packs_what_is_old_enough_but_never_the_newest(
        self, history: History, nights: Nights, tmp_path: Path
    ) -> None:
        first, second, newest = on_disk(history, nights, tmp_path, 3)
        done = tidy(history, days_later(9.5), NOW)
        assert (done.packed, done.pruned) == (1, 0)
        assert gzip.decompress((first / "evidence.jsonl.gz").read_bytes()) == EVIDENCE
        assert done.freed_bytes == len(EVIDENCE) - (first / "evidence.jsonl.gz").stat().st_size
        assert not (first / "evidence.jsonl").exists()
        assert (second / "evidence.jsonl").exists()
        assert tidy(history, days_later(0), NOW).packed == 1
        assert (newest / "evidence.jsonl").exists()

    def test_prunes_evidence_and_keeps_the_verdicts(
        self, history: History, nights: Nights, tmp_path: Path
    ) -> None:
        first, _ = on_disk(history, nights, tmp_path, 2)
        policy = Retention(pack_days=1, evidence_days=5)
        assert tidy(history, policy, NOW) == Tidied(pruned=1, freed_bytes=len(EVIDENCE))
        assert list(first.iterdir()) == []
        oldest = history.runs()[-1]
        assert not oldest.evidence_kept
        assert history.cases(oldest) == (case("TC_A"),)
        assert tidy(history, policy, NOW) == Tidied()

    def test_forgets_runs_last(self, history: History, nights: Nights, tmp_path: Path) -> None:
        on_disk(history, nights, tmp_path, 3)
        assert tidy(history, Retention(run_days=9.5), NOW).forgotten == 1
        assert len(history.runs()) == 2

    def test_leaves_files_that_no_run_wrote(
        self, history: History, nights: Nights, tmp_path: Path
    ) -> None:
        first, _ = on_disk(history, nights, tmp_path, 2)
        (first / "notes.txt").write_text("mine")
        tidy(history, Retention(run_days=0), NOW)
        assert [path.name for path in first.iterdir()] == ["notes.txt"]

    def test_evidence_that_is_gone_already_is_no_error(
        self, history: History, nights: Nights
    ) -> None:
        nights(), nights()
        assert tidy(history, Retention(evidence_days=1), NOW).pruned == 1


class TestPack:
    def test_a_failure_leaves_the_original(self, tmp_path: Path) -> None:
        (tmp_path / "evidence.jsonl").write_bytes(EVIDENCE)
        (tmp_path / "evidence.jsonl.gz").mkdir()
        with pytest.raises(BenchError, match="cannot pack"):
            pack(tmp_path)
        assert (tmp_path / "evidence.jsonl").read_bytes() == EVIDENCE
        assert sorted(p.name for p in tmp_path.iterdir()) == [
            "evidence.jsonl", "evidence.jsonl.gz",
        ]  # fmt: skip


def pack_in_a_process(directory: Path) -> None:
    pack(directory)


class TestSeveralAtOnce:
    def test_two_processes_that_pack_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "evidence.jsonl").write_bytes(EVIDENCE * 40)
        context = multiprocessing.get_context("fork")
        both = [context.Process(target=pack_in_a_process, args=(tmp_path,)) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join(60)
        assert [process.exitcode for process in both] == [0, 0]
        assert gzip.decompress((tmp_path / "evidence.jsonl.gz").read_bytes()) == EVIDENCE * 40
        assert [path.name for path in tmp_path.iterdir()] == ["evidence.jsonl.gz"]

    def test_what_another_has_packed_is_no_error(self, tmp_path: Path) -> None:
        assert pack(tmp_path) == 0


class TestNightsThatFailed:
    POLICY = Retention(pack_days=None, evidence_days=1, run_days=2, failing_days=8)

    def test_keep_their_evidence_longer_and_never_lose_it_unsaid(
        self, history: History, nights: Nights, tmp_path: Path
    ) -> None:
        on_disk(history, nights, tmp_path, 3, verdict="fail")
        soon, later = NOW - timedelta(days=2), NOW
        assert failing_nights(history, self.POLICY, soon) == ()
        assert tidy(history, self.POLICY, soon) == Tidied()
        (two_days,) = [replace(self.POLICY, run_days=None)]
        said = failing_nights(history, two_days, later)
        assert said == (
            "the evidence of wall of 2026-11-03 (" + history.runs()[1].id[:10] + "), a night that "
            "failed, is removed after 8 days",
            "the evidence of wall of 2026-11-02 (" + history.runs()[2].id[:10] + "), a night that "
            "failed, is removed after 8 days",
        )
        assert tidy(history, two_days, later).pruned == 2
        assert failing_nights(history, two_days, later) == ()
        assert failing_nights(history, self.POLICY, later) == ()
        assert tidy(history, self.POLICY, later).forgotten == 2

    def test_are_kept_for_ever_on_request(
        self, history: History, nights: Nights, tmp_path: Path
    ) -> None:
        on_disk(history, nights, tmp_path, 2, verdict="fail")
        for_ever = replace(self.POLICY, failing_days=None)
        assert tidy(history, for_ever, NOW + timedelta(days=9999)) == Tidied()


def test_what_there_is_of_the_evidence_is_told(
    history: History, nights: Nights, tmp_path: Path
) -> None:
    on_disk(history, nights, tmp_path, 4)
    newest, *_ = history.runs()
    tidy(history, Retention(pack_days=8.5, evidence_days=9.5), NOW)
    assert [evidence_of(run).value for run in history.runs()] == [
        "kept", "kept", "packed", "pruned",
    ]  # fmt: skip
    (newest.directory / "evidence.jsonl").unlink()
    assert evidence_of(newest).value == "missing"
