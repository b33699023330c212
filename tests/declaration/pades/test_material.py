from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.signing.tsa import Tsa
from vdoc.declaration.pades import material
from vdoc.declaration.pades.material import fetch_list, material_of
from vdoc.declaration.pades.signer import Authority

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme CA")])
KEY = generate_private_key(SECP256R1())
WHERE = "http://crl.example/acme.crl"


def certificate(*urls: str) -> bytes:
    points = [
        x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
        for url in urls
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=9))
    )
    if points:
        builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.DER)


def revoked() -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(NAME).last_update(NOW)
    made = builder.next_update(NOW + timedelta(days=1)).sign(KEY, SHA256())
    return made.public_bytes(Encoding.DER)


@pytest.fixture
def authority() -> Authority:
    return Authority(Tsa(flaws={"certificates": ("unit", "middle")}).answer)


def test_without_an_authority_there_is_none() -> None:
    assert not material_of([certificate(WHERE)], None)


def test_chain_authority_and_list_are_enclosed(authority: Authority) -> None:
    own, made = certificate(WHERE), revoked()
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return made

    found = material_of([own, own], authority, fetch)
    assert found.certificates[0] == own
    assert len(found.certificates) == 3
    assert found.crls == (made,)
    assert asked == [WHERE]


@pytest.mark.parametrize("answer", [b"not a list", httpx.ConnectError("no"), ValueError("large")])
def test_a_list_that_cannot_be_had_is_left_out(authority: Authority, answer: Any) -> None:
    def fetch(_url: str) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    assert material_of([certificate(WHERE)], authority, fetch).crls == ()


def test_only_http_is_asked(authority: Authority) -> None:
    def fetch(url: str) -> bytes:
        raise AssertionError(url)

    assert material_of([certificate("ldap://x/y"), certificate()], authority, fetch).crls == ()


class _Server(BaseHTTPRequestHandler):
    body = b"0123456789"

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/list" else 404)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_list_is_fetched_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            where = f"http://127.0.0.1:{server.server_address[1]}"
            assert fetch_list(f"{where}/list") == _Server.body
            with pytest.raises(httpx.HTTPStatusError):
                fetch_list(f"{where}/other")
            monkeypatch.setattr(material, "MAX_CRL_BYTES", 5)
            with pytest.raises(ValueError, match="too large"):
                fetch_list(f"{where}/list")
        finally:
            server.shutdown()
            thread.join()
