"""Signing and trusting declarations: keys, DSSE envelopes, verification policy."""

from vdoc.signing.certificates import ChainError
from vdoc.signing.challenge import (
    Challenge,
    SignedChallenge,
    read_challenge,
    sign_challenge,
)
from vdoc.signing.dsse import PAYLOAD_TYPE, Signed, countersign, read_envelope, sign
from vdoc.signing.keys import KeyFiles, KeyType, PublicKey, SigningKey, new_key, show_key
from vdoc.signing.opening import Ask, load_signing_key, rehearse
from vdoc.signing.policy import AllOf, AnyOf, Policy, SignedBy, Trust
from vdoc.signing.roles import Refusal, Role, RoleKeys, role_refusals

__all__ = [
    "PAYLOAD_TYPE",
    "AllOf",
    "AnyOf",
    "Ask",
    "ChainError",
    "Challenge",
    "KeyFiles",
    "KeyType",
    "Policy",
    "PublicKey",
    "Refusal",
    "Role",
    "RoleKeys",
    "Signed",
    "SignedBy",
    "SignedChallenge",
    "SigningKey",
    "Trust",
    "countersign",
    "load_signing_key",
    "new_key",
    "read_challenge",
    "read_envelope",
    "rehearse",
    "role_refusals",
    "show_key",
    "sign",
    "sign_challenge",
]
