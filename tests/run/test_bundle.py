"""From a live run to a verified bundle, and what a laboratory must refuse.

The catalogue's cases are stood in for by a small one, but for those that a bundle rests on
(firmware) or that move the DUT between security profiles; everything else of the line is real.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reference_runs import ReferenceRuns, RunOutcome, RunRequest
from vdoc.bench import Bench, CaseFunction
from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue
from vdoc.cli.declaring import declare_command
from vdoc.cli.running import finish
from vdoc.cli.signing_key import SigningAs
from vdoc.declaration import NotEligibleError, container, eligible, make_bundle
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.signing import SigningKey, Trust, new_key
from vdoc.verify import Verification, verify_bundle

PICS = "pics/ac-wallbox-detachable.toml"
REAL = ("TC_L_01_CS", "TC_A_19_CS")


async def small(bench: Bench) -> None:
    """Stand in for a case."""
    answer = await bench.call("GetLocalListVersion")
    bench.check(answer["versionNumber"], 0)


def functions() -> Mapping[str, CaseFunction]:
    stand_ins: dict[str, CaseFunction] = dict.fromkeys(load_catalogue().ids, small)
    return stand_ins | {case: case_functions()[case] for case in REAL}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    runs = ReferenceRuns(tmp_path_factory.mktemp("bundle"))
    return asyncio.run(runs.make(RunRequest(PICS, functions=functions())))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_key(tmp_path_factory.mktemp("keys"), "vendor").private


@pytest.fixture(scope="module")
def bundle(outcome: RunOutcome, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "declaration.zip"
    make_bundle(outcome.record, [SigningKey.load(key)], path)
    return path


def verified(
    bundle: Path,
    key: Path,
    *,
    allow_demo: bool = True,
    firmware: Path | None = None,
    pics: Path | None = None,
) -> Verification:
    trust = Trust.load(key.parent)
    return verify_bundle(
        bundle,
        trust,
        firmware=firmware,
        pics=pics,
        allow_demo=allow_demo,
        functions=functions(),
    )


def codes(verification: Verification) -> set[str]:
    return {finding.code for finding in verification.findings}


def test_the_run_deserves_a_bundle(outcome: RunOutcome) -> None:
    assert eligible(outcome.record) == ()
    assert outcome.record.firmware_sha256 is not None


def test_it_verifies(bundle: Path, key: Path, outcome: RunOutcome) -> None:
    image = outcome.directory / "firmware" / "image.bin"
    pics = Path(__file__).parents[2] / PICS
    verification = verified(bundle, key, firmware=image, pics=pics)
    assert verification.ok, verification.findings


def test_a_demonstration_is_refused_unless_it_is_allowed(bundle: Path, key: Path) -> None:
    assert not verified(bundle, key, allow_demo=False).ok


def test_another_key_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = new_key(tmp_path / "keys", "other").private
    assert not verified(bundle, other).ok


def test_another_firmware_file_is_refused(bundle: Path, key: Path, tmp_path: Path) -> None:
    other = tmp_path / "image.bin"
    other.write_bytes(b"another image")
    assert not verified(bundle, key, firmware=other).ok


def test_another_pics_is_refused(bundle: Path, key: Path) -> None:
    other = Path(__file__).parents[2] / "pics" / "dc-fast-charger.toml"
    assert not verified(bundle, key, pics=other).ok


def test_no_lasting_secret_is_in_it(bundle: Path, outcome: RunOutcome, tmp_path: Path) -> None:
    shutil.unpack_archive(bundle, tmp_path)
    secret = b"Initial-of-the-demo-1"
    for file in tmp_path.iterdir():
        assert secret not in file.read_bytes(), file
    assert secret not in outcome.evidence.read_bytes()
    assert b"PRIVATE KEY" not in outcome.evidence.read_bytes()


def test_a_run_of_fewer_cases_declares_nothing(
    reference_run: ReferenceRuns, key: Path, tmp_path: Path
) -> None:
    partial = reference_run(PICS, only=["TC_B_06_CS"]).record
    assert eligible(partial)
    with pytest.raises(NotEligibleError):
        make_bundle(partial, [SigningKey.load(key)], tmp_path / "x.zip")


class TestSignedLater:
    """A run whose key was gone at its end is signed by its evidence alone."""

    @pytest.fixture
    def over(self, outcome: RunOutcome, tmp_path: Path) -> Path:
        out = tmp_path / "out"
        out.mkdir()
        shutil.copy(outcome.evidence, out)
        return out

    def test_the_run_says_how(self, outcome: RunOutcome, key: Path, tmp_path: Path) -> None:
        def gone(_data: bytes) -> bytes:
            raise InputError(Problem("--key", None, "token=acme", "is not there.", "plug it in."))

        with pytest.raises(InputError, match=rf"plug it in[^$]*vdoc declare {tmp_path}"):
            finish(outcome.record, tmp_path, replace(SigningKey.load(key), signer=gone))
        assert not (tmp_path / "declaration.zip").exists()

    @pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
    def test_whatever_has_kept_it_from_being_signed(
        self,
        outcome: RunOutcome,
        key: Path,
        tmp_path: Path,
        fault: type[BaseException],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def broken(_data: bytes) -> bytes:
            raise fault

        with pytest.raises(fault):
            finish(outcome.record, tmp_path, replace(SigningKey.load(key), signer=broken))
        assert f"vdoc declare {tmp_path} --key" in " ".join(capsys.readouterr().err.split())

    def test_or_that_nobody_has_named_a_key(
        self, outcome: RunOutcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert finish(outcome.record, tmp_path, None) is None
        assert f"vdoc declare {tmp_path} --key" in " ".join(capsys.readouterr().out.split())

    def test_it_declares_the_same(self, over: Path, bundle: Path, key: Path) -> None:
        signing = SigningAs(str(key))
        assert declare_command(over, signing, functions=functions()) is ExitCode.PASS
        assert verified(over / "declaration.zip", key).ok
        declared = [container.read(each) for each in (over / "declaration.zip", bundle)]
        assert declared[0]["declaration.dsse.json"] == declared[1]["declaration.dsse.json"]
        with pytest.raises(InputError, match="declared already"):
            declare_command(over, signing, functions=functions())

    def test_not_by_evidence_that_has_a_flaw(self, over: Path, key: Path) -> None:
        evidence = over / "evidence.jsonl"
        evidence.write_bytes(evidence.read_bytes().replace(b"Accepted", b"accepted", 1))
        with pytest.raises(
            InputError, match=r"chain: prev is not the SHA-256[^$]*whose evidence has flaws is lost"
        ):
            declare_command(over, SigningAs(str(key)), functions=functions())
        assert not (over / "declaration.zip").exists()
