"""From the files of a run to what the history keeps, whole runs and such as were cut off."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.nightly.made import FIRST_NIGHT, RunDirectory
from vdoc.bench import Facts, VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.errors import InputError
from vdoc.evidence import Kind
from vdoc.nightly.finished import CUT_OFF, NO_RESULT, Known, read_finished
from vdoc.nightly.history import History
from vdoc.nightly.stored import FinishedRun, StoredRun

VARIABLE = VariableFact(component="OCPPCommCtrlr", variable="HeartbeatInterval", value="60")


def read(directory: RunDirectory, *, firmware: str = "", void: str = "") -> FinishedRun:
    return read_finished(directory.path, Known("wall", firmware, void))


def failing_case(directory: RunDirectory) -> None:
    directory.begin("TC_C_01_CS", "local=ISO14443")
    n = directory.received([2, "s1", "Authorize", {"idToken": {}}])
    directory.check()
    directory.check(passed=False, n=n)
    directory.verdict("fail")


@pytest.fixture
def failed(run_directory: RunDirectory) -> RunDirectory:
    run_directory.start()
    run_directory.facts(VARIABLE)
    run_directory.begin("restore")
    run_directory.check()
    run_directory.verdict("pass")
    failing_case(run_directory)
    return run_directory


class TestWholeRun:
    def test_what_it_was_made_with(self, failed: RunDirectory) -> None:
        failed.end("fail")
        run = read(failed).run
        assert (run.dut, run.vendor, run.firmware_version) == ("wall", "Acme", "3.2.1")
        assert (run.verdict, run.void_because, run.seed) == (RunVerdict.FAIL, "", 7)
        assert run.started.date() == FIRST_NIGHT.date()
        assert (run.catalogue_digest, run.plan_digest, run.planned) == ("cc", "ee", 2)

    def test_the_runners_own_cases_are_left_out(self, failed: RunDirectory) -> None:
        failed.end("fail")
        assert [(c.case, c.variant) for c in read(failed).cases] == [
            ("TC_C_01_CS", "local=ISO14443")
        ]
        assert read(failed).run.counts == {Verdict.FAIL: 1}

    def test_a_failure_names_the_message_that_shows_it(self, failed: RunDirectory) -> None:
        failed.end("fail")
        (found,) = read(failed).cases
        (failure,) = found.failures
        assert (failure.requirement, failure.what, failure.message) == (
            "C01.FR.02", "idToken", "Authorize",
        )  # fmt: skip
        assert (found.checks, failure.actual) == (2, "'FFFF'")

    def test_an_answer_is_named_by_its_request(self, run_directory: RunDirectory) -> None:
        run_directory.begin("TC_C_01_CS")
        run_directory.sent([2, "m", "ClearCache", {}])
        run_directory.check(passed=False, n=run_directory.received([3, "m", {}]))
        run_directory.verdict("fail")
        run_directory.end("fail")
        assert read(run_directory).cases[0].failures[0].message == "ClearCacheResponse"

    def test_the_device_model(self, failed: RunDirectory) -> None:
        failed.end("fail")
        assert read(failed).facts == Facts(variables=(VARIABLE,))
        assert len(read(failed).run.device_model) == 64

    def test_the_firmware_of_the_night_when_none_was_installed(self, failed: RunDirectory) -> None:
        failed.end("fail")
        assert read(failed, firmware="ab").run.firmware == "ab"
        assert read(failed).run.firmware == "3.2.1"

    def test_packed_evidence_reads_the_same(self, failed: RunDirectory) -> None:
        failed.end("fail")
        before = read(failed)
        plain = failed.path / "evidence.jsonl"
        (failed.path / "evidence.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
        assert read(failed) == before


class TestRunThatWasCutOff:
    def test_without_a_seal_it_is_void_and_keeps_its_cases(self, failed: RunDirectory) -> None:
        found = read(failed)
        assert (found.run.verdict, found.run.void_because) == (RunVerdict.VOID, CUT_OFF)
        assert [c.verdict for c in found.cases] == [Verdict.FAIL]

    def test_without_a_result_it_is_void(self, failed: RunDirectory) -> None:
        failed.end("fail")
        (failed.path / "result.json").unlink()
        assert read(failed).run.void_because == NO_RESULT

    def test_a_void_run_says_why(self, run_directory: RunDirectory) -> None:
        run_directory.line(Kind.RUN, {"what": "void", "because": "unplugged"})
        run_directory.end("void", void_because="unplugged")
        assert read(run_directory).run.void_because == "unplugged"

    def test_what_happened_around_it_goes_first(self, failed: RunDirectory) -> None:
        assert read(failed, void="the bench was rebooted").run.void_because.startswith("the bench")


class TestRefusals:
    def test_a_directory_without_evidence(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="has no evidence"):
            read_finished(tmp_path, Known("wall"))

    def test_evidence_without_a_line(self, tmp_path: Path) -> None:
        (tmp_path / "evidence.jsonl").write_bytes(b"")
        with pytest.raises(InputError, match="no whole line"):
            read_finished(tmp_path, Known("wall"))

    def test_a_result_that_is_none(self, failed: RunDirectory) -> None:
        (failed.end("fail") / "result.json").write_text('{"verdict": "perhaps"}')
        with pytest.raises(InputError, match="no result of a run"):
            read(failed)


def test_half_a_surrogate_pair_from_a_station_loses_no_night(
    run_directory: RunDirectory, history: History
) -> None:
    run_directory.start()
    run_directory.begin("TC_A")
    n = run_directory.received([2, "s1", "Author\ud800ize", {}])
    run_directory.check(passed=False, n=n, what="idToken \udfff \x00")
    run_directory.verdict("fail", "because of \ud800")
    run_directory.end("fail", crashes=["\ud800"])
    finished = read(run_directory)
    assert history.add(finished)
    assert history.cases(finished.run) == finished.cases
    assert finished.cases[0].because == "because of \\ud800"


class TestConditions:
    PRODUCT: ClassVar = {"vendor": "Acme", "firmware_version": "1", "firmware_image_sha256": "ab"}
    SETTINGS: ClassVar = {"firmware": {"version": "1"}, "boot_s": 30, "token": {"withheld": "c0"}}

    def started(self, place: Path, pics: Any, settings: Any) -> StoredRun:
        directory = RunDirectory(place)
        directory.line(Kind.RUN, {"what": "start", "pics": pics, "settings": settings})
        run = read(directory).run
        directory.writer.close()
        return run

    def test_a_new_firmware_or_salt_changes_neither(self, tmp_path: Path) -> None:
        pics = {"product": self.PRODUCT, "profiles": ["Core"]}
        new = {**pics, "product": {**self.PRODUCT, "firmware_version": "2"}}
        other = {**self.SETTINGS, "firmware": {"version": "2"}, "token": {"withheld": "d1"}}
        one = self.started(tmp_path / "1", pics, {"settings": self.SETTINGS, "salts": {"a": "b"}})
        two = self.started(tmp_path / "2", new, {"settings": other, "salts": {"a": "c"}})
        assert one.pics_claims == two.pics_claims != ""
        assert one.bench_facts == two.bench_facts != ""

    def test_anything_else_does(self, tmp_path: Path) -> None:
        pics = {"product": self.PRODUCT, "profiles": ["Core"]}
        other = {**self.SETTINGS, "boot_s": 60}
        one = self.started(tmp_path / "1", pics, {"settings": self.SETTINGS})
        two = self.started(tmp_path / "2", {**pics, "profiles": []}, {"settings": other})
        assert one.pics_claims != two.pics_claims
        assert one.bench_facts != two.bench_facts
