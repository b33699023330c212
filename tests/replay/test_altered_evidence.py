"""Every altered field that a case reads is noticed, and so is every altered deed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.replay.judge_again import by_case, judge_again
from tests.replay.scripted import make_runs
from vdoc.bench import Verdict
from vdoc.evidence import DEEDS, JUDGEMENTS, OBSERVATIONS, Kind, Line, open_evidence

_OTHER: dict[type, Any] = {str: "Other", int: 77, bool: True}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Verdict, list[Line]]]:
    path: Path = tmp_path_factory.mktemp("altered") / "evidence.jsonl"
    results = make_runs(path, range(2000, 2500))
    cases = by_case(open_evidence(path))
    return [(results[case[0].data["seed"]].verdict, case) for case in cases]


@pytest.fixture
def passing(runs: list[tuple[Verdict, list[Line]]]) -> list[list[Line]]:
    return [case for verdict, case in runs if verdict is Verdict.PASS]


@pytest.fixture
def failing(runs: list[tuple[Verdict, list[Line]]]) -> list[list[Line]]:
    return [case for verdict, case in runs if verdict is not Verdict.PASS]


def read_fields(case: list[Line]) -> Iterator[tuple[int, list[str]]]:
    """Where the checks of a case looked: index of the line, path to the field."""
    places = {line.n: index for index, line in enumerate(case)}
    for line in case:
        if line.kind is Kind.CHECK and line.data["n"] in places:
            path = line.data["what"].split()[-1].split(".")
            yield places[line.data["n"]], path


def altered(line: Line, path: list[str], *, delete: bool) -> Line | None:
    """The line with a field changed or gone; None when the field is not in it."""
    data = copy.deepcopy(line.data)
    frame = json.loads(data["frame"]) if line.kind is Kind.RECEIVED else None
    body: Any = data if frame is None else frame[-1]
    for part in path[:-1]:
        body = body[part]
    if path[-1] not in body:
        return None
    if delete:
        del body[path[-1]]
    else:
        body[path[-1]] = _OTHER[type(body[path[-1]])]
    if frame is not None:
        data["frame"] = json.dumps(frame)
    return line._replace(data=data)


class TestAlteredEvidence:
    @pytest.mark.parametrize("delete", [False, True])
    def test_every_field_that_was_checked(self, passing: list[list[Line]], *, delete: bool) -> None:
        tried = 0
        for case in passing:
            for index, path in read_fields(case):
                line = altered(case[index], path, delete=delete)
                if line is not None:
                    tried += 1
                    forged = [*case[:index], line, *case[index + 1 :]]
                    assert judge_again(forged).verdict is not Verdict.PASS, (line, path)
        assert tried > 200

    def test_every_deed_that_was_done(self, passing: list[list[Line]]) -> None:
        for case in passing:
            for index, line in enumerate(case):
                if line.kind in DEEDS:
                    forged = [*case[:index], *case[index + 1 :]]
                    assert judge_again(forged).verdict is not Verdict.PASS, line

    def test_every_cut(self, passing: list[list[Line]]) -> None:
        for case in passing[:40]:
            for end in range(1, len(case)):
                cut = judge_again(case[:end])
                complete = all(line.kind in JUDGEMENTS for line in case[end:])
                assert complete or cut.verdict is not Verdict.PASS

    def test_a_forged_deadline_decides_nothing(self, passing: list[list[Line]]) -> None:
        for case in passing:
            forged, last = [case[0]], case[0]
            for line in case[1:]:
                if line.kind in OBSERVATIONS:
                    forged.append(last._replace(kind=Kind.DEADLINE, data={}))
                    last = line
                forged.append(line)
            assert judge_again(forged).verdict is Verdict.PASS

    def test_a_deleted_deadline_acquits_nobody(self, failing: list[list[Line]]) -> None:
        for case in failing:
            without = [line for line in case if line.kind is not Kind.DEADLINE]
            assert judge_again(without).verdict is not Verdict.PASS
