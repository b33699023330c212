"""What a case left behind, folded from evidence lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vdoc.automation.actions import ParkingBay, PlugIn, PlugOut
from vdoc.evidence import Kind, Line
from vdoc.rejudge.leftovers import Leftovers


def line(kind: Kind, data: dict[str, Any]) -> Line:
    return Line(0, 0, 0, "TC_X_01_CS", "-", kind, data)


def sent(action: str, payload: dict[str, Any]) -> Line:
    return line(
        Kind.SENT,
        {"connection": 1, "frame": json.dumps([2, "i", action, payload]).replace(" ", "")},
    )


def received(action: str, payload: Any) -> Line:
    text = json.dumps([2, "i", action, payload]).replace(" ", "")
    return line(Kind.RECEIVED, {"connection": 1, "frame": text})


def event(kind: str, transaction: str) -> Line:
    info = {"transactionId": transaction}
    return received("TransactionEvent", {"eventType": kind, "transactionInfo": info})


def test_an_open_transaction_is_left() -> None:
    left = Leftovers()
    left.feed(event("Started", "t1"))
    left.feed(event("Started", "t2"))
    left.feed(event("Ended", "t1"))
    assert left.extra()["transactions"] == ["t2"]


def test_a_set_variable_is_left_once() -> None:
    left = Leftovers()
    name = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
    for value in ("1", "2"):
        left.feed(sent("SetVariables", {"setVariableData": [{**name, "attributeValue": value}]}))
    assert left.extra()["changed"] == [name]


def test_the_password_is_not_set_back() -> None:
    left = Leftovers()
    name = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    left.feed(sent("SetVariables", {"setVariableData": [{**name, "attributeValue": "x"}]}))
    assert left.extra()["changed"] == []


def test_plugs_and_bays_are_undone_plug_first() -> None:
    left = Leftovers()
    for identity, action in (("a", ParkingBay(occupied=True, evse=1)), ("b", PlugIn(1, 1))):
        left.feed(line(Kind.ACTION, {"id": identity, "action": action.as_json(), "limit_s": 1}))
        left.feed(line(Kind.ACTION_DONE, {"id": identity, "outcome": {"status": "done"}}))
    undo = [action["operation"] for action in left.extra()["undo"]]
    assert undo == ["plugout", "parking_out"]


def test_an_action_without_an_end_may_have_happened() -> None:
    left = Leftovers()
    left.feed(line(Kind.ACTION, {"id": "a", "action": PlugIn(1, 1).as_json(), "limit_s": 1}))
    assert [a["operation"] for a in left.extra()["undo"]] == ["plugout"]


def test_what_was_undone_is_not_undone_again() -> None:
    left = Leftovers()
    for identity, action in (("a", PlugIn(1, 1)), ("b", PlugOut(1, 1))):
        left.feed(line(Kind.ACTION, {"id": identity, "action": action.as_json(), "limit_s": 1}))
        left.feed(line(Kind.ACTION_DONE, {"id": identity, "outcome": {"status": "done"}}))
    assert left.extra()["undo"] == []


def test_nonsense_from_the_station_is_no_leftover() -> None:
    left = Leftovers()
    left.feed(line(Kind.RECEIVED, {"connection": 1, "frame": '[2,"i"'}))
    left.feed(received("TransactionEvent", []))
    left.feed(received("TransactionEvent", {"transactionInfo": "x"}))
    extra = left.extra()
    assert extra["sent"] == ["TransactionEvent"]
    assert (extra["transactions"], extra["changed"], extra["undo"]) == ([], [], [])


def test_a_reset_that_was_accepted_leaves_a_reboot_until_the_boot() -> None:
    left = Leftovers()
    left.feed(sent("Reset", {"type": "Immediate"}))
    left.feed(line(Kind.RECEIVED, {"connection": 1, "frame": '[3,"i",{"status":"Accepted"}]'}))
    assert left.extra()["rebooting"]
    left.feed(received("BootNotification", {"reason": "RemoteReset"}))
    assert not left.extra()["rebooting"]


def test_cleared_begins_anew() -> None:
    left = Leftovers()
    left.feed(event("Started", "t1"))
    left.cleared()
    assert left.extra()["transactions"] == []


def status(state: str) -> Line:
    told = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": state}
    return received("StatusNotification", {**told, "evseId": 1, "connectorId": 2})


def test_a_connector_that_was_not_told_to_be_available_is_left() -> None:
    left = Leftovers()
    left.feed(status("Occupied"))
    assert left.extra()["arrears"]["told"] == [[1, 2, "Occupied"]]


def test_the_transactions_before_are_known_to_the_next_case_only() -> None:
    left = Leftovers()
    left.feed(event("Started", "t1"))
    left.feed(event("Ended", "t1"))
    pasts = [left.past]
    for _ in range(2):
        left.cleared()
        pasts.append(left.past)
    assert pasts == [(), ("t1",), ()]


@pytest.mark.parametrize("payload", [{"eventData": ["x"]}, {"eventData": 1}, [], None])
def test_reports_against_the_schema_leave_nothing(payload: Any) -> None:
    left = Leftovers()
    left.feed(received("NotifyEvent", payload))
    assert left.extra()["arrears"]["told"] == []


def test_what_was_journalled_and_put_first_is_left() -> None:
    left = Leftovers()
    left.feed(line(Kind.ASK, {"id": "a", "what": "journal", "arguments": {"slot": 2}}))
    name = {"component": {"name": "OCPPCommCtrlr"}}
    data = {**name, "variable": {"name": "NetworkConfigurationPriority"}, "attributeValue": "2,1"}
    left.feed(sent("SetVariables", {"setVariableData": [data]}))
    extra = left.extra()
    assert (extra["journal"], extra["priority"], extra["changed"]) == ([{"slot": 2}], True, [])


def test_a_root_that_was_installed_is_left_by_its_name() -> None:
    left = Leftovers()
    asked = {"root": "root2", "form": "self-signed"}
    left.feed(line(Kind.ASK, {"id": "a", "what": "root_certificate", "arguments": asked}))
    made = {"pem": "PEM", "hash_data": {"serialNumber": "1"}}
    left.feed(line(Kind.MADE, {"id": "a", "what": "root_certificate", "value": made}))
    for pem in ("PEM", "another"):
        payload = {"certificateType": "CSMSRootCertificate", "certificate": pem}
        left.feed(sent("InstallCertificate", payload))
    (root,) = left.extra()["roots"]
    assert (root["kind"], root["root"]) == ("CSMSRootCertificate", "root2")
    assert root["hash_data"] == {"serialNumber": "1"}


def test_white_space_in_a_frame_changes_nothing() -> None:
    left = Leftovers()
    reset = '[2,"r","Reset",{"type":"Immediate"}]'
    left.feed(line(Kind.SENT, {"connection": 1, "frame": reset}))
    started = '{"eventType": "Started", "transactionInfo": {"transactionId": "t1"}}'
    for frame in (f' [ 2, "e", "TransactionEvent", {started}]', '[3, "r", {"status": "Accepted"}]'):
        left.feed(line(Kind.RECEIVED, {"connection": 1, "frame": frame}))
    assert (left.extra()["transactions"], left.extra()["rebooting"]) == (["t1"], True)
