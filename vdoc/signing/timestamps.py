"""Time stamps of RFC 3161: asked for, read, and checked offline.

Owns what makes a stamp hold: a response that grants it; SHA-256 over exactly the stamped bytes;
signed by one certificate, to which its own signed attributes bind it, whose only extended key usage
is critical timeStamping and which was valid at the stamped time; from there a path to an authority
that the verifier trusts. `rfc3161-client` (OpenSSL) checks path and signature. What is stamped when
is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from asn1crypto import cms, tsp  # type: ignore[import-untyped]
from cryptography.x509 import Certificate, ExtendedKeyUsage, load_der_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from vdoc.errors import BenchError
from vdoc.signing.certificates import BAD_CERTIFICATE, NotHeldError

MAX_STAMP_BYTES = 1 << 16
_SHA256 = "2.16.840.1.101.3.4.2.1"
_DIGESTS = ("sha256", "sha384", "sha512")
_ATTRIBUTES = {"signing_certificate": "sha1", "signing_certificate_v2": "sha256"}
"""What binds a stamp to the certificate of its signer, and the hash when none is named there."""
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept-Encoding": "identity"}
_MALFORMED = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, *BAD_CERTIFICATE,
)  # fmt: skip


class StampError(NotHeldError):
    """A stamp does not hold."""


class TsaError(BenchError):
    """A time stamping authority does not answer, or its answer is no stamp that holds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says; worth nothing until `check` has found that it holds.

    Attributes:
        at: the stamped time, aware UTC.
        sha256: of the stamped bytes.
        by: whose certificate it is signed with.
    """

    at: datetime
    sha256: bytes
    by: Certificate


def stamp(data: bytes, url: str, *, timeout_s: float) -> bytes:
    """Have data stamped by an authority; returns its response (DER), which `check` reads.

    Args:
        data: what is stamped; the authority sees its SHA-256 only.
        url: of the authority, http or https.
        timeout_s: longest wait, in seconds.

    Raises:
        TsaError: it does not answer in time, refuses, or answers with something else than a stamp
            over this data to this request.
    """
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = exchange(request.as_bytes(), url, timeout_s=timeout_s)
    try:
        consistent(answer, data)
        if decode_timestamp_response(answer).tst_info.nonce != request.nonce:
            raise StampError("stamp-nonce", "it answers another request (nonce)")
    except StampError as error:
        raise TsaError(_at(url, f"gives no stamp that holds: {error.message}")) from error
    return answer


def exchange(request: bytes, url: str, *, timeout_s: float) -> bytes:
    """Return what an authority answers to a request (DER); nothing of it has been looked at.

    Args:
        request: a TimeStampReq in DER.
        url: of the authority, http or https.
        timeout_s: longest wait, in seconds.

    Raises:
        TsaError: it does not answer with HTTP 200, in time, or says too much.
    """
    try:
        return _posted(url, request, timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"does not answer: {type(error).__name__}: {error}"
        raise TsaError(_at(url, words)) from error


def _posted(url: str, request: bytes, timeout_s: float) -> bytes:
    deadline = time.monotonic() + timeout_s
    answer = b""
    with httpx.stream(
        "POST", url, content=request, headers=_HEADERS, timeout=timeout_s
    ) as response:
        if response.status_code != httpx.codes.OK:
            raise TsaError(_at(url, f"answers HTTP {response.status_code}, expected 200"))
        for part in response.iter_raw():
            answer += part
            if len(answer) > MAX_STAMP_BYTES:
                raise TsaError(_at(url, f"answers more than {MAX_STAMP_BYTES} bytes"))
            if time.monotonic() > deadline:
                raise TsaError(_at(url, f"does not answer within {timeout_s:g} s"))
    return answer


def _at(url: str, words: str) -> str:
    return f"the time stamping authority {url} {words}"


def read(token: bytes) -> Stamp:
    """Return what a stamp says, having looked at its form alone.

    Raises:
        StampError: it is no granted response with a signer that it names itself.
    """
    response = _response(token)
    try:
        imprint, at = response.tst_info.message_imprint, response.tst_info.gen_time
        algorithm = imprint.hash_algorithm.dotted_string
        by = _signer(response)
    except _MALFORMED as error:
        raise _form(f"{type(error).__name__}: {error}") from error
    if algorithm != _SHA256:
        raise StampError("stamp-algorithm", f"it is over hash {algorithm}, expected SHA-256")
    return Stamp(at.astimezone(UTC), imprint.message, by)


def check(token: bytes, data: bytes, authorities: Sequence[Certificate]) -> datetime:
    """Return the time at which data existed, as an authority says that the verifier trusts.

    Args:
        token: the response that holds the stamp, in DER.
        data: what it must be over.
        authorities: self-signed certificates of whom the verifier believes, and intermediate ones
            that the stamp may lack; never empty.

    Raises:
        StampError: it does not hold; its codes are those of `consistent`, and stamp-untrusted and
            stamp-signature.
    """
    found = consistent(token, data)
    refused = _refusal(token, found, authorities)
    if refused and all(_refusal(token, found, [each]) for each in authorities):
        raise refused  # OpenSSL takes one of several with the same name, as after a renewal
    return found.at


def _refusal(token: bytes, found: Stamp, anchors: Sequence[Certificate]) -> StampError | None:
    builder = VerifierBuilder(roots=list(anchors))
    try:
        builder.build().verify(_response(token), found.sha256)
    except VerificationError as error:
        return _unverified(str(error), found)
    except _MALFORMED as error:
        return _form(str(error))
    return None


def consistent(token: bytes, data: bytes) -> Stamp:
    """Return what a stamp over data says, all checked but signature and path, which need trust.

    Raises:
        StampError: it does not hold; codes stamp-form, -algorithm, -other, -usage, -expired.
    """
    found = read(token)
    if found.sha256 != hashlib.sha256(data).digest():
        raise StampError("stamp-other", "it is over something else")
    by = found.by
    _check_usage(by)
    if not by.not_valid_before_utc <= found.at <= by.not_valid_after_utc:
        words = f"valid from {by.not_valid_before_utc} to {by.not_valid_after_utc}, not {found.at}"
        raise StampError("stamp-expired", f"the certificate of {_name(by)} is {words}")
    return found


def _response(token: bytes) -> TimeStampResponse:
    if len(token) > MAX_STAMP_BYTES:
        raise _form(f"it has more than {MAX_STAMP_BYTES} bytes")
    try:
        response = decode_timestamp_response(token)
        status, words = response.status, "; ".join(response.status_string)
    except _MALFORMED as error:
        raise _form(f"{error}") from error
    if status != 0:
        raise _form(f"status {status} {words}, expected granted (0)")
    return response


def _signer(response: TimeStampResponse) -> Certificate:
    """Return the one certificate that a stamp is signed with, as its signed attributes say too."""
    content = cms.ContentInfo.load(response.time_stamp_token(), strict=True)["content"]
    [info] = content["signer_infos"]
    if (content["version"].native, info["version"].native) != ("v3", "v1"):
        raise ValueError("a stamp has version 3, its signature version 1 (RFC 5652)")
    _check_algorithms(info)
    sid = info["sid"].chosen
    certificates = response.signed_data.certificates
    named = [each for each in certificates if _is_named(each, sid)]
    if len(named) != 1:
        raise ValueError(f"{len(named)} certificates of its signer are there, expected one")
    if not _binds(info, named[0]):
        raise ValueError("its signed attributes name another certificate (RFC 5816)")
    return load_der_x509_certificate(named[0])


def _is_named(der: bytes, sid: Any) -> bool:  # noqa: ANN401  # the library has no types
    own = load_der_x509_certificate(der)
    same = own.serial_number == sid["serial_number"].native
    return bool(same and own.issuer.public_bytes() == sid["issuer"].dump())


def _check_algorithms(info: Any) -> None:  # noqa: ANN401  # the library has no types
    digest = info["digest_algorithm"]["algorithm"].native
    signature = info["signature_algorithm"]["algorithm"].native
    fitting = {"rsassa_pkcs1v15", f"{digest}_rsa", f"{digest}_ecdsa"}
    if digest not in _DIGESTS or signature not in fitting:
        words = f"it is signed with {signature} over {digest}"
        raise StampError("stamp-algorithm", f"{words}, expected RSA or ECDSA over SHA-2")


def _binds(info: Any, der: bytes) -> bool:  # noqa: ANN401  # the library has no types
    """Tell whether the signed attributes hold the hash of a certificate (ESSCertID)."""
    for attribute in info["signed_attrs"]:
        default = _ATTRIBUTES.get(attribute["type"].native)
        if default is None:
            continue
        first = attribute["values"][0]["certs"][0]
        v2 = isinstance(first, tsp.ESSCertIDv2)
        name = first["hash_algorithm"]["algorithm"].native if v2 else default
        if name not in (*_DIGESTS, default):
            return False
        return bool(first["cert_hash"].native == hashlib.new(name, der).digest())
    return False


def _check_usage(by: Certificate) -> None:
    try:
        found = by.extensions.get_extension_for_class(ExtendedKeyUsage)
        right = found.critical and list(found.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    except (ValueError, *BAD_CERTIFICATE):
        right = False
    if not right:
        words = (
            f"the certificate of {_name(by)} is not for time stamping alone, or not critically so"
        )
        raise StampError("stamp-usage", words)


def _unverified(said: str, found: Stamp) -> StampError:
    """Say what OpenSSL found; it looks at the path first, then at the signature."""
    by = _name(found.by)
    if "has expired" in said or "not yet valid" in said:
        words = f"a certificate between {by} and its authority is not valid at {found.at}"
        return StampError("stamp-expired", words)
    if "certificate verify error" in said:
        return StampError("stamp-untrusted", f"{by} leads to no trusted authority")
    return StampError("stamp-signature", f"the signature of {by} does not hold: {said[:300]}")


def _name(certificate: Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _form(words: str) -> StampError:
    return StampError("stamp-form", f"it is no time stamp that can be read: {words[:300]}")
