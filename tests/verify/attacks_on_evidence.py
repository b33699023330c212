"""Attacks on the evidence of a bundle, by the step that refuses them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.verify.attacks import Attack, Forger, Lines, Made, refused_as

ROOT = Path(__file__).parents[2]
EDITION = "OCPP 2.0.1 Edition 3, Part 5 and Part 6"


# --- 7: the chain ---


def text(forger: Forger, old: bytes, new: bytes) -> Made:
    raw = [line.replace(old, new) for line in sealed_of(forger)]
    return forger.raw(raw)


def sealed_of(forger: Forger) -> list[bytes]:
    lines: list[bytes] = gzip.decompress(forger.members["evidence.jsonl.gz"]).splitlines(True)
    return lines


@refused_as("evidence-malformed")
def a_line_that_is_none(forger: Forger) -> Made:
    return text(forger, b'"kind":"check"', b'"kind":"guess"')


@refused_as("evidence-sequence")
def lines_numbered_twice(forger: Forger) -> Made:
    return text(forger, b'{"n":6,', b'{"n":5,')


@refused_as("evidence-chain")
def a_value_turned_without_the_chain(forger: Forger) -> Made:
    return text(forger, b'"vendorId\\": \\"acme', b'"vendorId\\": \\"ACME')


@refused_as("evidence-time")
def a_case_moved_into_the_past(forger: Forger) -> Made:
    def change(lines: Lines) -> Lines:
        for line in lines:
            line["mono"] -= 50_000_000_000 if line["case"] == "TC_B_06_CS" else 0
        return lines

    return forger.run(change)


@refused_as("evidence-seal")
def the_seal_of_a_shorter_file(forger: Forger) -> Made:
    raw = sealed_of(forger)
    seal = json.loads(raw[-1])
    seal["data"]["lines"] -= 1
    return forger.raw([*raw[:-1], json.dumps(seal, separators=(",", ":")).encode() + b"\n"])


@refused_as("evidence-tree")
def a_tree_over_other_lines(forger: Forger) -> Made:
    raw = sealed_of(forger)
    seal = json.loads(raw[-1])
    seal["data"]["tree"] = "0" * 64
    return forger.raw([*raw[:-1], json.dumps(seal, separators=(",", ":")).encode() + b"\n"])


@refused_as("evidence-ambiguous")
def a_frame_that_stands_twice(forger: Forger) -> Made:
    raw = sealed_of(forger)
    twice = [line.replace(b'"data":{', b'"data":{"connection":9,', 1) for line in raw[3:4]]
    return forger.raw([*raw[:3], *twice, *raw[4:]])


@refused_as("evidence-unsealed")
def a_run_that_was_cut_off(forger: Forger) -> Made:
    return forger.raw(sealed_of(forger)[:-1])


@refused_as("evidence-after-seal")
def lines_behind_the_seal(forger: Forger) -> Made:
    return forger.run(lambda lines: [*lines, {**lines[-2], "n": 0}])


@refused_as("evidence-torn")
def a_torn_last_line(forger: Forger) -> Made:
    raw = sealed_of(forger)
    return forger.raw([*raw[:-1], raw[-1][:-10]])


@refused_as("evidence-gzip")
def evidence_packed_and_cut(forger: Forger) -> Made:
    packed = forger.members["evidence.jsonl.gz"][:-30]
    return forger.lab.altered(forger.bundle, evidence_jsonl_gz=packed)


@refused_as("evidence-unreadable")
def a_line_without_end(forger: Forger) -> Made:
    return forger.raw([b"{" + b" " * 5000 + b"}\n", *sealed_of(forger)])


@refused_as("evidence-flaws")
def every_line_altered(forger: Forger) -> Made:
    return text(forger, b'"mono":', b'"mono": ')


# --- 8: the run ---


@refused_as("start")
def evidence_that_does_not_say_what_of(forger: Forger) -> Made:
    return forger.run(lambda lines: [lines[-1]])


@refused_as("made-with")
def the_evidence_of_another_product(forger: Forger) -> Made:
    return forger.line(0, pics_digest="0" * 64)


@refused_as("void")
def a_void_run(forger: Forger) -> Made:
    return forger.played(void="the DUT was exchanged")


@refused_as("crash")
def a_crash_in_a_case(forger: Forger) -> Made:
    crash = [forger.lab.transfers, forger.lab.boots(reason="Watchdog")]
    return forger.played(plays={"TC_B_06_CS": crash})


@refused_as("identity")
def another_device_in_the_middle(forger: Forger) -> Made:
    other = [forger.lab.boots(reason="Triggered", serialNumber="SN2"), forger.lab.transfers]
    return forger.played(plays={"TC_B_06_CS": other})


@refused_as("clock")
def a_clock_that_was_set(forger: Forger) -> Made:
    return forger.played(before_each=lambda clocks, case: clocks.go(
        10, wall_s=100 if case == "TC_B_06_CS" else 10))  # fmt: skip


@refused_as("window")
def a_run_of_two_days(forger: Forger) -> Made:
    return forger.played(before_each=lambda clocks, _case: clocks.go(6 * 3600))


# --- 9: the cases ---


def insert(behind: str, case: str, **line: Any) -> Attack:
    """Put a line behind the first of a kind in a case."""

    def change(forger: Forger) -> Made:
        place = forger.place(behind, case) + 1

        def put(lines: Lines) -> Lines:
            return [*lines[:place], {**lines[place - 1], **line}, *lines[place:]]

        return forger.run(put)

    return change


def remove(kind: str, case: str) -> Attack:
    def change(forger: Forger) -> Made:
        place = forger.place(kind, case)
        return forger.run(lambda lines: lines[:place] + lines[place + 1 :])

    return change


def rewrite(kind: str, case: str, **data: Any) -> Attack:
    return lambda forger: forger.line(forger.place(kind, case), **data)


B06 = "TC_B_06_CS"
ASKED = {"connection": 1, "frame": '[2,"x","Reset",{"type":"Immediate"}]'}
GATE = {"endpoint": 1, "accept": False}

refused_as("diverged-sent-extra", name="a frame sent that the case does not send")(
    insert("sent", B06, data=ASKED)
)
refused_as("diverged-sent-missing", name="a frame not sent that the case sends")(
    remove("sent", B06)
)
refused_as("diverged-sent-altered", name="another answer than the case gives")(
    rewrite("sent", B06, frame='[3,"s1",{"status":"Accepted"}]')
)
refused_as("diverged-deed-extra", name="a gate shut that the case does not shut")(
    insert("answer", B06, kind="gate", data=GATE)
)
refused_as("diverged-deed-missing", name="a deed of the case taken out")(remove("answer", B06))
refused_as("diverged-deed-altered", name="another deed than the case does")(
    rewrite("answer", B06, action="DataTransfer")
)
refused_as("diverged-after-end", name="a frame behind the end of a case")(
    insert("verdict", B06, kind="received", data={"connection": 1, "frame": "[]"})
)


@refused_as("diverged-cut-short")
def evidence_that_stops_in_a_case(forger: Forger) -> Made:
    place = forger.place("received", B06)
    return forger.run(lambda lines: lines[:place] + lines[place + 4 :])


refused_as("check", name="a check with another value")(
    rewrite("check", B06, actual="'much better'")
)
refused_as("verdict", name="another verdict than the case has")(
    rewrite("verdict", B06, verdict="fail")
)


@refused_as("not-passed")
def a_fail_rewritten_to_pass(forger: Forger) -> Made:
    wrong = {B06: [forger.lab.says("DataTransfer", {"vendorId": "other"})]}
    return forger.played(plays=wrong, verdicts={B06: "pass"})


@refused_as("upkeep")
def a_restore_that_failed(forger: Forger) -> Made:
    return forger.played(restores=("reached", "busy"))


@refused_as("nothing")
def no_case_at_all(forger: Forger) -> Made:
    return forger.played(order=lambda _order: [])


refused_as("case-seed", name="a case of another seed")(rewrite("case", B06, seed=8))
refused_as("case-facts", name="a case that begins without the facts")(
    rewrite("case", B06, facts=None)
)
refused_as("facts-missing", name="a case with facts that are not recorded")(
    rewrite("case", B06, facts="0" * 64)
)
refused_as("case-connection", name="a case that begins without its connection")(
    rewrite("case", B06, connection=None)
)
refused_as("case-line", name="a case line without a state")(rewrite("case", B06, state=None))


@refused_as("case-state")
def a_case_of_another_run(forger: Forger) -> Made:
    place = forger.place("case", B06)
    state = {**forger.lines[place]["data"]["state"], "password": {"name": "p9", "text": None}}
    return forger.line(place, state=state)


@refused_as("case-label")
def a_line_that_names_another_case(forger: Forger) -> Made:
    place = forger.place("received", B06)

    def change(lines: Lines) -> Lines:
        lines[place]["case"] = "TC_C_06_CS"
        return lines

    return forger.run(change)


@refused_as("case-unknown")
def a_case_under_another_name(forger: Forger) -> Made:
    def change(lines: Lines) -> Lines:
        return [{**ln, "case": "TC_B_99_CS"} if ln["case"] == B06 else ln for ln in lines]

    return forger.run(change)


@refused_as("outside-case")
def lines_between_the_cases(forger: Forger) -> Made:
    return forger.run(lambda lines: [lines[0], lines[3], *lines[1:]])


@refused_as("run-twice")
def two_runs_in_one(forger: Forger) -> Made:
    return forger.run(lambda lines: [lines[0], *lines])


@refused_as("facts-early")
def facts_before_the_intake(forger: Forger) -> Made:
    return forger.run(lambda lines: [lines[0], lines[7], *lines[1:7], *lines[8:]])


@refused_as("facts-differ")
def facts_that_intake_did_not_find(forger: Forger) -> Made:
    value = {**forger.lines[7]["data"]["value"], "serial_number": "SN7"}
    return forger.line(7, value=value)


@refused_as("unjudgeable")
def a_format_of_the_future(forger: Forger) -> Made:
    return forger.line(0, format=2)


@refused_as("not-eligible")
def firmware_that_the_settings_do_not_install(forger: Forger) -> Made:
    settings = forger.lab.product.settings
    firmware = settings.firmware.model_copy(update={"version": "3.3.0"})
    other = settings.model_copy(update={"firmware": firmware})
    return forger.played(forger.lab.product_with(None, other))


# --- 10: the firmware ---


@refused_as("firmware-served")
def the_hash_of_another_image(forger: Forger) -> Made:
    subject = [{"name": "nl-wall-3.2.1.bin", "digest": {"sha256": "0" * 64}}]
    return forger.lab.altered(forger.bundle, statement={"subject": subject})


@refused_as("firmware-pics")
def an_image_that_the_pics_does_not_claim(forger: Forger) -> Made:
    pics = forger.lab.product.pics
    product = pics.product.model_copy(update={"firmware_image_sha256": "2" * 64})
    claimed = pics.model_copy(update={"product": product})
    return forger.played(forger.lab.product_with(type(pics).from_json(claimed.to_json())))


@refused_as("image")
def an_image_under_another_name(forger: Forger) -> Made:
    subject = json.loads(forger.members["declaration.json"])["subject"]
    subject[0]["name"] = "nl-wall-4.0.0.bin"
    return forger.lab.altered(forger.bundle, statement={"subject": subject})


@refused_as("given-firmware")
def another_image_than_the_laboratory_holds(forger: Forger) -> Made:
    image = forger.lab.directory / "held.bin"
    image.write_bytes(b"another image")
    return forger.bundle, {"firmware": image}


@refused_as("given-pics")
def another_pics_than_the_laboratory_holds(forger: Forger) -> Made:
    return forger.bundle, {"pics": ROOT / "pics" / "dc-fast-charger.toml"}
