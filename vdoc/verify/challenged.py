"""Step 8: the challenge that a run was made against, as its first line of evidence says.

Owns what binds a run to a challenge: PICS, seed, validity, the list of starts. That the challenge
is a laboratory's is said by the policy; without one a bundle may hold any challenge, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from vdoc.digest import canonical
from vdoc.rejudge import Rejudged
from vdoc.signing import Role, SignedChallenge, read_challenge, role_refusals
from vdoc.verify.enclosed import Enclosed
from vdoc.verify.findings import Findings, shown
from vdoc.verify.laboratory import LaboratoryPolicy
from vdoc.verify.policy_file import ChallengeTable


def check_challenge(
    judged: Rejudged, enclosed: Enclosed, policy: LaboratoryPolicy | None, findings: Findings
) -> None:
    """Add what is wrong with the challenge of a run, and what a policy misses of it."""
    given = None if judged.start is None else judged.start.data.get("challenge")
    demanded = None if policy is None else policy.file.challenge
    if given is None:
        if demanded is not None and demanded.required:
            findings.add(8, "challenge-missing", "the run was made against no challenge")
        return
    read = findings.attempt(8, "challenge-form", "the challenge", lambda: _read(given, judged))
    if read is None:
        return
    signed, starts = read
    _bound(signed, judged, enclosed, findings)
    if policy is not None:
        _signed_by_a_laboratory(signed, policy, findings)
    if demanded is not None:
        _as_demanded(signed, starts, demanded, findings)


def _as_demanded(
    signed: SignedChallenge,
    starts: Sequence[Mapping[str, Any]],
    demanded: ChallengeTable,
    findings: Findings,
) -> None:
    named, most = demanded.sha256, demanded.maximum_starts
    if named is not None and signed.digest not in named:
        words = f"the challenge is {signed.digest}, the policy names {', '.join(named)}"
        findings.add(8, "challenge-other", words)
    if most is not None and len(starts) > most:
        outcomes = ", ".join(str(start.get("outcome")) for start in starts[:-1])
        words = f"this is start {len(starts)} against the challenge (before: {shown(outcomes)})"
        findings.add(8, "challenge-starts", f"{words}, the policy accepts {most}")


def _read(given: object, judged: Rejudged) -> tuple[SignedChallenge, list[Mapping[str, Any]]]:
    match given:
        case {"envelope": dict(envelope), "starts": [*starts, {"outcome": None} as last]}:
            _in_order([*starts, last], judged)
            return read_challenge(canonical(envelope)), [*starts, last]
        case _:
            raise ValueError("expected the envelope and the starts against it, this one the last")


def _in_order(starts: Sequence[Mapping[str, Any]], judged: Rejudged) -> None:
    """Demand that starts are told of as the log does, one after the other, before the run.

    Raises:
        ValueError, TypeError: they are not.
    """
    if any(start.keys() != {"at", "run", "outcome"} for start in starts):
        raise ValueError("expected of each start when it was, which run, and its outcome")
    times = [datetime.fromisoformat(start["at"]) for start in starts]
    if times != sorted(times):
        raise ValueError("the starts are not in the order of their times")
    if judged.window is not None and times[-1] > judged.window[0].at:
        raise ValueError("the last start is later than the run")


def _bound(
    signed: SignedChallenge, judged: Rejudged, enclosed: Enclosed, findings: Findings
) -> None:
    challenge = signed.challenge
    what = "the PICS of the challenge, against the enclosed one"
    findings.expect(8, "challenge-pics", what, challenge.pics, enclosed.pics.digest)
    what = "the seed of the plan, against the one that follows from the challenge"
    findings.expect(8, "challenge-seed", what, enclosed.plan.seed, challenge.seed)
    if judged.window is None:
        return
    begun = judged.window[0].at
    if not challenge.not_before <= begun <= challenge.not_after:
        words = f"the run began at {begun}, the challenge is for {challenge.not_before}"
        findings.add(8, "challenge-validity", f"{words} to {challenge.not_after}")


def _signed_by_a_laboratory(
    signed: SignedChallenge, policy: LaboratoryPolicy, findings: Findings
) -> None:
    laboratory = policy.roles.get(Role.LABORATORY)
    if laboratory is None:
        by = ", ".join(signed.signed.key_ids)
        words = f"the challenge is signed by {shown(by)}, and the policy names no laboratory"
        findings.add(8, "challenge-signature", words)
        return
    demanded = {Role.LABORATORY: replace(laboratory, required=True)}
    refused = findings.attempt(
        8, "challenge-signature", "the challenge",
        lambda: role_refusals(signed.signed, demanded, lambda _role, _key_id: (policy.now,)),
    )  # fmt: skip
    for refusal in refused or ():
        findings.add(8, "challenge-signature", f"the challenge: {refusal.message}")
