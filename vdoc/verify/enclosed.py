"""Steps 2 to 5: who signed, what is declared, and what the bundle encloses.

Owns turning the members of a bundle into checked values. Rule: every JSON member is canonical
(RFC 8785), so there is one way to read it and its SHA-256 is its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from vdoc.catalogue import Catalogue
from vdoc.declaration import DECLARATION_TYPE, DEMONSTRATION_TYPE, Statement
from vdoc.digest import canonical
from vdoc.pics import BenchSettings, Pics, public_digest
from vdoc.plan import Plan, make_plan
from vdoc.signing import Policy, Signed, read_envelope, role_refusals
from vdoc.verify.difference import first_difference
from vdoc.verify.findings import Findings, shown
from vdoc.verify.laboratory import LaboratoryPolicy
from vdoc.verify.trusted_time import SigningTime


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a bundle encloses, read and checked by itself."""

    pics: Pics
    settings: BenchSettings
    settings_public: dict[str, Any]
    settings_digest: str
    plan: Plan


def check_signature(
    members: Mapping[str, bytes],
    trust: Policy | LaboratoryPolicy,
    findings: Findings,
    signing: SigningTime | None = None,
) -> tuple[str, ...]:
    """Step 2; returns the ids of the keys that are said to have signed.

    Args:
        members: of the bundle.
        trust: who must have signed, or all that a laboratory demands.
        findings: where it goes what is wrong.
        signing: when signatures existed, as far as a trusted time stamp says.
    """
    data = members["declaration.dsse.json"]
    signed = findings.attempt(2, "envelope", "the envelope", lambda: read_envelope(data))
    if signed is None:
        return ()
    if signed.payload != members["declaration.json"]:
        words = "declaration.dsse.json signs something else than declaration.json"
        findings.add(2, "payload", words)
    if isinstance(trust, Policy):
        _trusted(signed, trust, findings)
        return signed.key_ids
    times = trust.times(signed.payload, signing)
    refused = findings.attempt(
        2, "signature", "the signatures", lambda: role_refusals(signed, trust.roles, times)
    )
    for refusal in refused or ():
        findings.add(2, refusal.code, refusal.message)
    return signed.key_ids


def _trusted(signed: Signed, trust: Policy, findings: Findings) -> None:
    refusals = findings.attempt(2, "signature", "the signature", lambda: trust.refusals(signed))
    for words in refusals or ():
        findings.add(2, "signature", words)


def read_statement(
    members: Mapping[str, bytes], findings: Findings, *, allow_demo: bool
) -> Statement | None:
    """Step 3; returns what is declared, if it can be read."""
    read = _member(3, members, "declaration", findings)
    if read is None:
        return None
    statement = findings.attempt(
        3, "statement", "the statement", lambda: Statement.from_json(read.value)
    )
    if statement is not None and statement.predicate_type == DEMONSTRATION_TYPE and not allow_demo:
        words = (
            f"this is a demonstration ({DEMONSTRATION_TYPE}), expected {DECLARATION_TYPE}; "
            "its settings lie outside the bounds of a declaration"
        )
        findings.add(3, "demonstration", words)
    return statement


def read_enclosed(members: Mapping[str, bytes], findings: Findings) -> Enclosed | None:
    """Step 4, first half: PICS, settings and plan, each valid in itself."""
    attempt = findings.attempt
    read = {name: _member(4, members, name, findings) for name in ("pics", "plan", "settings")}
    if read["pics"] is None or read["plan"] is None or read["settings"] is None:
        return None
    raw_pics, raw_plan, public = read["pics"].value, read["plan"].value, read["settings"].value
    pics = attempt(4, "pics", "the PICS", lambda: Pics.from_json(raw_pics))
    plan = attempt(4, "plan", "the plan", lambda: Plan.from_json(raw_plan))
    digest = attempt(4, "settings", "the settings", lambda: public_digest(public))
    settings = attempt(4, "settings", "the settings", lambda: BenchSettings.from_public(public))
    if pics is None or plan is None or settings is None or digest is None:
        return None
    for name, value in (("pics", pics.to_json()), ("plan", plan.to_json())):
        if canonical(value) != members[f"{name}.json"]:
            findings.add(4, name, f"{name}.json is not in the one form that it is written in")
    return Enclosed(pics, settings, public, digest, plan)


def check_plan(
    enclosed: Enclosed,
    plan_bytes: bytes,
    catalogue: Catalogue,
    implemented: Set[str],
    findings: Findings,
) -> None:
    """Step 5: the plan is complete, and made again it is the same, byte for byte."""
    plan = enclosed.plan
    if plan.partial:
        findings.add(5, "partial", "the plan holds only some of the applicable cases")
    if plan.not_implemented:
        names = shown(", ".join(plan.not_implemented))
        findings.add(5, "not-implemented", f"applicable cases have no function: {names}")
    made = findings.attempt(
        5, "plan", "making the plan again",
        lambda: make_plan(enclosed.pics, enclosed.settings, catalogue, implemented, plan.seed),
    )  # fmt: skip
    if made is not None and canonical(made.to_json()) != plan_bytes:
        words = "the enclosed plan is not the one that follows from PICS, settings, catalogue, seed"
        difference = first_difference(plan.to_json(), made.to_json(), "plan")
        findings.add(5, "plan", f"{words}: {difference}")


@dataclass(frozen=True, slots=True)
class _Json:
    """A JSON value that was read; `null` is one too."""

    value: Any


def _member(step: int, members: Mapping[str, bytes], name: str, findings: Findings) -> _Json | None:
    """Read a member in its one form; so a key given twice, or another spelling, is refused."""
    data = members[f"{name}.json"]

    def read() -> _Json:
        value = json.loads(data)
        if canonical(value) != data:
            raise ValueError(f"{name}.json is not canonical JSON (RFC 8785)")
        return _Json(value)

    return findings.attempt(step, f"form-{name}", f"{name}.json", read)
