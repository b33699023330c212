"""The signature of a declaration: a Dead Simple Signing Envelope around an in-toto Statement.

Owns the envelope's bytes in both directions; securesystemslib computes and checks the signatures.
Rules: an envelope has exactly the form that it is written in (canonical JSON, RFC 8785), at least
one signature, and the payload type of in-toto. Whom to trust is decided in `vdoc.signing.policy`.
"""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # exported without __all__
    Signature,
    Signer,
    SSlibKey,
)

from vdoc.digest import canonical
from vdoc.errors import InputError, Problem
from vdoc.signing.keys import PublicKey, SigningKey

_CHAIN = "x5c"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, and by which key ids an envelope claims that it was signed.

    `verified_by` tells whether a claim holds; until then it is worth nothing. So are the `chains`
    of certificates in DER beside the signatures, by key id.
    """

    payload: bytes
    key_ids: tuple[str, ...]
    _envelope: Envelope
    chains: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)

    def verified_by(self, key: PublicKey) -> bool:
        """Tell whether a signature of this key is there and holds."""
        try:
            self._envelope.verify([_library_key(key)], 1)
        except VerificationError:
            return False
        return True


def sign(payload: bytes, keys: Sequence[SigningKey]) -> bytes:
    """Return the envelope of `payload`, signed by every key.

    Raises:
        ValueError: there is no key or nothing to sign.
    """
    if not keys or not payload:
        raise ValueError("nothing is signed by nobody: a payload and at least one key are needed")
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    _sign(envelope, keys)
    return canonical(envelope.to_dict())


def _sign(envelope: Envelope, keys: Sequence[SigningKey]) -> None:
    for key in keys:
        signature = envelope.sign(_Signer(key))
        if key.chain:
            certificates = [b64encode(each).decode() for each in key.chain]
            signature.unrecognized_fields[_CHAIN] = certificates


class _Signer(Signer):
    """A key as securesystemslib wants it."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    @property
    def public_key(self) -> Any:  # noqa: ANN401  # the library has no types
        return _library_key(self._key.public)

    @classmethod
    def from_priv_key_uri(cls, priv_key_uri: str, *_: object) -> Signer:
        raise NotImplementedError(f"{priv_key_uri}: keys are loaded by vdoc.signing alone")

    def sign(self, payload: bytes) -> Any:  # noqa: ANN401  # the library has no types
        return Signature(self._key.public.key_id, self._key.sign(payload).hex())


def countersign(data: bytes, keys: Sequence[SigningKey]) -> bytes:
    """Return an envelope with the signatures that it has and those of more keys.

    Raises:
        InputError: `data` is no envelope, or one of the keys has signed it already.
        ValueError: there is no key.
    """
    if not keys:
        raise ValueError("a countersignature needs a key")
    signed = read_envelope(data)
    twice = [key.public.key_id for key in keys if key.public.key_id in signed.key_ids]
    if twice:
        raise _refused(f"is signed by key {', '.join(twice)} already.")
    envelope = Envelope.from_dict(json.loads(data))
    _sign(envelope, keys)
    return canonical(envelope.to_dict())


def read_envelope(data: bytes) -> Signed:
    """Read an envelope, without trusting anybody yet.

    Raises:
        InputError: it is no envelope, has no signature, or holds something else than in-toto.
    """
    try:
        value = json.loads(data)
        envelope = Envelope.from_dict(copy.deepcopy(value))
        exact = canonical(envelope.to_dict()) == data
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, FormatError) as error:
        raise _refused(f"is no DSSE envelope: {type(error).__name__}: {error}.") from error
    if not exact:
        raise _refused("is not written in the one form that an envelope has.")
    return _checked(envelope)


def _checked(envelope: Envelope) -> Signed:
    if envelope.payload_type != PAYLOAD_TYPE:
        got = str(envelope.payload_type)[:80]
        raise _refused(f"holds the payload type {got!r}, expected {PAYLOAD_TYPE!r}.")
    if not envelope.signatures:
        raise _refused("holds no signature.")
    chains = {key_id: _chain(each) for key_id, each in envelope.signatures.items()}
    return Signed(envelope.payload, tuple(envelope.signatures), envelope, chains)


def _chain(signature: Any) -> tuple[bytes, ...]:  # noqa: ANN401  # the library has no types
    fields = signature.unrecognized_fields
    if not fields:
        return ()
    certificates = fields.get(_CHAIN)
    if len(fields) != 1 or not isinstance(certificates, list) or not certificates:
        raise _refused("holds a field beside a signature that is no certificate chain.")
    try:
        return tuple(b64decode(each, validate=True) for each in certificates)
    except (ValueError, TypeError) as error:
        raise _refused("holds a certificate chain that is no base64.") from error


def _library_key(key: PublicKey) -> Any:  # noqa: ANN401  # the library has no types
    return SSlibKey.from_crypto(key.key, keyid=key.key_id)


def _refused(message: str) -> InputError:
    remedy = "get the bundle again from the vendor."
    return InputError(Problem("declaration.dsse.json", None, "signature", message, remedy))
