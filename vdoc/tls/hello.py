"""The ClientHello, read from the raw bytes of a connection before anything is answered.

Sans-I/O: `parse_client_hello` is given everything received so far. It knows the record layer only
as far as it carries a first handshake message (RFC 8446 §4.1.2, §5.1; RFC 5246 §7.4.1.2), also
spread over several records. Whatever is no ClientHello is a `NotTlsError`, as soon as that is
certain, and no bytes whatever raise anything else. GREASE values (RFC 8701) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from vdoc.errors import VdocError
from vdoc.tls import names, suites
from vdoc.tls.reader import Reader, ShortError

MAX_HELLO_BYTES = 65_536
_MAX_RECORD_BYTES = 16_384
_HANDSHAKE = 22
_MAJOR = 3  # of every version from SSL 3.0 on, in record headers
_RECORD_HEADER_BYTES = 5
_MESSAGE_HEADER_BYTES = 4
_CLIENT_HELLO = 1
_SERVER_NAME, _GROUPS, _SIGNATURES, _ALPN, _VERSIONS = 0, 10, 13, 16, 43
_SOUND_VERSIONS = frozenset({"TLSv1.2", "TLSv1.3"})


class NotTlsKind(StrEnum):
    """What a connection began with instead of a ClientHello of SSL 3.0 or later."""

    SSLV2 = "sslv2"
    HTTP = "http"
    OTHER = "other"
    MALFORMED = "malformed"


class NotTlsError(VdocError):
    """The bytes are no ClientHello; `kind` says what they are, `detail` where it shows."""

    def __init__(self, kind: NotTlsKind, detail: str) -> None:
        super().__init__(f"expected a TLS ClientHello, got {kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client offers. Lists keep the client's order, its preference.

    `versions` are those of the supported_versions extension; without it the client says only its
    highest version, so `versions` has that one and `lists_versions` is False.
    `random` is the client random as hex; unnamed numbers are written `0xNNNN`.
    """

    legacy_version: str
    versions: tuple[str, ...]
    lists_versions: bool
    cipher_suites: tuple[str, ...]
    sni: str | None
    signature_algorithms: tuple[str, ...]
    groups: tuple[str, ...]
    alpn: tuple[str, ...]
    compression_methods: tuple[int, ...]
    extensions: tuple[int, ...]
    random: str

    @property
    def offers_sound_version(self) -> bool:
        """Whether TLS 1.2 or above is offered (A00.FR.313, A00.FR.416)."""
        return any(version in _SOUND_VERSIONS for version in self.versions)

    @property
    def offers_old_version(self) -> bool:
        """Whether a version below TLS 1.2 is named as acceptable."""
        return any(version not in _SOUND_VERSIONS for version in self.versions)

    @property
    def offers_compression(self) -> bool:
        """Whether any method but null is offered (A00.FR.321, A00.FR.424)."""
        return any(method != 0 for method in self.compression_methods)

    @property
    def offered_pairs(self) -> tuple[str, ...]:
        """The suite pairs of A00.FR.319 that are offered in full, by the key type each needs."""
        pairs = {"RSA": suites.PART6_RSA_PAIR, "ECDSA": suites.PART6_ECDSA_PAIR}
        return tuple(key for key, pair in pairs.items() if set(pair) <= set(self.cipher_suites))

    @property
    def servable_key_types(self) -> tuple[str, ...]:
        """The certificate key types, of "RSA" and "ECDSA", that this client can be served with."""
        return tuple(key for key in ("RSA", "ECDSA") if _can_use(self, key))

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, for evidence."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClientHello:
        """Return what `as_json` wrote.

        Raises:
            KeyError: a fact is missing from `data`.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = data[field.name]
            values[field.name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


def parse_client_hello(data: bytes) -> ClientHello | None:
    """Read the ClientHello at the start of `data`, all bytes received so far on a connection.

    Returns:
        The facts, or None when more bytes are needed.

    Raises:
        NotTlsError: what came is not, and cannot become, a ClientHello.
    """
    message = _first_message(data)
    if message is None:
        return None
    try:
        return _read_hello(Reader(message))
    except ShortError as error:
        raise NotTlsError(NotTlsKind.MALFORMED, str(error)) from error


def _first_message(data: bytes) -> bytes | None:
    """Return the body of the first handshake message, joined from its records; None: incomplete."""
    _refuse_other_protocols(data)
    joined = bytearray()
    at = 0
    while at + _RECORD_HEADER_BYTES <= len(data):
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        _check_record(data[at : at + 5], length)
        joined += data[at + 5 : at + 5 + length]
        body = _complete(joined)
        if body is not None:
            return body
        at += 5 + length
    if at < len(data) and data[at] != _HANDSHAKE:
        raise NotTlsError(NotTlsKind.MALFORMED, f"record of type {data[at]} inside the ClientHello")
    return None


def _check_record(header: bytes, length: int) -> None:
    if header[0] != _HANDSHAKE or header[1] != _MAJOR:
        raise NotTlsError(NotTlsKind.MALFORMED, f"record header {header.hex()} in the ClientHello")
    if not 0 < length <= _MAX_RECORD_BYTES:
        raise NotTlsError(NotTlsKind.MALFORMED, f"record of {length} bytes")


def _complete(joined: bytearray) -> bytes | None:
    """Return the message body when `joined` has all of it; refuse what is no ClientHello."""
    if joined and joined[0] != _CLIENT_HELLO:
        raise NotTlsError(
            NotTlsKind.MALFORMED, f"handshake message {joined[0]} where a ClientHello is due"
        )
    if len(joined) < _MESSAGE_HEADER_BYTES:
        return None
    length = int.from_bytes(joined[1:4], "big")
    if length > MAX_HELLO_BYTES:
        raise NotTlsError(NotTlsKind.MALFORMED, f"a ClientHello of {length} bytes")
    return bytes(joined[4 : 4 + length]) if len(joined) >= 4 + length else None


def _refuse_other_protocols(data: bytes) -> None:
    """Raise NotTlsError when the first bytes already show that this is not TLS."""
    if not data or data[:1] == bytes([_HANDSHAKE]):
        if len(data) > 1 and data[1] != _MAJOR:
            raise NotTlsError(NotTlsKind.OTHER, f"starts with {data[:2].hex()}")
        return
    if data[0] & 0x80:
        # SSL 2.0 framing: two length bytes with the top bit set, then message type 1 and a version.
        if len(data) < _RECORD_HEADER_BYTES and data[2:3] in (b"", b"\x01"):
            return
        if data[2] == _CLIENT_HELLO and (data[3] == _MAJOR or data[3:5] == b"\x00\x02"):
            raise NotTlsError(NotTlsKind.SSLV2, f"version {data[3]}.{data[4]} in SSL 2.0 framing")
    kind = NotTlsKind.HTTP if data[:1] in b"GHPOCTD" else NotTlsKind.OTHER
    raise NotTlsError(kind, f"starts with {data[:16].hex()}")


def _read_hello(reader: Reader) -> ClientHello:
    legacy_version = reader.number(2, "legacy_version")
    random = reader.take(32, "random")
    reader.vector(1, "session_id")
    cipher_suites = reader.vector(2, "cipher_suites").numbers(2, "cipher suite")
    compression = reader.vector(1, "compression_methods").numbers(1, "compression method")
    extensions = _read_extensions(reader)
    versions = _listed_versions(extensions.get(_VERSIONS))
    return ClientHello(
        legacy_version=_version_name(legacy_version),
        versions=versions or (_version_name(legacy_version),),
        lists_versions=bool(versions),
        cipher_suites=tuple(map(suites.suite_name, _sincere(cipher_suites))),
        sni=_server_name(extensions.get(_SERVER_NAME)),
        signature_algorithms=_named(extensions.get(_SIGNATURES), names.SIGNATURES),
        groups=_named(extensions.get(_GROUPS), names.GROUPS),
        alpn=_protocols(extensions.get(_ALPN)),
        compression_methods=compression,
        extensions=_sincere(tuple(extensions)),
        random=random.hex(),
    )


def _read_extensions(reader: Reader) -> dict[int, bytes]:
    """Return extension bodies by type, in order; a hello without extensions is valid (RFC 5246)."""
    if not reader.rest:
        return {}
    block = reader.vector(2, "extensions")
    found: dict[int, bytes] = {}
    while block.rest:
        kind = block.number(2, "extension type")
        body = block.vector(2, f"extension {kind}")
        found.setdefault(kind, body.take(body.rest, f"extension {kind}"))
    return found


def _sincere(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(number for number in numbers if not names.is_grease(number))


def _version_name(number: int) -> str:
    return names.VERSIONS.get(number, f"0x{number:04X}")


def _listed_versions(body: bytes | None) -> tuple[str, ...]:
    if body is None:
        return ()
    numbers = Reader(body).vector(1, "supported_versions").numbers(2, "version")
    return tuple(map(_version_name, _sincere(numbers)))


def _named(body: bytes | None, known: Mapping[int, str]) -> tuple[str, ...]:
    if body is None:
        return ()
    numbers = Reader(body).vector(2, "list").numbers(2, "list entry")
    return tuple(known.get(number, f"0x{number:04X}") for number in _sincere(numbers))


def _server_name(body: bytes | None) -> str | None:
    if body is None:
        return None
    entries = Reader(body).vector(2, "server_name")
    while entries.rest:
        kind = entries.number(1, "name type")
        name = entries.vector(2, "name")
        if kind == 0:
            return name.take(name.rest, "host name").decode("ascii", errors="backslashreplace")
    return None


def _protocols(body: bytes | None) -> tuple[str, ...]:
    if body is None:
        return ()
    entries = Reader(body).vector(2, "protocol list")
    found = []
    while entries.rest:
        name = entries.vector(1, "protocol")
        found.append(name.take(name.rest, "protocol").decode("ascii", errors="backslashreplace"))
    return tuple(found)


def _can_use(hello: ClientHello, key_type: str) -> bool:
    """Tell whether a suite (TLS 1.2) or a signature algorithm (TLS 1.3) fits `key_type`."""
    kinds = ("_ECDSA_",) if key_type == "ECDSA" else ("TLS_RSA_", "_ECDHE_RSA_", "_DHE_RSA_")
    if any(kind in suite for suite in hello.cipher_suites for kind in kinds):
        return True
    start = "ecdsa_" if key_type == "ECDSA" else "rsa_pss_"
    return "TLSv1.3" in hello.versions and any(
        name.startswith(start) for name in hello.signature_algorithms
    )
