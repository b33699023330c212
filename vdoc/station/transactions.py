"""Transactions and their TransactionEvents.

Owns ids and sequence numbers (E01.FR.07, FR.08), which optional fields an event carries (Part 2,
E 1.5), and what happens to transactions that a power cut interrupted. When a transaction starts
and ends is `evse`'s business. Running transactions are kept in document "transactions".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import parse_datetime, render_datetime
from vdoc.station.defects import declare
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

SEQ_GAP = declare(
    "seqno-gap",
    "seqNo grows by two with every TransactionEvent",
    "E01.FR.07",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_F_01_CS",
)
SEQ_REPEATED = declare(
    "seqno-repeated",
    "every TransactionEvent of a transaction has the seqNo of the first",
    "E01.FR.07",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_F_01_CS",
)
TIME_BACKWARDS = declare(
    "event-times-run-backwards",
    "each TransactionEvent of a transaction is stamped a minute before the one before",
    "E01.FR.07",
    "TC_E_03_CS",
    "TC_E_06_CS",
    "TC_F_01_CS",
)
NO_ID_TOKEN = declare(
    "transaction-lacks-id-token",
    "no TransactionEvent carries the idToken",
    "E01.FR.10",
    "TC_E_02_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_10_CS",
    "TC_E_11_CS",
    "TC_F_01_CS",
)
WRONG_ID_TOKEN = declare(
    "transaction-wrong-id-token",
    "TransactionEvents carry an idToken that nobody presented",
    "E02.FR.01",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_F_01_CS",
)
WRONG_STOP_TOKEN = declare(
    "stop-wrong-id-token",
    "the event of a local stop carries an idToken that nobody presented",
    "E07.FR.02",
    "TC_E_06_CS",
    "TC_E_31_CS",
)
NO_EVSE = declare(
    "transaction-lacks-evse",
    "no TransactionEvent carries evse",
    "E01.FR.16",
    "TC_E_02_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_09_CS",
    "TC_E_11_CS",
)
NO_CHARGING_STATE = declare(
    "transaction-lacks-charging-state",
    "no TransactionEvent carries chargingState",
    "E01.FR.18",
    "TC_E_01_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_09_CS",
)
NO_OFFLINE_FLAG = declare(
    "offline-flag-missing",
    "events that occurred offline are sent without the flag",
    "E12.FR.02",
    "TC_C_15_CS",
    "TC_C_16_CS",
    "TC_C_17_CS",
    "TC_C_18_CS",
    "TC_E_16_CS",
    "TC_E_29_CS",
    "TC_E_33_CS",
    "TC_E_40_CS",
    "TC_E_43_CS",
    "TC_E_44_CS",
    "TC_E_45_CS",
)
STARTED_AS_UPDATED = declare(
    "started-as-updated",
    "the first event of a transaction has eventType Updated",
    "E01.FR.02",
    "TC_E_09_CS",
)
NO_REMOTE_START_ID = declare(
    "remote-start-id-missing",
    "no TransactionEvent carries remoteStartId",
    "F01.FR.25",
    "TC_F_01_CS",
    "TC_F_02_CS",
    "TC_F_03_CS",
)
NO_TRIGGERED_STATE = declare(
    "triggered-event-lacks-state",
    "a triggered TransactionEvent carries no chargingState",
    "F06.FR.07",
    "TC_F_13_CS",
    "TC_F_14_CS",
)
NEW_ID_EACH_EVENT = declare(
    "transaction-id-changes",
    "the Ended event carries another transactionId than the others",
    "E01.FR.08",
    "TC_E_15_CS",
    "TC_F_08_CS",
)
ALWAYS_ONGOING = declare(
    "status-always-ongoing",
    "says of every transaction it is asked about that it goes on",
    "E14.FR.03",
    "TC_E_28_CS",
    "TC_E_31_CS",
    "TC_E_32_CS",
)
NEVER_ONGOING = declare(
    "status-never-ongoing",
    "says of no transaction that it goes on",
    "E14.FR.02",
    "TC_E_29_CS",
    "TC_E_30_CS",
)
QUEUE_DENIED = declare(
    "status-queue-denied",
    "says that no messages are queued while some are",
    "E14.FR.04",
    "TC_E_29_CS",
    "TC_E_31_CS",
    "TC_E_33_CS",
)
QUEUE_CLAIMED = declare(
    "status-queue-claimed",
    "says of every transaction it is asked about that messages are queued",
    "E14.FR.05",
    "TC_E_28_CS",
    "TC_E_30_CS",
    "TC_E_32_CS",
)
INDICATED = declare(
    "status-indicator-without-id",
    "answers with ongoingIndicator although no transaction was asked about",
    "E14.FR.06",
    "TC_E_33_CS",
    "TC_E_34_CS",
)
_WRONG_TOKEN = {"idToken": "00000000", "type": "Central"}


@dataclass(slots=True)
class Transaction:
    """One running transaction; what the next event still has to say.

    Attributes:
        id: transactionId.
        evse: evseId.
        started: when it started.
        seq_no: seqNo of the next event.
        remote_start_id: of the request that it belongs to.
        remote_reported: remoteStartId has been sent.
        token_reported: idToken has been sent since the last authorization.
        evse_reported: evse has been sent since the EV was connected.
        charging_state: the one sent last.
        begin: meter value of its start, until it is sent.
        samples: meter values collected for the Ended event.
    """

    id: str
    evse: int
    started: str
    seq_no: int = 0
    remote_start_id: int | None = None
    remote_reported: bool = False
    token_reported: bool = False
    evse_reported: bool = False
    charging_state: str | None = None
    begin: dict[str, Any] | None = None
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def started_at(self) -> datetime:
        """When it started."""
        return parse_datetime(self.started)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, as a TransactionEvent tells it.

    Attributes:
        kind: TransactionEventEnumType.
        trigger: TriggerReasonEnumType.
        charging_state: ChargingStateEnumType at this moment.
        connector: connectorId, once the EV is connected.
        token: IdTokenType to report, if one is due.
        stopped_reason: ReasonEnumType of an Ended event.
        meter_values: the MeterValueTypes it carries.
        phases: number of phases in use, when it is to be reported.
        at: when; None = now.
    """

    kind: str
    trigger: str
    charging_state: str
    connector: int | None = None
    token: dict[str, str] | None = None
    stopped_reason: str | None = None
    meter_values: tuple[dict[str, Any], ...] = ()
    phases: int | None = None
    at: datetime | None = None


