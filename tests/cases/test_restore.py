"""Restore to basic state, against stations that tell late, in small parts, or more than before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.charging import Charger
from tests.cases.playing import VARIABLES, Payload, Played, facts, pics, settings
from vdoc.bench import CaseStart, DutState, Password
from vdoc.bench.context import RunContext
from vdoc.bench.start import Facts, OpenConnection, VariableFact
from vdoc.cases.restore import restore
from vdoc.evidence import Kind, Line

OCCUPIED = {"arrears": {"told": [[1, 1, "Occupied"]], "restarted": False, "started": False}}
RESTARTED = {"arrears": {"told": [], "restarted": True, "started": False}}
STARTUP = {"type": "StartupOfTheDevice", "timestamp": "2027-01-15T08:00:00Z"}


class Idle(Charger):
    """A station that is idle; `opening` is what it has still to say."""

    def __init__(self, opening: Callable[[Idle], None] = lambda _: None) -> None:
        super().__init__(dict(VARIABLES))
        self.opening = opening
        self.asked: list[int] = []
        self.ongoing: set[str] = set()
        self.answers |= {
            "GetTransactionStatus": self._status,
            "GetVariables": self._available,
        }

    def _available(self, payload: Payload) -> Payload:
        if not self.asked:
            self.opening(self)
        data = payload["getVariableData"]
        self.asked.append(len(data))
        told = {"attributeStatus": "Accepted", "attributeValue": "Available"}
        return {"getVariableResult": [{**each, **told} for each in data]}

    def _status(self, payload: Payload) -> Payload:
        identity = payload.get("transactionId")
        told = {} if identity is None else {"ongoingIndicator": identity in self.ongoing}
        return {"messagesInQueue": False, **told}

    def begins(self, identity: str) -> None:
        """Tell of a transaction that nobody knew of."""
        self.ongoing.add(identity)
        info = {"transactionId": identity, "chargingState": "EVConnected"}
        event = {"eventType": "Started", "triggerReason": "CablePluggedIn", "seqNo": 0}
        self.says("TransactionEvent", {**event, "timestamp": self.now(), "transactionInfo": info})

    def _remote_stop(self, payload: Payload) -> Payload:
        self.ongoing.discard(payload["transactionId"])
        return {"status": "Accepted"}


def play(extra: Mapping[str, Any], station: Idle, seen: Facts | None = None) -> Played:
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    connection = OpenConnection(1, {"connection": 1})
    start = CaseStart("restore", {}, 1, 7, state, connection=connection, extra=extra)
    context = RunContext(pics(), settings(), seen or facts({}, (), 1))
    return Played(restore, context, start, station)


def later(seconds: float, *told: Callable[[Idle], object]) -> Callable[[Idle], None]:
    def opening(station: Idle) -> None:
        for each in told:
            station.run.later(seconds, lambda each=each: each(station))  # type: ignore[misc]

    return opening


def test_a_report_that_is_on_its_way_is_waited_for() -> None:
    run = play(OCCUPIED, Idle(later(5, lambda s: s.status(1, "Available"))))
    assert run.verdict == "pass"
    assert 5 < run.now_s < 6


def test_a_restart_is_over_when_it_is_told() -> None:
    told = (
        lambda s: s.status(1, "Available"),
        lambda s: s.says("SecurityEventNotification", STARTUP),
    )
    run = play(RESTARTED, Idle(later(5, *told)))
    assert run.verdict == "pass"
    assert 5 < run.now_s < 6


@pytest.mark.parametrize("extra", [OCCUPIED, RESTARTED])
def test_a_report_that_never_comes_holds_up_a_run_once(extra: Mapping[str, Any]) -> None:
    run = play(extra, Idle())
    assert run.verdict == "pass"
    assert 30 <= run.now_s < 31
    assert any("not told in time" in str(line.data) for line in run.lines)


def test_nothing_is_waited_for_when_all_is_told() -> None:
    assert play({}, Idle()).now_s < 1


def test_a_transaction_that_begins_meanwhile_is_stopped() -> None:
    run = play({}, Idle(lambda station: station.begins("tx-new")))
    assert run.verdict == "pass", run.because
    assert run.calls("RequestStopTransaction") == [{"transactionId": "tx-new"}]


def test_no_request_holds_more_than_the_station_takes() -> None:
    limit = VariableFact(
        component="DeviceDataCtrlr", variable="ItemsPerMessage", instance="GetVariables", value="2"
    )
    seen = facts({}, (), 5)
    station = Idle()
    run = play({}, station, seen.model_copy(update={"variables": (*seen.variables, limit)}))
    assert run.verdict == "pass"
    assert station.asked == [2, 2, 1]


@pytest.mark.parametrize("lists", [True, False])
def test_a_root_is_deleted_by_the_name_that_the_station_gave_it(lists: bool) -> None:
    serial = {"serialNumber": "1F"}
    made = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", **serial}
    told = {"hashAlgorithm": "SHA512", "issuerNameHash": "c", "issuerKeyHash": "d"}
    told["serialNumber"] = "1f"
    entry = {"certificateType": "CSMSRootCertificate", "certificateHashData": told}
    found = {"status": "Accepted", "certificateHashDataChain": [entry]}
    station = Idle()
    station.answers["GetInstalledCertificateIds"] = lambda _: (
        found if lists else {"status": "NotFound"}
    )
    station.answers["DeleteCertificate"] = lambda _: {"status": "Accepted"}
    root = {"kind": "CSMSRootCertificate", "root": "root2", "hash_data": made}
    run = play({"roots": [root]}, station)
    assert run.verdict == "pass"
    (deletion,) = run.calls("DeleteCertificate")
    assert deletion["certificateHashData"] == (told if lists else made)


class Uploading(Idle):
    """A station that uploads a log for so long; None: for ever."""

    def __init__(self, until_s: float | None) -> None:
        super().__init__()
        self.until_s = until_s
        self.answers["TriggerMessage"] = self._triggered

    @property
    def _uploads(self) -> bool:
        return self.until_s is None or self.run.now_s < self.until_s

    def _triggered(self, _payload: Payload) -> Payload:
        status = "Uploading" if self._uploads else "Idle"
        self.run.later(0.1, lambda: self._tell({"status": status}))
        if status == "Uploading" and self.until_s is not None:
            told = {"status": "Uploaded", "requestId": 1}
            self.run.later(self.until_s, lambda: self._tell(told))
        return {"status": "Accepted"}

    def _tell(self, told: Payload) -> None:
        self.says("LogStatusNotification", told)

    def asked_for(self, data: Payload) -> None:
        made = {"id": data["id"], "what": data["what"], "value": True}
        self.run.later(0.01, lambda: self.run.observe(Kind.MADE, made))


class Asking(Played):
    """Has the station answer what the bench asks for."""

    _station: Uploading

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        line = super().deed(kind, data)
        if kind is Kind.ASK:
            self._station.asked_for(line.data)
        return line


@pytest.mark.parametrize(("until_s", "triggers"), [(0.0, 1), (7.0, 2), (None, 1)])
def test_an_upload_is_let_end(until_s: float | None, triggers: int) -> None:
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    connection = OpenConnection(1, {"connection": 1})
    extra = {"sent": ["GetLog"]}
    start = CaseStart("restore", {}, 1, 7, state, connection=connection, extra=extra)
    context = RunContext(pics(), settings(), facts({}, (), 1))
    run = Asking(restore, context, start, Uploading(until_s))
    assert run.verdict == "pass", run.because
    assert len(run.calls("TriggerMessage")) == triggers
