"""Response times of the station, measured from evidence by the bench's monotonic clock.

Owns what each of the six parameters is measured between. A pure function of the lines: the same
evidence gives the same times. What an intermediate step of a case, such as a refused token, makes
meaningless is not measured rather than guessed: a measurement begins with a cause and ends with the
first message that only this cause explains (a periodic TransactionEvent explains nothing); a new
cause of the same kind begins it anew.

A physical action begins when the bench asks for it, not when the action API says that it is done:
one API answers at once and another when the station has reported already. How long the bench needs
is in the time, the same every night; an action that failed is not measured.

    boot          answer to a Reset, or a reboot action          → BootNotification
    answer        any request to the station                     → its CALLRESULT
    authorize     a token action                                 → Authorize or TransactionEvent
    plug          a plug action                                  → StatusNotification, NotifyEvent
                                                                   or TransactionEvent
    remote_start  RequestStartTransaction answered               → TransactionEvent
    remote_stop   RequestStopTransaction answered                → TransactionEvent
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vdoc.evidence import Kind, Line
from vdoc.nightly.stored import Parameter

_CALL, _RESULT, _ERROR = 2, 3, 4
_NS = 1e9
_CONNECTORS = frozenset({"StatusNotification", "NotifyEvent", "TransactionEvent"})
_ENDED_BY: Mapping[Parameter, frozenset[str]] = {
    Parameter.BOOT: frozenset({"BootNotification"}),
    Parameter.AUTHORIZE: frozenset({"Authorize", "TransactionEvent"}),
    Parameter.PLUG: _CONNECTORS,
    Parameter.REMOTE_START: frozenset({"TransactionEvent"}),
    Parameter.REMOTE_STOP: frozenset({"TransactionEvent"}),
}
_BY_ANSWER: Mapping[str, Parameter] = {
    "Reset": Parameter.BOOT,
    "RequestStartTransaction": Parameter.REMOTE_START,
    "RequestStopTransaction": Parameter.REMOTE_STOP,
}
_BY_ACTION: Mapping[str, Parameter] = {
    "Reboot": Parameter.BOOT,
    "PresentToken": Parameter.AUTHORIZE,
    "PlugIn": Parameter.PLUG,
    "EvPlugIn": Parameter.PLUG,
}

_PERIODIC = frozenset({"MeterValueClock", "MeterValuePeriodic"})


@dataclass(slots=True)
class ResponseTimes:
    """Follows evidence line by line and collects the times, in seconds."""

    measured: dict[Parameter, list[float]] = field(default_factory=dict)
    _sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    _since: dict[Parameter, int] = field(default_factory=dict)
    _acting: dict[str, Parameter] = field(default_factory=dict)
    _until_done: dict[Parameter, int] = field(default_factory=dict)

    def feed(self, line: Line) -> None:
        """Take the next line."""
        match line.kind:
            case Kind.CASE:
                self._sent, self._since, self._acting, self._until_done = {}, {}, {}, {}
            case Kind.SENT:
                self._ask(line)
            case Kind.RECEIVED:
                self._message(line)
            case Kind.ACTION:
                self._act(line)
            case Kind.ACTION_DONE:
                self._done(line)
            case _:
                pass

    def result(self) -> dict[Parameter, tuple[float, ...]]:
        """Return what was measured; a parameter that never was is absent."""
        return {name: tuple(times) for name, times in self.measured.items()}

    def _ask(self, line: Line) -> None:
        match frame_of(line):
            case [int(kind), str(message_id), str(action), *_] if kind == _CALL:
                self._sent[message_id] = (action, line.mono_ns)
            case _:
                pass

    def _message(self, line: Line) -> None:
        match frame_of(line):
            case [int(kind), _, str(action), {"triggerReason": reason}] if kind == _CALL:
                if reason not in _PERIODIC:
                    self._arrived(action, line)
            case [int(kind), _, str(action), *_] if kind == _CALL:
                self._arrived(action, line)
            case [int(kind), str(message_id), dict(payload)] if kind == _RESULT:
                self._answered(message_id, payload, line)
            case [int(kind), str(message_id), *_] if kind == _ERROR:
                self._sent.pop(message_id, None)
            case _:
                pass

    def _answered(self, message_id: str, payload: Mapping[str, Any], line: Line) -> None:
        asked = self._sent.pop(message_id, None)
        if asked is None:
            return
        action, sent_ns = asked
        self._measure(Parameter.ANSWER, line.mono_ns - sent_ns)
        parameter = _BY_ANSWER.get(action)
        if parameter is not None and payload.get("status") == "Accepted":
            self._since[parameter] = line.mono_ns

    def _arrived(self, action: str, line: Line) -> None:
        for parameter in [p for p in self._since if action in _ENDED_BY[p]]:
            duration_ns = line.mono_ns - self._since.pop(parameter)
            if parameter in self._acting.values():
                self._until_done[parameter] = duration_ns
            else:
                self._measure(parameter, duration_ns)

    def _act(self, line: Line) -> None:
        action = line.data.get("action")
        name = action.get("action") if isinstance(action, dict) else None
        parameter = _BY_ACTION.get(str(name))
        if parameter is not None:
            self._acting[str(line.data.get("id"))] = parameter
            self._since[parameter] = line.mono_ns
            self._until_done.pop(parameter, None)

    def _done(self, line: Line) -> None:
        parameter = self._acting.pop(str(line.data.get("id")), None)
        if parameter is None:
            return
        outcome = line.data.get("outcome")
        early_ns = self._until_done.pop(parameter, None)
        if not (isinstance(outcome, dict) and outcome.get("status") == "done"):
            self._since.pop(parameter, None)
        elif early_ns is not None:
            self._measure(parameter, early_ns)

    def _measure(self, parameter: Parameter, duration_ns: int) -> None:
        self.measured.setdefault(parameter, []).append(duration_ns / _NS)


def frame_of(line: Line) -> object:
    """Return the OCPP-J frame of a `sent` or `received` line; None when it is no JSON."""
    try:
        return json.loads(str(line.data.get("frame")))
    except (ValueError, RecursionError):
        return None


def message_of(line: Line, asked: Mapping[str, str]) -> str:
    """Name what a line shows: the OCPP action of its frame, else its kind.

    Args:
        line: of evidence.
        asked: actions by the message ids of requests; they name the answers.
    """
    match frame_of(line):
        case [2, _, str(action), *_]:
            return action
        case [3 | 4, str(message_id), *_]:
            return f"{asked.get(message_id, 'unknown')}Response"
        case _:
            return line.kind.value
