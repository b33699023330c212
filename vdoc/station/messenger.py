"""CALLs of one boot: one outstanding at a time, their time-outs, and the answers to the CSMS's.

Keeps Part 4 §4.1.1 (no second CALL before the first is answered) and §4.3 (CALLERROR codes).
Knows connections only as `Transport`; what a message means is the handlers' business.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from vdoc.ocpp.actions import CSMS_ACTIONS
from vdoc.ocpp.frames import Call, CallError, CallResult, Malformed, parse, serialise
from vdoc.ocpp.schemas import violations
from vdoc.station.seams import Payload, RefuseCall, Reply, Transport

if TYPE_CHECKING:
    from vdoc.station.station import Station


class CallFailedError(Exception):
    """The CSMS answered with a CALLERROR."""

    def __init__(self, action: str, code: str, description: str) -> None:
        super().__init__(f"{action}: CALLERROR {code} {description}")
        self.code = code


class CallTimeoutError(Exception):
    """The CSMS did not answer within the message time-out."""


class OfflineError(Exception):
    """There is no connection, it broke before the answer, or the station is not accepted."""


class Messenger:
    """The CALLs of one boot of one station, over whichever connection stands."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._transport: Transport | None = None
        self._slot = asyncio.Lock()
        self._pending: tuple[str, asyncio.Future[CallResult | CallError]] | None = None
        self._incoming: asyncio.Queue[tuple[Transport, str]] = asyncio.Queue()
        self.last_sent = 0.0
        station.spawn(self._serve())

    @property
    def connected(self) -> bool:
        """Whether a connection stands."""
        return self._transport is not None

    def opened(self, transport: Transport) -> None:
        """A new connection replaces whatever there was."""
        self._fail_pending()
        self._transport = transport

    def closed(self, transport: Transport) -> bool:
        """Forget `transport`; says whether it was the one in use."""
        if self._transport is not transport:
            return False
        self._transport = None
        self._fail_pending()
        return True

    async def close(self) -> None:
        """Close the connection; the link opens another."""
        if self._transport is not None:
            await self._transport.close()

    def _fail_pending(self) -> None:
        if self._pending is not None and not self._pending[1].done():
            self._pending[1].set_exception(OfflineError("connection lost"))

    async def call(self, action: str, payload: Payload) -> Payload:
        """Send a CALL when the slot is free; see `Station.call` for what it raises."""
        async with self._slot:
            transport = self._transport
            if transport is None:
                raise OfflineError(f"{action}: no connection")
            call = Call(str(uuid.uuid4()), action, payload)
            answer: asyncio.Future[CallResult | CallError] = (
                asyncio.get_running_loop().create_future()
            )
            self._pending = (call.id, answer)
            try:
                return await self._exchange(transport, call, answer)
            finally:
                self._pending = None

    async def _exchange(
        self, transport: Transport, call: Call, answer: asyncio.Future[CallResult | CallError]
    ) -> Payload:
        self.last_sent = asyncio.get_running_loop().time()
        await transport.send(serialise(call))
        limit_s = self._station.software.model.integer("OCPPCommCtrlr", "MessageTimeout", "Default")
        try:
            async with asyncio.timeout(limit_s):
                frame = await answer
        except TimeoutError as error:
            raise CallTimeoutError(f"{call.action}: no answer within {limit_s} s") from error
        if isinstance(frame, CallError):
            raise CallFailedError(call.action, frame.code, frame.description)
        return frame.payload

    def received(self, text: str) -> None:
        """A frame arrived; answers go to the waiting call at once, CALLs are served in order."""
        frame = parse(text)
        if isinstance(frame, CallResult | CallError):
            self._answered(frame)
        elif self._transport is not None:
            self._incoming.put_nowait((self._transport, text))

    def _answered(self, frame: CallResult | CallError) -> None:
        if self._pending is None or self._pending[0] != frame.id:
            return  # late or unknown: nobody waits for it
        if not self._pending[1].done():
            self._pending[1].set_result(frame)

    async def _serve(self) -> None:
        while True:
            transport, text = await self._incoming.get()
            frame = parse(text)
            if isinstance(frame, Call):
                await self._serve_call(transport, frame)
            elif isinstance(frame, Malformed) and frame.message_type == 2:  # noqa: PLR2004 # CALL
                error = CallError(frame.id or "-1", frame.code, frame.reason, {})
                await transport.send(serialise(error))

    async def _serve_call(self, transport: Transport, call: Call) -> None:
        try:
            reply = await self._answer(call)
        except RefuseCall as refusal:
            error = CallError(call.id, refusal.code, refusal.description, {})
            await transport.send(serialise(error))
            return
        if self._station.style.answer_delay_s:
            await asyncio.sleep(self._station.style.answer_delay_s)
        await transport.send(serialise(CallResult(call.id, reply.payload)))
        if reply.after is not None:
            self._station.spawn(reply.after)

    async def _answer(self, call: Call) -> Reply:
        handler = self._station.handlers.get(call.action)
        if handler is None:
            known = call.action in CSMS_ACTIONS
            raise RefuseCall("NotSupported" if known else "NotImplemented", call.action)
        self._station.software.boot.admit(call.action)
        found = violations(call.action, "Request", call.payload)
        if found:
            raise RefuseCall(found[0].code, f"{found[0].path}: {found[0].message}")
        return await handler(call.payload)
