"""The database: what goes in comes out, whoever else writes at the same time."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.nightly.made import FIRST_NIGHT, Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.errors import BenchError, InputError
from vdoc.nightly.history import History
from vdoc.nightly.schema import MIGRATIONS
from vdoc.nightly.stored import FinishedRun, Parameter

VARIABLE = VariableFact(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="60")
TIMES = {Parameter.BOOT: (30.25, 31.5), Parameter.ANSWER: (0.0125,)}


class TestWhatGoesInComesOut:
    def test_a_run(self, history: History, nights: Nights) -> None:
        run = nights(case("TC_A"), case("TC_B", "fail"), variables=(VARIABLE,))
        assert history.runs() == (run,)
        assert history.run(run.id[:8]) == run

    def test_its_cases_with_their_failures(self, history: History, nights: Nights) -> None:
        cases = (case("TC_B"), case("TC_A", "fail", failure(line=None), failure("X.FR.01")))
        assert history.cases(nights(*cases)) == cases

    def test_its_times(self, history: History, nights: Nights) -> None:
        assert history.times(nights(times=TIMES)) == TIMES

    def test_its_device_model_which_equal_runs_share(
        self, history: History, nights: Nights
    ) -> None:
        first, second = nights(variables=(VARIABLE,)), nights(variables=(VARIABLE,))
        assert history.device_model(first) == history.device_model(second) == (VARIABLE,)
        assert history.device_model(nights()) is None

    def test_the_same_run_twice_is_once(self, history: History, nights: Nights) -> None:
        run = nights(case("TC_A"))
        assert not history.add(FinishedRun(replace(run, seed=8), (case("TC_A"),), {}, None))
        assert history.runs() == (run,)


class TestQuestions:
    def test_newest_first_by_station_time_and_kind(self, history: History, nights: Nights) -> None:
        one, void, two = nights(), nights(void="unplugged"), nights()
        other = nights(dut="pole")
        assert history.duts() == ("pole", "wall")
        assert history.runs() == (other, two, void, one)
        assert history.runs("wall", comparable=True) == (two, one)
        assert history.runs("wall", before=two.started, limit=1) == (void,)

    def test_verdicts_of_several_runs(self, history: History, nights: Nights) -> None:
        runs = nights(case("TC_A")), nights(case("TC_A", "inconc"))
        assert [c[0].verdict for c in history.verdicts(runs).values()] == ["pass", "inconc"]

    def test_an_unknown_or_ambiguous_id_is_refused(self, history: History, nights: Nights) -> None:
        nights(), nights()
        for name in ("xyz", ""):
            with pytest.raises(InputError, match="nightly list"):
                history.run(name)


class TestForgetting:
    def test_takes_everything_that_hangs_on_the_run(self, history: History, nights: Nights) -> None:
        run = nights(case("TC_A", "fail"), times=TIMES, variables=(VARIABLE,))
        history.forget(run)
        history.forget(run)
        history.evidence_pruned(run)
        assert history.runs() == ()
        assert history.cases(run) == ()
        assert history.times(run) == {}
        assert history.device_model(run) is None

    def test_evidence_alone(self, history: History, nights: Nights) -> None:
        run = nights()
        history.evidence_pruned(run)
        assert not history.run(run.id).evidence_kept


NAMES = [each.name for each in MIGRATIONS.pending(Database(memory=True))]
RUN_OF_THE_FIRST_VERSION = """
insert into run values ('ab', 'wall', '/runs', '2026-11-01T02:00:00.000000Z', 1.5, 'pass', '', '[]',
  'Acme', 'Wall', '1', '', '', '', '1', '', '', 7, 1, '0.1.0', '{}', '', 1)
"""


def open_together(path: Path, together: Barrier) -> None:
    together.wait()
    History(path).close()


def write_twenty(path: Path, dut: str) -> None:
    with History(path) as history:
        nights = Nights(history)
        for _ in range(20):
            nights(*(case(f"TC_{n}", "fail") for n in range(30)), dut=dut)


class TestTheFile:
    def test_two_processes_that_open_and_write_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "shared.sqlite"
        context = multiprocessing.get_context("spawn")
        writers = [context.Process(target=write_twenty, args=(path, d)) for d in ("one", "two")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        assert [writer.exitcode for writer in writers] == [0, 0]
        with History(path) as history:
            assert len(history.runs()) == 40
            assert all(len(history.cases(run)) == 30 for run in history.runs())

    @pytest.mark.parametrize("applied", range(len(NAMES)))
    def test_a_database_of_each_older_version_is_migrated(
        self, tmp_path: Path, applied: int
    ) -> None:
        path = tmp_path / "h.sqlite"
        with Database(path) as old:
            MIGRATIONS.apply(old, stop_before=NAMES[applied])
            if applied:
                old.execute(RUN_OF_THE_FIRST_VERSION)
        with History(path) as history:
            runs = history.runs()
            assert [(run.id, run.pics_claims, run.bench_facts) for run in runs] == (
                [("ab", "", "")] if applied else []
            )
            assert history.add(FinishedRun(Nights(history)(case("TC_A")), (), {}, None)) is False
        with Database(path) as now, Database(memory=True) as new:
            MIGRATIONS.apply(new)
            assert now.schema == new.schema

    def test_six_processes_that_open_a_new_file_at_once(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("fork")
        together = context.Barrier(6)
        openers = [
            context.Process(target=open_together, args=(tmp_path / "h.sqlite", together))
            for _ in range(6)
        ]
        for opener in openers:
            opener.start()
        for opener in openers:
            opener.join(60)
        assert [opener.exitcode for opener in openers] == [0] * 6

    def test_a_file_that_another_program_holds_is_said_in_words(
        self, history: History, nights: Nights
    ) -> None:
        list(history.query("pragma busy_timeout = 1"))
        other = sqlite3.connect(history.path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(BenchError, match="another program has been holding it"):
            nights(case("TC_A"))
        other.rollback()
        other.close()
        assert nights(case("TC_A")) in history.runs()

    def test_whoever_reads_needs_not_wait_for_a_writer(
        self, history: History, nights: Nights
    ) -> None:
        run = nights(case("TC_A"))
        with history.writing(), History(history.path) as reader:
            assert reader.runs() == (run,)

    def test_opening_again_migrates_nothing_anew(self, tmp_path: Path) -> None:
        for _ in range(2):
            with History(tmp_path / "h.sqlite") as history:
                assert history.runs(before=FIRST_NIGHT) == ()

    def test_a_newer_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "h.sqlite"
        History(path).close()
        with sqlite3.connect(path) as newer:
            newer.execute("update _sqlite_migrations set name = 'm999' where name like 'm001%'")
        newer.close()
        with pytest.raises(InputError, match="m999"):
            History(path)

    def test_a_file_that_is_none_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "h.sqlite").write_text("no database at all, " * 100)
        with pytest.raises(InputError, match="cannot be used"):
            History(tmp_path / "h.sqlite")

    def test_what_fails_half_way_leaves_nothing(self, history: History, nights: Nights) -> None:
        with pytest.raises(sqlite3.IntegrityError):
            nights(replace(case("TC_A"), because=None))  # type: ignore[arg-type]  # on purpose
        assert history.runs() == ()
