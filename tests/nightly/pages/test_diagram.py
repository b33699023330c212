"""The SVG: well-formed whatever a station sends, failures marked by more than colour."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

from vdoc.nightly.pages.diagram import diagram
from vdoc.nightly.pages.exchange import Direction, Row, Step, read_exchange
from vdoc.nightly.stored import StoredRun

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str, kind: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314  # our own
    return [e.text or "" for e in root.iter(f"{SVG}text") if e.get("class") == kind]


class TestDiagram:
    def test_it_is_well_formed_with_what_a_station_sent(self, failed_run: StoredRun) -> None:
        svg = diagram(read_exchange(failed_run.directory, 1), "Exchange")
        assert "<script>" not in svg
        broken = texts(svg, "broken")
        assert broken[0].startswith("✗ step 2 [C01.FR.02] </text><script>")
        assert broken[1:] == ["   expected '04A1'", "   got 'FFFF'"]
        assert len(texts(svg, "held")) == 2
        assert 'class="to_bench bad"' in svg

    def test_a_label_leads_to_its_message(self, failed_run: StoredRun) -> None:
        rows = read_exchange(failed_run.directory, 1)
        svg = diagram(rows, "Exchange")
        assert all(f'href="#line-{row.n}"' in svg for row in rows if row.text)

    def test_rows_do_not_overlap(self) -> None:
        steps = tuple(Step("1", "R", f"field {n}", "a", "b", passed=False) for n in range(9))
        rows = [Row(n, n, Direction.TO_BENCH, "X", "{}", steps) for n in range(3)]
        root = ET.fromstring(diagram(rows, ""))  # noqa: S314  # our own
        heights = [
            int(e.attrib["y"]) for e in root.iter(f"{SVG}text") if e.get("class") == "broken"
        ]
        assert all(b - a >= 17 for a, b in pairwise(heights))
        assert int(root.attrib["viewBox"].split()[3]) > heights[-1]

    def test_no_row_is_an_empty_diagram(self) -> None:
        assert "bench" in diagram((), "Exchange")
