from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vdoc.errors import Problem
from vdoc.pics import check, template
from vdoc.pics.source import Source, dotted

Report = Callable[[str], tuple[Problem, ...]]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    def write_and_check(text: str) -> tuple[Problem, ...]:
        path = tmp_path / "p.toml"
        path.write_text(text, "utf-8")
        return check(path)

    return write_and_check


def line_of(text: str) -> int:
    before, _, _ = template().partition(text)
    return before.count("\n") + 1


def test_a_problem_names_the_line_of_its_item(report: Report) -> None:
    (problem,) = report(template().replace("C-09.2 = true", "C-09.7 = true\nC-09.2 = true"))
    assert (problem.item, problem.line) == ("C-09.7", line_of("C-09.2 = true"))
    assert str(problem).split(": ")[0].endswith(f"p.toml:{problem.line}")


def test_what_is_not_answered_is_reported_at_its_table(report: Report) -> None:
    (problem,) = report(template().replace("C-36 = true", ""))
    assert (problem.item, problem.line) == ("C-36", line_of("[features]"))


def test_a_missing_key_is_reported_at_its_table(report: Report) -> None:
    (problem,) = report(template().replace('family = "Example family"', ""))
    assert (problem.item, problem.line) == ("product.family", line_of("[product]"))
    assert "is missing" in problem.message


def test_an_unknown_key_is_reported_at_its_line(report: Report) -> None:
    problems = report(template().replace("supply_phases", "suply_phases"))
    assert [problem.line for problem in problems] == [line_of("supply_phases = 3")]


def test_problems_come_in_the_order_of_their_lines(report: Report) -> None:
    text = template().replace("HFS-8 = 1", "HFS-8 = 4").replace("C-30 = true", "C-30 = 1")
    lines = [problem.line or 0 for problem in report(text)]
    assert lines == sorted(lines)
    assert len(lines) > 1


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = = 2\n", 2), ("a = 1\n[t\n", 2), ("a = 1\na = 2\n", 2)]
)
def test_a_syntax_error_has_its_line(text: str, line: int, report: Report) -> None:
    (problem,) = report(text)
    assert problem.line == line
    assert "not valid TOML" in problem.message


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = check(tmp_path / "absent.toml")
    assert "No such file" in problem.message


def test_a_file_that_is_not_utf_8_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"a = '\xff'")
    (problem,) = check(path)
    assert "UTF-8" in problem.message


def test_a_path_without_a_line_has_that_of_what_is_around_it() -> None:
    source = Source("f", {("a",): 3, ("a", "b", 1): 5})
    assert source.line(("a", "b", 1, "c")) == 5
    assert source.line(("a", "x")) == 3
    assert source.line(("z",)) is None


def test_a_path_is_written_as_people_write_it() -> None:
    assert dotted(("hardware", "evse", 0, "id")) == "hardware.evse[0].id"
