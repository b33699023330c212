"""Attacks on container, signature and declaration, by the step that refuses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.verify.attacks import POLICY, Attack, Forger, Lines, Made, refused_as
from vdoc.declaration import container
from vdoc.digest import canonical
from vdoc.pics import load_settings
from vdoc.signing import SigningKey, new_key, sign

ROOT = Path(__file__).parents[2]
EDITION = "OCPP 2.0.1 Edition 3, Part 5 and Part 6"


# --- 1: the container ---


@refused_as("container-file")
def no_file(forger: Forger) -> Made:
    return forger.lab.directory / "none.zip"


@refused_as("container-size")
def a_file_that_is_too_large(forger: Forger) -> Made:
    path = forger.file(b"PK")
    with path.open("r+b") as file:
        file.truncate(container.MAX_BUNDLE_BYTES + 1)
    return path


@refused_as("container-no-zip")
def another_kind_of_file(forger: Forger) -> Made:
    return forger.file(b"%PDF-1.7\n" * 100)


@refused_as("container-truncated")
def a_zip_cut_off(forger: Forger) -> Made:
    return forger.file(forger.bundle.read_bytes()[:-2000])


@refused_as("container-broken")
def a_byte_of_a_member_turned(forger: Forger) -> Made:
    data = bytearray(forger.bundle.read_bytes())
    data[data.find(b"README.txt") + 40] ^= 1
    return forger.file(bytes(data))


@refused_as("container-twice")
def two_declarations(forger: Forger) -> Made:
    members = forger.members
    return forger.zip(*members.items(), ("declaration.json", members["declaration.json"]))


@refused_as("container-lacks")
def no_evidence(forger: Forger) -> Made:
    members = forger.members
    del members["evidence.jsonl.gz"]
    return forger.zip(*members.items())


@refused_as("container-unknown")
def a_certificate_of_somebody_put_in(forger: Forger) -> Made:
    return forger.zip(*forger.members.items(), ("certificate.pdf", b"%PDF-1.7"))


@refused_as("container-path")
def a_path_out_of_the_zip(forger: Forger) -> Made:
    return forger.zip(*forger.members.items(), ("../../etc/cron.d/x", b"* * * * * root id"))


@refused_as("container-encrypted")
def a_member_said_to_be_encrypted(forger: Forger) -> Made:
    data = bytearray(forger.bundle.read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1
    return forger.file(bytes(data))


@refused_as("container-compressed")
def a_zip_bomb(forger: Forger) -> Made:
    members = forger.members | {"report.html": bytes(1 << 22)}
    return forger.zip(*members.items(), kind=8)


@refused_as("container-bomb")
def members_that_share_their_bytes(forger: Forger) -> Made:
    data = bytearray(forger.bundle.read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 20 : entry + 28] = (container.MAX_BUNDLE_BYTES + 1).to_bytes(4, "little") * 2
    return forger.file(bytes(data))


@refused_as("container-form")
def bytes_behind_the_zip(forger: Forger) -> Made:
    return forger.file(b"\x00" + forger.bundle.read_bytes())


# --- 2: the signature ---


def enveloped(forger: Forger, change: Callable[[dict[str, Any]], None]) -> Made:
    members = forger.members
    value = json.loads(members["declaration.dsse.json"])
    change(value)
    return forger.file(container.pack({**members, "declaration.dsse.json": canonical(value)}))


@refused_as("envelope")
def another_payload_type(forger: Forger) -> Made:
    return enveloped(forger, lambda value: value.update(payloadType="text/plain"))


@refused_as("payload")
def another_declaration_beside_the_signed_one(forger: Forger) -> Made:
    members = forger.members
    declared = members["declaration.json"].replace(b"NL Wall", b"NL Pole")
    return forger.file(container.pack({**members, "declaration.json": declared}))


@refused_as("signature")
def the_signature_of_another_bundle(forger: Forger) -> Made:
    other = json.loads(container.read(forger.declared(product={}))["declaration.dsse.json"])
    return enveloped(forger, lambda value: value.update(signatures=other["signatures"]))


@refused_as("role-missing")
def signed_again_by_a_stranger(forger: Forger) -> Made:
    stranger = SigningKey.load(new_key(forger.lab.directory, "stranger").private)
    members = forger.members
    envelope = sign(members["declaration.json"], [stranger])
    return forger.file(container.pack({**members, "declaration.dsse.json": envelope}))


@refused_as("key-type", POLICY + 'key_types = ["ecdsa-p256"]\n')
def signed_by_a_kind_of_key_that_is_not_accepted(forger: Forger) -> Made:
    return forger.bundle


# --- 3: what is declared, and the policy ---


@refused_as("form-declaration")
def a_key_twice_in_the_declaration(forger: Forger) -> Made:
    members = forger.members
    declared = members["declaration.json"][:-1] + b',"subject":[]}'
    signed = {
        "declaration.json": declared,
        "declaration.dsse.json": sign(declared, [forger.lab.key]),
    }
    return forger.file(container.pack(members | signed))


@refused_as("statement")
def two_images_under_one_declaration(forger: Forger) -> Made:
    subject = json.loads(forger.members["declaration.json"])["subject"]
    return forger.lab.altered(forger.bundle, statement={"subject": subject * 2})


def short_of_grade(forger: Forger) -> Any:
    """Settings with a wait below the bound of a declaration."""
    settings = load_settings(ROOT / "pics" / "bench-example.toml")
    values = settings.values.model_copy(update={"message_timeout_s": 1.0})
    return forger.lab.product_with(None, settings.model_copy(update={"values": values}))


@refused_as("demonstration")
def a_demonstration(forger: Forger) -> Made:
    return forger.played(short_of_grade(forger))


@refused_as("grade", POLICY + "[declaration]\ndemonstrations = true\n")
def a_demonstration_said_to_be_a_declaration(forger: Forger) -> Made:
    bundle = forger.played(short_of_grade(forger))
    return forger.lab.altered(bundle, statement={"predicateType": "urn:vdoc:declaration:v1"})


@refused_as("policy-edition", POLICY + '[specification]\neditions = ["Edition 4"]\n')
def judged_by_another_edition(forger: Forger) -> Made:
    return forger.bundle


@refused_as("policy-errata", POLICY + '[specification]\nerrata = ["2026-03"]\n')
def judged_without_the_latest_errata(forger: Forger) -> Made:
    return forger.bundle


@refused_as("policy-catalogue", POLICY + f'[catalogue]\ndigests = ["{"1" * 64}"]\n')
def judged_by_an_older_catalogue(forger: Forger) -> Made:
    return forger.bundle


@refused_as("policy-runner", POLICY + '[runner]\nminimum_version = "0.2"\n')
def made_by_an_old_runner(forger: Forger) -> Made:
    return forger.bundle


@refused_as("policy-age", POLICY + "[declaration]\nmaximum_age_days = 0.1\n")
def a_run_of_long_ago(forger: Forger) -> Made:
    return forger.bundle


@refused_as("policy-future")
def a_run_of_next_year(forger: Forger) -> Made:
    def later(lines: Lines) -> Lines:
        return [{**line, "at": line["at"].replace("2027", "2028")} for line in lines]

    window = {"start": "2028-01-15T08:00:10.5+00:00", "end": "2028-01-15T08:01:12.5+00:00"}
    return forger.lab.altered(forger.run(later), predicate={"window": window})


@refused_as("policy-time")
def a_run_at_no_time(forger: Forger) -> Made:
    return forger.declared(window={"start": "", "end": "yesterday", "seconds": 1})


# --- 4: what is enclosed ---


for name in ("pics", "settings", "plan"):

    def twice(forger: Forger, name: str = name) -> Made:
        data = forger.members[f"{name}.json"]
        return forger.lab.altered(forger.bundle, **{f"{name}_json": data[:-1] + b',"format":0}'})

    refused_as(f"form-{name}", name=f"a key twice in {name}.json")(twice)


@refused_as("pics")
def a_pics_that_contradicts_itself(forger: Forger) -> Made:
    return forger.member("pics", lambda pics: pics.update(profiles=["Core", "Imaginary"]))


@refused_as("settings")
def settings_that_are_none(forger: Forger) -> Made:
    return forger.member("settings", lambda settings: settings.update(settings={}))


PARTS = {
    "pics": {"sha256": "0" * 64}, "settings": {"digest": "0" * 64},
    "catalogue": {"version": "2026.11.1", "sha256": "0" * 64}, "plan": {"digest": "0" * 64},
    "enclosed": {}, "evidence": {"format": 1, "head": "0" * 64, "lines": 35},
    "window": {"start": "2027-01-15T08:00:00+00:00", "end": "2027-01-15T08:01:00+00:00"},
    "runner": {"name": "vdoc", "version": "9.9"}, "statement": "Issued by the OCA.",
    "product": {"family": "Every"}, "specification": {"edition": EDITION}, "profiles": [],
    "features": [],
    "results": [], "not_applicable": {}, "device_model": None, "interpretations": [],
    "challenge": {},
}  # fmt: skip
for part, other in PARTS.items():

    def declares(forger: Forger, part: str = part, other: Any = other) -> Made:
        if part == "enclosed":
            members = forger.members
            value = json.loads(members["declaration.json"])
            value["predicate"]["enclosed"]["report.html"] = "0" * 64
            text = canonical(value)
            signed = {"declaration.json": text}
            signed["declaration.dsse.json"] = sign(text, [forger.lab.key])
            return forger.file(container.pack(members | signed))
        return forger.declared(**{part: other})

    refused_as(f"declared-{part.replace('_', '-')}", name=f"another {part} declared")(declares)


@refused_as("declared-unknown")
def something_declared_that_nobody_tests(forger: Forger) -> Made:
    return forger.declared(certified_by="Open Charge Alliance")


# --- 5, 6: plan and completeness ---


@refused_as("partial")
def only_the_cases_that_pass(forger: Forger) -> Made:
    return forger.played(forger.lab.product_with(only=["TC_L_01_CS"]))


@refused_as("not-implemented")
def a_runner_without_a_case(forger: Forger) -> Made:
    implemented = {"TC_L_01_CS", "TC_B_06_CS"}
    return forger.played(forger.lab.product_with(implemented=implemented))


@refused_as("plan")
def a_plan_without_the_failing_case(forger: Forger) -> Made:
    plan = forger.lab.product.plan
    shorter = plan.model_copy(update={"entries": plan.entries[:-1]})
    return forger.played(replace(forger.lab.product, plan=shorter))


@refused_as("missing")
def the_failing_case_dropped(forger: Forger) -> Made:
    return forger.played(order=lambda order: order[:-1])


@refused_as("extra")
def a_case_retried(forger: Forger) -> Made:
    return forger.played(order=lambda order: [*order, order[-1]])


@refused_as("order")
def cases_in_another_order(forger: Forger) -> Made:
    return forger.played(order=lambda order: [order[0], *order[:0:-1]])


@refused_as("stage")
def a_case_in_another_security_profile(forger: Forger) -> Made:
    return forger.played(order=lambda order: [(c, v, 2) for c, v, _ in order])


def drop(case: str) -> Attack:
    """Take every line of one of the runner's own cases out."""
    return lambda forger: forger.run(lambda lines: [ln for ln in lines if ln["case"] != case])


for case in ("intake", "restore", "closing"):
    refused_as(case, name=f"the lines of {case} taken out")(drop(case))


@refused_as("run-line")
def a_provision_that_excuses_a_boot(forger: Forger) -> Made:
    def change(lines: Lines) -> Lines:
        line = {**lines[7], "data": {"what": "provision", "profile": 1}}
        return [*lines[:11], line, *lines[11:]]

    return forger.run(change)
