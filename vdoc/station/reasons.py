"""triggerReason and stoppedReason as an EVSE tells them, and the ways to tell them wrongly.

Owns what becomes of a reason on its way into a TransactionEvent. Which one applies is `evse`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vdoc.station.defects import declare

if TYPE_CHECKING:
    from vdoc.station.station import Station

DETECTED_TRIGGER = declare(
    "ev-detected-wrong-trigger",
    "an EV in the bay is reported with triggerReason CablePluggedIn",
    "E01.FR.15",
    "TC_E_12_CS",
)
CABLE_TRIGGER = declare(
    "cable-plugged-in-wrong-trigger",
    "plugging in is reported with triggerReason EVDetected",
    "E01.FR.15",
    "TC_E_04_CS",
    "TC_E_09_CS",
    "TC_E_10_CS",
    "TC_E_39_CS",
)
AUTHORIZED_TRIGGER = declare(
    "authorized-wrong-trigger",
    "a local authorization is reported with triggerReason ChargingStateChanged",
    "E02.FR.01",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_10_CS",
)
SIGNED_TRIGGER = declare(
    "signed-data-wrong-trigger",
    "signed data is reported with triggerReason MeterValuePeriodic",
    "E01.FR.15",
    "TC_E_11_CS",
)
STOP_TRIGGER = declare(
    "stop-wrong-trigger",
    "a local stop is reported with triggerReason Authorized",
    "E07.FR.02",
    "TC_E_06_CS",
    "TC_E_07_CS",
    "TC_E_08_CS",
    "TC_E_15_CS",
)
REMOTE_STOP_TRIGGER = declare(
    "remote-stop-wrong-trigger",
    "a remote stop is reported with triggerReason StopAuthorized",
    "F03.FR.09",
    "TC_E_21_CS",
    "TC_E_35_CS",
    "TC_F_08_CS",
)
TIMEOUT_TRIGGER = declare(
    "ev-connect-timeout-wrong-trigger",
    "EVConnectionTimeOut is reported with triggerReason TimeLimitReached",
    "F02.FR.07",
    "TC_E_05_CS",
    "TC_E_27_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)
REFUSED_TRIGGER = declare(
    "deauthorized-wrong-trigger",
    "a token that the CSMS refuses is reported with triggerReason AbnormalCondition",
    "C15.FR.04",
    "TC_C_16_CS",
    "TC_C_18_CS",
    "TC_C_34_CS",
    "TC_E_16_CS",
)
EV_LOST_TRIGGER = declare(
    "ev-lost-wrong-trigger",
    "an EV that is disconnected is reported with triggerReason ChargingStateChanged",
    "E06.FR.15",
    "TC_E_14_CS",
    "TC_E_17_CS",
    "TC_E_20_CS",
    "TC_E_24_CS",
    "TC_E_25_CS",
    "TC_E_26_CS",
    "TC_E_27_CS",
    "TC_E_37_CS",
    "TC_E_54_CS",
)
DEPARTED_TRIGGER = declare(
    "ev-departed-wrong-trigger",
    "an EV that leaves its bay is reported with triggerReason EVCommunicationLost",
    "E06.FR.15",
    "TC_E_19_CS",
)
STOP_REASON = declare(
    "stop-wrong-reason",
    "a local stop ends with stoppedReason Other",
    "E07.FR.05",
    "TC_E_07_CS",
    "TC_E_15_CS",
    "TC_E_31_CS",
)
REMOTE_STOP_REASON = declare(
    "remote-stop-wrong-reason",
    "a remote stop ends with stoppedReason Local",
    "F03.FR.03",
    "TC_E_21_CS",
    "TC_E_35_CS",
    "TC_F_08_CS",
)
REFUSED_REASON = declare(
    "deauthorized-wrong-reason",
    "a transaction whose token the CSMS refuses ends with stoppedReason Other",
    "C15.FR.04",
    "TC_E_16_CS",
)
EV_LOST_REASON = declare(
    "ev-lost-wrong-reason",
    "a transaction whose EV is disconnected ends with stoppedReason Other",
    "E06.FR.08",
    "TC_E_17_CS",
    "TC_E_20_CS",
    "TC_E_37_CS",
    "TC_E_54_CS",
)
SUSPENDED_REASON = declare(
    "stopped-by-ev-wrong-reason",
    "a transaction that the EV ends has stoppedReason Other",
    "E06.FR.08",
    "TC_E_22_CS",
)
TIMEOUT_REASON = declare(
    "ev-connect-timeout-wrong-reason",
    "a transaction whose EV does not come in time ends with stoppedReason Other",
    "E03.FR.05",
    "TC_E_27_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)

_WRONG_TRIGGERS = {
    "EVDetected": (DETECTED_TRIGGER, "CablePluggedIn"),
    "CablePluggedIn": (CABLE_TRIGGER, "EVDetected"),
    "Authorized": (AUTHORIZED_TRIGGER, "ChargingStateChanged"),
    "SignedDataReceived": (SIGNED_TRIGGER, "MeterValuePeriodic"),
    "StopAuthorized": (STOP_TRIGGER, "Authorized"),
    "RemoteStop": (REMOTE_STOP_TRIGGER, "StopAuthorized"),
    "EVConnectTimeout": (TIMEOUT_TRIGGER, "TimeLimitReached"),
    "Deauthorized": (REFUSED_TRIGGER, "AbnormalCondition"),
    "EVCommunicationLost": (EV_LOST_TRIGGER, "ChargingStateChanged"),
    "EVDeparted": (DEPARTED_TRIGGER, "EVCommunicationLost"),
}
_WRONG_REASONS = {
    "Local": (STOP_REASON, "Other"),
    "Remote": (REMOTE_STOP_REASON, "Local"),
    "DeAuthorized": (REFUSED_REASON, "Other"),
    "EVDisconnected": (EV_LOST_REASON, "Other"),
    "StoppedByEV": (SUSPENDED_REASON, "Other"),
    "Timeout": (TIMEOUT_REASON, "Other"),
}


def told_trigger(station: Station, trigger: str) -> str:
    """The TriggerReasonEnumType literal that is sent for this one."""
    wrong = _WRONG_TRIGGERS.get(trigger)
    return wrong[1] if wrong is not None and station.has(wrong[0]) else trigger


def told_reason(station: Station, reason: str) -> str | None:
    """The ReasonEnumType literal that is sent for this one; None: none is (E07.FR.04)."""
    wrong = _WRONG_REASONS.get(reason)
    if wrong is not None and station.has(wrong[0]):
        return wrong[1]
    return None if reason == "Local" and not station.style.stopped_reason_local else reason
