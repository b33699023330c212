from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from vdoc.declaration.pades.form import CONTENTS_BYTES, Attachment, Material, Seal, form_of
from vdoc.declaration.renderings.declaration_pdf import render_pdf
from vdoc.declaration.renderings.document import Document

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGES = render_pdf(Document("", "", "", "0" * 64, AT, (), ()))
FILE = Attachment("pics.json", b"{}", "application/json", "Supplement", "The PICS")


def opened(*files: Attachment, seal: Seal | None = None) -> PdfFileReader:
    form = form_of(PAGES, files or (FILE,), seal or Seal(AT, "why"))
    return PdfFileReader(io.BytesIO(b"".join(form.signed(b"\x30\x00"))))


def test_the_pages_stand_first_and_unchanged() -> None:
    form = form_of(PAGES, [FILE], Seal(AT, "why"))
    assert b"".join(form.pieces).startswith(PAGES)
    assert form.pieces[0] is PAGES


def test_attachments_are_handed_on_without_a_copy() -> None:
    form = form_of(PAGES, [FILE], Seal(AT, "why"))
    assert any(piece is FILE.data for piece in form.pieces)


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5))
def test_every_attachment_can_be_read(contents: list[bytes]) -> None:
    files = [replace(FILE, name=f"{n}.json", data=data) for n, data in enumerate(contents)]
    root = opened(*files).root
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    read = {str(names[n]): names[n + 1]["/EF"]["/F"].data for n in range(0, len(names), 2)}
    assert read == {file.name: file.data for file in files}
    assert len(root["/AF"]) == len(files)


def test_an_attachment_says_what_it_is() -> None:
    specification = opened().root["/AF"][0]
    assert specification["/AFRelationship"] == "/Supplement"
    assert specification["/Desc"] == "The PICS"
    assert specification["/EF"]["/F"]["/Subtype"] == "/application/json"


def test_names_are_sorted_as_a_name_tree_asks_for() -> None:
    root = opened(replace(FILE, name="b"), replace(FILE, name="a")).root
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert [str(names[0]), str(names[2])] == ["a", "b"]


def test_nothing_may_be_changed_after_the_signature() -> None:
    root = opened().root
    assert root["/Perms"]["/DocMDP"]["/Reference"][0]["/TransformParams"]["/P"] == 1


def test_the_signature_covers_all_but_itself() -> None:
    form = form_of(PAGES, [FILE], Seal(AT, "why"))
    whole = b"".join(form.signed(b"\x30\x00"))
    signature = PdfFileReader(io.BytesIO(whole)).root["/Perms"]["/DocMDP"]
    _, before, after, rest = (int(signature["/ByteRange"][n]) for n in range(4))
    assert whole[:before] + whole[after:] == b"".join(form.covered)
    assert after - before == 2 * CONTENTS_BYTES + 2
    assert after + rest == len(whole)


def test_material_is_enclosed() -> None:
    store = opened(seal=Seal(AT, "why", Material((b"one", b"two"), (b"three",)))).root["/DSS"]
    assert [store["/Certs"][n].data for n in range(2)] == [b"one", b"two"]
    assert store["/CRLs"][0].data == b"three"
    assert "/DSS" not in opened().root


def test_a_signature_that_has_no_room_is_refused() -> None:
    form = form_of(PAGES, [FILE], Seal(AT, "why"))
    with pytest.raises(ValueError, match="no room"):
        form.signed(bytes(CONTENTS_BYTES + 1))


@pytest.mark.parametrize(
    "pages",
    [b"", b"%PDF-1.7\n", PAGES + b"\n", PAGES[:-10], PAGES.replace(b"/Pages 1", b"/Pagez 1")],
)
def test_other_pages_are_refused(pages: bytes) -> None:
    with pytest.raises(ValueError, match="these pages"):
        form_of(pages, [FILE], Seal(AT, "why"))
