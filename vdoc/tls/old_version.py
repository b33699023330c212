"""TC_A_06: answer any ClientHello with a Server Hello of TLS 1.1, and watch what the station does.

Hand-made, because the answer must not depend on anybody's policy: an OpenSSL server limited to TLS
1.1 sends an alert, not a Server Hello, to a client that lists only sound versions, and many builds
no longer have TLS 1.1 at all. The flight is a genuine one (RFC 4346 §7.3), signed where the suite
asks for it and without the downgrade mark of RFC 8446 §4.1.3: a station that would use TLS 1.1 has
no reason to stop and shows it with its next handshake message (`client_continued`); a sound one
stops at the version, by an alert or by closing (A00.FR.316, A00.FR.419). The handshake is never
finished: by then the station has shown what there is to see.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vdoc.tls import alerts, store, suites
from vdoc.tls.authority import PrivateKey
from vdoc.tls.facts import Failure, TlsFacts
from vdoc.tls.hello import ClientHello, NotTlsError, parse_client_hello
from vdoc.tls.pki import ServerCredentials

VERSION = "TLSv1.1"
_VERSION_BYTES = b"\x03\x02"
_ALERT, _HANDSHAKE = 21, 22
_RECORD_HEADER_BYTES = 5
_ALERT_BYTES = 2
_SERVER_HELLO, _CERTIFICATE, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE = 2, 11, 12, 14
_RENEGOTIATION_INFO = 0xFF01
_RENEGOTIATION_SCSV = "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"
_WARNING, _FATAL = 1, 2
_NAMED_CURVE, _SECP256R1 = 3, 23


@dataclass(frozen=True, slots=True)
class _Offer:
    """A suite of TLS 1.1 and how its keys are exchanged."""

    suite: str
    key_type: str
    ephemeral: bool


_OFFERS = tuple(
    _Offer(name, "ECDSA" if "_ECDSA_" in name else "RSA", "_ECDHE_" in name)
    for name in suites.OLD_SUITES
)


def old_version_reply(
    hello: ClientHello,
    credentials: Sequence[ServerCredentials],
    *,
    entropy: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Return the records from Server Hello to Server Hello Done, in TLS 1.1.

    The suite is one that `hello` offers and TLS 1.1 has; a station that offers none gets the first
    that fits the credentials, and must refuse the version all the same.

    Raises:
        ValueError: no credentials.
        InputError: the key or certificate file is unusable.
    """
    offer, one = _pick(hello, credentials)
    certificate = store.read_certificate(one.certificate_file).public_bytes(Encoding.DER)
    server_random = entropy(32)
    messages = [
        _message(_SERVER_HELLO, _server_hello(hello, offer.suite, server_random)),
        _message(_CERTIFICATE, _vector(3, _vector(3, certificate))),
    ]
    if offer.ephemeral:
        randoms = bytes.fromhex(hello.random) + server_random
        exchange = _key_exchange(store.read_key(one.key_file), randoms)
        messages.append(_message(_SERVER_KEY_EXCHANGE, exchange))
    messages.append(_message(_SERVER_HELLO_DONE, b""))
    return b"".join(_record(_HANDSHAKE, message) for message in messages)


