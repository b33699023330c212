"""A station over its nights."""

from __future__ import annotations

from tests.nightly.made import Nights, case
from vdoc.nightly.history import History
from vdoc.nightly.pages.curves import Curve, curves
from vdoc.nightly.stored import Parameter


def of(history: History, name: str) -> Curve:
    return next(curve for curve in curves(history, "wall", 30) if curve.name == name)


def times(level: float) -> dict[Parameter, tuple[float, ...]]:
    return {Parameter.BOOT: tuple(level + n / 1000 for n in range(20))}


class TestCurves:
    def test_there_is_one_for_passes_duration_and_each_parameter(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A_01_CS"))
        names = [curve.name for curve in curves(history, "wall", 30)]
        assert names == ["passed", "duration", *Parameter]

    def test_nights_are_in_the_order_of_time_and_void_ones_are_gaps(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A_01_CS"), case("TC_A_02_CS"))
        nights(case("TC_A_01_CS"), void="unplugged")
        nights(case("TC_A_01_CS"), case("TC_A_02_CS", "fail"))
        assert [point.value for point in of(history, "passed").points] == [2, None, 1]
        assert [point.value for point in of(history, "duration").points] == [60, None, 60]

    def test_a_response_time_has_its_median_and_p95(self, history: History, nights: Nights) -> None:
        nights(case("TC_A_01_CS"), times=times(1.0))
        [point] = of(history, "boot").points
        assert (point.value, point.upper) == (1.009, 1.018)
        assert of(history, "plug").known == ()

    def test_a_change_is_marked_once(self, history: History, nights: Nights) -> None:
        for level in [1.0, 1.01, 0.99, 1.0, 1.01, 0.99, 3.0, 3.0]:
            nights(case("TC_A_01_CS"), times=times(level))
        assert [p.change for p in of(history, "boot").points] == ["", *[""] * 5, "slower", ""]

    def test_what_creeps_is_said(self, history: History, nights: Nights) -> None:
        for night in range(14):
            nights(case("TC_A_01_CS"), times=times(1.0 + night * 0.02))
        assert of(history, "boot").creeps.startswith("creeps up over 14 nights, from 1.01 to 1.27")
