"""The password that a run leaves in the DUT: kept in the journal, and in no later evidence."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import tests.reference_runs
from tests.reference_runs import ReferenceRuns, RunOutcome, RunRequest
from tests.run.leaks import leaks
from vdoc.declaration.record import RunVerdict
from vdoc.errors import BenchError
from vdoc.pics import BenchSettings
from vdoc.pics.secret import Secret
from vdoc.run.journal import Journal

PICS = "pics/ac-wallbox-detachable.toml"
ONLY = ("TC_B_06_CS",)
Commission = Callable[[BenchSettings, Mapping[str, str]], Any]
Wrap = Callable[[Commission], Commission]


def journal_of(directory: Path) -> Journal:
    [path] = directory.rglob("pki/journal-*.jsonl")
    return Journal(path)


def commissioned(wrap: Wrap) -> Any:
    """Have runs commission their DUT in another way."""
    usual = tests.reference_runs._commission
    return mock.patch(
        "tests.reference_runs._commission", lambda bench, machine: wrap(usual(bench, machine))
    )


@pytest.fixture
def first(reference_run: ReferenceRuns) -> RunOutcome:
    return reference_run(PICS, only=ONLY)


@pytest.fixture
def final(first: RunOutcome) -> str:
    return journal_of(first.directory).passwords()[-1]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def again(
    first: RunOutcome, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Wrap], RunOutcome]:
    """Makes another run on the bench of the first, its journal included."""
    shutil.copytree(first.directory / "pki", tmp_path / "pki")
    monkeypatch.setattr(tests.reference_runs._Silent, "said", lambda _self, text: said.append(text))

    def make(wrap: Wrap) -> RunOutcome:
        request = RunRequest(PICS, only=ONLY, values=(("long_operation_timeout_s", 1.5),))
        with commissioned(wrap):
            return asyncio.run(ReferenceRuns(tmp_path).make(request))

    return make


def with_password(password: str, *, claims: bool) -> Wrap:
    """A DUT that still has this password; `claims`: the command says that it provisioned it."""

    def wrap(usual: Commission) -> Commission:
        async def commission(settings: BenchSettings, environment: Mapping[str, str]) -> bool:
            kept = settings.password.model_copy(update={"initial": Secret(password)})
            await usual(settings.model_copy(update={"password": kept}), environment)
            return claims

        return commission

    return wrap


def not_asked(usual: Commission) -> Commission:
    """A DUT that a person has set up: nothing provisions it."""

    async def commission(settings: BenchSettings, environment: Mapping[str, str]) -> bool:
        await usual(settings, environment)
        return False

    return commission


def fails(_usual: Commission) -> Commission:
    async def commission(_settings: BenchSettings, _environment: Mapping[str, str]) -> bool:
        raise BenchError("provision: ended with 3")

    return commission


@pytest.mark.parametrize("claims", [False, True])
def test_a_later_run_withholds_it(
    again: Callable[[Wrap], RunOutcome], final: str, claims: bool
) -> None:
    second = again(with_password(final, claims=claims))
    assert second.record.verdict is RunVerdict.VOID
    shown = [line.data["authorization"] for line in second.lines if line.data.get("authorization")]
    withheld = {"password_name": None, "withheld": True, "characters": len(final)}
    assert shown, "the DUT must have tried"
    assert all(each.items() >= withheld.items() for each in shown)
    assert leaks(second.evidence.read_bytes(), {"final": final.encode()}) == set()


def test_the_journal_is_kept_when_nothing_provisions(
    again: Callable[[Wrap], RunOutcome], final: str, said: list[str]
) -> None:
    second = again(not_asked)
    assert second.record.results[0].verdict == "pass", second.record.void_because
    passwords = journal_of(second.directory).passwords()
    assert final in passwords[:-1]
    assert passwords[-1] != final
    assert any("an earlier run has left it another password" in each for each in said)


def test_it_is_kept_when_provision_fails(
    again: Callable[[Wrap], RunOutcome], final: str, tmp_path: Path
) -> None:
    with pytest.raises(BenchError, match="ended with 3"):
        again(fails)
    [second] = tmp_path.glob("run-*")
    assert journal_of(second).passwords()[-1] == final


def test_it_is_set_aside_when_the_dut_was_provisioned(
    again: Callable[[Wrap], RunOutcome], final: str, said: list[str]
) -> None:
    second = again(lambda usual: usual)
    journal = journal_of(second.directory)
    assert final not in journal.passwords()
    before = journal.path.with_name(f"{journal.path.name}.before")
    assert Journal(before).passwords()[-1] == final
    assert before.stat().st_mode & 0o777 == 0o600
    assert not any("an earlier run" in each for each in said)
