"""Attacks by other means: certificates, challenges, other runs, other inputs, no key at all."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.signing.authority import Authority
from tests.verify.attacks import POLICY, Attack, Forger, Made, also_refused_as, refused_as
from tests.verify.attacks_on_declaration import enveloped
from tests.verify.attacks_on_evidence import B06
from tests.verify.challenger import Challenger
from vdoc.declaration import container
from vdoc.digest import canonical
from vdoc.pics import public_digest
from vdoc.signing import KeyType, SigningKey, new_key

ENDED = datetime(2027, 1, 15, 8, 2, tzinfo=UTC)  # by the clocks of the fake run
CERTIFIED = '[roles.vendor]\nauthorities = "authorities"\n'


# --- certificates ---


def certified(forger: Forger, **leaf: Any) -> SigningKey:
    """The vendor's key with a chain that has one flaw; the policy `CERTIFIED` knows its root."""
    authority = Authority(ENDED - timedelta(days=100), timedelta(days=900))
    (forger.lab.directory / "authorities").mkdir()
    (forger.lab.directory / "authorities" / "root.pem").write_bytes(authority.pem)
    made = new_key(forger.lab.directory / "own", "v", KeyType.ECDSA_P256)
    key = SigningKey.load(made.private)
    return replace(key, chain=authority.chain(key.public.key, **leaf))


def signed_with(**leaf: Any) -> Attack:
    def attack(forger: Forger) -> Made:
        forger.lab.key = certified(forger, **leaf)
        return forger.lab.declare(forger.lab.record())

    return attack


refused_as("certificate-time", CERTIFIED, name="an expired certificate")(
    signed_with(until=ENDED + timedelta(hours=1))
)
also_refused_as("certificate-time", CERTIFIED, name="a certificate of after the run")(
    signed_with(since=ENDED + timedelta(hours=1))
)
refused_as("certificate-usage", CERTIFIED, name="a certificate that is not for signing")(
    signed_with(signs=False)
)
also_refused_as("certificate-usage", CERTIFIED, name="an authority that signs itself")(
    signed_with(authority=True)
)
refused_as("certificate-chain", CERTIFIED, name="a chain to an authority of one's own")(
    signed_with(forged=True)
)
refused_as("certificate-key", CERTIFIED, name="the certificate of another key")(
    signed_with(other_key=True)
)


@refused_as("certificate-form", CERTIFIED)
def a_certificate_that_is_none(forger: Forger) -> Made:
    certified(forger)

    def change(value: dict[str, Any]) -> None:
        value["signatures"][0]["x5c"] = ["bm8gY2VydGlmaWNhdGU="]

    return enveloped(forger, change)


SHARED = POLICY + '[roles.laboratory]\nauthorities = "authorities"\n'


@refused_as("role-shared", SHARED)
def one_key_for_two_roles(forger: Forger) -> Made:
    key = certified(forger)
    (forger.lab.directory / "trust" / "own.pem").write_bytes(key.public.pem)
    forger.lab.key = key
    return forger.lab.declare(forger.lab.record())


# --- challenges ---

ISSUED = POLICY + '[roles.laboratory]\nkeys = "laboratory"\nrequired = false\n'
CHALLENGED = ISSUED + "[challenge]\nmaximum_starts = 2\n"


def challenged(make: Callable[[Challenger], Made]) -> Attack:
    return lambda forger: make(Challenger.of(forger))


for code, words, make in (
    ("challenge-missing", "a run without the challenge", lambda c: c.forger.bundle),
    ("challenge-form", "a challenge that is none", lambda c: c.given({"envelope": {}})),
    ("challenge-pics", "a challenge for another PICS",
     lambda c: c.run(c.envelope(pics="0" * 64))),
    ("challenge-seed", "a seed that was chosen", lambda c: c.run(seed=8)),
    ("challenge-validity", "a challenge of long ago", lambda c: c.run(c.envelope(after_s=-60))),
    ("challenge-signature", "a challenge of the vendor's own",
     lambda c: c.run(c.envelope(key=c.forger.lab.key))),
    ("challenge-starts", "the best of three", lambda c: c.run(earlier=2)),
):  # fmt: skip
    refused_as(code, CHALLENGED, name=words)(challenged(make))
OTHER = CHALLENGED + f'sha256 = ["{"4" * 64}"]\n'
refused_as("challenge-other", OTHER, name="an older challenge used again")(
    challenged(lambda c: c.run())
)
also_refused_as("challenge-validity", CHALLENGED, name="a run begun before the challenge")(
    challenged(lambda c: c.run(c.envelope(before_s=60)))
)
also_refused_as("declared-challenge", CHALLENGED, name="starts that are kept quiet")(
    challenged(lambda c: c.forger.lab.altered(c.run(earlier=1), predicate={"challenge": None}))
)