ResponseListener = Callable[[str, dict[str, Any], dict[str, Any]], None]


class Transactions:
    """The running transactions of one station."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._running: dict[str, Transaction] = {}
        self._interrupted = [
            Transaction(**data) for data in station.storage.get("transactions") or ()
        ]
        self._held: tuple[str, Payload] | None = None
        station.handle("GetTransactionStatus", self._status)
        station.on_boot_accepted(self._end_interrupted)

    def begin(self, evse: int, remote_start_id: int | None) -> Transaction:
        """Start a transaction; its first event is the caller's to send."""
        now = render_datetime(self._station.now())
        transaction = Transaction(str(uuid.uuid4()), evse, now, remote_start_id=remote_start_id)
        self._running[transaction.id] = transaction
        return transaction

    def running(self, transaction_id: str) -> Transaction | None:
        """Return a running transaction."""
        return self._running.get(transaction_id)

    def send(self, transaction: Transaction, event: Event) -> None:
        """Queue a TransactionEvent; an Ended event ends the transaction."""
        payload = self._payload(transaction, event)
        if event.kind == "Ended":
            del self._running[transaction.id]
        self._save()
        self._dispatch(payload)

    def _dispatch(self, payload: Payload) -> None:
        """Send, or with style `scramble_events` swap two events that follow each other."""
        station = self._station
        if station.style.scramble_events and station.online and self._held is None:
            self._held = ("TransactionEvent", payload)
            station.spawn(self._release())
            return
        station.send("TransactionEvent", payload, queue=True)
        if self._held is not None:
            station.send(*self._held, queue=True)
            self._held = None

    async def _release(self) -> None:
        if self._held is not None:
            self._station.send(*self._held, queue=True)
            self._held = None

    def _payload(self, transaction: Transaction, event: Event) -> Payload:
        has = self._station.has
        payload: Payload = {
            "eventType": "Updated" if has(STARTED_AS_UPDATED) else event.kind,
            "timestamp": self._stamp(transaction, event),
            "triggerReason": event.trigger,
            "seqNo": 0 if has(SEQ_REPEATED) else transaction.seq_no * (2 if has(SEQ_GAP) else 1),
            "transactionInfo": self._info(transaction, event),
        }
        transaction.seq_no += 1
        if event.kind == "Ended" and event.trigger != "Trigger" and has(STARTED_AS_UPDATED):
            payload["eventType"] = "Ended"
        if not self._station.online and not has(NO_OFFLINE_FLAG):
            payload["offline"] = True
        if event.phases is not None:
            payload["numberOfPhasesUsed"] = event.phases
        if event.token is not None and not has(NO_ID_TOKEN):
            payload["idToken"] = self._told_token(event, event.token)
        if event.connector is not None and not transaction.evse_reported and not has(NO_EVSE):
            payload["evse"] = {"id": transaction.evse, "connectorId": event.connector}
            transaction.evse_reported = True
        if event.meter_values:
            payload["meterValue"] = list(event.meter_values)
        return payload

    def _stamp(self, transaction: Transaction, event: Event) -> str:
        at = event.at or self._station.now()
        late_s = 60 * transaction.seq_no if self._station.has(TIME_BACKWARDS) else 0
        return render_datetime(at - timedelta(seconds=late_s))

    def _told_token(self, event: Event, token: dict[str, str]) -> dict[str, str]:
        has = self._station.has
        stops = event.trigger == "StopAuthorized"
        return _WRONG_TOKEN if has(WRONG_ID_TOKEN) or (stops and has(WRONG_STOP_TOKEN)) else token

    def _info(self, transaction: Transaction, event: Event) -> dict[str, Any]:
        has = self._station.has
        changed = event.charging_state != transaction.charging_state
        explicit = event.trigger in {"ChargingStateChanged", "Trigger"}
        always = self._station.style.charging_state_always
        info: dict[str, Any] = {"transactionId": transaction.id}
        if event.kind == "Ended" and has(NEW_ID_EACH_EVENT):
            info["transactionId"] = str(uuid.uuid4())
        unsaid = has(NO_CHARGING_STATE) or (event.trigger == "Trigger" and has(NO_TRIGGERED_STATE))
        if (changed or explicit or always) and not unsaid:
            info["chargingState"] = event.charging_state
        transaction.charging_state = event.charging_state
        if event.stopped_reason is not None:
            info["stoppedReason"] = event.stopped_reason
        if transaction.remote_start_id is not None and not transaction.remote_reported:
            transaction.remote_reported = True
            if not has(NO_REMOTE_START_ID):
                info["remoteStartId"] = transaction.remote_start_id
        return info

    def _save(self) -> None:
        self._station.storage.put("transactions", [asdict(each) for each in self._running.values()])

    async def _end_interrupted(self) -> None:
        """A transaction that a power cut interrupted ends with reason PowerLoss."""
        for transaction in self._interrupted:
            self._running[transaction.id] = transaction
            plugged = self._station.site.spot(transaction.evse).plugged
            state = "Idle" if plugged is None else "EVConnected"
            event = Event("Ended", "AbnormalCondition", state, stopped_reason="PowerLoss")
            self.send(transaction, event)
        self._interrupted = []

    async def _status(self, payload: Payload) -> Reply:
        """Answer GetTransactionStatus (E14)."""
        has = self._station.has
        transaction_id = payload.get("transactionId")
        queued = self._station.software.outbox.holds_events(transaction_id)
        if transaction_id is None:
            answer: Payload = {"messagesInQueue": queued and not has(QUEUE_DENIED)}
            return Reply(answer | ({"ongoingIndicator": False} if has(INDICATED) else {}))
        ongoing = transaction_id in self._running and not has(NEVER_ONGOING)
        queued = (queued and not has(QUEUE_DENIED)) or has(QUEUE_CLAIMED)
        answer = {"messagesInQueue": queued, "ongoingIndicator": ongoing or has(ALWAYS_ONGOING)}
        return Reply(answer)
