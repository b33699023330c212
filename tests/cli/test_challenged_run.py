"""A run against a laboratory's challenge, from `vdoc challenge new` to the laboratory's verdict.

The catalogue is cut down to a few cases, so that a whole run is short; all else is real: the
commands, the reference station in a process of its own, its evidence, the bundle.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import vdoc.cli.inputs
import vdoc.cli.running
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.cli.app import app
from vdoc.cli.reference_bench import ReferenceBench
from vdoc.errors import InputError
from vdoc.pics import load_pics
from vdoc.signing import new_key
from vdoc.tls.pki import BenchPki
from vdoc.verify import Verification, load_policy, verify_bundle

PICS = Path(__file__).parents[2] / "pics" / "ac-wallbox-detachable.toml"
CASES = ("TC_L_01_CS", "TC_B_06_CS", "TC_B_09_CS", "TC_P_01_CS")
POLICY = """
[roles.vendor]
keys = "vendor"
[roles.laboratory]
keys = "laboratory"
required = false
[challenge]
maximum_starts = {starts}
[declaration]
demonstrations = true
"""


def command(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@dataclass
class Bench:
    """A vendor's bench and a laboratory's desk."""

    directory: Path
    settings: Path
    catalogue: Catalogue

    @property
    def challenge(self) -> Path:
        return self.directory / "challenge.json"

    def run(self, out: str, *more: object) -> Path:
        key = self.directory / "vendor" / "vendor.key"
        command(
            "run", "--pics", PICS, "--bench", self.settings, "--out", self.directory / out,
            "--challenge", self.challenge, "--key", key, *more,
        )  # fmt: skip
        return self.directory / out / "declaration.zip"

    def starts(self) -> list[dict[str, Any]]:
        shown = json.loads(command("challenge", "show", self.challenge, "--json"))
        starts: list[dict[str, Any]] = shown["starts"]
        return starts

    def verify(self, bundle: Path, *, starts: int) -> Verification:
        file = self.directory / "policy.toml"
        file.write_text(POLICY.format(starts=starts), encoding="utf-8")
        policy = load_policy(file, datetime.now(UTC))
        return verify_bundle(bundle, policy, catalogue=self.catalogue)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The settings of a bench whose station runs."""
    reference = ReferenceBench(tmp_path_factory.mktemp("bench"), load_pics(PICS))
    reference.make_firmware()
    BenchPki.create_or_load(reference.directory / "pki")
    station = [
        sys.executable, "-m", "vdoc.cli", "station", "--pics", str(PICS), "--csms",
        "ws://localhost:9", "--identity", reference.identity, "--state", str(reference.state),
    ]  # fmt: skip
    with subprocess.Popen(station, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield reference.write_settings(ready["action_api"], ready["ev_api"])
        process.terminate()


@pytest.fixture
def bench(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    whole = load_catalogue()
    cut = replace(whole, cases=tuple(case for case in whole.cases if case.id in CASES))
    for module in (vdoc.cli.inputs, vdoc.cli.running):
        monkeypatch.setattr(module, "load_catalogue", lambda: cut)
    for name in ("vendor", "laboratory"):
        (tmp_path / name).mkdir()
        new_key(tmp_path / name, name)
    return Bench(tmp_path, settings, cut)


def issue(bench: Bench) -> None:
    key = bench.directory / "laboratory" / "laboratory.key"
    command("challenge", "new", "--pics", PICS, "--key", key, "--out", bench.challenge)


def test_a_challenge_is_met_and_a_second_run_is_seen(bench: Bench) -> None:
    issue(bench)
    first = bench.verify(bench.run("first"), starts=1)
    assert (first.ok, [str(each) for each in first.findings]) == (True, [])
    assert [(start["run"], start["outcome"]) for start in bench.starts()] == [("first", "pass")]

    second = bench.run("second")
    assert bench.verify(second, starts=2).ok
    refused = bench.verify(second, starts=1)
    assert [finding.code for finding in refused.findings] == ["challenge-starts"]
    assert refused.statement is not None
    declared = refused.statement.predicate["challenge"]["starts"]
    assert [(start["run"], start["outcome"]) for start in declared] == [
        ("first", "pass"), ("second", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more", [("--seed", 1), ("--only", "TC_B_06_CS"), ("--variants", "1/2")], ids=lambda m: m[0]
)
def test_what_a_run_against_it_may_not_choose(bench: Bench, more: tuple[object, ...]) -> None:
    issue(bench)
    with pytest.raises(InputError, match="leave --"):
        bench.run("chosen", *more)
    assert bench.starts() == []


def test_a_start_that_is_cut_off_is_logged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(bench)

    def cut_off(*_: object) -> None:
        raise RuntimeError("the machine fell over")

    monkeypatch.setattr(vdoc.cli.running, "Run", cut_off)
    with pytest.raises(RuntimeError, match="fell over"):
        bench.run("cut-off")
    assert [start["outcome"] for start in bench.starts()] == ["broken off"]
