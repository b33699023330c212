"""Step 11: the documents that people read say what is declared, and the PDF is signed for it.

Owns the comparison of `declaration.pdf` and `declaration.html` with what follows from statement and
envelope. The PDF has one form only: the pages made again, the bundle's files, the signature, not a
byte elsewhere. When that holds, it was not changed after signing, has nothing that acts, and shows
no other words; when it does not, what is said is why, as far as can be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pyhanko.pdf_utils.misc import PdfError

from vdoc.declaration.documents import (
    ENVELOPE,
    HTML,
    PDF,
    attachments_of,
    is_earlier,
    reason_of,
    signatories_of,
)
from vdoc.declaration.pades.form import CONTENTS_BYTES, Material, Seal, form_of
from vdoc.declaration.renderings.composing import document_of
from vdoc.declaration.renderings.declaration_html import render_html
from vdoc.declaration.renderings.declaration_pdf import render_pdf
from vdoc.declaration.statement import Statement
from vdoc.signing import read_envelope
from vdoc.signing.timestamps import StampError, check, consistent
from vdoc.verify.findings import HOSTILE, Findings, shown
from vdoc.verify.pdf_file import PdfFile, PdfReadingError
from vdoc.verify.trusted_time import StampTrust

STEP = 11
_TIME = re.compile(r"D:\d{14}Z")
_HOSTILE = (*HOSTILE, PdfError)


class _Expected(NamedTuple):
    """What the documents must be."""

    html: bytes
    pages: bytes
    envelope: bytes


def check_documents(
    statement: Statement,
    members: Mapping[str, bytes],
    trust: StampTrust | None,
    findings: Findings,
) -> None:
    """Step 11: whoever signed the envelope signed a PDF with these words and files.

    Args:
        statement: what is declared.
        members: of the bundle.
        trust: whose time stamps are believed; None: nobody's.
        findings: where what is wrong goes.
    """
    pdf = _opened(members[PDF], findings)
    envelope = _attached_envelope(pdf, members[ENVELOPE], findings)
    expected = findings.attempt(
        STEP, "pdf-words", "making the documents again", lambda: _made_again(statement, envelope)
    )
    if expected is None:
        return
    if expected.html != members[HTML]:
        findings.add(STEP, "html-words", f"{HTML} does not say what the statement says")
    if pdf is None:
        return
    _check_signature(pdf, envelope, findings)
    findings.attempt(STEP, "pdf-timestamp", PDF, lambda: _check_stamp(pdf, trust, findings))
    exact = findings.attempt(
        STEP, "pdf-form", "its form", lambda: _is_exact(pdf, statement, members, expected)
    )
    if not exact:
        _diagnose(pdf, members, expected, findings)


def _made_again(statement: Statement, envelope: bytes) -> _Expected:
    document = document_of(statement, signatories_of(envelope))
    return _Expected(render_html(document), render_pdf(document), envelope)


def _opened(data: bytes, findings: Findings) -> PdfFile | None:
    try:
        return PdfFile.open(data)
    except PdfReadingError as error:
        findings.add(STEP, error.code, f"{PDF}: {shown(str(error))}")
        return None


def _attached_envelope(pdf: PdfFile | None, envelope: bytes, findings: Findings) -> bytes:
    """Return the envelope as it was when the PDF was made, before countersignatures."""
    if pdf is None:
        return envelope
    try:
        attached = pdf.file(ENVELOPE)
        if attached == envelope or is_earlier(attached, envelope):
            return attached
    except _HOSTILE:
        pass
    words = f"the attached {ENVELOPE} is not that of the bundle, nor that with fewer signatures"
    findings.add(STEP, "pdf-attachment", words)
    return envelope


def _check_signature(pdf: PdfFile, envelope: bytes, findings: Findings) -> None:
    if pdf.signed_bytes != len(pdf.data):
        words = f"its signature covers {pdf.signed_bytes} of its {len(pdf.data)} bytes"
        findings.add(STEP, "pdf-coverage", f"{PDF}: {words}")
    try:
        key = pdf.signer()
    except PdfReadingError as error:
        findings.add(STEP, error.code, f"{PDF}: {shown(str(error))}")
        return
    signed = findings.attempt(STEP, "pdf-key", "the envelope", lambda: read_envelope(envelope))
    if signed is not None and not signed.verified_by(key):
        words = f"{PDF} is signed by key {key.key_id}, which has not signed the statement"
        findings.add(STEP, "pdf-key", words)


def _check_stamp(pdf: PdfFile, trust: StampTrust | None, findings: Findings) -> None:
    """A time stamp that is in the signature must hold; none need be there."""
    found = pdf.stamp()
    if found is None:
        return
    token, signature = found
    try:
        if trust is None:
            consistent(token, signature)
        else:
            check(token, signature, trust.authorities)
    except StampError as error:
        words = f"the time stamp in the signature of {PDF}: {shown(error.message)}"
        findings.add(STEP, "pdf-timestamp", words)


def _is_exact(
    pdf: PdfFile, statement: Statement, members: Mapping[str, bytes], expected: _Expected
) -> bool:
    """Tell whether the file is, byte for byte, the one that these pages and files lead to."""
    said = pdf.said_time
    if not _TIME.fullmatch(said):
        return False
    at = datetime.strptime(said, "D:%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    attached = attachments_of({**members, ENVELOPE: expected.envelope})
    seal = Seal(at, reason_of(statement), Material(*pdf.materials()))
    form = form_of(expected.pages, attached, seal)
    begin = sum(map(len, form.pieces[: form.gap]))
    contents = _contents(pdf.data[begin : begin + 2 * CONTENTS_BYTES + 2])
    return contents is not None and _consists_of(pdf.data, form.signed(contents))


def _contents(text: bytes) -> bytes | None:
    """Return the CMS in its brackets, without the zeros behind it, of which there may be more."""
    try:
        padded = bytes.fromhex(text[1:-1].decode("ascii"))
    except ValueError:
        return None
    size = _der_bytes(padded)
    return padded[:size] if not any(padded[size:]) else None


def _der_bytes(data: bytes) -> int:
    """Return the length of the value of DER at the beginning of data (X.690 8.1.3)."""
    first = data[1] if len(data) > 1 else 0
    count = first - 0x80
    if count < 0:
        return 2 + first
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def _consists_of(data: bytes, pieces: Sequence[bytes]) -> bool:
    at = 0
    for piece in pieces:
        if not data.startswith(piece, at):
            return False
        at += len(piece)
    return at == len(data)


def _diagnose(
    pdf: PdfFile, members: Mapping[str, bytes], expected: _Expected, findings: Findings
) -> None:
    """Say why the file is not the expected one."""
    before = len(findings.found)
    if not pdf.data.startswith(expected.pages):
        words = f"the pages of {PDF} do not say what the statement says"
        findings.add(STEP, "pdf-words", words)
    wanted = {each.name: each.data for each in attachments_of(members)}
    wanted[ENVELOPE] = expected.envelope
    try:
        attached = pdf.files()
        acting = list(pdf.acting())
    except _HOSTILE as error:
        findings.add(
            STEP, "pdf-attachment", f"the files in {PDF} cannot be read: {shown(str(error))}"
        )
        return
    for name in sorted({*wanted, *attached}):
        if wanted.get(name) != attached.get(name):
            what = "is not attached" if name not in attached else "is another than in the bundle"
            words = what if name in wanted else "is attached, and no file of the bundle"
            findings.add(STEP, "pdf-attachment", f"{PDF}: {shown(name)} {words}")
    if acting:
        findings.add(STEP, "pdf-action", f"{PDF} acts by itself: {shown('; '.join(acting))}")
    if len(findings.found) == before:
        words = "is not in the one form that it has; something stands between or behind its parts"
        findings.add(STEP, "pdf-form", f"{PDF} {words}")
