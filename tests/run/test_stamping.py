"""Time stamps around a run: none, no run; and none at the end, no harm."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import vdoc.cli.reference_bench
from tests.reference_runs import ReferenceRuns, RunRequest
from tests.signing.tsa import Tsa, serving
from vdoc.bench import Bench
from vdoc.catalogue import load_catalogue
from vdoc.declaration.stamps import Stamping
from vdoc.digest import canonical, sha256_hex
from vdoc.errors import InputError
from vdoc.pics import Timestamps, load_pics, load_settings
from vdoc.plan import make_plan
from vdoc.run.check import authority_findings
from vdoc.run.runner import Inputs, Run
from vdoc.run.stamping import stamp_plan, stamping
from vdoc.signing.timestamps import TsaError, check

PICS = Path(__file__).parents[2] / "pics"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9/tsr"
CASE = "TC_B_06_CS"


@pytest.fixture(scope="module")
def tsa() -> Tsa:
    return Tsa(NOW)


def inputs(url: str | None, timeout_s: float = 10) -> Inputs:
    pics = load_pics(PICS / "ac-wallbox-detachable.toml")
    settings = load_settings(PICS / "bench-example.toml", pics)
    if url is not None:
        table = Timestamps(url=url, timeout_s=timeout_s)
        settings = settings.model_copy(update={"timestamps": table})
    catalogue = load_catalogue()
    plan = make_plan(pics, settings, catalogue, {CASE}, 1, only=[CASE])
    return Inputs(pics, settings, catalogue, plan, {}, bytes(16))


class TestBeforeARun:
    def test_the_plan_is_stamped_and_the_stamp_kept(self, tsa: Tsa, tmp_path: Path) -> None:
        with serving(tsa) as url:
            given = stamp_plan(inputs(url), tmp_path / "out", lambda: NOW)
        token = (tmp_path / "out" / "plan.tsr").read_bytes()
        assert given.plan_stamp == sha256_hex(token)
        assert check(token, canonical(given.plan.to_json()), [tsa.root]) == NOW

    def test_nobody_is_asked_when_the_settings_name_nobody(self, tmp_path: Path) -> None:
        given = inputs(None)
        assert stamp_plan(given, tmp_path / "out") is given
        assert not (tmp_path / "out").exists()

    def test_without_an_answer_nothing_begins(self, tsa: Tsa, tmp_path: Path) -> None:
        with pytest.raises(TsaError, match=r"127\.0\.0\.1:9/tsr does not answer"):
            stamp_plan(inputs(NOWHERE), tmp_path / "out", lambda: NOW)
        with serving(tsa, hang=True) as url, pytest.raises(TsaError):
            stamp_plan(inputs(url, 0.05), tmp_path / "out", lambda: NOW)
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("apart_s", [-60, 60])
    def test_with_another_time_nothing_begins(self, tsa: Tsa, tmp_path: Path, apart_s: int) -> None:
        clock = NOW + timedelta(seconds=apart_s)
        with serving(tsa) as url, pytest.raises(TsaError, match=r"are (59|60) s apart"):
            stamp_plan(inputs(url), tmp_path / "out", lambda: clock)
        assert not (tmp_path / "out").exists()

    def test_a_directory_that_holds_a_stamp_is_refused(self, tsa: Tsa, tmp_path: Path) -> None:
        (tmp_path / "plan.tsr").write_bytes(b"of another run")
        with serving(tsa) as url, pytest.raises(InputError, match="exists already"):
            stamp_plan(inputs(url), tmp_path, lambda: NOW)
        assert (tmp_path / "plan.tsr").read_bytes() == b"of another run"

    def test_a_run_is_not_made_without_it(self, tmp_path: Path) -> None:
        progress: Any = None
        with pytest.raises(ValueError, match="stamped before the run"):
            Run(inputs(NOWHERE), tmp_path / "out", progress)
        assert not (tmp_path / "out").exists()


class TestAfterARun:
    def test_a_failure_is_told_and_leaves_the_bundle(self, tmp_path: Path) -> None:
        told: list[TsaError] = []
        made = stamping(Timestamps(url=NOWHERE), tmp_path, told.append, told.append)
        assert made.of_envelope(b"{}") == {}
        assert "does not answer" in str(told[0])

    def test_the_envelope_is_stamped(self, tsa: Tsa, tmp_path: Path) -> None:
        told: list[TsaError] = []
        with serving(tsa) as url:
            made = stamping(Timestamps(url=url), tmp_path, told.append, told.append)
            member = made.of_envelope(b"{}")
        assert check(member["declaration.tsr"], b"{}", [tsa.root]) == NOW
        assert told == []

    def test_another_stamp_than_the_run_began_with_is_refused(self) -> None:
        made = Stamping(b"stamp")
        assert made.of_plan(sha256_hex(b"stamp")) == {"plan.tsr": b"stamp"}
        for named in (None, sha256_hex(b"other")):
            with pytest.raises(InputError, match="the evidence names"):
                made.of_plan(named)
        with pytest.raises(InputError):
            Stamping().of_plan(sha256_hex(b"stamp"))


async def small(bench: Bench) -> None:
    bench.check((await bench.call("GetLocalListVersion"))["versionNumber"], 0)


def test_the_evidence_of_a_run_begins_with_the_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tsa = Tsa()
    plain = vdoc.cli.reference_bench.ReferenceBench._settings
    with serving(tsa) as url:
        table = {"timestamps": {"url": url}}
        monkeypatch.setattr(
            vdoc.cli.reference_bench.ReferenceBench,
            "_settings",
            lambda bench, *where: plain(bench, *where) | table,
        )
        request = RunRequest("pics/ac-wallbox-detachable.toml", (CASE,), functions={CASE: small})
        outcome = asyncio.run(ReferenceRuns(tmp_path).make(request))
    token = (outcome.evidence.parent / "plan.tsr").read_bytes()
    first = json.loads(outcome.evidence.read_bytes().splitlines()[0])["data"]
    assert first["plan_stamp"] == outcome.record.plan_stamp == sha256_hex(token)
    at = check(token, canonical(first["plan"]), [tsa.root])
    window = outcome.record.window
    assert window is not None
    assert at <= window.start
    start = outcome.rejudged().start
    assert start is not None
    assert start.data["plan_stamp"] == outcome.record.plan_stamp


class TestBenchCheck:
    def found(self, url: str | None) -> list[tuple[str, str]]:
        findings = asyncio.run(authority_findings(inputs(url).settings))
        return [(each.level, each.message) for each in findings]

    def test_tries_the_authority(self) -> None:
        with serving(Tsa()) as url:
            assert self.found(url) == [("ok", f"{url} stamps, its clock and this one agree")]
        assert self.found(None) == []

    def test_says_that_it_does_not_answer(self) -> None:
        [(level, words)] = self.found(NOWHERE)
        assert level == "error"
        assert "does not answer" in words

    def test_says_that_a_clock_is_wrong(self) -> None:
        with serving(Tsa(NOW - timedelta(days=900))) as url:
            [(level, words)] = self.found(url)
        assert level == "error"
        assert "apart" in words
