from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vdoc.catalogue import Catalogue
from vdoc.digest import canonical
from vdoc.errors import InputError
from vdoc.pics import BenchSettings, Pics, item_list
from vdoc.plan import Plan, make_plan
from vdoc.plan.applicable import Applicable, judge
from vdoc.plan.order import predecessors

DETERMINISM = """
import sys
sys.path.insert(0, "tests/plan")
import conftest
from pathlib import Path
from vdoc.catalogue import load_catalogue
from vdoc.pics import load_pics
from vdoc.pics import BenchSettings
from vdoc.plan import make_plan
import tomllib
pics = load_pics(Path("pics/covering/1-all-profiles-ac.toml"))
settings = BenchSettings.model_validate(tomllib.loads(conftest.BENCH))
catalogue = load_catalogue()
print(make_plan(pics, settings, catalogue, frozenset(catalogue.ids), 7).digest)
"""
FLIPPABLE = sorted(
    item.id
    for item in item_list().items.values()
    if item.kind == "bool" and item.id not in ("profile.Core", "C-40")
)
property_test = hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="session")
def plan(everything: Pics, settings: BenchSettings, catalogue: Catalogue) -> Plan:
    return make_plan(everything, settings, catalogue, catalogue.ids, 7)


def positions(plan: Plan, case: str) -> list[int]:
    return [index for index, entry in enumerate(plan.entries) if entry.case == case]


