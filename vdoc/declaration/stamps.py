"""Which time stamps a bundle holds, and over which bytes exactly.

Owns two members. `plan.tsr` is over `plan.json`, taken before the first connection; the first line
of evidence names it. `declaration.tsr` is over `declaration.dsse.json` as it was when it was
stamped: the envelope with its first signatures, which are the vendor's. A countersignature goes
behind them, so that the stamp holds on. Neither says anything until somebody checks it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from vdoc.declaration import container
from vdoc.digest import canonical, sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.signing.timestamps import TsaError

Stamped = Literal["plan", "declaration"]
PLAN_STAMP = "plan.tsr"
DECLARATION_STAMP = "declaration.tsr"
ENVELOPE = "declaration.dsse.json"


@dataclass(frozen=True, slots=True)
class Stamping:
    """The time stamps of a bundle that is about to be made.

    Attributes:
        plan: the stamp over the plan that was taken before the run; None when there is none.
        declare: has the signed envelope stamped; None, or returning None, when it is not.
        exchange: asks the authority for the stamp inside the PDF: request in, response out (DER).
        document_failed: told when that stamp cannot be had; the PDF is then made without.
    """

    plan: bytes | None = None
    declare: Callable[[bytes], bytes | None] | None = None
    exchange: Callable[[bytes], bytes] | None = None
    document_failed: Callable[[TsaError], None] = lambda _error: None

    def of_plan(self, named: str | None) -> Mapping[str, bytes]:
        """Return the member that holds the plan's stamp, if there is to be one.

        Args:
            named: SHA-256 of the stamp that the first line of evidence names, if it names one.

        Raises:
            InputError: it is not the stamp that the run began with.
        """
        have = None if self.plan is None else sha256_hex(self.plan)
        if have != named:
            words = f"has SHA-256 {have}, the evidence names {named}."
            remedy = "keep the file that the run has written."
            raise InputError(Problem(PLAN_STAMP, None, "time stamp", words, remedy))
        return {} if self.plan is None else {PLAN_STAMP: self.plan}

    def of_envelope(self, envelope: bytes) -> Mapping[str, bytes]:
        """Return the member that holds the stamp of a signed envelope, if there is to be one."""
        token = None if self.declare is None else self.declare(envelope)
        return {} if token is None else {DECLARATION_STAMP: token}


def stamped_envelope(envelope: bytes, digest: bytes) -> tuple[bytes, tuple[str, ...]] | None:
    """Return the part of an envelope that a stamp is over, and the key ids of its signatures.

    Args:
        envelope: `declaration.dsse.json`, countersigned or not.
        digest: SHA-256 that the stamp holds.

    Returns:
        None when the stamp is over no beginning of the signatures.
    """
    value = json.loads(envelope)
    signatures = value["signatures"]
    for count in range(1, len(signatures) + 1):
        part = canonical({**value, "signatures": signatures[:count]})
        if sha256(part).digest() == digest:
            return part, tuple(str(each["keyid"]) for each in signatures[:count])
    return None


def stamp_bundle(source: Path, declare: Callable[[bytes], bytes], path: Path) -> None:
    """Write a copy of a bundle with a stamp over the declaration as it is signed now.

    Args:
        source: the bundle.
        declare: has the signed envelope stamped.
        path: of the copy; an existing file is never replaced.

    Raises:
        InputError: the bundle cannot be read or written, or is stamped already.
    """
    members = container.read(source)
    if DECLARATION_STAMP in members:
        words = f"holds {DECLARATION_STAMP} already; a stamp is never replaced."
        raise InputError(Problem(str(source), None, "time stamp", words, "use it as it is."))
    container.write(path, {**members, DECLARATION_STAMP: declare(members[ENVELOPE])})
