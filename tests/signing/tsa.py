"""A small time stamping authority (RFC 3161): sound responses, and each with one flaw."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import new as new_hash
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms, core, tsp  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing.authority import fresh, named, usage

POLICY = "1.3.6.1.4.1.99999.1"
KEPT = ("unit", "middle")
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


@dataclass
class Tsa:
    """A root, an intermediate, and a unit that stamps; `flaws` change what it does.

    Args:
        now: the time that it stamps; the computer's when None.
        flaws: `imprint`, `nonce`, `status`, `algorithm`, `version` and `certificates` of responses;
            `purposes`, `critical`, `since`, `until`, `twice`, `forged` of the unit's certificate.
    """

    now: datetime | None = None
    flaws: dict[str, Any] = field(default_factory=dict)
    root_key: Any = field(default_factory=fresh)
    middle_key: Any = field(default_factory=fresh)
    unit_key: Any = field(default_factory=fresh)

    def _certificate(
        self, name: str, key: Any, issuer: str, signer: Any, *extensions: tuple[Any, bool]
    ) -> x509.Certificate:
        unit = name == "Unit"
        begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(key.public_key())
            .serial_number({"Root": 1, "Middle": 2, "Unit": 3}[name])
            .not_valid_before(self.flaws.get("since", begin) if unit else begin)
            .not_valid_after(self.flaws.get("until", end) if unit else end)
            .add_extension(x509.BasicConstraints(ca=not unit, path_length=None), critical=True)
            .add_extension(usage(signs=unit, certifies=not unit), critical=True)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(signer, SHA256())

    @cached_property
    def root(self) -> x509.Certificate:
        return self._certificate("Root", self.root_key, "Root", self.root_key)

    @cached_property
    def middle(self) -> x509.Certificate:
        return self._certificate("Middle", self.middle_key, "Root", self.root_key)

    @cached_property
    def unit(self) -> x509.Certificate:
        purposes = self.flaws.get("purposes", STAMPING)
        extensions = []
        if purposes:
            extensions = [(x509.ExtendedKeyUsage(purposes), self.flaws.get("critical", True))]
        signer = fresh() if self.flaws.get("forged") else self.middle_key
        made = self._certificate("Unit", self.unit_key, "Middle", signer, *extensions)
        return self._twice(made) if self.flaws.get("twice") else made

    def _twice(self, made: x509.Certificate) -> x509.Certificate:
        """The same with one extension twice, which no library writes."""
        own = asn1_x509.Certificate.load(made.public_bytes(Encoding.DER))
        body = own["tbs_certificate"]
        body["extensions"].append(body["extensions"][0])
        signature = self.middle_key.sign(body.dump(force=True), ECDSA(SHA256()))
        own["signature_value"] = core.OctetBitString(signature)
        return x509.load_der_x509_certificate(own.dump(force=True))

    @property
    def pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def authorities(self, directory: Path) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "tsa.pem").write_bytes(self.pem)
        return directory

    def with_flaws(self, **flaws: Any) -> Tsa:
        """The same authority, which now does something else."""
        return Tsa(self.now, flaws, self.root_key, self.middle_key, self.unit_key)

    # --- responses ---

    def stamp(self, data: bytes, at: datetime | None = None) -> bytes:
        """A response over data, as to a request without a nonce."""
        algorithm = self.flaws.get("algorithm", "sha256")
        imprint = {
            "hash_algorithm": {"algorithm": algorithm},
            "hashed_message": new_hash(algorithm, data).digest(),
        }
        return self._response(tsp.MessageImprint(imprint), None, at)

    def answer(self, request: bytes) -> bytes:
        """The response to a request."""
        asked = tsp.TimeStampReq.load(request)
        imprint, nonce = asked["message_imprint"], asked["nonce"].native
        assert asked["cert_req"].native, "the certificate was not asked for"
        return self._response(imprint, nonce, None)

    def _response(self, imprint: Any, nonce: int | None, at: datetime | None) -> bytes:
        status = self.flaws.get("status", "granted")
        info: dict[str, Any] = {"status": status}
        if status not in {"granted", "granted_with_mods"}:
            info |= {"status_string": ["not today"], "fail_info": {"bad_request"}}
            return bytes(_Refused({"status": info}).dump())
        token = self._token(self._info(imprint, nonce, at))
        return bytes(tsp.TimeStampResp({"status": info, "time_stamp_token": token}).dump())

    def _info(self, imprint: Any, nonce: int | None, at: datetime | None) -> bytes:
        if "imprint" in self.flaws:
            imprint = imprint.copy()
            imprint["hashed_message"] = sha256(self.flaws["imprint"]).digest()
        info = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": 7,
            "gen_time": (at or self.now or datetime.now(UTC)).replace(microsecond=0),
            "accuracy": {"seconds": 1},
        }
        if nonce is not None:
            info["nonce"] = self.flaws.get("nonce", nonce)
        return bytes(tsp.TSTInfo(info).dump())

    def _token(self, info: bytes) -> cms.ContentInfo:
        own = asn1_x509.Certificate.load(self.unit.public_bytes(Encoding.DER))
        kept = [getattr(self, name) for name in self.flaws.get("certificates", KEPT)]
        certificates = [
            asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in kept
        ]
        signed = {
            "version": "v3",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": certificates,
            "signer_infos": [self._signer(own, info)],
        }
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})

    def _signer(self, own: Any, info: bytes) -> cms.SignerInfo:
        bound = self.flaws.get("bound", own.dump())
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [sha256(info).digest()]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [{"certs": [{"cert_hash": sha256(bound).digest()}]}],
                    }
                ),
            ]
        )
        signature = self.unit_key.sign(attributes.dump(), ECDSA(SHA256()))
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": {
                    "issuer_and_serial_number": {
                        "issuer": own.issuer, "serial_number": own.serial_number,
                    }
                },
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signature,
            }
        )  # fmt: skip


class _Refused(core.Sequence):  # type: ignore[misc]  # the library has no types
    """A response without a stamp, which `tsp.TimeStampResp` does not know."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012  # as the library wants it


@contextmanager
def serving(tsa: Tsa, **http: Any) -> Iterator[str]:
    """Serve a TSA on a port of the system's choice; yields its URL.

    Args:
        tsa: who answers.
        http: `status`, `body`, `kind` (Content-Type) of the answer; `hang` never answers.
    """
    over = threading.Event()
    handler = type("Handler", (_Handler,), {"tsa": tsa, "http": http, "over": over, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    tsa: Tsa
    http: Mapping[str, Any]
    over: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        if self.http.get("hang"):
            self.over.wait()
            return
        answer = self.http.get("body", None)
        data = self.tsa.answer(body) if answer is None else answer
        self.send_response(self.http.get("status", 200))
        self.send_header("Content-Type", self.http.get("kind", "application/timestamp-reply"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
