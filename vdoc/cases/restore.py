"""Restore to basic state: what the runner does before each case, as a case of its own.

Owns the start conditions of Part 6 §2.1: connected, idle, available, no transaction, nothing
queued, settings as intake found them, roots that a case installed deleted, the active network
profile alone in the priority. Everything it undoes was named in `extra` of its `case` line; what it
reached is read back, never assumed. It cannot fail the DUT: what is not reached is `inconc` and
stops the run. It returns the state in which it found and left the DUT. It ends when what the DUT
has to tell of all that has been told (`arrears`), so that the next case is not told it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vdoc.automation.actions import from_json
from vdoc.bench import Bench, DutState, Fact, InconclusiveError, Message, VariableFact
from vdoc.bench.expect import equals, one_of
from vdoc.cases import reaching, reinstalled
from vdoc.cases.arrears import ACTIONS, Arrears, settled
from vdoc.cases.certificate_states import CSMS_ROOT
from vdoc.cases.configuration import Name
from vdoc.cases.network_profiles import ACTIVE_PROFILE, PRIORITY
from vdoc.cases.transaction_rules import transaction_id

ATTEMPTS = 3
"""How often the basic state is looked for; before the last time the DUT is reset."""

Data = list[dict[str, Any]]
"""Elements of a GetVariables or SetVariables request."""

_LOG_STATUS = "LogStatusNotification"
_UPLOAD_LOOKS = 4  # more than a case has retries
_TOKEN_STORES = frozenset({"AuthCacheCtrlr", "LocalAuthListCtrlr"})
_SETTABLE = frozenset({"Accepted", "RebootRequired"})


class _LostError(Exception):
    """The connection went while something was asked; the DUT may still be on its way back."""


async def restore(bench: Bench) -> DutState:
    """Bring the DUT to the basic state and verify it (Part 6 §2.1, general preconditions).

    Raises:
        InconclusiveError: it was not reached in `ATTEMPTS` attempts.
    """
    unmet, unproven = ["nothing was tried"], reinstalled.unproven(bench)
    told, events = bench.collect(*ACTIONS), bench.collect("TransactionEvent")
    state = await reaching.found(bench)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if unproven:
                await _connect(bench)
                await reinstalled.version_proven(bench, reset)
                unproven = False
            state, unmet = await _attempt(bench, state, events, last=attempt == ATTEMPTS)
        except _LostError as lost:
            unmet = [str(lost)]
        if not unmet:
            await settled(bench, Arrears.from_json(bench.start.extra.get("arrears", {})), told)
            bench.check(Fact("basic state", "reached", None), equals("reached"))
            return state
        bench.note(f"attempt {attempt} of {ATTEMPTS}: {'; '.join(unmet)}")
        await bench.receive_optional("StatusNotification", "NotifyEvent", "TransactionEvent")
    raise InconclusiveError(f"the basic state was not reached: {'; '.join(unmet)}")


async def _attempt(
    bench: Bench, state: DutState, events: Sequence[Message], *, last: bool
) -> tuple[DutState, list[str]]:
    """Undo what was left; return the state of the DUT, and what is still not as it must be."""
    extra = bench.start.extra
    await _connect(bench)
    if last:
        await reset(bench)
    await _stop_transactions(bench, _open(extra.get("transactions", ()), events))
    for action in extra.get("undo", ()):
        await bench.act(from_json(action))
    sent, changed = frozenset[str](extra.get("sent", ())), extra.get("changed", ())
    await _undo_requests(bench, sent)
    state = await _delete_roots(bench, state, extra.get("roots", ()))
    reboot = await _restore_variables(bench, changed)
    if _switched(changed):
        await _forget_tokens(bench, sent)
    if extra.get("priority"):
        state = await _active_slot(bench, state)
        reboot = await _only_active_profile(bench, state) or reboot
    if reboot:
        await reset(bench)
    bench.step("basic state", "Part 6 §2.1")
    unmet = [
        *await _unavailable(bench),
        *await _queue(bench),
        *await _ongoing(bench, _open(extra.get("transactions", ()), events)),
    ]
    return state, unmet


async def _connect(bench: Bench) -> None:
    """Have a connection, after the boot that the last case may have left under way."""
    bench.step("connected")
    if bench.start.extra.get("rebooting"):
        await bench.receive_optional("BootNotification", within_s=_long_s(bench))
    if bench.connection.number is None:
        await bench.connection.opened(what="the DUT reconnects")
    bench.check(Fact("connection", bench.connection.number is not None, None), equals(True))


def _long_s(bench: Bench) -> float:
    return bench.settings.values.long_operation_timeout_s


async def _call(bench: Bench, action: str, **payload: Any) -> Message:  # noqa: ANN401  # JSON
    """Ask something; an answer that the connection took with it costs an attempt, not the run."""
    answer = await bench.call_optional(action, **payload)
    if answer is None:
        raise _LostError(f"no answer to {action}Request")
    return answer


def _open(known: Sequence[str], events: Sequence[Message]) -> list[str]:
    """Return the transactions that have not ended, those that began by now among them."""
    found = dict.fromkeys((*known, *map(transaction_id, events)))
    ended = {transaction_id(event) for event in events if event.get("eventType") == "Ended"}
    return [each for each in found if each not in ended]


async def _stop_transactions(bench: Bench, transactions: Sequence[str]) -> None:
    bench.step("no transaction", "F03.FR.02")
    for transaction in transactions:
        ended = bench.mark()
        answer = await _call(bench, "RequestStopTransaction", transactionId=transaction)
        if answer.get("status") == "Accepted":
            await bench.receive_optional("TransactionEvent", where=_halts(transaction), since=ended)


async def _ongoing(bench: Bench, transactions: Sequence[str]) -> list[str]:
    """Return the transactions that the DUT says are ongoing (E14.FR.02)."""
    unmet = []
    for transaction in transactions:
        answer = await _call(bench, "GetTransactionStatus", transactionId=transaction)
        if answer.get("ongoingIndicator") is True:
            unmet.append(f"transaction {transaction} is ongoing")
    return unmet


def _halts(transaction: str) -> Callable[[Message], bool]:
    """Recognise that energy has ceased to flow, so that the cable can be taken out."""

    def halts(message: Message) -> bool:
        state = message.get("transactionInfo.chargingState")
        over = message.get("eventType") == "Ended" or state in {"EVConnected", "Idle"}
        return over and transaction_id(message) == transaction

    return halts


async def _undo_requests(bench: Bench, sent: frozenset[str]) -> None:
    """Take back what the requests of the last case may have left behind."""
    bench.step("nothing left behind")
    if "ChangeAvailability" in sent:
        for evse, connector in ((None, None), *_places(bench)):
            await _operative(bench, evse, connector)
    await _forget_tokens(bench, sent)
    if "SetChargingProfile" in sent:
        await _call(bench, "ClearChargingProfile", chargingProfileCriteria={})
    if "GetLog" in sent:
        await _no_upload(bench)


async def _no_upload(bench: Bench) -> None:
    """Let an upload end that the last case has left under way, with its retries (F06.FR.15)."""
    bench.step("no upload", "F06.FR.15")
    await bench.ask("release_transfers")
    for _ in range(_UPLOAD_LOOKS):
        answer = await _call(bench, "TriggerMessage", requestedMessage=_LOG_STATUS)
        told = None
        if answer.get("status") == "Accepted":
            told = await bench.receive_optional(_LOG_STATUS)
        if told is None or told.get("status") == "Idle":
            return
        limit_s = _long_s(bench)
        if await bench.receive_optional(_LOG_STATUS, where=_is_over, within_s=limit_s) is None:
            return


def _is_over(message: Message) -> bool:
    return bool(message.get("status") != "Uploading")


async def _forget_tokens(bench: Bench, sent: frozenset[str]) -> None:
    """Empty local list and cache; one that is switched off refuses that."""
    if "SendLocalList" in sent:
        await _empty_local_list(bench)
    if bench.pics.claims("C-49") and sent & {"Authorize", "TransactionEvent"}:
        await _call(bench, "ClearCache")


def _switched(changed: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a setting of local list or cache has changed, maybe whether it is in use."""
    return any(name["component"]["name"] in _TOKEN_STORES for name in changed)


