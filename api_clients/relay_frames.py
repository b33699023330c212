"""What is said over the relay: one request, one answer, one JSON text each (octt-interfaces C).

A request carries the union of both known forms: MOS (`time`, `type`, `params`) and CAN (`url`,
`method`). They contradict each other in one place: a CAN agent joins `url` and `operation` and
needs the query in the latter, while MOS refuses an operation it does not know by name; the dialect
decides that alone. The status is read in any letter case. Opens no connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import quote, urlencode

from api_clients.action_errors import ConfigurationError, FaultError, NoReplyError
from api_clients.action_http import Accepted

Dialect: TypeAlias = Literal["mos", "can"]
Side: TypeAlias = Literal["sut", "ev_emulator"]


@dataclass(frozen=True, slots=True)
class RelayRequest:
    """One request to the bench.

    Attributes:
        id: what the answer must repeat.
        operation: its name.
        query: parameters in order.
        side: station or EV emulator.
        url: base address behind the agent that a CAN agent forwards to.
        at: aware UTC time of asking.
    """

    id: str
    operation: str
    query: tuple[tuple[str, str], ...]
    side: Side
    url: str
    at: datetime

    @property
    def sent(self) -> str:
        """The request in one line, for people."""
        return f"relay {self.side} {self.operation}" + self._encoded()

    def frame(self, dialect: Dialect) -> str:
        """The JSON text to send."""
        frame = {
            "id": self.id,
            "time": self.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "type": self.side,
            "operation": self.operation + (self._encoded() if dialect == "can" else ""),
            "params": [{"key": key, "value": value} for key, value in self.query],
            "url": self.url.rstrip("/") + "/",  # else the agent's join loses the last segment
            "method": "POST",
        }
        return json.dumps(frame)

    def judge(self, answer: Mapping[str, Any]) -> Accepted:
        """What an answer with our id means.

        Raises:
            ConfigurationError: Nok, which gives no reason.
            FaultError: neither Ok nor Nok.
        """
        status = str(answer.get("status", "")).lower()
        if status == "ok":
            return Accepted(self.sent, None)
        if status == "nok":
            raise ConfigurationError(
                "the bench answered Nok, which is all a relay says of a refused value, an unknown"
                " operation or a failed forward.",
                remedy="read the log of the bench's agent at this time.",
                sent=self.sent,
            )
        raise FaultError(
            f"the bench answered with status {str(answer.get('status'))[:40]!r}, not Ok or Nok.",
            remedy="this agent speaks another protocol; see docs/bring-your-own-station.md.",
            sent=self.sent,
        )

    def silent(self, limit_s: float) -> NoReplyError:
        """No answer came within the limit."""
        return NoReplyError(
            f"the bench was silent for {limit_s:g} s; whether it was done is unknown.",
            remedy="read the log of the bench's agent: it is silent about a frame that it cannot"
            " read (see transport in the settings) and about a forward that failed.",
            sent=self.sent,
        )

    def hung_up(self) -> FaultError:
        """The connection went away before the answer."""
        return FaultError(
            "the bench hung up before it answered; whether it was done is unknown, and it is not"
            " sent again.",
            remedy="look at the bench's network and agent; repeat the run.",
            sent=self.sent,
        )

    def _encoded(self) -> str:
        text = urlencode(self.query, quote_via=quote, safe="")
        return f"?{text}" if text else ""