class TestOrder:
    def test_the_firmware_update_comes_first(self, plan: Plan) -> None:
        assert plan.entries[0].case == "TC_L_01_CS"

    def test_stages_ascend(self, plan: Plan) -> None:
        stages = [entry.stage for entry in plan.entries]
        assert stages == sorted(stages)
        assert set(stages) == {1, 2, 3}

    def test_the_upgrade_is_the_last_of_each_stage_below_the_highest(self, plan: Plan) -> None:
        stages = [entry.stage for entry in plan.entries]
        last = [stages.index(2) - 1, stages.index(3) - 1]
        assert positions(plan, "TC_A_19_CS") == last

    def test_no_root_is_installed_before_the_upgrade_without_one(self, plan: Plan) -> None:
        case = positions(plan, "TC_A_20_CS")[0]
        assert case < min(positions(plan, "TC_M_01_CS") + positions(plan, "TC_M_13_CS"))

    def test_pending_boot_follows_the_cases_it_builds_on(self, plan: Plan) -> None:
        for earlier in ("TC_B_06_CS", "TC_B_09_CS", "TC_B_13_CS"):
            assert max(positions(plan, earlier)) < min(positions(plan, "TC_B_02_CS"))

    def test_a_downgrade_needs_more_than_profile_1(self, plan: Plan) -> None:
        assert all(e.stage > 1 for e in plan.entries if e.case == "TC_A_22_CS")

    def test_another_seed_gives_another_order_of_the_same_runs(
        self, plan: Plan, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        other = make_plan(everything, settings, catalogue, catalogue.ids, 8)
        assert other.entries != plan.entries
        assert Counter(other.entries) == Counter(plan.entries)

    def test_profile_neutral_cases_say_where_they_run(self, plan: Plan) -> None:
        entry = next(entry for entry in plan.entries if entry.case == "TC_B_06_CS")
        assert "stage 1: profile-neutral" in entry.because


class TestDeterminism:
    def test_equal_inputs_give_equal_bytes(
        self, plan: Plan, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        again = make_plan(everything, settings, catalogue, catalogue.ids, 7)
        assert canonical(again.to_json()) == canonical(plan.to_json())

    @pytest.mark.parametrize("hash_seed", ["0", "4711"])
    def test_the_hash_seed_of_python_does_not_matter(self, plan: Plan, hash_seed: str) -> None:
        done = subprocess.run(  # our own interpreter and text
            [sys.executable, "-c", DETERMINISM],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == plan.digest

    def test_the_order_in_which_cases_are_implemented_does_not_matter(
        self, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        one, other = frozenset(["TC_B_06_CS", "TC_B_09_CS"]), {"TC_B_09_CS", "TC_B_06_CS"}
        plans = [make_plan(everything, settings, catalogue, each, 1) for each in (one, other)]
        assert plans[0] == plans[1]


class TestInvariants:
    @property_test
    @given(data=st.data(), seed=st.integers(0, 2**53 - 1))
    def test_every_run_stands_once_and_in_order(  # drawn inputs beside fixtures
        self,
        data: st.DataObject,
        seed: int,
        covering: dict[str, Pics],
        settings: BenchSettings,
        catalogue: Catalogue,
    ) -> None:
        pics = covering[data.draw(st.sampled_from(sorted(covering)))]
        only = data.draw(st.none() | st.sets(st.sampled_from(sorted(catalogue.ids)), min_size=40))
        plan = make_plan(pics, settings, catalogue, catalogue.ids, seed, only=only)
        wanted = [case for case in catalogue.cases if only is None or case.id in only]
        verdicts = [judge(case, catalogue, pics, None) for case in wanted]
        runs = Counter(
            (each.case.id, variant, stage.profile)
            for each in verdicts
            if isinstance(each, Applicable)
            for variant in each.variants
            for stage in each.stages
        )
        assert Counter((e.case, e.variant, e.stage) for e in plan.entries) == runs
        assert set(runs.values()) == {1}
        assert_precedence(plan, catalogue)
        listed = {each.case for each in plan.not_applicable}
        assert listed == {case.id for case in wanted} - {case for case, _, _ in runs}

    def test_all_is_accounted_for(self, plan: Plan, catalogue: Catalogue) -> None:
        entries = {entry.case for entry in plan.entries}
        assert entries | {each.case for each in plan.not_applicable} == catalogue.ids


def assert_precedence(plan: Plan, catalogue: Catalogue) -> None:
    """Every case of an edge comes after all runs of its predecessors, in any stage."""
    for stage in {entry.stage for entry in plan.entries}:
        cases = [entry.case for entry in plan.entries if entry.stage == stage]
        for case, before in predecessors(catalogue.precedence, frozenset(cases)).items():
            first = cases.index(case)
            assert not before & set(cases[first:])
    order = [entry.case for entry in plan.entries]
    for edge in catalogue.precedence.before:
        for later in edge.later:
            if edge.case in order and later in order:
                assert order.index(edge.case) < order.index(later)


class TestAnyClaims:
    """Whatever a product claims, a plan only has runs that its claims allow."""

    @property_test
    @given(data=st.data())
    def test_runs_use_claimed_options_only(
        self, data: st.DataObject, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        flips = data.draw(st.sets(st.sampled_from(FLIPPABLE)))
        answers = tuple(
            (item, not answer if item in flips else answer) for item, answer in everything.answers
        )
        pics = Pics(
            product=everything.product,
            answers=answers,
            evses=everything.evses,
            limits=everything.limits,
        )
        plan = make_plan(pics, settings, catalogue, catalogue.ids, 1)
        claimed: dict[str, set[str]] = {
            "local": {*pics.local_options, "eMAID"},
            "remote": set(pics.remote_options),
            "key": set(pics.tls_key_types),
            "energy": {"EIM", "PnC"},
            "rateUnit": set(pics.rate_units),
        }
        for entry in plan.entries:
            assert entry.stage in pics.security_profiles
            assert all(value in claimed[name] for name, value in entry.variant.items())
        assert_precedence(plan, catalogue)


class TestSelection:
    def test_a_run_that_evidence_may_excuse_says_so(self, plan: Plan) -> None:
        entry = next(entry for entry in plan.entries if entry.case == "TC_B_11_CS")
        assert "not applicable if evidence shows unmet" in entry.because

    @pytest.mark.parametrize("seed", [-1, 2**53])
    def test_a_seed_that_json_cannot_hold_is_refused(
        self, seed: int, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        with pytest.raises(InputError, match="seed: got"):
            make_plan(everything, settings, catalogue, catalogue.ids, seed)

    def test_a_selection_makes_a_partial_plan(
        self, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        plan = make_plan(
            everything, settings, catalogue, catalogue.ids, 1, only=["TC_B_06_CS", "TC_B_15_CS"]
        )
        assert [entry.case for entry in plan.entries] == ["TC_B_06_CS"]
        assert [each.case for each in plan.not_applicable] == ["TC_B_15_CS"]
        assert plan.partial
        assert not plan.complete

    def test_an_unknown_case_is_refused(
        self, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        with pytest.raises(InputError, match="TC_X_01_CS: no such case"):
            make_plan(everything, settings, catalogue, catalogue.ids, 1, only=["TC_X_01_CS"])

    def test_a_selection_of_nothing_applicable_is_refused(
        self, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        with pytest.raises(InputError, match="no selected case applies"):
            make_plan(everything, settings, catalogue, catalogue.ids, 1, only=["TC_B_15_CS"])

    def test_cases_without_a_function_are_listed_and_not_run(
        self, everything: Pics, settings: BenchSettings, catalogue: Catalogue
    ) -> None:
        plan = make_plan(everything, settings, catalogue, frozenset({"TC_B_06_CS"}), 1)
        assert [entry.case for entry in plan.entries] == ["TC_B_06_CS"]
        assert "TC_B_07_CS" in plan.not_implemented
        assert "TC_B_15_CS" not in plan.not_implemented
        assert not plan.complete


class TestNotApplicable:
    @pytest.mark.parametrize(
        ("name", "case", "because"),
        [
            ("1-all-profiles-ac.toml", "TC_B_15_CS", "C-56"),
            ("1-all-profiles-ac.toml", "TC_C_50_CS", "ISO15118Support is not claimed"),
            ("2-core-cable-lock.toml", "TC_A_19_CS", "can be upgraded"),
            ("2-core-cable-lock.toml", "TC_F_01_CS", "AQ-2"),
            ("2-core-cable-lock.toml", "TC_A_20_CS", "AQ-1"),
        ],
    )
    def test_the_reason_is_given(
        self, name: str, case: str, because: str, covering: dict[str, Pics], catalogue: Catalogue
    ) -> None:
        verdict = judge(catalogue.case(case), catalogue, covering[name], None)
        assert isinstance(verdict, tuple)
        assert len(verdict) == 1
        assert because in verdict[0].because

    def test_each_row_of_part_5_has_its_own_reason(
        self, covering: dict[str, Pics], catalogue: Catalogue
    ) -> None:
        pics = covering["2-core-cable-lock.toml"]
        verdict = judge(catalogue.case("TC_K_01_CS"), catalogue, pics, None)
        assert isinstance(verdict, tuple)
        assert [each.profile for each in verdict] == ["SmartCharging", "ISO15118Support"]


class TestWindow:
    def test_a_plan_of_more_than_a_day_is_refused_naming_what_costs(
        self,
        everything: Pics,
        bench: Callable[..., BenchSettings],
        catalogue: Catalogue,
    ) -> None:
        slow = bench(expected={"boot_s": 180, "restore_s": 180, "charging_start_s": 60})
        with pytest.raises(InputError, match=r"window: expected .* h, .*base: \d+ runs, .*local="):
            make_plan(everything, slow, catalogue, catalogue.ids, 1)

    def test_the_costs_add_up(self, plan: Plan) -> None:
        assert sum(cost.runs for cost in plan.breakdown) == len(plan.entries)
        assert sum(cost.seconds for cost in plan.breakdown) == pytest.approx(plan.expected_seconds)
        assert plan.breakdown[0].option == "base"


class TestActions:
    def test_an_unbound_action_is_refused_naming_case_and_action(
        self, everything: Pics, bench: Callable[..., BenchSettings], catalogue: Catalogue
    ) -> None:
        no_ev = bench(action_api={"outlet": [{"evse": 1, "connector": 1}]})
        with pytest.raises(InputError) as caught:
            make_plan(everything, no_ev, catalogue, catalogue.ids, 1)
        found = {(each.item, each.message) for each in caught.value.problems}
        lack = "but no EV API is bound to EVSE 1, connector 1."
        assert ("TC_E_22_CS", f"needs the action suspend_ev, {lack}") in found
        lack = "but no outlet reaches EVSE 2, connector 1."
        assert ("TC_B_41_CS", f"needs the action plugin@2, {lack}") in found

    def test_nobody_to_look_at_a_display_is_no_refusal(
        self, everything: Pics, bench: Callable[..., BenchSettings], catalogue: Catalogue
    ) -> None:
        blind = bench(observe=None)
        plan = make_plan(everything, blind, catalogue, catalogue.ids, 1, only=["TC_O_01_CS"])
        assert [entry.case for entry in plan.entries] == ["TC_O_01_CS"]

    def test_a_stimulus_without_a_program_is_refused(
        self, everything: Pics, bench: Callable[..., BenchSettings], catalogue: Catalogue
    ) -> None:
        with pytest.raises(InputError, match="TC_C_47_CS: needs the action ui_select"):
            make_plan(
                everything, bench(observe=None), catalogue, catalogue.ids, 1, only=["TC_C_47_CS"]
            )

    def test_an_iso_15118_deed_without_an_operation_is_refused(
        self,
        covering: dict[str, Pics],
        bench: Callable[..., BenchSettings],
        catalogue: Catalogue,
    ) -> None:
        deaf = bench(ev_api={"ev": {"url": "http://127.0.0.1:8081"}})
        with pytest.raises(InputError, match="TC_C_50_CS: needs the action pnc, but the EV API ev"):
            make_plan(
                covering["3-iso15118-dc.toml"],
                deaf,
                catalogue,
                catalogue.ids,
                1,
                only=["TC_C_50_CS"],
            )


class TestJson:
    def test_a_plan_survives_the_way_to_json_and_back(self, plan: Plan) -> None:
        text = json.dumps(plan.to_json())
        assert Plan.from_json(json.loads(text)) == plan

    def test_a_changed_entry_is_noticed(self, plan: Plan) -> None:
        value = plan.to_json()
        value["entries"][0]["variant"] = "key=ECDSA"
        with pytest.raises(InputError, match="digest: got"):
            Plan.from_json(value)

    def test_a_number_written_as_text_is_noticed(self, plan: Plan) -> None:
        with pytest.raises(InputError, match="digest"):
            Plan.from_json({**plan.to_json(), "seed": "7"})

    def test_something_else_is_refused_with_every_fault(self, plan: Plan) -> None:
        value = {**plan.to_json(), "seed": "x", "entries": [{"case": 1}]}
        with pytest.raises(InputError) as caught:
            Plan.from_json(value, file="p.json")
        items = {each.item for each in caught.value.problems}
        assert {"seed", "entries.0.variant"} <= items
