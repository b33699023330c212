"""What a comparison names, and what not; at the end a whole fortnight with planted changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nightly.made import Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.nightly.compare import LOOK_BACK, compare
from vdoc.nightly.comparison import Change, Comparison
from vdoc.nightly.conditions import Condition
from vdoc.nightly.history import History
from vdoc.nightly.stored import Parameter, StoredCase

FAST = {Parameter.BOOT: tuple(30 + n / 100 for n in range(20))}
SLOW = {Parameter.BOOT: tuple(45 + n / 100 for n in range(20))}


def names(changes: tuple[Change, ...]) -> list[str]:
    return [change.now.case for change in changes]


@pytest.fixture
def compared(history: History) -> Comparison:
    return compare(history, history.runs()[0])


class TestVerdicts:
    def test_newly_failing_newly_passing_still_failing(
        self, history: History, nights: Nights
    ) -> None:
        before = nights(case("TC_A"), case("TC_B", "fail"), case("TC_C", "fail"), case("TC_D"))
        now = nights(
            case("TC_A", "fail"), case("TC_B"), case("TC_C", "inconc"), case("TC_D"), firmware="fw2"
        )
        found = compare(history, now)
        assert found.before == before
        assert names(found.newly_failing) == ["TC_A"]
        assert names(found.newly_passing) == ["TC_B"]
        assert names(found.still_failing) == ["TC_C"]
        assert not found.same_firmware

    def test_a_case_is_held_against_its_own_last_result(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A"), case("TC_B", "fail"))
        nights(case("TC_C"))
        now = nights(case("TC_A", "fail"), case("TC_B", "fail"))
        assert names(compare(history, now).newly_failing) == ["TC_A"]
        assert names(compare(history, now).still_failing) == ["TC_B"]

    def test_variants_are_told_apart(self, history: History, nights: Nights) -> None:
        nights(case("TC_A", variant="key=RSA"), case("TC_A", variant="key=ECDSA"))
        now = nights(case("TC_A", variant="key=RSA"), case("TC_A", "fail", variant="key=ECDSA"))
        (change,) = compare(history, now).newly_failing
        assert change.now.variant == "key=ECDSA"

    def test_a_case_that_ran_twice_counts_by_its_failure(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A"), case("TC_A"))
        now = nights(case("TC_A", "fail"), case("TC_A"))
        assert names(compare(history, now).newly_failing) == ["TC_A"]

    def test_the_first_run_of_a_station(self, history: History, nights: Nights) -> None:
        nights(case("TC_A"), dut="pole")
        found = compare(history, nights(case("TC_A", "fail"), case("TC_B")))
        assert (found.before, found.differs) == (None, ())
        assert names(found.first_failing) == ["TC_A"]
        assert found.newly_failing == found.newly_passing == ()
        assert not found.nothing_changed

    def test_two_named_runs(self, history: History, nights: Nights) -> None:
        first = nights(case("TC_A"))
        nights(case("TC_A", "fail"), firmware="fw2")
        now = nights(case("TC_A", "fail"), firmware="fw3")
        assert names(compare(history, now).newly_failing) == []
        assert names(compare(history, now, first).newly_failing) == ["TC_A"]


class TestVoidRuns:
    def test_are_compared_with_nothing(self, history: History, nights: Nights) -> None:
        nights(case("TC_A"))
        found = compare(history, nights(case("TC_A", "fail"), void="unplugged"))
        assert found.nothing_changed

    def test_are_no_night_before(self, history: History, nights: Nights) -> None:
        good = nights(case("TC_A"))
        nights(case("TC_A", "fail"), void="unplugged")
        assert compare(history, nights(case("TC_A"))).before == good

    def test_one_that_is_named_is_held_against_nothing(
        self, history: History, nights: Nights
    ) -> None:
        void = nights(case("TC_A", "fail"), void="unplugged")
        found = compare(history, nights(case("TC_A"), case("TC_B", "fail")), void)
        assert not found.comparable
        assert found.nothing_changed


class TestWhatSaysNothingAboutTheFirmware:
    def test_a_case_that_did_not_run_is_not_taken_for_passing(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A", "fail"), case("TC_B"), case("TC_C"))
        found = compare(history, nights(case("TC_C")))
        assert [(each.case, each.verdict) for each in found.not_run] == [
            ("TC_A", "fail"), ("TC_B", "pass"),
        ]  # fmt: skip
        assert found.newly_passing == ()
        assert found.nothing_changed

    def test_a_fault_of_the_bench_is_no_verdict(self, history: History, nights: Nights) -> None:
        nights(case("TC_A"), case("TC_B", "fail"))
        tonight = nights(case("TC_A", "error"), case("TC_B", "error"))
        found = compare(history, tonight)
        assert names(found.not_judged) == ["TC_A", "TC_B"]
        assert found.newly_failing == found.still_failing == ()
        after = compare(history, nights(case("TC_A"), case("TC_B", "fail")))
        assert (after.newly_passing, names(after.still_failing)) == ((), ["TC_B"])

    def test_a_case_that_no_longer_applies_does_not_pass(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A", "fail"), case("TC_B"), case("TC_C", "not_applicable"))
        found = compare(history, nights(*(case(f"TC_{n}", "not_applicable") for n in "ABC")))
        assert names(found.not_applicable) == ["TC_A", "TC_B"]
        assert found.newly_passing == ()

    def test_a_case_that_applies_again_and_fails_is_newly_failing(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A", "not_applicable"))
        assert names(compare(history, nights(case("TC_A", "fail"))).newly_failing) == ["TC_A"]

    def test_a_case_that_ran_long_ago_is_not_new(self, history: History, nights: Nights) -> None:
        nights(case("TC_OLD"), case("TC_BAD", "fail"))
        nights(case("TC_OLD", "error"))
        nights(case("TC_OLD", "fail"), void="unplugged")
        for _ in range(LOOK_BACK + 1):
            nights(case("TC_A"))
        found = compare(history, nights(case("TC_OLD", "fail"), case("TC_BAD", "fail")))
        assert names(found.newly_failing) == ["TC_OLD"]
        assert names(found.still_failing) == ["TC_BAD"]

    def test_a_crash_is_news_though_no_case_fails(self, history: History, nights: Nights) -> None:
        nights(case("TC_A"))
        crashed = nights(case("TC_A"), crashes=("an unasked boot",))
        assert not compare(history, crashed).nothing_changed


class TestWhatElseDiffers:
    def test_a_new_firmware_alone(self, history: History, nights: Nights) -> None:
        nights(case("TC_A"))
        found = compare(history, nights(case("TC_A"), firmware="fw2"))
        assert found.differs == (Condition.FIRMWARE,)

    @pytest.mark.parametrize(
        ("more", "condition"),
        [
            ({"pics_claims": "p2"}, Condition.PICS),
            ({"catalogue_digest": "c2"}, Condition.CATALOGUE),
            ({"bench_facts": "b2"}, Condition.BENCH),
            ({"seed": 8}, Condition.SEED),
            ({"runner": "0.2.0"}, Condition.RUNNER),
        ],
    )
    def test_is_said(
        self, history: History, nights: Nights, more: dict[str, Any], condition: Condition
    ) -> None:
        nights(case("TC_A"))
        found = compare(history, nights(case("TC_A"), **more))
        assert found.differs == (condition,)
        assert found.same_firmware

    def test_what_an_older_history_does_not_know_is_no_difference(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A"), pics_claims="", bench_facts="")
        assert compare(history, nights(case("TC_A"))).differs == ()

    def test_a_selection_without_the_update_case_knows_the_version_alone(
        self, history: History, nights: Nights
    ) -> None:
        for verdict, firmware in (("pass", "fw1"), ("fail", ""), ("pass", "fw1")):
            nights(case("TC_A", verdict), firmware=firmware)
        found = compare(history, nights(case("TC_A", "fail"), firmware=""))
        assert found.same_firmware
        assert (found.flaky[0].measured.failed, found.flaky[0].measured.runs) == (2, 4)


class TestFlaky:
    def test_is_listed_apart_with_its_rate(self, history: History, nights: Nights) -> None:
        for verdict in ("pass", "fail", "pass"):
            nights(case("TC_A", verdict))
        found = compare(history, nights(case("TC_A", "fail")))
        assert found.nothing_changed
        (one,) = found.flaky
        assert (one.measured.failed, one.measured.runs) == (2, 4)

    def test_another_seed_is_another_condition(self, history: History, nights: Nights) -> None:
        for seed, verdict in enumerate(("pass", "fail", "pass")):
            nights(case("TC_A", verdict), seed=seed)
        assert compare(history, nights(case("TC_A", "fail"), seed=9)).flaky == ()

    def test_another_catalogue_too(self, history: History, nights: Nights) -> None:
        for number, verdict in enumerate(("pass", "fail", "pass")):
            nights(case("TC_A", verdict), catalogue_digest=f"c{number}")
        assert compare(history, nights(case("TC_A", "fail"))).flaky == ()

    def test_a_night_of_a_broken_bench_is_no_change_of_verdict(
        self, history: History, nights: Nights
    ) -> None:
        for verdict in ("pass", "error", "pass", "error", "pass"):
            nights(case("TC_A", verdict))
        assert names(compare(history, nights(case("TC_A", "fail"))).newly_failing) == ["TC_A"]


class TestTheRest:
    def test_responses_are_held_against_nights_of_the_same_cases(
        self, history: History, nights: Nights
    ) -> None:
        for _ in range(6):
            nights(case("TC_A"), case("TC_B"), times=FAST)
        assert compare(history, nights(case("TC_C"), times=SLOW)).drifts == ()

    def test_a_slower_response_is_news_once(self, history: History, nights: Nights) -> None:
        for _ in range(6):
            nights(times=FAST)
        assert not compare(history, nights(times=SLOW)).nothing_changed
        again = compare(history, nights(times=SLOW))
        assert again.nothing_changed
        assert [drift.known for drift in again.drifts] == [True]

    def test_a_creeping_response(self, history: History, nights: Nights) -> None:
        creep = [{Parameter.BOOT: tuple(30 + n + s / 9 for s in range(9))} for n in range(12)]
        *_, last = [nights(times=times) for times in creep]
        found = compare(history, last)
        assert [trend.parameter for trend in found.trends] == [Parameter.BOOT]
        assert found.drifts == ()

    def test_the_device_model_is_held_against_the_newest_that_is_known(
        self, history: History, nights: Nights
    ) -> None:
        old = VariableFact(component="OCPPCommCtrlr", variable="Old")
        nights(variables=(old,))
        nights()  # it crashed before intake was done
        (change,) = compare(history, nights(variables=())).device_model
        assert str(change) == "OCPPCommCtrlr.Old removed"

    def test_slower_responses(self, history: History, nights: Nights) -> None:
        for _ in range(4):
            nights(times=FAST)
        (drift,) = compare(history, nights(times=SLOW)).drifts
        assert (drift.parameter, drift.slower) == (Parameter.BOOT, True)

    def test_device_model(self, history: History, nights: Nights) -> None:
        old = VariableFact(component="OCPPCommCtrlr", variable="Old")
        nights(variables=(old,))
        (change,) = compare(history, nights(variables=())).device_model
        assert str(change) == "OCPPCommCtrlr.Old removed"

    @pytest.mark.parametrize(
        ("firmware", "void", "expected"), [("fw2", "", 1), ("fw1", "", 0), ("fw2", "cut off", 0)]
    )
    def test_a_new_default_of_what_runs_can_set(
        self, history: History, nights: Nights, firmware: str, void: str, expected: int
    ) -> None:
        for _ in range(3):
            nights(variables=(VariableFact(component="C", variable="Interval", value="60"),))
        if void:
            nights(void=void)
        new = (VariableFact(component="C", variable="Interval", value="30"),)
        found = compare(history, nights(variables=new, firmware=firmware)).device_model
        assert len(found) == expected

    def test_causes_of_all_that_fails(self, history: History, nights: Nights) -> None:
        now = nights(case("TC_A", "fail"), case("TC_B", "fail"), case("TC_C", "fail", failure("X")))
        assert [len(group.cases) for group in compare(history, now).causes] == [2, 1]


def fortnight_case(name: str, night: int, failing: set[int]) -> StoredCase:
    return case(name, "fail" if night in failing else "pass")


def test_a_fortnight_names_exactly_the_planted_changes(history: History, nights: Nights) -> None:
    """A defect from night 4 that the firmware of night 9 mends, one that it brings, a flaky one,

    the station unplugged in night 6 and the bench rebooted in night 11; boot slower from night 9.
    """
    told: dict[int, tuple[list[str], list[str], list[str], list[str]]] = {}
    for night in range(1, 15):
        firmware = "fw1" if night < 4 else "fw2" if night < 9 else "fw3"
        cases = [
            fortnight_case("TC_SOUND", night, set()),
            fortnight_case("TC_DEFECT", night, set(range(4, 9))),
            fortnight_case("TC_NEW", night, set(range(9, 15))),
            fortnight_case("TC_FLAKY", night, {2, 5, 7, 10, 13}),
        ]
        void = {6: "unplugged", 11: "the bench was rebooted"}.get(night, "")
        kept = cases if night != 6 else []
        times = FAST if night < 9 else SLOW
        found = compare(history, nights(*kept, firmware=firmware, void=void, times=times))
        told[night] = (
            names(found.newly_failing),
            names(found.newly_passing),
            [each.now.case for each in found.flaky],
            [drift.parameter.value for drift in found.drifts],
        )
    failing = {night: t[0] for night, t in told.items() if t[0]}
    passing = {night: t[1] for night, t in told.items() if t[1]}
    assert failing == {2: ["TC_FLAKY"], 4: ["TC_DEFECT"], 9: ["TC_NEW"]}
    assert passing == {9: ["TC_DEFECT"]}
    assert [night for night, t in told.items() if t[2]] == [3, 4, 5, 7, 8, 9, 10, 12, 13, 14]
    assert told[9][3] == ["boot"]
    assert all(told[night][3] == [] for night in range(1, 9))
