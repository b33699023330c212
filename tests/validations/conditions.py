"""The `only_if` phrases of the tables, read against PICS, settings, facts and record.

`or` binds closer than `and`. Phrases about what the record holds (an optional step, several parts)
are no conditions of their own: the entry applies when its alteration matches something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.validations.record import Record
from vdoc.bench import CaseStart, RunContext
from vdoc.bench.message import look_up

START_ORDER = (
    "ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed",
    "EnergyTransfer",
)  # fmt: skip
_FIRMWARE_REPORT = "FirmwareStatusNotificationRequest"
_STATUS_REPORTS = ("StatusNotificationRequest", "NotifyEventRequest")
_AT_STOP = {"Authorized", "PowerPathClosed", "EnergyTransfer"}


@dataclass(frozen=True)
class Situation:
    """What a phrase may look at."""

    record: Record
    context: RunContext
    start: CaseStart

    def points(self, variable: str) -> set[str]:
        """TxStartPoint or TxStopPoint: as last set in the case, else as the inventory has it."""
        for seen in reversed(self.record.seen):
            for item in look_up(seen.body, "setVariableData") or ():
                if item["variable"]["name"] == variable:
                    return _members(item["attributeValue"])
        fact = self.context.facts.find("TxCtrlr", variable)
        return _members("" if fact is None or fact.value is None else fact.value)

    @property
    def remote(self) -> bool:
        asked = ("RequestStartTransaction", "RequestStopTransaction")
        return any(self.record.last_request(action) is not None for action in asked)

    @property
    def token(self) -> str:
        return next((v for k, v in self.start.variant.items() if k in {"local", "remote"}), "")

    def profile(self, name: str) -> bool:
        return self.context.pics.claims(f"profile.{name}")

    def status_by_event(self) -> bool:
        names = ("NotifyEventRequest",)
        return any(
            any(
                look_up(event, "variable.name") == "AvailabilityState"
                and look_up(event, "component.name") == "Connector"
                for event in seen.body["eventData"]
            )
            for name in names
            for seen in self.record.of_station(name)
        )

    @property
    def reboot(self) -> str:
        """When a firmware update rebooted, by the order of its reports (TC_L_01)."""
        told = [s.body["status"] for s in self.record.of_station(_FIRMWARE_REPORT)]
        if "InstallRebooting" not in told:
            return "none"
        if "Installing" not in told:
            return "before installation"
        late = told.index("Installing") < told.index("InstallRebooting")
        return "before activation" if late else "before installation, told by the bootloader"

    @property
    def connectors_taken_out(self) -> bool:
        """A connector is told Unavailable while a firmware update goes on."""
        begun = self.record.last_request("UpdateFirmware") or 0
        told = [s.body for s in self.record.seen if s.index > begun and s.name in _STATUS_REPORTS]
        values = [body.get("connectorStatus") for body in told]
        values += [event["actualValue"] for body in told for event in body.get("eventData", ())]
        return "Unavailable" in values

    def started_before_the_step(self) -> bool:
        """A transaction begins with an earlier deed than the token or the remote start."""
        begins = [
            seen.index
            for seen in self.record.of_station("TransactionEventRequest")
            if seen.body["eventType"] == "Started"
        ]
        marks = [
            self.record.last_action("authorize"),
            self.record.last_request("RequestStartTransaction"),
        ]
        steps = [mark for mark in marks if mark is not None]
        return bool(begins) and (not steps or begins[0] < max(steps))


def _members(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def _start_point(situation: Situation, name: str) -> bool:
    return name in situation.points("TxStartPoint")


def _no_earlier(situation: Situation, name: str) -> bool:
    earlier = START_ORDER[: START_ORDER.index(name)]
    return not situation.points("TxStartPoint") & set(earlier)


def _ends_at_stop(situation: Situation) -> bool:
    return bool(situation.points("TxStopPoint") & _AT_STOP)


_FIXED: Mapping[str, Callable[[Situation], bool]] = {
    "style NotifyEvent": lambda s: s.status_by_event(),
    "has idToken": lambda s: s.token != "NoAuthorization",
    "NoAuthorization token": lambda s: s.token == "NoAuthorization",
    "local": lambda s: not s.remote,
    "remote": lambda s: s.remote,
    "transaction running": lambda s: s.started_before_the_step(),
    "transaction not running before": lambda s: not s.started_before_the_step(),
    "TxStopPoint ends at stop": _ends_at_stop,
    "TxStopPoint does not end at stop": lambda s: not _ends_at_stop(s),
    "TxStopPoint has ParkingBayOccupancy only": lambda s: (
        s.points("TxStopPoint") == {"ParkingBayOccupancy"}
    ),
    "parking bay used": lambda s: s.record.last_action("parking_in") is not None,
    "boot by Reset": lambda s: s.record.last_request("Reset") is not None,
    "reboot before installation": lambda s: s.reboot.startswith("before installation"),
    "no reboot before installation": lambda s: not s.reboot.startswith("before installation"),
    "reboot before activation": lambda s: s.reboot == "before activation",
    "bootloader speaks OCPP": lambda s: s.reboot.endswith("bootloader"),
    "connectors set Unavailable": lambda s: s.connectors_taken_out,
    "from profile 1": lambda s: s.start.state.profile == 1,
    "from profile 2": lambda s: s.start.state.profile == 2,
    "security profile 2": lambda s: s.start.state.profile == 2,
    "no cable lock": lambda s: not s.context.pics.claims("AQ-2"),
    "cable attached": lambda s: s.context.pics.claims("HFS-2"),
    "second EVSE": lambda s: len(s.context.pics.evses) > 1,
    "second connector on EVSE 1": lambda s: len(s.context.pics.evses[0].connectors) > 1,
}
_RECORDED = (
    r"at least \d+ (periodic )?events", r"several parts", r"optional step taken",
    r"one security event per certificate", r"(Option|Sequence|Member)List reported",
    r"AuthorizeRequest expected", r"AuthorizeRemoteStart", r"TriggerMessage Accepted",
    r"measurand .* configured", r"one event an interval",
    r"Started has meter values", r"MeterValues sent", r"reboot reported", r"Installing reported",
    r"bench records the uploaded file",
)  # fmt: skip


def holds(phrases: str, situation: Situation) -> bool | None:
    """Tell whether the phrases hold; None when only the record can tell.

    Raises:
        ValueError: a phrase is not known.
    """
    if not phrases:
        return True
    open_question = False
    for clause in phrases.split(" and "):
        answers = [_one(phrase, situation) for phrase in clause.split(" or ")]
        if True in answers:
            continue
        if None not in answers:
            return False
        open_question = True
    return None if open_question else True


def _one(phrase: str, situation: Situation) -> bool | None:
    fixed = _FIXED.get(phrase)
    if fixed is not None:
        return fixed(situation)
    if phrase.startswith("profile "):
        return situation.profile(phrase.removeprefix("profile "))
    if phrase.startswith("TxStartPoint has "):
        return _start_point(situation, phrase.removeprefix("TxStartPoint has "))
    if phrase.startswith("TxStopPoint has no "):
        return phrase.removeprefix("TxStopPoint has no ") not in situation.points("TxStopPoint")
    if phrase.startswith("TxStopPoint has "):
        return phrase.removeprefix("TxStopPoint has ") in situation.points("TxStopPoint")
    if any(re.fullmatch(pattern, phrase) for pattern in _RECORDED):
        return None
    raise ValueError(f"unknown phrase: {phrase}")


def earlier_start_point(phrases: str, situation: Situation) -> bool:
    """Tell whether `no earlier start point` is asked for and there is one."""
    named = re.search(r"TxStartPoint has (\w+) and no earlier start point", phrases)
    return named is not None and not _no_earlier(situation, named[1])
