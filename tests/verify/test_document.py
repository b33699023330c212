"""The documents of a bundle hold for programs that know nothing of us, and for the verifier."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from asn1crypto import x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from tests.signing.tsa import Tsa
from tests.verify.challenger import RUN_BEGAN
from vdoc.declaration import (
    RunRecord,
    Statement,
    container,
    countersign_bundle,
    make_bundle,
)
from vdoc.declaration.documents import HTML, PDF
from vdoc.declaration.stamps import Stamping
from vdoc.signing import KeyType, SigningKey, new_key
from vdoc.signing.timestamps import TsaError
from vdoc.verify.document import check_documents
from vdoc.verify.findings import Findings

Lab = Any
_PARTS = (
    b"endobj", b"stream\n", b"<<", b">>", b"1 0 R", b"xref\n0 1\n", b"/Prev 0", b"trailer",
    b"%%EOF",
    b"/Kids[1 0 R]", b"/Filter/FlateDecode", b"startxref\n0\n", b"<</Size 1/Root 1 0 R>>", b"null",
)  # fmt: skip


@pytest.fixture
def tsa() -> Tsa:
    return Tsa(flaws={"certificates": ("unit", "middle", "root")})


def validated(pdf: bytes, tsa: Tsa | None = None) -> PdfSignatureStatus:
    """What pyHanko's own validator says, who trusts the certificate inside and this authority."""
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    signer = ValidationContext(trust_roots=[signature.signer_cert])
    if tsa is None:
        return validate_pdf_signature(signature, signer)
    root = x509.Certificate.load(tsa.root.public_bytes(Encoding.DER))
    return validate_pdf_signature(signature, signer, ValidationContext(trust_roots=[root]))


def members_of(lab: Lab, record: RunRecord, **given: Any) -> dict[str, bytes]:
    path: Path = lab.directory / "own.zip"
    make_bundle(record, [lab.key], path, **given)
    return container.read(path)


class TestSignature:
    @pytest.mark.parametrize("kind", list(KeyType))
    def test_holds_for_pyhanko(self, lab: Lab, kind: KeyType) -> None:
        lab.key = SigningKey.load(new_key(lab.directory / "own", "v", kind).private)
        status = validated(members_of(lab, lab.record())[PDF])
        assert status.bottom_line
        assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        assert status.docmdp_ok
        assert status.signing_cert.subject.native["common_name"] == lab.key.public.key_id

    @pytest.mark.parametrize("kind", list(KeyType))
    def test_with_a_stamp_holds_for_pyhanko(self, lab: Lab, tsa: Tsa, kind: KeyType) -> None:
        lab.key = SigningKey.load(new_key(lab.directory / "own", "v", kind).private)
        stamping = Stamping(None, tsa.stamp, tsa.answer)
        pdf = members_of(lab, lab.record(), stamping=stamping)[PDF]
        status = validated(pdf, tsa)
        assert status.bottom_line
        assert status.timestamp_validity is not None
        assert status.timestamp_validity.trusted
        enclosed = PdfFileReader(io.BytesIO(pdf)).root["/DSS"]["/Certs"]
        assert len(enclosed) == 4  # of the signer and of the authority

    def test_without_an_answer_has_no_stamp(self, lab: Lab, tsa: Tsa) -> None:
        told: list[TsaError] = []
        silent = Stamping(None, tsa.stamp, tsa.with_flaws(status="rejection").answer, told.append)
        status = validated(members_of(lab, lab.record(), stamping=silent)[PDF])
        assert status.bottom_line
        assert status.timestamp_validity is None
        assert len(told) == 1

    def test_is_one_for_each_bundle(self, bundle: Path) -> None:
        assert container.read(bundle)[PDF].count(b"/Type/Sig/") == 1


class TestVerification:
    def test_of_a_stamped_document(self, lab: Lab, tsa: Tsa) -> None:
        tsa.now = RUN_BEGAN + timedelta(minutes=5)
        path = lab.directory / "stamped.zip"
        make_bundle(lab.record(), [lab.key], path, Stamping(None, tsa.stamp, tsa.answer))
        assert lab.codes(path) == set()

    def test_of_a_countersigned_bundle(self, lab: Lab, bundle: Path) -> None:
        other = SigningKey.load(new_key(lab.directory, "laboratory").private)
        countersign_bundle(bundle, [other], lab.directory / "countersigned.zip")
        assert lab.codes(lab.directory / "countersigned.zip") == set()

    def test_of_two_keys_of_the_vendor(self, lab: Lab) -> None:
        other = SigningKey.load(new_key(lab.directory, "runner").private)
        make_bundle(lab.record(), [other, lab.key], lab.directory / "two.zip")
        assert lab.codes(lab.directory / "two.zip") == set()

    def test_waits_until_nothing_else_is_wrong(self, lab: Lab, bundle: Path) -> None:
        changed = lab.altered(bundle, predicate={"product": {}})
        assert lab.codes(changed) == {"declared-product"}


class TestPdf:
    def test_opens_in_a_viewer_with_its_files(self, bundle: Path) -> None:
        members = container.read(bundle)
        pdf = pypdfium2.PdfDocument(members[PDF])
        files = {}
        for number in range(pdf.count_attachments()):
            attachment = pdf.get_attachment(number)
            files[attachment.get_name()] = bytes(attachment.get_data())
        assert files == {name: data for name, data in members.items() if name != PDF}

    def test_shows_every_page(self, bundle: Path) -> None:
        pdf = pypdfium2.PdfDocument(container.read(bundle)[PDF])
        for number, page in enumerate(pdf, start=1):
            assert page.get_size() == pytest.approx((595.3, 841.9), abs=0.1)  # A4, in points
            assert page.render(scale=0.2).width > 0
            text = page.get_textpage().get_text_range()
            assert f"page {number} of {len(pdf)}" in text
            assert "NL-Wall-11S, firmware 3.2.1" in text

    def test_says_what_it_is_to_whom_it_is_read_aloud(self, bundle: Path) -> None:
        root = PdfFileReader(io.BytesIO(container.read(bundle)[PDF])).root
        assert root["/Lang"] == "en"
        assert root["/MarkInfo"]["/Marked"]
        assert b"<pdfaid:part>3" in root["/Metadata"].data
        assert b"<pdfuaid:part>1" in root["/Metadata"].data


class TestHostile:
    @settings(
        max_examples=80,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        st.one_of(st.integers(0, 1 << 20), st.integers(-60_000, -1)),
        st.one_of(st.binary(max_size=40), st.sampled_from(_PARTS)),
        st.integers(0, 300),
    )
    def test_bytes_put_into_the_pdf(
        self, bundle: Path, place: int, junk: bytes, removed: int
    ) -> None:
        members = container.read(bundle)
        sound = members[PDF]
        at = place % len(sound)
        broken = sound[:at] + junk + sound[at + removed :]
        statement = Statement.from_json(json.loads(members["declaration.json"]))
        findings = Findings()
        check_documents(statement, {**members, PDF: broken}, None, findings)
        assert bool(findings.found) == (broken != sound)
        assert all(re.match("pdf-", finding.code) for finding in findings.found)


def test_the_page_is_a_file_of_the_pdf_too(bundle: Path) -> None:
    members = container.read(bundle)
    assert members[HTML] in members[PDF]
