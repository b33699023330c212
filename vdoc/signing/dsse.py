"""The signature of a declaration: a Dead Simple Signing Envelope around an in-toto Statement.

Owns the envelope's bytes in both directions; securesystemslib computes and checks the signatures.
Rules: an envelope has exactly the form that it is written in (canonical JSON, RFC 8785), at least
one signature, and the payload type of in-toto. Whom to trust is decided in `vdoc.signing.policy`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # exported without __all__
    CryptoSigner,
    SSlibKey,
)

from vdoc.digest import canonical
from vdoc.errors import InputError, Problem
from vdoc.signing.keys import PublicKey, SigningKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, and by which key ids an envelope claims that it was signed.

    `verified_by` tells whether a claim holds; until then it is worth nothing.
    """

    payload: bytes
    key_ids: tuple[str, ...]
    _envelope: Envelope

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
    for key in keys:
        envelope.sign(CryptoSigner(key.private, _library_key(key.public)))
    return canonical(envelope.to_dict())


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
    for key in keys:
        envelope.sign(CryptoSigner(key.private, _library_key(key.public)))
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
    return Signed(envelope.payload, tuple(envelope.signatures), envelope)


def _library_key(key: PublicKey) -> Any:  # noqa: ANN401  # the library has no types
    return SSlibKey.from_crypto(key.key, keyid=key.key_id)


def _refused(message: str) -> InputError:
    remedy = "get the bundle again from the vendor."
    return InputError(Problem("declaration.dsse.json", None, "signature", message, remedy))
