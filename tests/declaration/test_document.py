"""What the document says, and how page and PDF set it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vdoc.bench import Verdict
from vdoc.declaration import RunRecord, Statement, statement_of
from vdoc.declaration.renderings.composing import document_of
from vdoc.declaration.renderings.declaration_html import render_html
from vdoc.declaration.renderings.declaration_pdf import render_pdf
from vdoc.declaration.renderings.document import Document, Section, Signatory
from vdoc.digest import digest

ENCLOSED = {"pics.json": "0" * 64}
KEY_ID = "1f" * 32
SIGNED = (Signatory(KEY_ID, ""), Signatory("2e" * 32, "CN=Signing,O=Acme"))
WEIRD = "名 \u202e \x07 \u200b \U0001f600 ☃ \\u{1} <b>&amp;#let $x$ @y /* */ // ``` \ufeff"
Change = Callable[..., RunRecord]
_EMPTY = Document(
    mark="", warning="", product="", digest="0" * 64,
    made=datetime(2026, 11, 24, tzinfo=UTC),
    lead=(), sections=(),
)  # fmt: skip


def document(record: RunRecord, **predicate: Any) -> Document:
    statement = statement_of(record, ENCLOSED)
    read = json.loads(statement.to_bytes())
    read["predicate"] |= predicate
    return document_of(Statement.from_json(read), SIGNED)


def text(document: Document) -> str:
    pages = pypdfium2.PdfDocument(render_pdf(document))
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def flat(words: str) -> str:
    """Without line ends and spaces, since long words are broken."""
    return "".join(words.split())


class Page(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, *names: str) -> list[tuple[str, dict[str, str | None]]]:
        return [each for each in self.tags if each[0] in names]


class TestContent:
    def test_names_what_issue_7_asks_for(self, record: RunRecord) -> None:
        said = flat(text(document(record)))
        product = record.pics.product
        for words in (
            product.vendor, product.model, product.family, *product.members,
            product.representative.model, product.representative.certificate_number,
            product.firmware_version, "ab" * 32, record.pics.digest, record.settings_digest,
            record.catalogue.digest, record.plan.digest, record.evidence_head,
            "2026-11-24 06:00:00 UTC", "2026-11-24 10:00:00 UTC", "4 h 00 min 00 s",
            record.catalogue.edition, record.catalogue.errata, "Document 2 V3.1",
            f"vdoc {record.runner_version}", "Seed of the order", "TC_C_06_CS", "local=ISO14443",
            KEY_ID, "CN=Signing,O=Acme", "not issued by the Open Charge Alliance", "§7.4",
            "Heartbeat, NTP, RealTimeClock", "one-factor", "Serial number: SN1", "seen",
        ):  # fmt: skip
            assert flat(words) in said, words

    def test_lists_the_eight_profiles(self, record: RunRecord) -> None:
        summary = document(record).sections[0]
        assert summary.heading == "Test Result Summary"
        results = {row[0]: row[1] for row in summary.tables[0].rows}
        assert len(results) == 8
        assert results["Core"] == "Pass"
        assert results["Smart Charging"] == "Not Tested"

    def test_sets_what_is_not_applicable_apart(self, with_result: Change) -> None:
        record = with_result(Verdict.NOT_APPLICABLE, because="no such prerequisite")
        by_evidence, by_pics = _section(document(record), "Not applicable").tables
        assert by_evidence.rows[0][2] == "no such prerequisite"
        refused = {each.case for each in record.plan.not_applicable}
        assert {row[0] for row in by_pics.rows} == refused
        assert len(by_pics.rows) == len(refused)

    def test_says_once_that_a_case_of_two_profiles_does_not_apply(self, record: RunRecord) -> None:
        rows = [{"case": "TC_K_01_CS", "title": "Set", "because": why} for why in ("a", "b", "b")]
        told = document(record, not_applicable={"by_evidence": [], "by_pics": rows})
        (by_pics,) = _section(told, "Not applicable").tables
        assert by_pics.rows == (("TC_K_01_CS", "Set", "a; b"),)

    def test_says_one_interpretation_of_many_cases_once(self, record: RunRecord) -> None:
        words = ["General.", "TC_A_01_CS, local: ours", "TC_A_02_CS, local: ours"]
        section = _section(document(record, interpretations=words), "Interpretations")
        assert section.points == ("General.",)
        assert section.tables[0].rows == (("local", "ours", "TC_A_01_CS, TC_A_02_CS"),)

    def test_names_the_starts_against_a_challenge(self, record: RunRecord) -> None:
        starts = [{"outcome": "fail"}, {"outcome": None}]
        envelope = {"signatures": [{"keyid": KEY_ID}]}
        told = document(record, challenge={"starts": starts, "envelope": envelope})
        run, digests = _section(told, "Test run").tables
        words = {row[0]: row[1] for row in run.rows}["Challenge"]
        assert words.startswith(f"signed by {KEY_ID}; ")
        assert words.endswith("start 2; outcomes before: fail")
        assert ("Challenge", digest(envelope)) in digests.rows

    def test_marks_a_demonstration_on_every_page(self, record: RunRecord) -> None:
        demonstration = replace(record, grade_problems=("values.x is 1",))
        pages = list(pypdfium2.PdfDocument(render_pdf(document(demonstration))))
        texts = [page.get_textpage().get_text_range() for page in pages]
        assert len(texts) > 2
        assert all("DEMONSTRATION" in page for page in texts)
        assert "values.x is 1" in "".join(texts)
        assert "DEMONSTRATION" not in text(document(record))


def _section(document: Document, heading: str) -> Section:
    return next(section for section in document.sections if section.heading == heading)


class TestPdf:
    def test_is_the_same_every_time(self, record: RunRecord) -> None:
        made = document(record)
        first = render_pdf(made)
        render_pdf.cache_clear()
        assert render_pdf(made) == first

    def test_survives_whatever_a_station_says(self, record: RunRecord) -> None:
        said = flat(text(replace(document(record), lead=(WEIRD,))))
        assert flat(r"\u{540d} \u{202e} \u{7} \u{200b} \u{1f600} \u{2603}") in said
        assert flat("<b>&amp;#let $x$ @y /* */ // ```") in said

    @settings(max_examples=25, deadline=None)
    @given(words=st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
    def test_can_set_any_text(self, words: str) -> None:
        render_pdf(replace(_EMPTY, lead=(words,)))

    def test_has_a_glyph_for_all_that_it_does_not_spell_out(self) -> None:
        every = "".join(map(chr, range(0x20, 0x2100)))
        render_pdf(replace(_EMPTY, lead=(every, *every.split("\u0100"))))


class TestPage:
    def test_says_what_the_pdf_says(self, record: RunRecord) -> None:
        made = document(record)
        page = flat(Page(render_html(made)).words)
        for section in made.sections:
            for table in section.tables:
                for words in (table.caption, *(cell for row in table.rows for cell in row)):
                    assert flat(words) in page, words

    def test_can_be_read_aloud(self, record: RunRecord) -> None:
        page = Page(render_html(document(record)))
        assert page.all("html")[0][1]["lang"] == "en"
        headings = [int(tag[1]) for tag, _ in page.all("h1", "h2", "h3", "h4")]
        assert headings[0] == 1
        assert set(headings[1:]) == {2}
        assert len(page.all("table")) == len(page.all("caption")) > 8
        assert {attrs["scope"] for _, attrs in page.all("th")} == {"col", "row"}
        assert len(page.all("main")) == len(page.all("title")) == 1

    def test_needs_nothing_and_does_nothing(self, record: RunRecord) -> None:
        page = Page(render_html(document(record)))
        assert not page.all("script", "link", "img", "iframe", "a", "form", "object")
        assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)

    def test_escapes_whatever_a_station_says(self, record: RunRecord) -> None:
        page = render_html(replace(document(record), lead=(WEIRD,))).decode()
        assert r"\u{202e} \u{7} \u{200b}" in page
        assert "名" in page
        assert "<b>" not in page

    def test_can_be_printed_and_read_in_the_dark(self, record: RunRecord) -> None:
        page = render_html(document(record)).decode()
        assert "@media print" in page
        assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize("key", ["product", "results", "window", "device_model", "features"])
def test_of_something_else_there_is_no_document(record: RunRecord, key: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        document(record, **{key: {"made": "up"}})