def _places(bench: Bench) -> list[tuple[int, int | None]]:
    connectors = bench.facts.connectors()
    return [*((evse, None) for evse in sorted({e for e, _ in connectors})), *connectors]


async def _operative(bench: Bench, evse: int | None, connector: int | None) -> None:
    payload: dict[str, Any] = {"operationalStatus": "Operative"}
    if evse is not None:
        payload["evse"] = {"id": evse}
        if connector is not None:
            payload["evse"]["connectorId"] = connector
    await _call(bench, "ChangeAvailability", **payload)


async def _empty_local_list(bench: Bench) -> None:
    version = (await _call(bench, "GetLocalListVersion")).get("versionNumber", 0)
    await _call(bench, "SendLocalList", versionNumber=version + 1, updateType="Full")


async def _restore_variables(bench: Bench, changed: Sequence[Mapping[str, Any]]) -> bool:
    """Set what a case has set back to what intake read; returns whether a reboot is required."""
    bench.step("settings", "B05.FR.01")
    data = [entry for name in changed if (entry := _as_found(bench, name)) is not None]
    reboot = False
    for part in _parts(bench, "SetVariables", data):
        answer = await _call(bench, "SetVariables", setVariableData=part)
        for index in range(len(part)):
            status = answer[f"setVariableResult.{index}.attributeStatus"]
            bench.check(status, one_of(*sorted(_SETTABLE)))
            reboot = reboot or bool(status.value == "RebootRequired")
    return reboot


def _parts(bench: Bench, action: str, data: Data) -> list[Data]:
    """Return data in parts of what one request may hold (DeviceDataCtrlr.ItemsPerMessage)."""
    fact = bench.facts.find("DeviceDataCtrlr", "ItemsPerMessage", instance=action)
    told = "" if fact is None or fact.value is None else fact.value.strip()
    size = int(told) if told.isdecimal() and int(told) else len(data)
    return [data[first : first + size] for first in range(0, len(data), size)] if data else []


