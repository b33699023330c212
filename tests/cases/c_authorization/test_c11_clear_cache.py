"""TC_C_37 and TC_C_38 against stations that clear their cache, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]


@pytest.mark.parametrize("case", ["TC_C_37_CS", "TC_C_38_CS"])
@pytest.mark.parametrize("variant", [{"local": "ISO14443"}, {"remote": "ISO14443"}])
def test_it_clears_its_cache(cache: Play, case: str, variant: dict[str, str]) -> None:
    run = cache(case, variant=variant)
    assert run.verdict == "pass", run.because
    assert run.calls("ClearCache") == [{}]


@pytest.mark.parametrize(
    ("case", "odd", "failed"),
    [
        ("TC_C_37_CS", "clears nothing", ("Authorized.1", "C11.FR.01")),
        ("TC_C_37_CS", "clears never", ("2", "C11.FR.03")),
        ("TC_C_38_CS", "clears always", ("2", "C11.FR.04")),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, failed: tuple[str, str]) -> None:
    run = cache(case, odd=odd)
    assert (run.verdict, run.failed[0]) == ("fail", failed)
