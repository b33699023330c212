"""Which cases a night runs, for a plan of the wallbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.nightly.made import Nights, case
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.errors import InputError
from vdoc.nightly.config import DutTable
from vdoc.nightly.history import History
from vdoc.nightly.selection import Record, coverage, selected, share_of, within
from vdoc.pics import load_pics, load_settings
from vdoc.plan import Plan, Share, make_plan

PICS = Path(__file__).parents[2] / "pics"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> Plan:
    pics = load_pics(PICS / "ac-wallbox-detachable.toml")
    settings = load_settings(PICS / "bench-example.toml")
    return make_plan(pics, settings, catalogue, catalogue.ids, 1, only=("TC_B_06_CS", "TC_D_01_CS"))


def choice(**select: object) -> DutTable:
    table = {"name": "wall", "pics": "p.toml", "bench": "b.toml", "select": select}
    return DutTable.model_validate(table)


class TestSelected:
    def test_all_is_no_selection(self, plan: Plan, catalogue: Catalogue, history: History) -> None:
        assert selected(choice(), plan, catalogue, history) is None

    def test_by_profile(self, plan: Plan, catalogue: Catalogue, history: History) -> None:
        only = selected(choice(profiles=["LocalAuthListManagement"]), plan, catalogue, history)
        assert only == ("TC_D_01_CS",)

    def test_by_name(self, plan: Plan, catalogue: Catalogue, history: History) -> None:
        only = selected(choice(only=["TC_B_06_CS"]), plan, catalogue, history)
        assert only == ("TC_B_06_CS",)
        with pytest.raises(InputError, match="selects no case"):
            selected(choice(only=["TC_B_99_CS"]), plan, catalogue, history)

    def test_what_failed_last(
        self, plan: Plan, catalogue: Catalogue, history: History, nights: Nights
    ) -> None:
        nights(case("TC_B_06_CS", "fail"), case("TC_D_01_CS", "fail"))
        nights(case("TC_B_06_CS", "inconc", variant="a=1"), case("TC_D_01_CS"))
        nights(case("TC_D_01_CS", "fail"), void="unplugged")
        assert selected(choice(cases="failed"), plan, catalogue, history) == ("TC_B_06_CS",)

    def test_nothing_selected_is_refused(
        self, plan: Plan, catalogue: Catalogue, history: History
    ) -> None:
        with pytest.raises(InputError, match="selects no case"):
            selected(choice(cases="failed"), plan, catalogue, history)

    def test_a_budget(
        self, plan: Plan, catalogue: Catalogue, history: History, nights: Nights
    ) -> None:
        nights(case("TC_D_01_CS"), case("TC_B_06_CS", "fail"))
        only = selected(choice(budget_h=2 / 3600), plan, catalogue, history)
        assert only == ("TC_B_06_CS",)


RECORDS = {
    "recent": Record(1, good=True, flaky=False, seconds=10),
    "old": Record(9, good=True, flaky=False, seconds=10),
    "flaky": Record(1, good=True, flaky=True, seconds=10),
    "failed": Record(2, good=False, flaky=False, seconds=10),
}
CASES = ("recent", "old", "new", "flaky", "failed")


class TestVariants:
    def test_a_turn_covers_all_and_says_how_far_it_is(
        self, plan: Plan, history: History, nights: Nights
    ) -> None:
        nights(case("TC_B_06_CS"), case("TC_OTHER"))
        d_01 = tuple(entry for entry in plan.entries if entry.case == "TC_D_01_CS")
        tonight = plan.model_copy(update={"entries": d_01})
        dut = choice(variants="rotating", nights=3)
        words = coverage(history, dut, Share(1, 3), tonight, plan)
        count = len(plan.entries)
        assert words == f"share 2/3 of the variants: {count} of {count} run in 2 nights"

    def test_of_the_first_night(self, plan: Plan, history: History) -> None:
        tonight = plan.model_copy(update={"entries": plan.entries[:1]})
        dut, count = choice(variants="one"), len(plan.entries)
        words = coverage(history, dut, Share(0, 0), tonight, plan)
        assert words == f"base variants only: 1 of {count} run"

    def test_a_night_that_leaves_none_out_has_nothing_to_say(
        self, plan: Plan, history: History
    ) -> None:
        assert coverage(history, choice(variants="one"), Share(0, 0), plan, plan) == ""

    def test_nights_in_a_row_have_shares_in_a_row(self) -> None:
        select = choice(variants="rotating", nights=3).select
        shares = [str(select.share(completed)) for completed in range(6)]
        assert shares == ["1/3", "2/3", "3/3"] * 2

    def test_a_night_that_was_void_or_missed_is_made_up_for(self, history: History) -> None:
        dut, due = choice(variants="rotating", nights=3), datetime(2026, 11, 1, tzinfo=UTC)
        shares = []
        for run, because in (("a", ""), ("b", "unplugged"), (None, "the bench was off"), ("c", "")):
            shares.append(str(share_of(dut, history)))
            attempt = history.attempts.claim("wall", due, Path("x"))
            assert attempt is not None
            history.attempts.finish(attempt, run=run, because=because)
            due += timedelta(days=1)
        assert shares == ["1/3", "2/3", "2/3", "2/3"]
        assert str(share_of(dut, history)) == "3/3"

    @pytest.mark.parametrize(("variants", "expected"), [("all", "None"), ("one", "one")])
    def test_all_or_one(self, variants: str, expected: str) -> None:
        share = choice(variants=variants).select.share(4)
        assert str(share) == expected


class TestWithin:
    def test_the_riskiest_come_first(self) -> None:
        found = within(1000, CASES, RECORDS, 30)
        assert found == ["failed", "flaky", "new", "old", "recent"]

    def test_until_the_budget_is_spent(self) -> None:
        assert within(35, CASES, RECORDS, 30) == ["failed", "flaky", "old"]