# --- other runs, other inputs ---


def without_key(forger: Forger, forged: dict[str, bytes]) -> Made:
    """Members of another bundle under the declaration that the vendor has signed."""
    sound = forger.members
    kept = {name: sound[name] for name in ("declaration.json", "declaration.dsse.json")}
    return forger.file(container.pack({**forged, **kept}))


@also_refused_as("declared-evidence")
def a_fresh_chain_without_the_key(forger: Forger) -> Made:
    return without_key(forger, container.read(forger.line(0, runner="0.0.9")))


@also_refused_as("declared-evidence")
def the_evidence_of_another_run_of_the_product(forger: Forger) -> Made:
    other = container.read(forger.played(before_each=lambda clocks, _case: clocks.go(11)))
    return without_key(forger, other)


@also_refused_as("declared-enclosed")
def another_pics_than_was_signed(forger: Forger) -> Made:
    pics = json.loads(forger.members["pics.json"])
    pics["product"]["family"] = "Every product"
    return without_key(forger, {**forger.members, "pics.json": canonical(pics)})


@also_refused_as("case-seed")
def a_failing_case_replaced_by_one_of_a_run_that_passed(forger: Forger) -> Made:
    wrong = {B06: [forger.lab.says("DataTransfer", {"vendorId": "other"})]}
    passing = [line for line in forger.lines if line["case"] == B06]
    failing = forger.played(forger.lab.product_with(seed=8), plays=wrong)
    other = type(forger)(forger.lab, failing)
    place = other.place("case", B06)

    def splice(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rest = [line for line in lines if line["case"] != B06]
        return [*rest[:place], *passing, *rest[place:]]

    return other.run(splice)


@also_refused_as("plan")
def a_plan_with_less_variants(forger: Forger) -> Made:
    plan = forger.lab.product.plan
    variants = tuple(entry for entry in plan.entries if not entry.variant)
    shorter = plan.model_copy(update={"entries": variants})
    return forger.played(replace(forger.lab.product, plan=shorter))


@also_refused_as("made-with")
def settings_over_another_salt(forger: Forger) -> Made:
    public = forger.lab.product.settings.public(b"another salt of thirty-two bytes")
    settings = {"settings_json": canonical(public)}
    declared = json.loads(forger.members["declaration.json"])["predicate"]["settings"]
    return forger.lab.altered(
        forger.bundle, predicate={"settings": {**declared, "digest": public_digest(public)}},
        **settings,
    )  # fmt: skip


@also_refused_as("made-with")
def a_run_by_an_older_catalogue(forger: Forger) -> Made:
    return forger.line(0, catalogue={"version": "2025.1.1", "digest": "0" * 64})


@refused_as("report")
def a_report_in_other_words(forger: Forger) -> Made:
    report = forger.members["report.html"].replace(b"Vendor", b"OCA")
    return forger.lab.altered(forger.bundle, report_html=report + b"<p>Certified.</p>")


@refused_as("readme")
def a_readme_that_names_another_key(forger: Forger) -> Made:
    readme = forger.members["README.txt"].replace(b"Signed by   ", b"Signed by   OCA ")
    return forger.lab.altered(forger.bundle, README_txt=readme)


# --- other forms of the container and the envelope ---


@also_refused_as("container-form")
def members_in_another_order(forger: Forger) -> Made:
    return forger.zip(*reversed(forger.members.items()))


@also_refused_as("container-broken")
def a_byte_of_the_directory_turned(forger: Forger) -> Made:
    data = bytearray(forger.bundle.read_bytes())
    data[data.find(b"PK\x01\x02") + 16] ^= 1
    return forger.file(bytes(data))


@also_refused_as("envelope")
def a_key_twice_in_the_envelope(forger: Forger) -> Made:
    members = forger.members
    envelope = members["declaration.dsse.json"][:-1] + b',"payloadType":"x"}'
    return forger.file(container.pack({**members, "declaration.dsse.json": envelope}))


@also_refused_as("envelope")
def a_declaration_that_nobody_signed(forger: Forger) -> Made:
    return enveloped(forger, lambda value: value.update(signatures=[]))


@also_refused_as("signature")
def a_bit_of_the_signature_turned(forger: Forger) -> Made:
    def change(value: dict[str, Any]) -> None:
        signature = bytearray(b64decode(value["signatures"][0]["sig"]))
        signature[0] ^= 1
        value["signatures"][0]["sig"] = b64encode(signature).decode()

    return enveloped(forger, change)