class OldVersionTunnel:
    """The seam of `Tunnel` in front of `old_version_reply`; never yields plaintext.

    Facts: `version` is "TLSv1.1" once it was sent; `failure` is the station's alert or close;
    `client_continued` is True, and there is no failure, when it went on.
    """

    def __init__(
        self,
        *credentials: ServerCredentials,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._credentials = credentials
        self._entropy = entropy
        self._received = bytearray()
        self._outgoing = bytearray()
        self._facts = TlsFacts()

    @property
    def facts(self) -> TlsFacts:
        """What is known by now."""
        return self._facts

    @property
    def over(self) -> bool:
        """Whether the station has shown what it does."""
        return self._facts.failure is not None or self._facts.client_continued

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the station; there is never plaintext."""
        if not self.over:
            self._received += data
            if self._facts.client_hello is None:
                self._answer()
            else:
                self._read_reaction()
        return b""

    def receive_eof(self) -> None:
        """Note that the station closed the transport, which is a refusal too."""
        if not self.over:
            self._fail(Failure("closed", "station", detail="transport closed without an alert"))

    def write(self, plaintext: bytes) -> None:
        """Refuse: this connection never carries anything.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"{len(plaintext)} bytes for a connection that only provokes a refusal")

    def close(self) -> None:
        """Say close_notify in the clear, once there was an answer and no failure."""
        if self._facts.version is not None and self._facts.failure is None:
            self._outgoing += _record(_ALERT, bytes([_WARNING, alerts.NUMBERS["close_notify"]]))

    def outgoing(self) -> bytes:
        """Return, once, what is to be sent now."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def _answer(self) -> None:
        try:
            hello = parse_client_hello(bytes(self._received))
        except NotTlsError as error:
            self._fail(Failure("not_tls", "station", detail=f"{error.kind.value}: {error.detail}"))
            return
        if hello is not None:
            self._received.clear()
            self._facts = replace(self._facts, client_hello=hello, version=VERSION)
            self._outgoing += old_version_reply(hello, self._credentials, entropy=self._entropy)

    def _read_reaction(self) -> None:
        """Look at each complete record; a bare ChangeCipherSpec decides nothing."""
        while not self.over and len(self._received) >= _RECORD_HEADER_BYTES:
            length = int.from_bytes(self._received[3:5], "big")
            end = _RECORD_HEADER_BYTES + length
            if len(self._received) < end:
                return
            kind, body = self._received[0], bytes(self._received[_RECORD_HEADER_BYTES:end])
            del self._received[:end]
            self._judge(kind, body)

    def _judge(self, kind: int, body: bytes) -> None:
        if kind == _ALERT and len(body) == _ALERT_BYTES:
            name = alerts.alert_name(body[1])
            if name == "close_notify":
                self._facts = replace(self._facts, close_notify=True)
                self._fail(Failure("close_notify", "station", detail="closed at the old version"))
            elif body[0] == _FATAL:
                self._fail(Failure("alert", "station", name, "refused the old version"))
        elif kind == _HANDSHAKE:
            self._facts = replace(self._facts, client_continued=True)

    def _fail(self, failure: Failure) -> None:
        self._facts = replace(self._facts, failure=failure)


def _pick(
    hello: ClientHello, credentials: Sequence[ServerCredentials]
) -> tuple[_Offer, ServerCredentials]:
    """Return the suite to answer with and the credentials it needs, the client's choice first."""
    by_type = {one.key_type: one for one in credentials}
    usable = [offer for offer in _OFFERS if offer.key_type in by_type]
    if not usable:
        raise ValueError("an answer needs credentials")
    offered = [offer for offer in usable if offer.suite in hello.cipher_suites]
    offer = (offered or usable)[0]
    return offer, next(one for one in credentials if one.key_type == offer.key_type)


def _server_hello(hello: ClientHello, suite: str, server_random: bytes) -> bytes:
    body = _VERSION_BYTES + server_random + _vector(1, b"")
    body += suites.NUMBERS[suite].to_bytes(2, "big") + b"\0"
    if _RENEGOTIATION_INFO in hello.extensions or _RENEGOTIATION_SCSV in hello.cipher_suites:
        # RFC 5746 §3.6: without it many clients stop for a reason other than the version.
        information = _RENEGOTIATION_INFO.to_bytes(2, "big") + _vector(2, _vector(1, b""))
        body += _vector(2, information)
    return body


def _key_exchange(key: PrivateKey, randoms: bytes) -> bytes:
    """Return an ephemeral P-256 key and its signature as TLS 1.1 has it (RFC 4492 §5.4)."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    parameters = bytes([_NAMED_CURVE]) + _SECP256R1.to_bytes(2, "big") + _vector(1, point)
    signed = randoms + parameters
    if isinstance(key, rsa.RSAPrivateKey):
        signature = _sign_md5_sha1(key, signed)
    else:
        signature = key.sign(signed, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - TLS 1.1 has no other
    return parameters + _vector(2, signature)


def _sign_md5_sha1(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """Sign MD5 and SHA-1 side by side, PKCS#1 v1.5 without DigestInfo (RFC 4346 §7.4.3).

    No library still offers it. Plain arithmetic is good enough for a key that protects nothing.
    """
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    digest += hashlib.sha1(data, usedforsecurity=False).digest()
    size_bytes = key.key_size // 8
    padded = b"\0\1" + b"\xff" * (size_bytes - len(digest) - 3) + b"\0" + digest
    private = key.private_numbers()
    number = pow(int.from_bytes(padded, "big"), private.d, private.public_numbers.n)
    return number.to_bytes(size_bytes, "big")


def _vector(size_bytes: int, data: bytes) -> bytes:
    return len(data).to_bytes(size_bytes, "big") + data


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _vector(3, body)


def _record(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _VERSION_BYTES + _vector(2, body)
