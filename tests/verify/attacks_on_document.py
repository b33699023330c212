"""Attacks on the documents that people read: on words, files, signature and form of the PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.signing.tsa import Tsa
from tests.verify.attacks import Forger, Made, also_refused_as, refused_as
from vdoc.declaration import Statement, container
from vdoc.declaration.documents import (
    HTML,
    PDF,
    attachments_of,
    reason_of,
    signatories_of,
)
from vdoc.declaration.pades.form import Attachment, Seal, form_of
from vdoc.declaration.pades.signer import DIGESTS, Authority, chain_for, cms_of
from vdoc.declaration.renderings.composing import document_of
from vdoc.declaration.renderings.declaration_pdf import render_pdf
from vdoc.declaration.renderings.document import Document
from vdoc.signing import SigningKey, new_key

AT = datetime(2027, 1, 15, 9, tzinfo=UTC)
Files = Sequence[Attachment]


def with_pdf(forger: Forger, pdf: bytes) -> Made:
    return forger.file(container.pack({**forger.members, PDF: pdf}))


def signed_by_the_vendor(
    forger: Forger,
    *,
    words: Callable[[Document], Document] = lambda document: document,
    files: Callable[[Files], Files] = lambda files: files,
    change: tuple[bytes, bytes] = (b"", b""),
    key: SigningKey | None = None,
    behind: bytes = b"",
    tsa: Tsa | None = None,
) -> Made:
    """The bundle with a PDF that has one thing changed before it is signed.

    Args:
        change: bytes behind the pages, and as many others in their place.
        behind: in the room for the signature, behind it.
    """
    members, signer = forger.members, key or forger.lab.key
    statement = Statement.from_json(json.loads(members["declaration.json"]))
    document = document_of(statement, signatories_of(members["declaration.dsse.json"]))
    seal = Seal(AT, reason_of(statement))
    form = form_of(render_pdf(words(document)), files(attachments_of(members)), seal)
    old, new = change
    assert len(old) == len(new)
    pieces = [form.pieces[0], *(piece.replace(old, new) for piece in form.pieces[1:])]
    form = replace(form, pieces=tuple(pieces))
    digest = form.digest(DIGESTS[signer.public.type])
    authority = None if tsa is None else Authority(tsa.answer)
    cms = cms_of(signer, chain_for(signer, "Nordlicht Ladetechnik", AT), digest, authority)
    return with_pdf(forger, b"".join(form.signed(cms + behind)))


def revised(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """A PDF with a revision behind it."""
    writer, target = IncrementalPdfFileWriter(io.BytesIO(pdf)), io.BytesIO()
    change(writer)
    writer.write(target)  # type: ignore[no-untyped-call]
    return target.getvalue()


# --- words ---


@refused_as("pdf-words")
def other_words_signed_by_the_vendor(forger: Forger) -> Made:
    certified = ("Certified by the Open Charge Alliance.",)
    return signed_by_the_vendor(forger, words=lambda doc: replace(doc, lead=certified))


@also_refused_as("pdf-words")
def a_profile_passed_that_was_not_tested(forger: Forger) -> Made:
    def words(document: Document) -> Document:
        first, *others = document.sections
        rows = tuple((row[0], "Pass", row[2]) for row in first.tables[0].rows)
        summary = replace(first, tables=(replace(first.tables[0], rows=rows),))
        return replace(document, sections=(summary, *others))

    return signed_by_the_vendor(forger, words=words)


@also_refused_as("pdf-words")
def the_pdf_of_another_bundle(forger: Forger) -> Made:
    other = container.read(forger.played(restores=("busy", "reached")))
    return with_pdf(forger, other[PDF])


@refused_as("html-words")
def a_page_that_says_something_else(forger: Forger) -> Made:
    members = forger.members
    page = members[HTML].replace(b"Not Tested", b"Pass")
    return forger.file(container.pack({**members, HTML: page}))


# --- files ---


def attaching(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    """Attach what is attached, but one file with other bytes."""

    def files(held: Files) -> Files:
        return [
            replace(each, data=each.data.replace(old, new)) if each.name == name else each
            for each in held
        ]

    return files


@refused_as("pdf-attachment")
def an_altered_attachment(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, files=attaching("pics.json", b"NL", b"XL"))


@also_refused_as("pdf-attachment")
def an_attachment_missing(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, files=lambda held: held[:-1])


@also_refused_as("pdf-attachment")
def an_attachment_more(forger: Forger) -> Made:
    more = Attachment(
        "certificate.pdf", b"%PDF-1.7", "application/pdf", "Supplement", "Certificate"
    )
    return signed_by_the_vendor(forger, files=lambda held: [*held, more])


@also_refused_as("pdf-attachment")
def the_same_name_attached_twice(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, files=lambda held: [*held, held[0]])


@also_refused_as("pdf-attachment")
def an_envelope_attached_with_another_signature(forger: Forger) -> Made:
    other = attaching("declaration.dsse.json", b'"sig":"', b'"sig":"00')
    return signed_by_the_vendor(forger, files=other)


# --- signature ---


@refused_as("pdf-signature")
def a_byte_of_the_pages_turned(forger: Forger) -> Made:
    pdf = bytearray(forger.members[PDF])
    pdf[pdf.index(b"stream\n") + 20] ^= 1
    return with_pdf(forger, bytes(pdf))


@also_refused_as("pdf-signature")
def a_byte_of_an_attachment_turned(forger: Forger) -> Made:
    pdf = forger.members[PDF]
    return with_pdf(forger, pdf.replace(b'"vendor":"Nord', b'"vendor":"Nard', 1))


@also_refused_as("pdf-signature")
def a_byte_of_the_signature_turned(forger: Forger) -> Made:
    pdf = bytearray(forger.members[PDF])
    end = pdf.rindex(b"00000000>>>")
    while pdf[end - 2 : end] == b"00":
        end -= 2
    pdf[end - 1 : end] = b"2" if pdf[end - 1 : end] == b"1" else b"1"
    return with_pdf(forger, bytes(pdf))


@also_refused_as("pdf-signature")
def pages_that_nobody_signed(forger: Forger) -> Made:
    pdf = forger.members[PDF]
    return with_pdf(forger, pdf[: pdf.index(b"%%EOF") + 5])


@also_refused_as("pdf-signature")
def another_time_of_signing(forger: Forger) -> Made:
    return with_pdf(forger, forger.members[PDF].replace(b"/M(D:2027", b"/M(D:2026"))


@refused_as("pdf-key")
def a_pdf_signed_by_a_stranger(forger: Forger) -> Made:
    stranger = SigningKey.load(new_key(forger.lab.directory, "stranger").private)
    return signed_by_the_vendor(forger, key=stranger)


@refused_as("pdf-coverage")
def a_revision_behind_the_signature(forger: Forger) -> Made:
    def change(writer: Any) -> None:
        writer.root["/PageMode"] = generic.pdf_name("/UseAttachments")
        writer.update_root()

    return with_pdf(forger, revised(forger.members[PDF], change))


@also_refused_as("pdf-coverage")
def a_revision_that_shows_another_page(forger: Forger) -> Made:
    def change(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        content = generic.StreamObject(stream_data=b"BT /F1 40 Tf 50 500 Td (All passed) Tj ET")
        page["/Contents"] = writer.add_object(content)
        writer.update_container(page)

    return with_pdf(forger, revised(forger.members[PDF], change))


@also_refused_as("pdf-coverage")
def bytes_behind_the_pdf(forger: Forger) -> Made:
    return with_pdf(forger, forger.members[PDF] + b"% approved\n")


@refused_as("pdf-timestamp")
def a_stamp_by_who_may_not_stamp(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, tsa=Tsa(flaws={"purposes": ()}))


# --- form ---


@refused_as("pdf-action")
def a_script_that_runs_when_it_is_opened(forger: Forger) -> Made:
    old = b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>"
    new = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>".ljust(len(old))
    return signed_by_the_vendor(forger, change=(old, new))


@also_refused_as("pdf-action")
def a_field_that_leads_elsewhere(forger: Forger) -> Made:
    old = b"/TU(Signature)/Rect[-1 -1 -1 -1]/F 132"
    new = b"/A<</S/URI/URI(http://x.y)>>".ljust(len(old))
    return signed_by_the_vendor(forger, change=(old, new))


@refused_as("pdf-form")
def a_field_with_another_name(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, change=(b"/TU(Signature)", b"/TU(Certified)"))


@also_refused_as("pdf-form")
def something_hidden_behind_the_signature(forger: Forger) -> Made:
    return signed_by_the_vendor(forger, behind=b"approved")


@also_refused_as("pdf-form")
def a_pdf_cut_off(forger: Forger) -> Made:
    return with_pdf(forger, forger.members[PDF][:-3000])


@also_refused_as("pdf-form")
def objects_hidden_in_a_compressed_stream(forger: Forger) -> Made:
    def change(writer: Any) -> None:
        writer.root["/ObjStm"] = generic.NullObject()
        writer.update_root()

    return with_pdf(forger, revised(forger.members[PDF], change))


@also_refused_as("pdf-form")
def no_pdf_at_all(forger: Forger) -> Made:
    return with_pdf(forger, b"%PDF-1.7\n" * 100)
