"""The rules of a run that no single case can judge: identity, crashes, clocks, window.

Owns them as a pure function of evidence lines, so that a live run stops at once and a laboratory
finds the same later. A crash *fails* the run; a changed identity or clock makes it *void*
(design §4, Window).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vdoc.evidence import Kind, Line

NS = 1_000_000_000
WINDOW_S = 24 * 3600.0
CLOCK_STEP_S = 1.0
"""Wall and monotonic clock may drift apart by NTP slew, never by a step of this size."""

_STEP_NS = round(CLOCK_STEP_S * NS)
_SLEW = 0.001
_Boots = Literal["one", "several"]
_UNASKED = frozenset({"Watchdog"})
_NO_BOOT = "Triggered"
_UNTOLD = object()
_ANSWER = re.compile(r'\s*\[\s*3\s*,\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was broken: `crash` fails the run, `void` voids it."""

    severity: Literal["crash", "void"]
    code: str
    message: str
    n: int

    def __str__(self) -> str:
        return f"{self.message} (evidence line {self.n})"


class Watch:
    """Follows a run line by line.

    Args:
        product: vendorName, model and firmwareVersion that every boot must carry.
        boot_window_s: how long after a reason a boot counts as asked for (long operation).
    """

    def __init__(self, product: Mapping[str, str], boot_window_s: float) -> None:
        self._product = dict(product)
        self._boot_window_ns = round(boot_window_s * NS)
        self._serial: object = _UNTOLD
        self._seen_boot = False
        self._asked: tuple[int, _Boots] | None = None
        self._resets: set[str] = set()
        self._boot_id: str | None = None
        self._registering = False
        self._start: tuple[int, int] | None = None
        self._last: tuple[int, int] | None = None
        self._first: tuple[int, int] | None = None
        self.window_start_ns: int | None = None

    def feed(self, line: Line) -> list[Finding]:
        """Take the next line and return the rules that it breaks."""
        findings = self._clocks(line)
        match line.kind:
            case Kind.RECEIVED:  # the most frequent first
                findings += self._received(line)
            case Kind.SENT:
                self._sent(line)
            case Kind.OPENED:
                findings += self._opened(line)
            case Kind.RUN:
                if line.data.get("what") == "provision":
                    self._ask(line)
            case Kind.ACTION:
                if line.data.get("action", {}).get("operation") == "reboot":
                    self._ask(line)
            case _:
                pass
        return findings

    # --- clocks and window ---

    def _clocks(self, line: Line) -> list[Finding]:
        now = (line.at_ns, line.mono_ns)
        last, self._last = self._last or now, now
        self._first = self._first or now
        apart_ns = abs(now[0] - last[0] - now[1] + last[1])
        gone_ns = abs(now[0] - self._first[0] - now[1] + self._first[1])
        if apart_ns <= _STEP_NS and gone_ns <= _STEP_NS:
            return []
        words = _stepped(last, now) or _stepped(self._first, now)
        if not words:
            return []
        self._first = now  # each step is told once
        return [Finding("void", "clock", words, line.n)]

    def _opened(self, line: Line) -> list[Finding]:
        if self.window_start_ns is None:
            self.window_start_ns = line.mono_ns
        return []

    def over_window(self, line: Line) -> Finding | None:
        """Return a finding when a verdict comes later than the window allows."""
        if self.window_start_ns is None:
            return None
        seconds = (line.mono_ns - self.window_start_ns) / NS
        if seconds <= WINDOW_S:
            return None
        words = f"the last verdict came {seconds / 3600:.2f} h after the first connection"
        return Finding("void", "window", words, line.n)

    # --- boots ---

    def _ask(self, line: Line, *, boots: _Boots = "one") -> None:
        self._asked = (line.mono_ns, boots)

    def _sent(self, line: Line) -> None:
        frame = line.data["frame"]
        if self._boot_id is not None and frame.startswith(f'[3,"{self._boot_id}"'):
            self._boot_id = None
            # until it is accepted the DUT repeats its BootNotification (B02.FR.06, B03.FR.06)
            self._registering = json.loads(frame)[2].get("status") != "Accepted"
        if not frame.startswith("[2,"):
            return
        _, identity, action, payload = json.loads(frame)
        if action == "UpdateFirmware":
            self._ask(line, boots="several")
        elif action == "Reset" and "evseId" not in payload:
            self._resets.add(identity)

    def _received(self, line: Line) -> list[Finding]:
        text = line.data["frame"]
        if '"BootNotification"' in text or "\\u" in text:  # a letter may be written as a number
            identity, payload = _boot_call(text)
            if payload is not None:
                return self._boot(line, identity, payload)
        if '"FirmwareStatusNotification"' in text or '"TransactionEvent"' in text:
            self._keep_asked(line)
        elif self._lets_reset(text) or ("RebootRequired" in text and answered(text) is not None):
            self._ask(line)
        return []

    def _lets_reset(self, text: str) -> bool:
        """Tell whether this is the answer to a Reset that is not refused (B11.FR.01, B12)."""
        if not self._resets or answered(text) not in self._resets:
            return False
        return '"Accepted"' in text or '"Scheduled"' in text

    def _keep_asked(self, line: Line) -> None:
        """A scheduled reset or a firmware update under way keeps the reboot asked for."""
        if self._asked is not None:
            self._asked = (line.mono_ns, self._asked[1])

    def _was_asked(self, line: Line) -> bool:
        """Tell whether a boot was asked for; one request stands for one boot."""
        asked = self._asked
        if asked is None or line.mono_ns - asked[0] > self._boot_window_ns:
            return False
        if asked[1] == "one":
            self._asked = None
        return True

    def _boot(self, line: Line, identity: str, payload: dict[str, Any]) -> list[Finding]:
        repeated, self._boot_id = self._registering, identity
        findings = self._identity(line, payload.get("chargingStation") or {})
        reason = payload.get("reason")
        if reason == _NO_BOOT or repeated:
            return findings
        asked = self._was_asked(line)
        first, self._seen_boot = not self._seen_boot, True
        if reason in _UNASKED:
            findings.append(Finding("crash", "crash", f"the DUT booted by {reason}", line.n))
        elif not asked and not first:
            words = f"the DUT booted (reason {reason}) although nobody had asked it to"
            findings.append(Finding("crash", "crash", words, line.n))
        return findings

    def _identity(self, line: Line, station: Mapping[str, Any]) -> list[Finding]:
        findings = []
        for name, expected in self._product.items():
            got = station.get(name)
            if got != expected:
                words = f"BootNotification {name}: expected {expected!r}, got {got!r}"
                findings.append(Finding("void", "identity", words, line.n))
        serial = station.get("serialNumber")
        if self._serial is _UNTOLD:
            self._serial = serial
        elif serial != self._serial:
            words = f"BootNotification serialNumber: expected {self._serial!r}, got {serial!r}"
            findings.append(Finding("void", "identity", words, line.n))
        return findings


def answered(text: str) -> str | None:
    """Return the id of the call that a frame answers, whatever white space it holds, or None."""
    answer = _ANSWER.match(text)
    return None if answer is None else answer[1]


def _stepped(before: tuple[int, int], now: tuple[int, int]) -> str:
    """Return how far the clocks went apart, in words; empty when NTP may have slewed them."""
    wall_s, mono_s = (now[0] - before[0]) / NS, (now[1] - before[1]) / NS
    if abs(wall_s - mono_s) <= CLOCK_STEP_S + mono_s * _SLEW:
        return ""
    return f"the wall clock went {wall_s:.3f} s while the monotonic one went {mono_s:.3f} s"


def _boot_call(text: str) -> tuple[str, dict[str, Any] | None]:
    """Return id and payload of a BootNotificationRequest; no payload when it is none."""
    try:
        frame = json.loads(text)
    except ValueError:
        return "", None
    is_call = isinstance(frame, list) and len(frame) == 4 and frame[0] == 2  # noqa: PLR2004
    if not is_call or frame[2] != "BootNotification" or not isinstance(frame[3], dict):
        return "", None
    return str(frame[1]), frame[3]
