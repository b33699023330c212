"""Signing and trusting declarations: keys, DSSE envelopes, verification policy."""

from vdoc.signing.dsse import PAYLOAD_TYPE, Signed, read_envelope, sign
from vdoc.signing.keys import KeyFiles, KeyType, PublicKey, SigningKey, new_key, show_key
from vdoc.signing.policy import AllOf, AnyOf, Policy, SignedBy, Trust

__all__ = [
    "PAYLOAD_TYPE",
    "AllOf",
    "AnyOf",
    "KeyFiles",
    "KeyType",
    "Policy",
    "PublicKey",
    "Signed",
    "SignedBy",
    "SigningKey",
    "Trust",
    "new_key",
    "read_envelope",
    "show_key",
    "sign",
]
