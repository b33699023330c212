"""A station that charges: a small model of its own, not the one that the cases ask.

The facts of Part 2 §2.6.6 come true and cease; which of them start and end a transaction its
variables say. `Style` has what conforming stations do differently, and two things none may do.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cases.playing import VARIABLES, Payload, Played, Scripted, Spoil, facts, play_against


@dataclass
class Style:
    """Ways in which conforming stations differ."""

    notify_event: bool = False
    status_last: bool = False
    separate_stop: bool = False
    suspended_first: bool = False
    names_reason: bool = True
    names_context: bool = True
    splits: bool = False  # one sample a message
    plug_and_go: bool = False  # AuthCtrlr.Enabled fixed false and no start button
    decides: bool = True  # False: accepts a token that the CSMS refuses, which no station may


@dataclass
class Transaction:
    id: str
    seq_no: int = 0
    remote_start_id: int | None = None
    told: set[str] = field(default_factory=set)


class Charger(Scripted):
    """One EVSE that charges: the facts of Part 2 §2.6.6 come true and cease."""

    def __init__(
        self,
        variables: dict[str, str],
        *,
        style: Style | None = None,
        connectors: int = 1,
        read_only: tuple[str, ...] = (),
        spoil: Spoil | None = None,
        lag_s: float = 0.1,
    ) -> None:
        super().__init__(spoil, lag_s)
        self.variables = variables
        self.style = style or Style()
        self.read_only = read_only
        self.connectors = connectors
        self.bay = self.plugged = self.charging = self.accepted = False
        self.told: Mapping[str, str] = {}  # what it says of variables, when not the truth
        self.token: Payload | None = None
        self.transaction: Transaction | None = None
        self._pending_remote: int | None = None
        self._numbers = itertools.count(1)
        self._facts: frozenset[str] = frozenset()
        self.answers = {
            "GetVariables": self._get_variables,
            "SetVariables": self._set_variables,
            "RequestStartTransaction": self._remote_start,
            "RequestStopTransaction": self._remote_stop,
            "ChangeAvailability": self._change_availability,
            "SendLocalList": lambda _payload: {"status": "Accepted"},
            "ClearCache": lambda _payload: {"status": "Accepted"},
        }

    # --- configuration ---

    def _get_variables(self, payload: Payload) -> Payload:
        return {"getVariableResult": [self._get(d) for d in payload["getVariableData"]]}

    def _get(self, data: Payload) -> Payload:
        name = f"{data['component']['name']}.{data['variable']['name']}"
        if name not in self.variables:
            return {**data, "attributeStatus": "UnknownVariable"}
        return {
            **data,
            "attributeStatus": "Accepted",
            "attributeValue": self.told.get(name, self.variables[name]),
        }

    def _set_variables(self, payload: Payload) -> Payload:
        results = []
        for data in payload["setVariableData"]:
            name = f"{data['component']['name']}.{data['variable']['name']}"
            status = "Rejected" if name in self.read_only else "Accepted"
            if status == "Accepted":
                self.variables[name] = data["attributeValue"]
            named = {key: data[key] for key in ("component", "variable")}
            results.append({**named, "attributeStatus": status})
        return {"setVariableResult": results}

    def _points(self, name: str) -> frozenset[str]:
        return frozenset(self.variables[f"TxCtrlr.{name}"].split(","))

    # --- deeds ---

    def acted(self, action: Payload) -> None:
        match action["operation"]:
            case "plugin" | "plugout":
                self.plugged = action["operation"] == "plugin"
                self._cable()
            case "authorize":
                self._presented({"idToken": action["id_token"], "type": action["type"]})
            case "parking_in" | "parking_out":
                self.bay = action["operation"] == "parking_in"
                self._changed("EVDetected" if self.bay else "EVDeparted", reason="Local")

    def _cable(self) -> None:
        steps: list[Callable[[], None]] = [self._tell_status, self._tell_cable]
        for step in reversed(steps) if self.style.status_last else steps:
            step()
        self._offer()

    def _tell_status(self) -> None:
        self.status(1, "Occupied" if self.plugged else "Available")

    def _tell_cable(self) -> None:
        if self.plugged and self.style.plug_and_go:
            self.token = {"idToken": "", "type": "NoAuthorization"}
            self.accepted = True
        if self.plugged:
            self._changed("CablePluggedIn")
        else:
            self.charging, self.accepted = False, False
            self._changed("EVCommunicationLost", reason="EVDisconnected")

    def status(self, connector: int, state: str) -> None:
        """Tell the state of a connector, in this station's style."""
        if not self.style.notify_event:
            self.says(
                "StatusNotification",
                {"timestamp": self.now(), "connectorStatus": state, "evseId": 1,
                 "connectorId": connector},
            )  # fmt: skip
            return
        data = {
            "eventId": 1,
            "timestamp": self.now(),
            "trigger": "Delta",
            "actualValue": state,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": {"id": 1, "connectorId": connector}},
            "variable": {"name": "AvailabilityState"},
        }
        payload = {"generatedAt": self.now(), "seqNo": 0, "eventData": [data]}
        self.says("NotifyEvent", payload)

    def _presented(self, token: Payload) -> None:
        if self.accepted and token == self.token:
            self._stop("StopAuthorized", "Local")
        elif token["type"] == "NoAuthorization" or self.connection is None or self._open():
            self._accept(token, "Authorized")
        else:
            self.says("Authorize", {"idToken": token}, lambda a: self._decided(token, a))

    def _open(self) -> bool:
        return self.variables["AuthCtrlr.Enabled"] == "false"

    def _decided(self, token: Payload, answer: Payload, trigger: str = "Authorized") -> None:
        if answer["idTokenInfo"]["status"] == "Accepted" or not self.style.decides:
            self._accept(token, trigger)

    def _accept(self, token: Payload, trigger: str, remote_start_id: int | None = None) -> None:
        self.token, self.accepted = token, True
        self._changed(trigger, starts=True, remote_start_id=remote_start_id)
        self._offer()

    def _remote_start(self, payload: Payload) -> Payload:
        token, number = payload["idToken"], payload["remoteStartId"]

        def start(_answer: Payload) -> None:
            self._accept(token, "RemoteStart", number)

        asks = self.variables["AuthCtrlr.AuthorizeRemoteStart"] == "true"
        if asks and token["type"] not in {"Central", "NoAuthorization"}:
            self.run.later(0.1, lambda: self._ask(token, start))
        else:
            self.run.later(0.1, lambda: start({}))
        running = self.transaction
        return {"status": "Accepted"} | ({"transactionId": running.id} if running else {})

    def _ask(self, token: Payload, then: Callable[[Payload], None]) -> None:
        self.says("Authorize", {"idToken": token}, then)

    def _remote_stop(self, _payload: Payload) -> Payload:
        self.run.later(0.1, lambda: self._stop("RemoteStop", "Remote"))
        return {"status": "Accepted"}

    def _stop(self, trigger: str, reason: str) -> None:
        self.accepted = False
        ends = self._points("TxStopPoint") & {"Authorized", "PowerPathClosed"}
        if self.style.separate_stop or not ends:
            self._event("Updated", trigger, "Charging")
            self.run.later(0.2, lambda: self._halt(reason))
        else:
            self.charging = False
            self._changed(trigger, reason=reason)

    def _halt(self, reason: str) -> None:
        self.charging = False
        self._changed("ChargingStateChanged", reason=reason)

    def _change_availability(self, _payload: Payload) -> Payload:
        for connector in range(1, self.connectors + 1):
            self.run.later(0.1, lambda c=connector: self.status(c, "Unavailable"))  # type: ignore[misc]
        return {"status": "Accepted"}

    # --- energy ---

    def _offer(self) -> None:
        if self.plugged and self.accepted and not self.charging:
            if self.style.suspended_first:
                self._changed("ChargingStateChanged", state="SuspendedEVSE")
            self.run.later(1.0, self._charge)

    def _charge(self) -> None:
        if self.plugged and self.accepted and not self.charging:
            self.charging = True
            self._changed("ChargingStateChanged")

    # --- transactions ---

    def _holding(self) -> frozenset[str]:
        facts = {
            "ParkingBayOccupancy": self.bay,
            "EVConnected": self.plugged,
            "Authorized": self.accepted,
            "PowerPathClosed": self.plugged and self.accepted,
            "EnergyTransfer": self.charging,
        }
        return frozenset(name for name, holds in facts.items() if holds)

    def _changed(
        self,
        trigger: str,
        *,
        reason: str = "Local",
        state: str | None = None,
        starts: bool = False,
        remote_start_id: int | None = None,
    ) -> None:
        before, self._facts = self._facts, self._holding()
        transaction = self.transaction
        if transaction is None:
            new = self._facts if starts else self._facts - before
            if not new & self._points("TxStartPoint"):
                if remote_start_id is not None:
                    self._pending_remote = remote_start_id
                return
            self.transaction = Transaction(f"tx-{next(self._numbers)}")
            self.transaction.remote_start_id = self._pending_remote
            if remote_start_id is not None:
                self.transaction.remote_start_id = remote_start_id
            self._event("Started", trigger, state)
            self._sample(self.transaction, 1)
        elif (before - self._facts) & self._points("TxStopPoint"):
            self._event("Ended", trigger, state, reason)
            self.transaction = None
        else:
            if remote_start_id is not None:
                transaction.remote_start_id = remote_start_id
            self._event("Updated", trigger, state)

    def _state(self) -> str:
        if self.charging:
            return "Charging"
        return "EVConnected" if self.plugged else "Idle"

    def _event(
        self, kind: str, trigger: str, state: str | None = None, reason: str | None = None
    ) -> None:
        transaction = self.transaction
        if transaction is None:
            return
        info: Payload = {
            "transactionId": transaction.id,
            "chargingState": state or self._state(),
        }
        payload: Payload = {"eventType": kind, "triggerReason": trigger, "transactionInfo": info}
        if transaction.remote_start_id is not None and "remote" not in transaction.told:
            payload["triggerReason"] = "RemoteStart"
            info["remoteStartId"] = transaction.remote_start_id
            transaction.told.add("remote")
        if self.plugged and "evse" not in transaction.told:
            payload["evse"] = {"id": 1, "connectorId": 1}
            transaction.told.add("evse")
        if self.accepted and self.token is not None and "token" not in transaction.told:
            payload["idToken"] = self.token
            transaction.told.add("token")
        if kind == "Ended" and (reason != "Local" or self.style.names_reason):
            info["stoppedReason"] = reason
        self._send(transaction, payload)

    def _send(self, transaction: Transaction, payload: Payload) -> None:
        payload |= {"timestamp": self.now(), "seqNo": transaction.seq_no}
        if self.connection is None:
            payload["offline"] = True
        if self.says("TransactionEvent", payload):
            transaction.seq_no += 1

    def _sample(self, transaction: Transaction, number: int) -> None:
        interval_s = int(self.variables["SampledDataCtrlr.TxUpdatedInterval"])
        if not interval_s:
            return

        def sample() -> None:
            if self.transaction is transaction:
                for payload in self._sampled(transaction):
                    self._send(transaction, payload)
                self._sample(transaction, number + 1)

        self.run.later(float(interval_s), sample)

    def _sampled(self, transaction: Transaction) -> list[Payload]:
        measurands = self.variables["SampledDataCtrlr.TxUpdatedMeasurands"].split(",")
        context = {"context": "Sample.Periodic"} if self.style.names_context else {}
        values = [{"value": 1.0, "measurand": name, **context} for name in measurands]
        info = {"transactionId": transaction.id, "chargingState": self._state()}
        return [
            {
                "eventType": "Updated",
                "triggerReason": "MeterValuePeriodic",
                "transactionInfo": info,
                "meterValue": [{"timestamp": self.now(), "sampledValue": part}],
            }
            for part in ([[v] for v in values] if self.style.splits else [values])
        ]


def play_charging(
    case_id: str,
    *,
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    variables: Mapping[str, str] | None = None,
    **station: Any,
) -> Played:
    """Run a case against a `Charger`; what `play_against` does not know is the station's."""
    values = {**VARIABLES, "TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    values |= variables or {}
    bench = {key: station.pop(key) for key in ("variant", "claims", "tree") if key in station}
    seen = facts(values, station.get("read_only", ()), station.get("connectors", 1))
    return play_against(case_id, lambda: _charger(dict(values), **station), seen=seen, **bench)


def _charger(values: dict[str, str], **station: Any) -> Charger:
    style = {key: station.pop(key) for key in list(station) if key in Style.__annotations__}
    later = {key: station.pop(key) for key in ("delays", "retry_s", "told") if key in station}
    charger = Charger(values, style=Style(**style), **station)
    for name, value in later.items():
        setattr(charger, name, value)
    return charger
