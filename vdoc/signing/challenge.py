"""A laboratory's challenge: made before the run, so that nobody picks the best of many.

Owns the challenge, an in-toto Statement about one PICS, signed like a declaration, and the seed
that follows from it. Rules: the seed is a function of nonce and PICS digest, so a run against the
challenge cannot choose its own order and ids; a run must begin within the validity. Which starts
were made against it is the runner's log, whom to believe a laboratory's policy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from vdoc.digest import canonical, sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.signing.dsse import Signed, read_envelope, sign
from vdoc.signing.keys import SigningKey

CHALLENGE_TYPE = "urn:vdoc:challenge:v1"
NONCE_BYTES = 32
_SEED_BYTES = 6
_SUBJECT = "pics.json"
_HEX = re.compile(f"[0-9a-f]{{{2 * NONCE_BYTES}}}")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a laboratory asks for.

    Attributes:
        nonce: 32 random bytes, in hex.
        pics: digest of the PICS that the run must be made with.
        not_before: a run against it begins no earlier, aware.
        not_after: and no later.
    """

    nonce: str
    pics: str
    not_before: datetime
    not_after: datetime

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.nonce) or not _DIGEST.fullmatch(self.pics):
            raise ValueError("a challenge has a nonce of 32 bytes and a PICS digest, both in hex")
        if self.not_before.utcoffset() is None or self.not_after.utcoffset() is None:
            raise ValueError("the validity of a challenge is in aware times")
        if self.not_before >= self.not_after:
            raise ValueError("a challenge must be valid for some time")

    @property
    def seed(self) -> int:
        """The seed of every run against it: 48 bits of SHA-256 over nonce and PICS digest."""
        mixed = sha256(f"vdoc challenge\n{self.nonce}\n{self.pics}\n".encode()).digest()
        return int.from_bytes(mixed[:_SEED_BYTES])

    def to_bytes(self) -> bytes:
        """Return the challenge as it is signed: canonical JSON."""
        return canonical(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": _SUBJECT, "digest": {"sha256": self.pics}}],
                "predicateType": CHALLENGE_TYPE,
                "predicate": {
                    "nonce": self.nonce,
                    "not_before": self.not_before.isoformat(),
                    "not_after": self.not_after.isoformat(),
                },
            }
        )


@dataclass(frozen=True, slots=True)
class SignedChallenge:
    """A challenge with its signatures, and the digest of its envelope, which names it."""

    challenge: Challenge
    signed: Signed
    envelope: Mapping[str, Any]
    digest: str


def sign_challenge(challenge: Challenge, keys: Sequence[SigningKey]) -> bytes:
    """Return the envelope of a challenge.

    Raises:
        ValueError: there is no key.
    """
    return sign(challenge.to_bytes(), keys)


def read_challenge(data: bytes) -> SignedChallenge:
    """Read a challenge, without trusting anybody yet.

    Raises:
        InputError: it is none.
    """
    signed = read_envelope(data)
    try:
        challenge = _challenge(json.loads(signed.payload))
    except (ValueError, TypeError, RecursionError) as error:
        raise _refused(f"is no challenge: {error}.") from error
    if challenge.to_bytes() != signed.payload:
        raise _refused("is not written in the one form that a challenge has.")
    return SignedChallenge(challenge, signed, json.loads(data), sha256_hex(data))


def _challenge(value: object) -> Challenge:
    match value:
        case {
            "subject": [{"digest": {"sha256": str(pics)}}],
            "predicateType": "urn:vdoc:challenge:v1",
            "predicate": {
                "nonce": str(nonce), "not_before": str(begin), "not_after": str(end),
            },
        }:  # fmt: skip
            return Challenge(
                nonce, pics, datetime.fromisoformat(begin), datetime.fromisoformat(end)
            )
        case _:
            raise ValueError(f"expected an in-toto Statement of type {CHALLENGE_TYPE}")


def _refused(message: str) -> InputError:
    return InputError(
        Problem("challenge", None, "challenge", message, "get it again from the laboratory.")
    )
