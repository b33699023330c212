"""The Configuration State of a case: variables brought to a value, on the table's conditions.

Owns what "if implemented" and "if ReadWrite" mean (general-rules 2): whether a variable exists and
can be set is what intake saw in the FullInventory; its value is read when it is needed. Comparing
knows that booleans and member lists may be written in more than one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vdoc.bench import Bench, InconclusiveError, Message
from vdoc.bench.expect import one_of
from vdoc.cases.booting import booted


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of a component without EVSE, written `TxCtrlr.TxStartPoint` in reports."""

    component: str
    variable: str
    instance: str | None = None

    def __str__(self) -> str:
        suffix = "" if self.instance is None else f"[{self.instance}]"
        return f"{self.component}.{self.variable}{suffix}"

    def as_json(self) -> dict[str, Any]:
        """Return the component and variable of a GetVariables or SetVariables entry."""
        variable = {"name": self.variable}
        if self.instance is not None:
            variable["instance"] = self.instance
        return {"component": {"name": self.component}, "variable": variable}


@dataclass(frozen=True, slots=True)
class Reading:
    """What GetVariables said of one variable.

    Attributes:
        value: the Actual value; None when the station did not accept the question.
        answer: the GetVariablesResponse.
    """

    name: Name
    value: str | None
    answer: Message

    @property
    def members(self) -> frozenset[str]:
        """The members of a MemberList or SequenceList."""
        return members(self.value)

    @property
    def true(self) -> bool:
        """The value is the boolean true."""
        return self.value is not None and self.value.strip().casefold() == "true"


def members(value: str | None) -> frozenset[str]:
    """Return the members of a list value, without blanks."""
    return frozenset(part.strip() for part in (value or "").split(",") if part.strip())


def implemented(bench: Bench, name: Name) -> bool:
    """Tell whether intake saw the variable in the device model."""
    return bench.facts.find(name.component, name.variable, instance=name.instance) is not None


def writable(bench: Bench, name: Name) -> bool:
    """Tell whether intake saw the variable, and that it can be set."""
    return bench.facts.writable(name.component, name.variable, instance=name.instance)


def as_told(bench: Bench, name: Name) -> Name:
    """Return a name as this station spells it; as it stands when the station has none like it."""
    fact = bench.facts.find(name.component, name.variable, instance=name.instance)
    return name if fact is None else Name(fact.component, fact.variable, name.instance)


async def get(bench: Bench, name: Name, **attribute: str) -> Message:
    """Ask for one variable; `attribute` is `attributeType`, which is left out unless given."""
    spelt = as_told(bench, name)
    return await bench.call("GetVariables", getVariableData=[{**spelt.as_json(), **attribute}])


async def change(bench: Bench, name: Name, value: str, **attribute: str) -> Message:
    """Set one variable; `attribute` is `attributeType`, which is left out unless given."""
    data = {**as_told(bench, name).as_json(), "attributeValue": value, **attribute}
    return await bench.call("SetVariables", setVariableData=[data])


async def read(bench: Bench, name: Name) -> Reading:
    """Read the Actual value of a variable.

    Raises:
        StepFailedError: no answer.
    """
    answer = await get(bench, name)
    result = "getVariableResult.0"
    accepted = answer.get(f"{result}.attributeStatus") == "Accepted"
    return Reading(name, answer.get(f"{result}.attributeValue") if accepted else None, answer)


async def need(bench: Bench, name: Name) -> Reading:
    """Read a variable that the case cannot do without.

    Raises:
        InconclusiveError: the station does not tell it.
    """
    reading = await read(bench, name)
    if reading.value is None:
        status = reading.answer.get("getVariableResult.0.attributeStatus")
        raise InconclusiveError(f"{name} cannot be read: {status}")
    return reading


async def read_true(bench: Bench, name: Name, *, absent: bool) -> bool:
    """Read a boolean; `absent` stands for it when it is not implemented."""
    return (await read(bench, name)).true if implemented(bench, name) else absent


