"""What an answer may be, where it may stand, and how parents and children go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.pics import Pics

ProblemsOf = Callable[[Mapping[str, Any]], dict[str, str]]
Build = Callable[[Mapping[str, Any]], Pics]


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("C-30", 1),
        ("C-30", "true"),
        ("C-23", "Heartbeat"),
        ("C-23", ["Heartbeat", 1]),
        ("HFS-8", True),
        ("HFS-8", "1"),
        ("HFS-9", True),
        ("C-29", [True]),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(
    item: str, answer: object, problems_of: ProblemsOf
) -> None:
    assert "expected" in problems_of({item: answer})[item]


@pytest.mark.parametrize(("item", "answer"), [("C-29.1", False), ("HFS-9", ""), ("HFS-10", "one")])
def test_an_answer_of_the_right_kind_is_taken(item: str, answer: object, build: Build) -> None:
    assert build({item: answer}).value(item) == answer


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("C-3O", "did you mean C-30?"),
        ("C-9.1", "C-09.1?"),
        ("C-30.1", "remove it"),
        ("C-99", "remove"),
    ],
)
def test_an_unknown_item_is_named_with_a_hint(
    item: str, hint: str, problems_of: ProblemsOf
) -> None:
    changes = {"C-30": {"1": True}} if item == "C-30.1" else {item: True}
    words = problems_of(changes)[item]
    assert words.startswith("unknown item.")
    assert hint in words


def test_unknown_profiles_are_named(problems_of: ProblemsOf) -> None:
    assert (
        "profile.Reservation" in problems_of({"profile.Reservations": True})["profile.Reservations"]
    )


@pytest.mark.parametrize("changes", [{"profiles": "Core"}, {"features": []}, {"extra": 1}])
def test_a_table_of_the_wrong_shape_is_refused(
    changes: Mapping[str, Any], problems_of: ProblemsOf
) -> None:
    assert next(iter(changes)) in problems_of(changes)


def test_an_item_in_another_table_is_sent_where_it_belongs(problems_of: ProblemsOf) -> None:
    assert "move it to hardware" in problems_of({"questions.HFS-5": True})["HFS-5"]
    assert "move it to questions" in problems_of({"features.AQ-1": True})["AQ-1"]


def test_a_profile_listed_twice_is_refused(problems_of: ProblemsOf) -> None:
    assert "answered twice" in problems_of({"profile.Core": True})["profile.Core"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([], "empty"),
        (["Heartbeat", "Heartbeat"], "twice"),
        (["Heartbeat", "Sundial"], "'Sundial' is not allowed here"),
    ],
)
def test_a_list_is_checked_item_by_item(
    answer: list[str], words: str, problems_of: ProblemsOf
) -> None:
    assert words in problems_of({"C-23": answer})["C-23"]


class TestParents:
    @staticmethod
    def raw(build: Build, **features: object) -> dict[str, Any]:
        raw = build({}).to_json()
        table = raw["features"]
        assert isinstance(table, dict)
        table.update({key.replace("_", "-").replace("x", "."): v for key, v in features.items()})
        return raw

    def test_a_parent_follows_from_its_children(self, build: Build) -> None:
        assert build({"C-29.5": True}).claims("C-29")
        assert not build({}).claims("C-29")

    def test_a_child_without_its_parent_is_refused(self, build: Build) -> None:
        raw = self.raw(build, C_09=False)
        with pytest.raises(InputError, match=r"C-09\.2: is claimed, but its parent C-09"):
            Pics.from_json(raw)

    def test_a_parent_without_a_child_is_refused(self, build: Build) -> None:
        with pytest.raises(InputError, match="C-29: is claimed, but not at least one"):
            Pics.from_json(self.raw(build, C_29=True))

    def test_a_parent_beside_its_children_is_taken(self, build: Build) -> None:
        assert Pics.from_json(self.raw(build, C_29=True, C_29x1=True)).claims("C-29")

    def test_measurands_are_claimed_when_no_list_is_empty(self, build: Build) -> None:
        assert build({}).claims("C-40")
        assert not build({"C-40.5": None}).claims("C-40")

    def test_measurands_without_one_list_cannot_be_claimed(self, build: Build) -> None:
        raw = self.raw(build, C_40=True)
        raw["features"].pop("C-40.5")
        with pytest.raises(InputError, match="C-40: is claimed, but not all"):
            Pics.from_json(raw)


class TestImplied:
    def test_device_management_brings_the_summary_inventory(self, build: Build) -> None:
        assert build({"profile.AdvancedDeviceManagement": True}).claims("C-56")

    def test_without_it_the_summary_inventory_is_a_claim_of_its_own(self, build: Build) -> None:
        assert not build({}).claims("C-56")
        assert build({"C-56": True}).claims("C-56")


@pytest.mark.parametrize("raw", [[], "text", None, {"format": "vdoc-pics/9"}, {"hardware": 1}])
def test_what_is_no_pics_is_refused(raw: object) -> None:
    with pytest.raises(InputError):
        Pics.from_json(raw)
