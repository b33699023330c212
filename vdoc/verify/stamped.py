"""Steps 2 and 8: the time stamps of a bundle, and what they say about the run.

Owns the rules: a stamp that is there must hold, demanded or not; the plan's is the one that the
evidence begins with and no later than the first connection; the declaration's is over the
declaration as it was first signed and no earlier than the last verdict. Only a policy that names
authorities makes a stamped time trusted; without, a stamp is a note to whoever verifies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vdoc.declaration.stamps import (
    DECLARATION_STAMP,
    ENVELOPE,
    PLAN_STAMP,
    Stamped,
    stamped_envelope,
)
from vdoc.digest import sha256_hex
from vdoc.rejudge import Rejudged
from vdoc.signing.timestamps import Stamp, StampError, check, consistent, read
from vdoc.verify.enclosed import Enclosed
from vdoc.verify.findings import Findings, shown
from vdoc.verify.trusted_time import SigningTime, StampTrust

CLOCKS_APART = timedelta(seconds=60)
"""How far the clocks of authority and bench may differ; a run begins with less."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The stamps of a bundle that hold, as far as that can be seen.

    Attributes:
        plan: stamped time of the plan; None without a stamp that holds.
        declaration: the same of the declaration.
        signing: when signatures existed, when a trusted authority says so.
        plan_sha256: of the stamp over the plan, whatever it is worth; None without one.
    """

    plan: datetime | None
    declaration: datetime | None
    signing: SigningTime | None
    plan_sha256: str | None


def read_stamps(
    members: Mapping[str, bytes], trust: StampTrust | None, findings: Findings
) -> Stamps:
    """Step 2: the stamps of a bundle, each checked by itself.

    Args:
        members: of the bundle.
        trust: whose stamps are believed and which must be there; None: nobody's, none.
        findings: where it goes what is wrong with one.
    """
    plan = members.get(PLAN_STAMP)
    reading = _Reading(trust, findings)
    planned = reading.time("plan", plan, lambda _: members["plan.json"])
    covered: tuple[str, ...] = ()

    def signed(stamp: Stamp) -> bytes:
        nonlocal covered
        found = stamped_envelope(members[ENVELOPE], stamp.sha256)
        if found is None:
            words = f"it is over no beginning of the signatures in {ENVELOPE}"
            raise StampError("stamp-other", words)
        covered = found[1]
        return found[0]

    declared = reading.time("declaration", members.get(DECLARATION_STAMP), signed)
    trusted = trust is not None and declared is not None
    signing = SigningTime(declared, covered) if trusted and declared is not None else None
    return Stamps(planned, declared, signing, None if plan is None else sha256_hex(plan))


@dataclass(frozen=True, slots=True)
class _Reading:
    trust: StampTrust | None
    findings: Findings

    def time(
        self, name: Stamped, token: bytes | None, data: Callable[[Stamp], bytes]
    ) -> datetime | None:
        """Return the time of a stamp that holds; add what is wrong with another."""
        if token is None:
            if self.trust is not None and name in self.trust.required:
                words = f"the policy demands a time stamp of the {name}, the bundle holds none"
                self.findings.add(2, "stamp-missing", words)
            return None
        what = f"the time stamp of the {name}"
        return self.findings.attempt(2, "stamp-form", what, lambda: self._held(what, token, data))

    def _held(self, what: str, token: bytes, data: Callable[[Stamp], bytes]) -> datetime | None:
        try:
            stamp = read(token)
            if self.trust is None:
                at = consistent(token, data(stamp)).at
            else:
                at = check(token, data(stamp), self.trust.authorities)
        except StampError as error:
            self.findings.add(2, error.code, f"{what}: {shown(error.message)}")
            return None
        by = shown(stamp.by.subject.rfc4514_string())
        worth = "" if self.trust else ", which NOBODY HAS CHECKED: the policy names no authorities"
        self.findings.note(f"{what} says {at:%Y-%m-%d %H:%M:%S} UTC, by {by}{worth}")
        return at


def check_stamps(stamps: Stamps, enclosed: Enclosed, judged: Rejudged, findings: Findings) -> None:
    """Step 8: the stamps are of this run: named by its evidence, around its window."""
    named = None if judged.start is None else judged.start.data.get("plan_stamp")
    if stamps.plan_sha256 is None:
        if named is not None or enclosed.settings.timestamps is not None:
            words = "the run was to begin with a time stamp of its plan, the bundle holds none"
            findings.add(8, "stamp-missing", words)
    elif named != stamps.plan_sha256:
        what = "the time stamp of the plan, against the one that the evidence begins with"
        findings.expect(8, "stamp-unbound", what, stamps.plan_sha256, named)
    if judged.window is None:
        return
    first, last = judged.window
    if stamps.plan is not None and stamps.plan > first.at + CLOCKS_APART:
        words = f"the plan was stamped at {stamps.plan}, the first connection was at {first.at}"
        findings.add(8, "stamp-late", f"{words} (evidence line {first.n}), expected before it")
    if stamps.declaration is not None and stamps.declaration < last.at - CLOCKS_APART:
        words = f"the declaration was stamped at {stamps.declaration}, the last verdict was at"
        findings.add(8, "stamp-early", f"{words} {last.at} (evidence line {last.n})")
