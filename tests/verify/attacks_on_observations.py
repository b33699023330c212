"""Attacks on what the bench observed: what no bench could have recorded is refused.

The replay takes observations as they are. These contradict each other, what they were made of, or
the bench's own rules.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from tests.verify.attacks import Forger, Lines, Made, also_refused_as, refused_as
from tests.verify.attacks_on_evidence import B06, insert, remove, rewrite

L01 = "TC_L_01_CS"


def later(lines: Lines, place: int, seconds: float) -> Lines:
    """The same from a line on, by so many seconds later."""
    moved = []
    for n, line in enumerate(lines):
        if n >= place:
            at = datetime.fromisoformat(line["at"]) + timedelta(seconds=seconds)
            mono = line["mono"] + round(seconds * 1e9)
            line = {**line, "at": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", "mono": mono}  # noqa: PLW2901
        moved.append(line)
    return moved


# --- connections ---


def every_connection(lines: Lines, number: int) -> Lines:
    text = json.dumps(lines).replace('"connection": 1,', f'"connection": {number},')
    moved: Lines = json.loads(text.replace('"number": 1,', f'"number": {number},'))
    return moved


@refused_as("connection-number")
def the_connections_before_the_good_one_taken_out(forger: Forger) -> Made:
    return forger.run(lambda lines: every_connection(lines, 7))


@refused_as("connection-unknown")
def a_bad_frame_moved_to_a_connection_that_is_none(forger: Forger) -> Made:
    _, bad = forger.lab.says("DataTransfer", {"vendorId": 7}, "s2")
    return insert("received", B06, data={**bad, "connection": 9})(forger)


@also_refused_as("connection-unknown")
def the_end_of_a_connection_that_was_none(forger: Forger) -> Made:
    return insert("check", B06, kind="closed", data={"connection": 5})(forger)


def opened(forger: Forger, **data: Any) -> Made:
    """The connection with other facts, wherever it is told of."""

    def change(lines: Lines) -> Lines:
        for line in lines:
            if line["kind"] == "opened":
                line["data"] |= data
            elif line["kind"] == "case" and line["data"]["connection"]:
                line["data"]["connection"]["opened"] |= data
        return lines

    return forger.run(change)


@refused_as("connection-gate")
def a_device_that_no_gate_lets_in(forger: Forger) -> Made:
    authorization = {"scheme": "Basic", "user": "x", "password_name": "p9"}
    return opened(forger, authorization=authorization)


@also_refused_as("connection-gate")
def a_device_under_another_identity(forger: Forger) -> Made:
    return opened(forger, identity="ANOTHER-DEVICE")


@also_refused_as("connection-gate")
def a_security_profile_that_nobody_served(forger: Forger) -> Made:
    return opened(forger, profile=3, root="root1", tls={"handshake_done": True})


@refused_as("connection-tls")
def a_tls_that_nobody_shook_hands_for(forger: Forger) -> Made:
    return opened(forger, tls={"handshake_done": True, "version": "TLSv1.3"})


# --- outcomes, values, files ---


@refused_as("outcome-unasked")
def an_outcome_that_nobody_asked_for(forger: Forger) -> Made:
    done = {"id": "another", "outcome": {"status": "done"}}
    return insert("check", B06, kind="action_done", data=done)(forger)


@refused_as("made-value")
def facts_of_a_request_that_it_does_not_have(forger: Forger) -> Made:
    def change(lines: Lines) -> Lines:
        [line] = [
            ln for ln in lines if ln["data"].get("what") == "csr_facts" and "value" in ln["data"]
        ]
        line["data"]["value"]["key"]["size_bits"] = 4096
        return lines

    return forger.run(change)


@refused_as("served-unoffered")
def a_firmware_that_no_server_had(forger: Forger) -> Made:
    image = {**forger.lab.serves()[1], "location": "http://elsewhere/image.bin"}
    return insert("made", L01, data=image)(forger)


@also_refused_as("served-unoffered")
def another_image_than_was_offered(forger: Forger) -> Made:
    image = {**forger.lab.serves()[1], "sha256": "3" * 64}
    return insert("made", L01, data=image)(forger)


# --- time ---


@refused_as("deed-late")
def an_answer_moved_away_from_its_question(forger: Forger) -> Made:
    place = forger.place("sent", B06)
    return forger.run(lambda lines: later(lines, place, 6))


@refused_as("stall")
def the_line_taken_out_that_says_the_bench_was_blocked(forger: Forger) -> Made:
    place = forger.place("deadline", B06)
    return forger.run(lambda lines: later(lines, place, 30))


refused_as("deadline", name="a deadline made up before its time")(
    insert("check", B06, kind="deadline", data={})
)


@also_refused_as("diverged-sent-altered")
def the_whole_run_dated_a_day_later(forger: Forger) -> Made:
    return forger.run(lambda lines: later(lines, 0, 24 * 3600))


@also_refused_as("diverged-cut-short")
def a_silence_that_was_not_kept(forger: Forger) -> Made:
    return remove("deadline", B06)(forger)


@also_refused_as("diverged-cut-short")
def a_silence_made_shorter(forger: Forger) -> Made:
    place = forger.place("deadline", B06)
    return forger.run(lambda lines: later(lines, place, -2))


@also_refused_as("clock")
def clocks_that_creep_apart(forger: Forger) -> Made:
    return forger.played(before_each=lambda clocks, _case: clocks.go(10, wall_s=10.9))


@also_refused_as("crash")
def a_boot_written_in_numbers(forger: Forger) -> Made:
    kind, boot = forger.lab.boots(reason="Watchdog")
    hidden = {**boot, "frame": boot["frame"].replace("BootNotification", "BootNotificatio\\u006e")}
    return forger.played(plays={"TC_C_06_CS": [(kind, hidden), forger.lab.transfers]})


# --- what a case begins with, and says ---


refused_as("case-attempt", name="a case that was tried twice")(rewrite("case", B06, attempt=2))
refused_as("case-told", name="a restore that was told to undo nothing")(
    rewrite("case", "restore", extra={})
)
also_refused_as("case-told", name="a case that was told of transactions that were none")(
    rewrite("case", B06, extra={"past": ["t1"]})
)
refused_as("words", name="words that no case says")(rewrite("verdict", B06, because="approved"))
also_refused_as("words", name="a note that no case makes")(
    insert("check", B06, kind="note", data={"text": "seen by a laboratory"})
)


@refused_as("start-state")
def a_run_that_begins_in_another_state(forger: Forger) -> Made:
    place = forger.place("case", "intake")
    return forger.line(place, state={**forger.lines[place]["data"]["state"], "slot": 5})


@refused_as("restore-again")
def a_restore_tried_until_it_holds(forger: Forger) -> Made:
    return forger.played(restores=("reached", "reached"))


@also_refused_as("facts-missing")
def facts_withheld_so_that_nothing_applies(forger: Forger) -> Made:
    def change(lines: Lines) -> Lines:
        for line in lines:
            if line["kind"] == "case":
                line["data"]["facts"] = None
        return [line for line in lines if line["data"].get("what") != "facts"]

    return forger.run(change)


@also_refused_as("run-line")
def facts_told_twice(forger: Forger) -> Made:
    return forger.run(lambda lines: [*lines[:8], lines[7], *lines[8:]])


@refused_as("judgement-order")
def a_check_moved_behind_what_came_later(forger: Forger) -> Made:
    place = forger.place("check", B06)

    def change(lines: Lines) -> Lines:
        check, after = lines[place], lines[place + 1]
        return [*lines[:place], after, {**check, "mono": after["mono"]}, *lines[place + 2 :]]

    return forger.run(change)


also_refused_as("case-line", name="a case line that says more")(rewrite("case", B06, approved=True))
also_refused_as("run-line", name="a first line that says more")(
    lambda forger: forger.line(0, certified_by="somebody")
)
also_refused_as("run-line", name="a seal that says more")(
    lambda forger: forger.line(len(forger.lines) - 1, seen_by="a laboratory")
)
also_refused_as("facts-differ", name="facts under another digest")(
    lambda forger: forger.line(7, digest="0" * 64)
)