def _as_found(bench: Bench, name: Mapping[str, Any]) -> dict[str, Any] | None:
    for fact in bench.facts.variables:
        settable = fact.mutability != "ReadOnly" and fact.value is not None
        if settable and _names(fact) == dict(name):
            return {
                "component": name["component"],
                "variable": name["variable"],
                "attributeValue": fact.value,
            }
    return None


def _names(fact: VariableFact) -> dict[str, Any]:
    component: dict[str, Any] = {"name": fact.component}
    if fact.component_instance is not None:
        component["instance"] = fact.component_instance
    if fact.evse is not None:
        component["evse"] = {"id": fact.evse}
        if fact.connector is not None:
            component["evse"]["connectorId"] = fact.connector
    variable: dict[str, Any] = {"name": fact.variable}
    if fact.instance is not None:
        variable["instance"] = fact.instance
    return {"component": component, "variable": variable}


async def _delete_roots(
    bench: Bench, state: DutState, installed: Sequence[Mapping[str, Any]]
) -> DutState:
    """Delete the roots that the last case installed, but for the one in use."""
    bench.step("roots", "M04.FR.02")
    left = set(state.roots_installed)
    for root in installed:
        kind, name = root["kind"], root["root"]
        if (kind, name) == (CSMS_ROOT, state.root):
            continue
        listed = await _as_listed(bench, kind, root["hash_data"])
        named = listed or root["hash_data"]
        answer = await _call(bench, "DeleteCertificate", certificateHashData=named)
        kept = listed is not None and answer.get("status") == "Failed"
        if kept:
            bench.note(f"the DUT keeps {kind} {name}")
        if kind == CSMS_ROOT:
            left = left | {name} if kept else left - {name}
    return state.model_copy(update={"roots_installed": tuple(sorted(left))})


async def _as_listed(bench: Bench, kind: str, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the hash data of a root as the DUT lists it, by its own algorithm (M04.FR.07).

    None when it is not listed: the case has deleted it, or the DUT has forgotten it.
    """
    answer = await _call(bench, "GetInstalledCertificateIds", certificateType=[kind])
    chain = answer.get("certificateHashDataChain")
    for entry in chain if isinstance(chain, list) else ():
        name = entry.get("certificateHashData") if isinstance(entry, dict) else None
        if isinstance(name, dict) and _serial(name) == _serial(known):
            return name
    return None


def _serial(name: Mapping[str, Any]) -> str:
    return str(name.get("serialNumber", "")).casefold()


async def _active_slot(bench: Bench, state: DutState) -> DutState:
    """Return the state with the slot that the DUT says is active."""
    bench.step("network profile", "B10.FR.04")
    if await _read(bench, ACTIVE_PROFILE) == str(state.spare_slot):
        return state.model_copy(update={"slot": state.spare_slot, "spare_slot": state.slot})
    return state


async def _only_active_profile(bench: Bench, state: DutState) -> bool:
    """Take slots out of the priority that lead elsewhere; returns whether a reboot is required."""
    if await _read(bench, PRIORITY) == str(state.slot):
        return False
    data = {**PRIORITY.as_json(), "attributeValue": str(state.slot)}
    answer = await _call(bench, "SetVariables", setVariableData=[data])
    status = answer["setVariableResult.0.attributeStatus"]
    bench.check(status, one_of(*sorted(_SETTABLE)), "B10.FR.01")
    return bool(status.value == "RebootRequired")


async def _read(bench: Bench, name: Name) -> object:
    answer = await _call(bench, "GetVariables", getVariableData=[name.as_json()])
    return answer.get("getVariableResult.0.attributeValue")


async def reset(bench: Bench, kind: str = "Immediate") -> Message:
    """Reset the DUT and return the BootNotification that it comes back with."""
    bench.step("reset", "B11.FR.01")
    limit_s = bench.settings.values.long_operation_timeout_s
    answer = await _call(bench, "Reset", type=kind)
    bench.check(answer["status"], one_of("Accepted", "Scheduled"))
    return await bench.receive("BootNotification", within_s=limit_s)


async def _unavailable(bench: Bench) -> list[str]:
    """Return the connectors that do not say Available (Connector.AvailabilityState)."""
    data: Data = [
        {
            "component": {"name": "Connector", "evse": {"id": evse, "connectorId": connector}},
            "variable": {"name": "AvailabilityState"},
        }
        for evse, connector in bench.facts.connectors()
    ]
    unmet = []
    for part in _parts(bench, "GetVariables", data):
        answer = await _call(bench, "GetVariables", getVariableData=part)
        for result in answer.get("getVariableResult", []):
            told = result.get("attributeValue", result.get("attributeStatus"))
            if told != "Available":
                unmet.append(f"{result['component']} is {told}")
    return unmet


async def _queue(bench: Bench) -> list[str]:
    answer = await _call(bench, "GetTransactionStatus")
    return ["messages are queued"] if answer.get("messagesInQueue") is not False else []
