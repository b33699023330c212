"""In which role somebody signs: the runner's machine, the vendor, a laboratory.

An envelope does not say who a key belongs to; whoever trusts the key does. So a role is a set of
keys, roles share none, and a signature counts for the role of its key. Owns what makes a signature
count for a role; which roles must have signed is a laboratory's policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from cryptography.x509 import Certificate

from vdoc.signing.certificates import ChainError, verified_key
from vdoc.signing.dsse import Signed
from vdoc.signing.keys import KeyType, PublicKey

Times: TypeAlias = "Callable[[Role, str], Sequence[datetime]]"
"""When the chain beside a signature must hold, by role and key id; never empty."""


class Role(StrEnum):
    """Who signs."""

    RUNNER = "runner"
    VENDOR = "vendor"
    LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """The keys that stand for a role.

    Attributes:
        keys: that are trusted themselves.
        authorities: whose certificates are trusted; with `keys` never both empty.
        key_types: the kinds of key that may stand for it.
        required: whether one of them must have signed.
    """

    role: Role
    keys: tuple[PublicKey, ...]
    authorities: tuple[Certificate, ...]
    key_types: tuple[KeyType, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the signatures of an envelope do not do: a code and a sentence."""

    code: str
    message: str


def role_refusals(
    signed: Signed, roles: Mapping[Role, RoleKeys], times: Times
) -> tuple[Refusal, ...]:
    """Return why an envelope does not satisfy the roles; empty when it does.

    A signature that is there under the id of a known key must hold, required or not.

    Args:
        signed: the envelope.
        roles: whose signatures stand for what.
        times: when a chain of certificates must hold; asked only where there are authorities.
    """
    found: list[Refusal] = []
    stands_for: dict[str, Role] = {}
    for role, demanded in roles.items():
        present = [key for key in demanded.keys if key.key_id in signed.key_ids]
        certified, against = _certified(signed, demanded, times)
        present += [key for key in certified if key not in present]
        if demanded.required and not present:
            by = ", ".join(signed.key_ids)
            words = f"nobody has signed as {role.value}; signed by: {by}"
            found += against or [Refusal("role-missing", words)]
        for key in present:
            found += _of_key(signed, demanded, key)
            other = stands_for.setdefault(key.key_id, role)
            if other is not role:
                words = f"key {key.key_id} would stand for {other.value} and {role.value}"
                found.append(Refusal("role-shared", f"{words}, and a key stands for one role"))
    return tuple(found)


def _certified(
    signed: Signed, demanded: RoleKeys, times: Times
) -> tuple[list[PublicKey], list[Refusal]]:
    """Return the keys whose chains hold, and why others do not."""
    keys: list[PublicKey] = []
    against: list[Refusal] = []
    for key_id, chain in signed.chains.items() if demanded.authorities else ():
        if not chain:
            continue
        try:
            key = verified_key(chain, demanded.authorities, times(demanded.role, key_id))
        except ChainError as error:
            against.append(Refusal(error.code, f"{error.message} ({demanded.role.value})"))
            continue
        if key.key_id == key_id:
            keys.append(key)
        else:
            words = f"the certificate beside the signature of {key_id} is of key {key.key_id}"
            against.append(Refusal("certificate-key", words))
    return keys, against


def _of_key(signed: Signed, demanded: RoleKeys, key: PublicKey) -> list[Refusal]:
    if not signed.verified_by(key):
        words = f"the signature of key {key.key_id} does not fit what it should have signed"
        return [Refusal("signature", words)]
    if key.type not in demanded.key_types:
        allowed = " or ".join(demanded.key_types)
        words = f"key {key.key_id} signs as {demanded.role.value} and is {key.type}"
        return [Refusal("key-type", f"{words}, expected {allowed}")]
    return []
