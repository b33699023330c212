"""Which firmware a run had, and what else was another."""

from __future__ import annotations

import pytest

from tests.nightly.made import Nights
from vdoc.nightly.conditions import Condition, conditions, differing, same_firmware


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("ab", "1"), ("ab", "1"), True),
        (("ab", "1"), ("cd", "1"), False),  # another image of the same version
        (("ab", "1"), ("ab", "2"), True),
        (("ab", "1"), ("", "1"), True),  # its image was not installed
        (("ab", "1"), ("", "2"), False),
    ],
)
def test_the_hash_decides_when_both_know_it(
    nights: Nights, one: tuple[str, str], other: tuple[str, str], *, expected: bool
) -> None:
    a, b = (nights(firmware=f, firmware_version=version) for f, version in (one, other))
    assert same_firmware(a, b) is same_firmware(b, a) is expected


def test_what_differs_comes_in_the_order_of_what_it_explains(nights: Nights) -> None:
    before = nights()
    now = nights(dut="pole", firmware="fw2", seed=8, runner="0.2.0", pics_claims="other")
    assert differing(before, now) == (
        Condition.STATION, Condition.FIRMWARE, Condition.PICS, Condition.SEED, Condition.RUNNER,
    )  # fmt: skip
    assert differing(before, before) == ()


class TestConditions:
    def firmware(self, nights: Nights, *known: tuple[str, str]) -> list[str]:
        runs = [nights(firmware=f, firmware_version=version) for f, version in known]
        return [found[0] for found in conditions(runs).values()]

    def test_a_version_without_a_hash_is_the_hash_it_had_last(self, nights: Nights) -> None:
        found = self.firmware(nights, ("ab", "1"), ("", "1"), ("cd", "1"), ("", "1"), ("", "2"))
        assert found == ["ab", "ab", "cd", "cd", "2"]

    def test_or_the_first_that_it_gets(self, nights: Nights) -> None:
        assert self.firmware(nights, ("", "1"), ("ab", "1")) == ["ab", "ab"]
