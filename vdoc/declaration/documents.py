"""The two documents of a bundle that people read, made from its other members.

Owns which members are attached to `declaration.pdf` and as what, who the documents say has signed,
and the order: pages, attachments, signature. Everything in them follows from the other members, so
a verifier makes them again. What comes into a bundle after them is attached to none: a time stamp
of the declaration, and countersignatures, which go behind the signatures of the attached envelope.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import load_der_x509_certificate

from vdoc.declaration import container
from vdoc.declaration.pades.form import Attachment, Seal, form_of
from vdoc.declaration.pades.material import material_of
from vdoc.declaration.pades.signer import DIGESTS, Authority, Exchange, chain_for, cms_of
from vdoc.declaration.renderings.composing import document_of
from vdoc.declaration.renderings.declaration_html import render_html
from vdoc.declaration.renderings.declaration_pdf import render_pdf
from vdoc.declaration.renderings.document import TITLE, Signatory
from vdoc.declaration.statement import DEMONSTRATION_TYPE, Statement
from vdoc.digest import canonical
from vdoc.signing import SigningKey, read_envelope

PDF, HTML, ENVELOPE = "declaration.pdf", "declaration.html", "declaration.dsse.json"
_JSON, _PAGE, _STAMP = "application/json", "text/html", "application/timestamp-reply"
_ATTACHED = {
    "README.txt": ("text/plain", "Supplement", "What the bundle holds, how to verify it"),
    HTML: (_PAGE, "Alternative", "This document as a page for a browser"),
    "declaration.json": (_JSON, "Source", "What is declared: in-toto Statement"),
    ENVELOPE: (_JSON, "Source", "The statement, signed: DSSE"),
    "pics.json": (_JSON, "Supplement", "The PICS"),
    "settings.json": (_JSON, "Supplement", "Settings of the bench without secrets"),
    "plan.json": (_JSON, "Supplement", "Which cases were run, in which order"),
    "plan.tsr": (_STAMP, "Supplement", "Time stamp of the plan"),
    "evidence.jsonl.gz": ("application/gzip", "Data", "Everything that was said and done"),
    "report.html": (_PAGE, "Supplement", "Report of the run"),
}


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the PDF is signed.

    Attributes:
        key: signs it; has signed the envelope too.
        at: the time, aware.
        exchange: reaches a time stamping authority; None: the signature has no time stamp.
    """

    key: SigningKey
    at: datetime
    exchange: Exchange | None = None


def make_documents(
    statement: Statement, members: Mapping[str, bytes], sealing: Sealing
) -> dict[str, bytes]:
    """Return `declaration.html` and `declaration.pdf`.

    Args:
        statement: what is declared.
        members: of the bundle, all that there are but these two.
        sealing: how the PDF is signed.

    Raises:
        InputError: the key does not sign.
        TsaError: the authority does not stamp.
    """
    statement = Statement.from_json(json.loads(statement.to_bytes()))  # as a verifier reads it
    document = document_of(statement, signatories_of(members[ENVELOPE]))
    html = render_html(document)
    key = sealing.key
    vendor = str(statement.predicate["product"]["vendor"])
    at = sealing.at.replace(microsecond=0)
    chain = chain_for(key, vendor, at)
    authority = None if sealing.exchange is None else Authority(sealing.exchange)
    material = material_of(chain, authority)
    form = form_of(
        render_pdf(document),
        attachments_of({**members, HTML: html}),
        Seal(at, reason_of(statement), material),
    )
    signature = cms_of(key, chain, form.digest(DIGESTS[key.public.type]), authority)
    return {HTML: html, PDF: b"".join(form.signed(signature))}


def attachments_of(members: Mapping[str, bytes]) -> tuple[Attachment, ...]:
    """Return what is attached to the PDF of a bundle, in the order of the bundle."""
    names = [name for name in container.MEMBERS if name in members and name in _ATTACHED]
    return tuple(Attachment(name, members[name], *_ATTACHED[name]) for name in names)


def reason_of(statement: Statement) -> str:
    """Return why the PDF is signed, as viewers show it."""
    demonstration = statement.predicate_type == DEMONSTRATION_TYPE
    return f"{TITLE} (DEMONSTRATION)" if demonstration else TITLE


def signatories_of(envelope: bytes) -> tuple[Signatory, ...]:
    """Return who signed an envelope, as it says itself.

    Raises:
        InputError: it is none.
        ValueError: a certificate in it is none.
    """
    signed = read_envelope(envelope)
    return tuple(
        Signatory(key_id, _subject(signed.chains.get(key_id, ()))) for key_id in signed.key_ids
    )


def _subject(chain: tuple[bytes, ...]) -> str:
    return load_der_x509_certificate(chain[0]).subject.rfc4514_string() if chain else ""


def is_earlier(envelope: bytes, later: bytes) -> bool:
    """Tell whether an envelope is another before more signatures were added behind its own."""
    one, other = json.loads(envelope), json.loads(later)
    signatures = other["signatures"][: len(one["signatures"])]
    return bool(signatures) and canonical({**other, "signatures": signatures}) == envelope