async def ensure(bench: Bench, name: Name, value: str) -> None:
    """See to it that a variable has this value, and check that the station takes it.

    A station that needs a reboot for it gets one (B05.FR.03 and its RebootRequired).
    """
    if _same((await read(bench, name)).value, value):
        return
    answer = await change(bench, name, value)
    status = answer["setVariableResult.0.attributeStatus"]
    bench.require(status, one_of("Accepted", "RebootRequired"), "B05.FR.01", what=f"{name}={value}")
    if status.value == "RebootRequired":
        await booted(bench)


async def ensure_if_implemented(bench: Bench, name: Name, value: str) -> None:
    """The table's "(If implemented)"."""
    if implemented(bench, name):
        await ensure(bench, name, value)


async def ensure_if_writable(bench: Bench, name: Name, value: str) -> None:
    """The table's "(If implemented AND ReadWrite)"."""
    if writable(bench, name):
        await ensure(bench, name, value)


def _same(found: str | None, wanted: str) -> bool:
    if found is None:
        return False
    if wanted.casefold() in {"true", "false"}:
        return found.strip().casefold() == wanted.casefold()
    return members(found) == members(wanted)


AUTH_ENABLED = Name("AuthCtrlr", "Enabled")
AUTHORIZE_REMOTE_START = Name("AuthCtrlr", "AuthorizeRemoteStart")
DISABLE_REMOTE_AUTHORIZATION = Name("AuthCtrlr", "DisableRemoteAuthorization")
OFFLINE_TX_FOR_UNKNOWN_ID = Name("AuthCtrlr", "OfflineTxForUnknownIdEnabled")
AUTH_CACHE_ENABLED = Name("AuthCacheCtrlr", "Enabled")
AUTH_CACHE_LIFE_TIME = Name("AuthCacheCtrlr", "LifeTime")
AUTH_CACHE_DISABLE_POST_AUTHORIZE = Name("AuthCacheCtrlr", "DisablePostAuthorize")
LOCAL_PRE_AUTHORIZE = Name("AuthCtrlr", "LocalPreAuthorize")
LOCAL_AUTHORIZE_OFFLINE = Name("AuthCtrlr", "LocalAuthorizeOffline")
STOP_TX_ON_INVALID_ID = Name("TxCtrlr", "StopTxOnInvalidId")
MAX_ENERGY_ON_INVALID_ID = Name("TxCtrlr", "MaxEnergyOnInvalidId")
LOCAL_LIST_ENABLED = Name("LocalAuthListCtrlr", "Enabled")
TX_START_POINT = Name("TxCtrlr", "TxStartPoint")
TX_STOP_POINT = Name("TxCtrlr", "TxStopPoint")
EV_CONNECTION_TIMEOUT = Name("TxCtrlr", "EVConnectionTimeOut")
SIGN_READINGS = Name("SampledDataCtrlr", "SignReadings")
SAMPLED_ENABLED = Name("SampledDataCtrlr", "Enabled")
TX_UPDATED_INTERVAL = Name("SampledDataCtrlr", "TxUpdatedInterval")
TX_UPDATED_MEASURANDS = Name("SampledDataCtrlr", "TxUpdatedMeasurands")
OFFLINE_THRESHOLD = Name("OCPPCommCtrlr", "OfflineThreshold")
RETRY_WAIT_MINIMUM = Name("OCPPCommCtrlr", "RetryBackOffWaitMinimum")
RETRY_REPEAT_TIMES = Name("OCPPCommCtrlr", "RetryBackOffRepeatTimes")
MESSAGE_TIMEOUT = Name("OCPPCommCtrlr", "MessageTimeout", "Default")
MESSAGE_ATTEMPTS = Name("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")
MESSAGE_ATTEMPT_INTERVAL = Name("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent")
RETRY_RANDOM_RANGE = Name("OCPPCommCtrlr", "RetryBackOffRandomRange")


async def authorization_by_csms(bench: Bench) -> None:
    """The Configuration State of the authorizing cases: tokens are asked for at the CSMS.

    AuthCtrlr.Enabled true (if implemented and ReadWrite), DisableRemoteAuthorization false (if
    implemented).
    """
    await ensure_if_writable(bench, AUTH_ENABLED, "true")
    await ensure_if_implemented(bench, DISABLE_REMOTE_AUTHORIZATION, "false")
