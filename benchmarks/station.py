"""A station that costs next to nothing, as a process of its own: what is measured is the tester.

It is one blocking socket, a frame made by string formatting and a mask of zeros, which is legal and
free. The same station talks to every server that is compared. It keeps to one CALL at a time.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time
from base64 import b64encode
from dataclasses import asdict, dataclass

IDENTITY = "CS-BENCH"
PASSWORD = "0123456789abcdef"  # noqa: S105  # of a loopback server that lives for seconds
PATH = f"/{IDENTITY}"

_CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"  # status 1000, which masks to itself

_SAMPLE = (
    '{{"value":{value},"context":"Sample.Periodic","measurand":"{measurand}"{phase},'
    '"location":"Outlet","unitOfMeasure":{{"unit":"{unit}"}}}}'
)
_ENERGY = (1234.5, "Energy.Active.Import.Register", "", "Wh")
_THREE_PHASE = (
    _ENERGY,
    (11040.0, "Power.Active.Import", "", "W"),
    *((16.0, "Current.Import", phase, "A") for phase in ("L1", "L2", "L3")),
    *((230.1, "Voltage", phase, "V") for phase in ("L1-N", "L2-N", "L3-N")),
)
_HEAD = (
    '[2,"%d","TransactionEvent",{"eventType":"Updated","timestamp":"2027-01-15T08:00:00.000Z",'
    '"triggerReason":"MeterValuePeriodic","seqNo":%d,"offline":false,"transactionInfo":'
    '{"transactionId":"4f6f1b0e-4a1c-4bd3-9d5a-0b9a51d3c7e1","chargingState":"Charging"},'
    '"evse":{"id":1,"connectorId":1},"meterValue":[{"timestamp":"2027-01-15T08:00:00.000Z",'
    '"sampledValue":['
)


def _template(*samples: tuple[float, str, str, str]) -> str:
    values = (
        _SAMPLE.format(
            value=value, measurand=measurand, unit=unit,
            phase=f',"phase":"{phase}"' if phase else "",
        )
        for value, measurand, phase, unit in samples
    )  # fmt: skip
    return _HEAD + ",".join(values) + "]}]}]"


EVENTS = {"short": _template(_ENERGY), "three-phase": _template(*_THREE_PHASE)}
"""A TransactionEvent with one sampled value, and with the eight of a three-phase meter."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the station measured.

    Attributes:
        count: CALLs sent and answered.
        seconds: from the first sent to the last answered.
        sent_ns: CLOCK_MONOTONIC just before each was sent, when it was asked to keep them.
    """

    count: int
    seconds: float
    sent_ns: list[int]


def event(n: int, kind: str = "short") -> str:
    """Return the `n`-th TransactionEvent CALL."""
    return EVENTS[kind] % (n, n)


def connect(port: int) -> socket.socket:
    """Open a WebSocket connection and return its socket.

    Raises:
        ConnectionError: the server did not switch protocols.
    """
    peer = socket.create_connection(("127.0.0.1", port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    token = b64encode(f"{IDENTITY}:{PASSWORD}".encode()).decode()
    peer.sendall(
        (
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: ocpp2.0.1\r\nAuthorization: Basic {token}\r\n\r\n"
        ).encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        chunk = peer.recv(4096)
        if not chunk:
            raise ConnectionError(f"closed during the upgrade: {answer!r}")
        answer += chunk
    if b" 101 " not in answer:
        raise ConnectionError(f"not upgraded: {answer!r}")
    return peer


def masked(text: str) -> bytes:
    """Return a text frame of up to 64 KiB under a mask of zeros."""
    body = text.encode()
    size = len(body)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + b"\x00\x00\x00\x00" + body


def read_frame(peer: socket.socket) -> bytes:
    """Return the payload of the next frame; the servers send none longer than 64 KiB."""
    data = peer.recv(65536)
    while True:
        if len(data) >= 2:
            size, start = data[1], 2
            if size == 126 and len(data) >= 4:
                size, start = int.from_bytes(data[2:4], "big"), 4
            if size != 126 and len(data) >= start + size:
                return data[start : start + size]
        chunk = peer.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        data += chunk


def talk(port: int, count: int, kind: str, per_second: float, *, keep: bool) -> Told:
    """Send `count` CALLs, each after the answer to the one before.

    Args:
        port: of the server.
        count: how many.
        kind: which of `EVENTS`.
        per_second: pace; 0 sends as fast as answers come.
        keep: keep the time of each sending.
    """
    peer = connect(port)
    sent_ns: list[int] = []
    begun = time.monotonic()
    for n in range(count):
        frame = masked(event(n, kind))
        if per_second:
            time.sleep(max(0.0, begun + n / per_second - time.monotonic()))
        if keep:
            sent_ns.append(time.monotonic_ns())
        peer.sendall(frame)
        read_frame(peer)
    seconds = time.monotonic() - begun
    peer.sendall(_CLOSE)
    peer.close()
    return Told(count, seconds, sent_ns)


def main() -> None:
    """Talk as the arguments say, and print what was measured as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--kind", choices=sorted(EVENTS), default="short")
    parser.add_argument("--per-second", type=float, default=0.0)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    told = talk(
        arguments.port, arguments.count, arguments.kind, arguments.per_second, keep=arguments.keep
    )
    json.dump(asdict(told), sys.stdout)


if __name__ == "__main__":
    main()
