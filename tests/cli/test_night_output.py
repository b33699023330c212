"""What is printed of a run, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from tests.nightly.made import Nights, case
from vdoc.cli.night_output import evidence_gone, print_comparison, print_night, run_row
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredRun
from vdoc.nightly.telling import News


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "history.sqlite") as opened:
        yield opened


def code(history: History, run: StoredRun, before: StoredRun | None = None) -> int:
    with pytest.raises(typer.Exit) as ended:
        print_comparison(compare(history, run, before), as_json=False)
    return ended.value.exit_code


class TestExitCode:
    def test_follows_what_is_new(self, history: History) -> None:
        nights = Nights(history)
        assert code(history, nights(case("TC_A"))) == 0
        assert code(history, nights(case("TC_A", "fail"))) == 1
        assert code(history, nights(case("TC_A", "fail"))) == 0
        assert code(history, nights(case("TC_A", "fail"), case("TC_B", "fail"))) == 1
        assert code(history, nights(crashes=("a boot",))) == 1

    def test_a_void_run_on_either_side(self, history: History) -> None:
        nights = Nights(history)
        void = nights(void="unplugged")
        assert code(history, void) == 3
        assert code(history, nights(case("TC_A")), void) == 3


def test_a_comparison_for_a_program(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    run = Nights(history)(case("TC_A", "fail"))
    with pytest.raises(typer.Exit):
        print_comparison(compare(history, run), as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert [each["case"] for each in found["first_failing"]] == ["TC_A"]


def test_a_night_is_one_screen(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case(f"TC_{number}", "fail") for number in range(60)]
    run = Nights(history)(*cases)
    print_night(News(run.started, (compare(history, run),)))
    assert len(capsys.readouterr().out.splitlines()) <= 24


def test_a_run_as_a_row(history: History) -> None:
    run = Nights(history)(case("TC_A"), case("TC_B", "fail"))
    assert run_row(run)[1:] == (
        "wall", "2026-11-02 02:00", "fail", "3.2.1", "1 pass, 1 fail", "1.00",
    )  # fmt: skip
    assert evidence_gone(run) == "its evidence is not where it was left"
