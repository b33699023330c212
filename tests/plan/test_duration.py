from __future__ import annotations

from collections.abc import Callable

import pytest

from vdoc.catalogue import Catalogue
from vdoc.pics import BenchSettings
from vdoc.plan.duration import case_seconds, seconds_by_term

EXPECTED = {"boot_s": 100, "firmware_s": 1000, "restore_s": 1, "charging_start_s": 3}


@pytest.mark.parametrize(
    ("case", "seconds"),
    [
        ("TC_B_06_CS", 1),
        ("TC_B_01_CS", 1 + 100),
        ("TC_L_02_CS", 1 + 60 + 1000),
        ("TC_A_19_CS", 1 + 100 + 450),
        ("TC_B_21_CS", 1 + 100 + 20 + 3),
        ("TC_C_41_CS", 1 + 3 * 20 + 3 * 3),
        ("TC_E_41_CS", 1 + (10 + 20 + 30) + 3 * 30),
        ("TC_B_52_CS", 1 + 20 - 2 + 30),
    ],
)
def test_waits_and_measured_times_make_the_duration(
    case: str, seconds: float, bench: Callable[..., BenchSettings], catalogue: Catalogue
) -> None:
    terms = seconds_by_term(bench(expected=EXPECTED))
    assert case_seconds(catalogue.case(case), terms) == pytest.approx(seconds)


def test_the_suggested_values_are_declaration_grade(
    bench: Callable[..., BenchSettings], catalogue: Catalogue
) -> None:
    assert bench().declaration_problems(catalogue.bounds) == ()
    hasty = bench(values={"transaction_duration_s": 1, "max_time_deviation_s": 5})
    assert len(hasty.declaration_problems(catalogue.bounds)) == 2


def test_every_wait_of_the_catalogue_is_known(
    settings: BenchSettings, catalogue: Catalogue
) -> None:
    terms = seconds_by_term(settings)
    assert all(case_seconds(case, terms) > 0 for case in catalogue.cases)
