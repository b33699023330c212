"""A trend as SVG: well-formed, described, nothing by colour alone."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.nightly.made import Nights, case
from tests.nightly.pages.conftest import EVIL
from vdoc.nightly.pages.curves import Curve, Point
from vdoc.nightly.pages.plot import described, plot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def curve(nights: Nights) -> Curve:
    runs = [nights(case("TC_A_01_CS"), firmware=f) for f in ("a", "a", "b")]
    void = nights(case("TC_A_01_CS"), void="x")
    points = (
        Point(runs[0], 0.30, 0.40), Point(runs[1], 0.31, 0.42), Point(void, None),
        Point(replace(runs[2], firmware_version=EVIL), 0.62, 0.80, "slower"),
    )  # fmt: skip
    return Curve("boot", "Boot", "s", ("median", "p95"), points)


def parsed(curve: Curve) -> ET.Element:
    drawn = plot(curve).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(drawn)  # noqa: S314  # our own


class TestPlot:
    def test_it_has_a_title_and_a_description(self, curve: Curve) -> None:
        root = parsed(curve)
        ids = root.attrib["aria-labelledby"].split()
        assert [root[0].attrib["id"], root[1].attrib["id"]] == ids
        assert root[0].text == "Boot"
        assert root[1].text == (
            "median of 3 runs: 0.3 to 0.62 s, 0.62 s in the newest; "
            "changed beyond noise: slower on 2026-11-04."
        )

    def test_a_change_and_a_void_run_have_words(self, curve: Curve) -> None:
        words = [element.text for element in parsed(curve).iter(f"{SVG}text")]
        assert "▲ slower" in words
        assert "void" in words

    def test_a_line_does_not_cross_a_gap(self, curve: Curve) -> None:
        lines = [e.attrib["d"] for e in parsed(curve).iter(f"{SVG}path")]
        assert [line.count("L") for line in lines] == [1, 1]

    def test_a_station_cannot_draw(self, curve: Curve) -> None:
        assert "<script" not in plot(curve)
        assert "\u202e" not in plot(curve)

    @pytest.mark.parametrize("value", [0.0, 1e-6, 0.999, 7.0, 407.0, 1e6])
    def test_all_is_inside(self, curve: Curve, value: float) -> None:
        points = tuple(replace(point, value=value, upper=value) for point in curve.points)
        root = parsed(replace(curve, points=points))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        dots = [(float(e.attrib["cx"]), float(e.attrib["cy"])) for e in root.iter(f"{SVG}circle")]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in dots)

    def test_what_was_never_measured(self, curve: Curve) -> None:
        assert described(replace(curve, points=())) == "No run has measured it."
        assert parsed(replace(curve, points=())).tag == f"{SVG}svg"
