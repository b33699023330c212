"""Attacks on the time stamps of a bundle: on what they are over, who made them, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing.tsa import Tsa
from tests.verify.attacks import Forger, Made, also_refused_as, refused_as
from tests.verify.stamper import AFTER, BEFORE, BEGAN, DEMANDED, ENDED, Stamper
from vdoc.declaration import container, countersign_bundle
from vdoc.declaration.stamps import DECLARATION_STAMP, ENVELOPE, PLAN_STAMP
from vdoc.digest import canonical
from vdoc.signing import SigningKey, new_key

MINUTES = timedelta(minutes=2)


@refused_as("stamp-missing", DEMANDED)
def no_stamp_where_one_is_demanded(forger: Forger) -> Made:
    return Stamper(forger).bundle(declared=None)


@refused_as("stamp-form", DEMANDED)
def a_stamp_with_a_byte_turned(forger: Forger) -> Made:
    stamper = Stamper(forger)
    bundle = stamper.bundle()
    token = bytearray(container.read(bundle)[DECLARATION_STAMP])
    token[12] ^= 1
    return stamper.with_members(bundle, {DECLARATION_STAMP: bytes(token)})


@refused_as("stamp-signature", DEMANDED)
def a_stamp_set_back_by_its_owner(forger: Forger) -> Made:
    stamper = Stamper(forger)
    late = stamper.tsa.stamp(stamper.plan, AFTER)
    made, said = (f"{at:%Y%m%d%H%M%S}Z".encode() for at in (AFTER, BEFORE))
    assert late.count(made) == 1
    return stamper.bundle(plan=late.replace(made, said))


@refused_as("stamp-other", DEMANDED)
def the_stamps_of_another_bundle(forger: Forger) -> Made:
    stamper = Stamper(forger)
    other = container.read(stamper.bundle(at=BEFORE - MINUTES))
    return stamper.with_members(stamper.bundle(), {DECLARATION_STAMP: other[DECLARATION_STAMP]})


@refused_as("stamp-unbound", DEMANDED)
def a_stamp_of_the_plan_that_the_run_did_not_begin_with(forger: Forger) -> Made:
    stamper = Stamper(forger)
    members = container.read(stamper.bundle())
    members[PLAN_STAMP] = stamper.tsa.stamp(stamper.plan, BEFORE - MINUTES)
    return stamper.signed(members)


@refused_as("stamp-late", DEMANDED)
def a_plan_stamped_after_the_run_began(forger: Forger) -> Made:
    return Stamper(forger).bundle(at=BEGAN + MINUTES)


@refused_as("stamp-early", DEMANDED)
def a_declaration_stamped_before_the_run_ended(forger: Forger) -> Made:
    return Stamper(forger).bundle(declared=ENDED - MINUTES)


@refused_as("stamp-untrusted", DEMANDED)
def a_stamp_of_the_vendor_himself(forger: Forger) -> Made:
    stamper = Stamper(forger)
    stamper.tsa = Tsa()
    return stamper.bundle()


@refused_as("stamp-usage", DEMANDED)
def a_stamp_by_a_certificate_for_something_else(forger: Forger) -> Made:
    stamper = Stamper(forger)
    stamper.tsa = stamper.tsa.with_flaws(purposes=(ExtendedKeyUsageOID.CODE_SIGNING,))
    return stamper.bundle()


@refused_as("stamp-expired", DEMANDED)
def a_stamp_by_an_expired_certificate(forger: Forger) -> Made:
    stamper = Stamper(forger)
    stamper.tsa = stamper.tsa.with_flaws(until=datetime(2027, 1, 1, tzinfo=UTC))
    return stamper.bundle()


@refused_as("stamp-algorithm", DEMANDED)
def a_stamp_over_a_hash_that_can_be_forged(forger: Forger) -> Made:
    stamper = Stamper(forger)
    stamper.tsa = stamper.tsa.with_flaws(algorithm="sha1")
    return stamper.bundle()


# --- the same in other ways ---


@also_refused_as("stamp-missing", DEMANDED)
def the_stamp_of_the_plan_taken_out(forger: Forger) -> Made:
    stamper = Stamper(forger)
    return stamper.without_plan(stamper.bundle())


@also_refused_as("stamp-missing")
def a_stamp_that_the_evidence_names_taken_out(forger: Forger) -> Made:
    stamper = Stamper(forger)
    return stamper.without_plan(stamper.bundle(declared=None))


@also_refused_as("stamp-other", DEMANDED)
def a_plan_other_than_the_stamped_one(forger: Forger) -> Made:
    stamper = Stamper(forger)
    other = {**json.loads(stamper.plan), "seed": 8}
    return stamper.bundle(plan=stamper.tsa.stamp(canonical(other), BEFORE))


@also_refused_as("stamp-other", DEMANDED)
def a_declaration_signed_again_under_its_old_stamp(forger: Forger) -> Made:
    stamper = Stamper(forger)
    bundle = stamper.bundle()
    return forger.lab.altered(bundle, predicate={"statement": "Issued by the OCA."})


@also_refused_as("stamp-other", DEMANDED)
def the_payload_stamped_without_its_signature(forger: Forger) -> Made:
    stamper = Stamper(forger)
    bundle = stamper.bundle()
    token = stamper.tsa.stamp(container.read(bundle)["declaration.json"], AFTER)
    return stamper.with_members(bundle, {DECLARATION_STAMP: token})


@also_refused_as("stamp-other", DEMANDED)
def a_later_signature_moved_before_the_stamped_one(forger: Forger) -> Made:
    stamper = Stamper(forger)
    copy = forger.lab.directory / "countersigned.zip"
    stranger = SigningKey.load(new_key(forger.lab.directory / "stranger", "x").private)
    countersign_bundle(stamper.bundle(), [stranger], copy)
    value = json.loads(container.read(copy)[ENVELOPE])
    value["signatures"].reverse()
    return stamper.with_members(copy, {ENVELOPE: canonical(value)})


@also_refused_as("stamp-unbound", DEMANDED)
def a_stamp_that_the_evidence_does_not_know(forger: Forger) -> Made:
    stamper = Stamper(forger)
    members = container.read(forger.bundle)
    members[PLAN_STAMP] = stamper.tsa.stamp(stamper.plan, BEFORE)
    return stamper.signed(members)


def by(forger: Forger, **flaws: Any) -> Path:
    """A bundle that is stamped by the trusted authority, with one flaw."""
    stamper = Stamper(forger)
    stamper.tsa = stamper.tsa.with_flaws(**flaws)
    return stamper.bundle()


for name, code, flaw in (
    ("a stamp that was refused", "stamp-form", {"status": "rejection"}),
    ("a stamp without its certificate", "stamp-form", {"certificates": ()}),
    ("a stamp bound to another certificate", "stamp-form", {"bound": b"another"}),
    ("a stamp by a certificate that nobody issued", "stamp-untrusted", {"forged": True}),
    ("a stamp by a certificate without a purpose", "stamp-usage", {"purposes": None}),
    ("a stamp by a certificate for anything too", "stamp-usage", {"critical": False}),
    ("a stamp by a certificate of the future", "stamp-expired",
     {"since": datetime(2028, 1, 1, tzinfo=UTC)}),
    ("a stamp over a hash that nobody expects", "stamp-algorithm", {"algorithm": "sha512"}),
):  # fmt: skip

    def flawed(forger: Forger, flaw: dict[str, Any] = flaw) -> Made:
        return by(forger, **flaw)

    also_refused_as(code, DEMANDED, name=name)(flawed)
