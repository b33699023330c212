"""News of a night: one station with a bit of everything, made through the history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.nightly.made import Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.stored import Parameter
from vdoc.nightly.telling import News, NotRun

NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
EVIL = "</b><script>@all [x](http://e)|`\x07"


def boots(seconds: float) -> dict[Parameter, tuple[float, ...]]:
    return {Parameter.BOOT: tuple(seconds + n / 100 for n in range(20))}


@pytest.fixture
def all_good(history: History, nights: Nights) -> News:
    nights(case("TC_A"))
    return News(NIGHT, (compare(history, nights(case("TC_A"))),))


@pytest.fixture
def bad(history: History, nights: Nights) -> News:
    old = VariableFact(component="Ctrlr", variable="Old")
    for verdict in ("pass", "fail", "pass"):
        nights(
            case("TC_A"), case("TC_B", "fail"), case("TC_C", "fail"), case("TC_F", verdict),
            times=boots(30), variables=(old,),
        )  # fmt: skip
    now = nights(
        case("TC_A", "fail", failure(actual=EVIL)), case("TC_B", "fail"), case("TC_C"),
        case("TC_F", "fail"), case("TC_N", "not_applicable"),
        times=boots(45), variables=(),
    )  # fmt: skip
    return News(NIGHT, (compare(history, now),))


@pytest.fixture
def void(history: History, nights: Nights) -> News:
    unplugged = compare(history, nights(void="the DUT did not connect"))
    return News(NIGHT, (unplugged,), (NotRun("pole", "its action API was in use for 9 h"),))
