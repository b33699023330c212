"""Which difference of two device models is one."""

from __future__ import annotations

from typing import Any

import pytest

from vdoc.bench import VariableFact
from vdoc.nightly.device_model import differences, variable_name


def variable(name: str = "Available", **more: Any) -> VariableFact:
    return VariableFact(component="Connector", variable=name, **more)


def told(*arguments: Any) -> list[str]:
    return [str(change) for change in differences(*arguments)]


class TestDifferences:
    def test_added_and_removed(self) -> None:
        assert told([variable("A"), variable("B")], [variable("B"), variable("C")]) == [
            "Connector.A removed",
            "Connector.C added",
        ]

    @pytest.mark.parametrize(
        ("attribute", "before", "now"),
        [
            ("mutability", "ReadOnly", "ReadWrite"),
            ("unit", None, "s"),
            ("max_limit", 10.0, 20.0),
            ("values_list", "a,b", "a,b,c"),
            ("data_type", "integer", "decimal"),
        ],
    )
    def test_changed(self, attribute: str, before: Any, now: Any) -> None:
        change = differences([variable(**{attribute: before})], [variable(**{attribute: now})])
        assert [(c.attribute, c.before, c.now) for c in change] == [
            (attribute, "" if before is None else str(before), str(now))
        ]

    def test_the_same_is_no_difference(self) -> None:
        assert told([variable(value="1")], [variable(value="2")]) == []


class TestValues:
    STEADY = variable(value="3.2.1", mutability="ReadOnly")
    OTHER = variable(value="3.3.0", mutability="ReadOnly")

    def test_a_read_only_value_that_was_steady(self) -> None:
        found = told([self.STEADY], [self.OTHER], [[self.STEADY], [self.STEADY]])
        assert found == ["Connector.Available value: 3.2.1 → 3.3.0"]

    def test_one_that_varies_by_itself_is_left_out(self) -> None:
        assert told([self.STEADY], [self.OTHER], [[self.STEADY], [self.OTHER]]) == []

    def test_one_that_was_seen_once_is_left_out(self) -> None:
        assert told([self.STEADY], [self.OTHER], [[self.STEADY]]) == []

    def test_one_that_a_run_can_set_is_left_out(self) -> None:
        before, now = variable(value="1"), variable(value="2")
        assert told([before], [now], [[before]] * 5) == []

    def test_its_default_may_come_with_a_new_firmware(self) -> None:
        before, now = variable(value="1"), variable(value="2")
        two, three = [
            differences([before], [now], [[before]] * count, new_firmware=True) for count in (2, 3)
        ]
        assert (two, [str(change) for change in three]) == (
            (), ["Connector.Available value: 1 → 2"],
        )  # fmt: skip

    @pytest.mark.parametrize("name", ["DateTime", "AvailabilityState", "Power", "entries"])
    def test_one_that_moves_by_itself_is_left_out_even_if_it_stood_still(self, name: str) -> None:
        before, now = (variable(name, value=v, mutability="ReadOnly") for v in ("1", "2"))
        assert told([before], [now], [[before]] * 5) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "Connector.Available"),
        ({"evse": 1, "connector": 2}, "Connector[1.2].Available"),
        ({"evse": 0}, "Connector[0].Available"),
        ({"component_instance": "x", "instance": "y"}, "Connector(x).Available(y)"),
    ],
)
def test_a_name_says_where_the_variable_is(more: dict[str, Any], expected: str) -> None:
    assert variable_name(variable(**more)) == expected
