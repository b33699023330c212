"""`vdoc declare` makes no declaration of what `vdoc run` or a verifier would refuse.

The run directories hold the evidence of sound runs and of ones with one flaw each; chain, tree and
seal fit, since whoever has the key can make them.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vdoc.cli.declaring
import vdoc.cli.running
import vdoc.verify.verifier
from vdoc.cli.declaring import declare_command
from vdoc.cli.signing_key import SigningAs
from vdoc.declaration import container
from vdoc.errors import ExitCode, InputError
from vdoc.signing import new_key
from vdoc.verify import Verification
from vdoc.verify.findings import Finding

Forger = Any
Challenger = Any
B06 = "TC_B_06_CS"
SOUND: dict[str, Callable[[Challenger], Path]] = {
    "a sound run": lambda challenger: challenger.forger.bundle,
    "one against a challenge": lambda challenger: challenger.run(earlier=1),
}
OTHER_CHALLENGES: dict[str, Callable[[Challenger], Path]] = {
    "challenge-seed": lambda challenger: challenger.run(seed=8),
    "challenge-pics": lambda challenger: challenger.run(challenger.envelope(pics="0" * 64)),
    "challenge-validity": lambda challenger: challenger.run(challenger.envelope(after_s=-60)),
    "challenge-form": lambda challenger: challenger.given({"envelope": {}, "starts": []}),
}
FLAWS: dict[str, dict[str, Any]] = {
    "an input changed during the run": {"void": "an input changed during the run: pics.toml"},
    "allowed are 24 h": {"before_each": lambda clocks, _case: clocks.go(6 * 3600)},
    "the wall clock went": {"before_each": lambda clocks, _case: clocks.go(6 * 3600, wall_s=10)},
    "was not run": {"order": lambda order: order[:-1]},
    "although the plan does not hold it": {"order": lambda order: [*order, order[-1]]},
    "order: run 2 of the plan": {"order": lambda order: [order[0], *reversed(order[1:])]},
    "closing: expected one closing": {"upkeep": False},
    "TC_B_06_CS: fail": {"plays": {B06: []}, "verdicts": {B06: "pass"}},
    "unsealed: ": {"torn": True},
}
PARTIAL: dict[str, dict[str, Any]] = {
    "the plan is partial": {"only": ["TC_L_01_CS", B06]},
    "are not implemented": {"implemented": {"TC_L_01_CS", B06}},
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture
def declared(
    forger: Forger, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], ExitCode]:
    """Declares, later and with another key, the run that a bundle is of."""
    for module in (vdoc.cli.running, vdoc.verify.verifier):
        monkeypatch.setattr(module, "load_catalogue", lambda: forger.lab.product.catalogue)
    key = SigningAs(str(new_key(tmp_path / "late", "late").private))

    def declare(bundle: Path) -> ExitCode:
        evidence = gzip.decompress(container.read(bundle)["evidence.jsonl.gz"])
        (out / "evidence.jsonl").write_bytes(evidence)
        return declare_command(out, key, functions=forger.lab.functions)

    return declare


def left(out: Path) -> set[str]:
    return {each.name for each in out.iterdir()} - {"result.json", "report.html", "junit.xml"}


@pytest.mark.parametrize("made", SOUND.values(), ids=SOUND)
def test_a_sound_run_is_declared_as_at_once(
    challenger: Challenger,
    declared: Callable[[Path], ExitCode],
    out: Path,
    made: Callable[[Challenger], Path],
) -> None:
    bundle = made(challenger)
    assert declared(bundle) is ExitCode.PASS
    later, at_once = (container.read(each) for each in (out / "declaration.zip", bundle))
    same = set(at_once) - {"README.txt", "declaration.json", "declaration.dsse.json"}
    same -= {"declaration.html", "declaration.pdf"}  # they name the key
    assert {name: later[name] for name in same} == {name: at_once[name] for name in same}
    assert left(out) == {"evidence.jsonl", "declaration.zip"}


@pytest.fixture
def refused(
    declared: Callable[[Path], ExitCode], out: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path, str], None]:
    """Demands that a run is refused in these words, and that nothing is left of trying."""

    def check(bundle: Path, words: str) -> None:
        said = ""
        try:
            said = str(declared(bundle).value)
        except InputError as error:
            said = str(error)
        assert said != str(ExitCode.PASS.value)
        assert words in said + capsys.readouterr().out
        assert left(out) == {"evidence.jsonl"}

    return check


@pytest.mark.parametrize(("words", "made"), OTHER_CHALLENGES.items())
def test_a_run_that_is_not_the_challenged_one_is_refused(
    challenger: Challenger,
    refused: Callable[[Path, str], None],
    words: str,
    made: Callable[[Challenger], Path],
) -> None:
    refused(made(challenger), words)


@pytest.mark.parametrize(("words", "flaw"), FLAWS.items())
def test_a_run_with_a_flaw_is_refused(
    forger: Forger, refused: Callable[[Path, str], None], words: str, flaw: dict[str, Any]
) -> None:
    refused(forger.played(**flaw), words)


@pytest.mark.parametrize(("words", "plan"), PARTIAL.items())
def test_a_partial_run_is_refused(
    forger: Forger, refused: Callable[[Path, str], None], words: str, plan: dict[str, Any]
) -> None:
    refused(forger.played(forger.lab.product_with(**plan)), words)


def test_a_partial_run_that_says_to_be_whole_is_refused(
    forger: Forger, refused: Callable[[Path, str], None]
) -> None:
    chosen = forger.lab.product_with(only=["TC_L_01_CS", B06])
    plan = chosen.plan.model_copy(update={"partial": False})
    refused(forger.played(replace(chosen, plan=plan)), "plan: ")


def test_a_void_run_ends_as_one(forger: Forger, declared: Callable[[Path], ExitCode]) -> None:
    assert declared(forger.played(void="an input changed")) is ExitCode.VOID
    assert declared(forger.played(order=lambda order: order[:-1])) is ExitCode.FAIL


def test_a_run_that_goes_on_is_told_so(
    forger: Forger, declared: Callable[[Path], ExitCode]
) -> None:
    with pytest.raises(InputError, match=r"unsealed.*wait for the end of the run"):
        declared(forger.played(torn=True))


class TestNobodySeesABundleThatIsNotProved:
    def test_while_it_is_verified(
        self,
        forger: Forger,
        declared: Callable[[Path], ExitCode],
        out: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def broken_off(made: Path, *_given: Any, **_named: Any) -> Verification:
            assert container.read(made)
            assert not (out / "declaration.zip").exists()
            raise KeyboardInterrupt

        monkeypatch.setattr(vdoc.cli.declaring, "verify_bundle", broken_off)
        with pytest.raises(KeyboardInterrupt):
            declared(forger.bundle)
        assert left(out) == {"evidence.jsonl"}

    def test_nor_when_it_does_not_verify(
        self,
        forger: Forger,
        declared: Callable[[Path], ExitCode],
        out: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        outcome = Verification((Finding(9, "verdict", "another"),))
        monkeypatch.setattr(vdoc.cli.declaring, "verify_bundle", lambda *_a, **_n: outcome)
        with pytest.raises(InputError, match="verdict: another"):
            declared(forger.bundle)
        assert left(out) == {"evidence.jsonl"}
