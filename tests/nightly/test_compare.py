"""What a comparison names, and what not; at the end a whole fortnight with planted changes."""

from __future__ import annotations

import pytest

from tests.nightly.made import Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.nightly.compare import Change, Comparison, compare
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
        assert found.before is None
        assert names(found.newly_failing) == ["TC_A"]
        assert found.newly_passing == ()

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


class TestTheRest:
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
