"""Whose time stamps a laboratory believes, and since when a signature has existed by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Certificate

from vdoc.declaration.stamps import Stamped


@dataclass(frozen=True, slots=True)
class StampTrust:
    """What a policy says about time stamps.

    Attributes:
        authorities: self-signed certificates of whom is believed; never empty.
        required: which stamps must be there.
    """

    authorities: tuple[Certificate, ...]
    required: frozenset[Stamped]


@dataclass(frozen=True, slots=True)
class SigningTime:
    """That signatures existed at a time, as a trusted authority says.

    Attributes:
        at: the time, aware.
        key_ids: whose signatures the stamp is over.
    """

    at: datetime
    key_ids: tuple[str, ...]
