from __future__ import annotations

from collections import Counter

import pytest

from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.catalogue.rows import FACTOR_NAMES, OPTIONS
from vdoc.pics import item_list
from vdoc.pics.values import Values


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


class TestCompleteness:
    def test_there_are_407_cases_in_443_rows(self, catalogue: Catalogue) -> None:
        assert len(catalogue.cases) == len(catalogue.ids) == 407
        assert sum(len(case.rows) for case in catalogue.cases) == 443

    @pytest.mark.parametrize(
        ("profile", "rows"),
        [
            ("Core", 223),
            ("AdvancedSecurity", 7),
            ("LocalAuthListManagement", 22),
            ("SmartCharging", 36),
            ("AdvancedDeviceManagement", 41),
            ("Reservation", 22),
            ("AdvancedUserInterface", 32),
            ("ISO15118Support", 60),
        ],
    )
    def test_each_profile_has_its_rows(self, catalogue: Catalogue, profile: str, rows: int) -> None:
        found = Counter(row.profile for case in catalogue.cases for row in case.rows)
        assert found[profile] == rows

    def test_only_conditional_rows_have_a_condition(self, catalogue: Catalogue) -> None:
        for case in catalogue.cases:
            for row in case.rows:
                assert (row.status == "C") == bool(row.condition), case.id

    def test_every_condition_names_known_items(self, catalogue: Catalogue) -> None:
        known = set(item_list().items)
        for case in catalogue.cases:
            for condition in case.conditions:
                assert condition.items() <= known, case.id

    def test_every_case_says_what_it_is(self, catalogue: Catalogue) -> None:
        for case in catalogue.cases:
            assert case.title
            assert case.block == case.id[3]
            assert case.security
            assert case.security_source


class TestSources:
    def test_every_factor_has_a_source(self, catalogue: Catalogue) -> None:
        for case in catalogue.cases:
            for factor in case.factors:
                assert factor.source, (case.id, factor.name)
                assert set(factor.allowed) <= set(OPTIONS[factor.name])

    def test_what_is_left_out_carries_the_source_of_its_factor(self, catalogue: Catalogue) -> None:
        case = catalogue.case("TC_E_04_CS")
        assert [(e.factor, e.value) for e in case.excluded] == [("local", "MacAddress")]
        assert "errata 5.12" in case.excluded[0].source

    def test_prerequisites_name_their_evidence(self, catalogue: Catalogue) -> None:
        found = [each for case in catalogue.cases for each in case.prerequisites]
        assert len(found) == 36
        for each in found:
            assert each.variables or each.items
            assert each.requires
            assert each.unmet_when
            assert each.source

    def test_the_precedence_graph_names_known_cases(self, catalogue: Catalogue) -> None:
        graph = catalogue.precedence
        named = {graph.first, graph.stage_change}
        named |= {edge.case for edge in graph.before}
        named |= {later for edge in graph.before for later in edge.later}
        assert named <= catalogue.ids


class TestFactors:
    @pytest.mark.parametrize(
        ("case", "mode", "factors"),
        [
            ("TC_B_06_CS", "none", []),
            ("TC_A_04_CS", "none", ["key"]),
            ("TC_E_03_CS", "local", ["local"]),
            ("TC_F_02_CS", "remote", ["remote"]),
            ("TC_B_21_CS", "default", ["local", "remote"]),
            ("TC_K_60_CS", "default", ["local", "remote", "rateUnit"]),
            ("TC_K_53_CS", "local", ["local", "energy", "rateUnit"]),
            ("TC_K_12_CS", "none", []),
            ("TC_C_50_CS", "none", []),
        ],
    )
    def test_a_case_varies_only_what_it_uses(
        self, catalogue: Catalogue, case: str, mode: str, factors: list[str]
    ) -> None:
        row = catalogue.case(case)
        assert row.mode == mode
        assert [factor.name for factor in row.factors] == factors

    def test_factors_stand_in_one_order(self, catalogue: Catalogue) -> None:
        for case in catalogue.cases:
            names = [factor.name for factor in case.factors]
            assert names == [name for name in FACTOR_NAMES if name in names]

    @pytest.mark.parametrize("block_case", ["TC_C_08_CS", "TC_C_27_CS", "TC_C_39_CS", "TC_E_43_CS"])
    def test_cache_list_and_group_cases_are_not_run_without_authorization(
        self, catalogue: Catalogue, block_case: str
    ) -> None:
        for factor in catalogue.case(block_case).factors:
            assert "NoAuthorization" not in factor.allowed


class TestDigest:
    def test_it_covers_every_data_file(self, catalogue: Catalogue) -> None:
        assert len(catalogue.digest) == 64
        assert load_catalogue() is catalogue


class TestBounds:
    def test_the_deviation_is_exactly_four_seconds(self, catalogue: Catalogue) -> None:
        bound = catalogue.bounds["max_time_deviation_s"]
        assert (bound.minimum, bound.maximum) == (4, 4)

    def test_the_suggested_defaults_are_declaration_grade(self, catalogue: Catalogue) -> None:
        values = Values().model_dump()
        for name, bound in catalogue.bounds.items():
            assert bound.minimum <= values[name] <= bound.maximum, name

    def test_every_duration_of_the_settings_is_bounded(self, catalogue: Catalogue) -> None:
        durations = {name for name in Values.model_fields if name.endswith("_s")}
        assert durations | {"message_attempts"} == set(catalogue.bounds)

    def test_every_bound_has_a_reason(self, catalogue: Catalogue) -> None:
        assert set(catalogue.bound_reasons) == set(catalogue.bounds)
        assert all(catalogue.bound_reasons.values())
