"""What the last case left behind: transactions, plugs, settings, requests that have effects.

Owns the fold over evidence lines that tells the next restore what to undo. It reads only what is in
evidence; restore verifies what it reached. The runner feeds it live; whoever judges again folds the
same lines and compares, so that no restore was told to leave something as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pydantic_core

from vdoc.automation.actions import Action, Reboot, from_json
from vdoc.automation.reset import reset_actions
from vdoc.bench import Message
from vdoc.cases.arrears import ACTIONS, Arrears
from vdoc.evidence import Kind, Line
from vdoc.ocpp.frames import Call, parse
from vdoc.ocpp.schemas import violations
from vdoc.rejudge.update_trail import UpdateTrail
from vdoc.rejudge.watch import answered

_KEPT = frozenset({("SecurityCtrlr", "BasicAuthPassword")})
_CALL = re.compile(r"\s*\[\s*2\s*,")
_NETWORK = "NetworkConfigurationPriority"
_FOLLOWED = (
    '"TransactionEvent"', '"BootNotification"', '"Authorize"', '"FirmwareStatusNotification"',
)  # fmt: skip
_TOLD = tuple(f'"{action}"' for action in ACTIONS)


class Leftovers:
    """Follows the lines of a run.

    Attributes:
        past: the transactions that were told of before the basic state was verified last.
    """

    def __init__(self) -> None:
        self._transactions: list[str] = []
        self._changed: dict[str, dict[str, Any]] = {}
        self._sent: set[str] = set()
        self._actions: dict[str, Action] = {}
        self._done: list[Action] = []
        self._uncertain: list[Action] = []
        self._resets: set[str] = set()
        self._rebooting = False
        self._journal: list[dict[str, Any]] = []
        self._priority = False
        self._roots: list[dict[str, Any]] = []
        self._asked: dict[str, Mapping[str, Any]] = {}
        self._made: dict[str, dict[str, Any]] = {}
        self._arrears = Arrears()
        self._update = UpdateTrail()
        self._all_transactions: list[str] = []
        self.past: tuple[str, ...] = ()

    def feed(self, line: Line) -> None:
        """Take the next line."""
        match line.kind:
            case Kind.SENT:
                self._message(line.data["frame"], ours=True)
            case Kind.RECEIVED:
                action = self._message(line.data["frame"], ours=False)
                if action is None or action in ACTIONS:
                    self._tell(line)
            case Kind.ACTION:
                self._actions[line.data["id"]] = from_json(line.data["action"])
            case Kind.ACTION_DONE:
                self._acted(line.data)
            case Kind.ASK:
                self._ask(line.data)
            case Kind.MADE:
                self._make(line.data)
            case _:
                pass

    def extra(self) -> dict[str, Any]:
        """Return what the next restore has to undo, as JSON."""
        uncertain = [*self._uncertain, *self._actions.values()]
        return {
            "transactions": list(self._transactions),
            "changed": list(self._changed.values()),
            "sent": sorted(self._sent),
            "undo": [action.as_json() for action in reset_actions(self._done, uncertain)],
            "rebooting": self._rebooting,
            "journal": list(self._journal),
            "priority": self._priority,
            "roots": list(self._roots),
            "arrears": self._arrears.as_json(),
            "firmware": self._update.as_json(),
        }

    @property
    def transactions(self) -> tuple[str, ...]:
        """Every transaction that was told of since the basic state was verified last."""
        return tuple(self._all_transactions)

    def cleared(self) -> None:
        """Begin anew: a restore has verified the basic state."""
        past = tuple(self._all_transactions)
        self.__init__()  # type: ignore[misc]  # the same object starts over
        self.past = past

    def _acted(self, data: Mapping[str, Any]) -> None:
        action = self._actions.pop(data["id"], None)
        self._rebooting |= isinstance(action, Reboot)
        if action is not None:
            done = data["outcome"].get("status") == "done"
            (self._done if done else self._uncertain).append(action)

    def _ask(self, data: Mapping[str, Any]) -> None:
        if data["what"] == "journal":
            self._journal.append(dict(data["arguments"]))
        elif data["what"] == "root_certificate":
            self._asked[data["id"]] = data["arguments"]

    def _make(self, data: Mapping[str, Any]) -> None:
        """Remember the name of a root, by its certificate."""
        asked, made = self._asked.pop(str(data.get("id")), None), data.get("value")
        if asked is not None and isinstance(made, dict):
            self._made[made["pem"]] = {"root": asked["root"], "hash_data": made["hash_data"]}

    def _tell(self, line: Line) -> None:
        """Follow what the DUT tells of its connectors and its restarts."""
        if not _names(line.data["frame"], _TOLD):
            return
        frame = parse(line.data["frame"])
        if not isinstance(frame, Call) or frame.action not in ACTIONS:
            return
        if not violations(frame.action, "Request", frame.payload):
            where = (line.data["connection"], line.n, line.at, line.mono_ns)
            message = Message(frame.action, "Request", frame.payload, frame.id, *where)
            self._arrears.feed(message)

    def _message(self, text: str, *, ours: bool) -> str | None:
        """Take a frame; returns which request it is, when it is one that is followed."""
        if not text.startswith("[2,") and not _CALL.match(text):
            self._rebooting |= not ours and self._accepts_reset(text)
            if not ours:
                self._update.answer(text)
            return None
        if not ours and not _names(text, _FOLLOWED):
            return None
        try:
            _, identity, action, payload = pydantic_core.from_json(text)
        except ValueError:
            return None
        if not isinstance(payload, dict):
            return None
        if ours:
            self._sent.add(str(action))
            self._ours(identity, action, payload)
        else:
            self._theirs(action, payload)
        return str(action)

    def _ours(self, identity: str, action: str, payload: Mapping[str, Any]) -> None:
        self._update.ours(identity, action)
        if action == "Reset" and "evseId" not in payload:
            self._resets.add(identity)
        elif action == "SetVariables":
            self._set(payload)
        elif action == "InstallCertificate":
            self._install(payload)

    def _theirs(self, action: str, payload: Mapping[str, Any]) -> None:
        self._update.theirs(action, payload)
        if action == "BootNotification":
            self._rebooting = False
        elif action in {"Authorize", "TransactionEvent"}:
            self._sent.add(action)
        if action == "TransactionEvent":
            self._transaction(payload)

    def _accepts_reset(self, text: str) -> bool:
        """Tell whether this is the answer that lets a DUT reboot, now or when it is idle."""
        known = bool(self._resets) and answered(text) in self._resets
        return known and ('"Accepted"' in text or '"Scheduled"' in text)

    def _set(self, payload: Mapping[str, Any]) -> None:
        for entry in payload["setVariableData"]:
            name = {"component": entry["component"], "variable": entry["variable"]}
            key = (entry["component"]["name"], entry["variable"]["name"])
            self._priority |= key[1] == _NETWORK
            if key not in _KEPT and key[1] != _NETWORK:
                self._changed[json.dumps(name, sort_keys=True)] = name

    def _install(self, payload: Mapping[str, Any]) -> None:
        made = self._made.get(payload["certificate"])
        if made is not None:
            self._roots.append({"kind": payload["certificateType"], **made})

    def _transaction(self, payload: Mapping[str, Any]) -> None:
        info = payload.get("transactionInfo")
        identity = info.get("transactionId") if isinstance(info, dict) else None
        if not isinstance(identity, str):
            return
        if identity not in self._all_transactions:
            self._all_transactions.append(identity)
        if payload.get("eventType") == "Ended":
            self._transactions = [known for known in self._transactions if known != identity]
        elif identity not in self._transactions:
            self._transactions.append(identity)


def _names(text: str, quoted: tuple[str, ...]) -> bool:
    """Tell whether a frame may be one of these requests; spares decoding the many that are not."""
    for action in quoted:  # a generator takes twice as long, for every frame
        if action in text:
            return True
    return "\\u" in text
