"""CALLs in both directions (Part 4, chapter 4)."""

import asyncio
from typing import Any

import pytest

from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError


class TestSending:
    async def test_one_call_at_a_time(self, desk: Any) -> None:
        csms = await desk(answers={"DataTransfer": lambda _: None})
        first = asyncio.create_task(csms.station.call("DataTransfer", {"vendorId": "1"}))
        second = asyncio.create_task(csms.station.call("DataTransfer", {"vendorId": "2"}))
        await csms.until(lambda: csms.of("DataTransfer"))
        assert csms.of("DataTransfer") == [{"vendorId": "1"}]
        first.cancel()
        second.cancel()

    async def test_an_error_is_raised(self, desk: Any) -> None:
        csms = await desk(answers={"DataTransfer": lambda _: "InternalError"})
        with pytest.raises(CallFailedError) as raised:
            await csms.station.call("DataTransfer", {"vendorId": "1"})
        assert raised.value.code == "InternalError"

    async def test_silence_is_raised(self, desk: Any) -> None:
        csms = await desk(answers={"DataTransfer": lambda _: None})
        csms.station.software.model.variable(
            "OCPPCommCtrlr", "MessageTimeout", "Default"
        ).value = "0"
        with pytest.raises(CallTimeoutError):
            await csms.station.call("DataTransfer", {"vendorId": "1"})

    async def test_a_lost_connection_is_raised(self, desk: Any) -> None:
        csms = await desk(answers={"DataTransfer": lambda _: None})
        call = asyncio.create_task(csms.station.call("DataTransfer", {"vendorId": "1"}))
        await csms.until(lambda: csms.of("DataTransfer"))
        csms.drop(refuse=True)
        with pytest.raises(OfflineError):
            await call


class TestAnswering:
    @pytest.mark.parametrize(
        ("action", "payload", "code"),
        [
            ("Nonesuch", {}, "NotImplemented"),
            ("ReserveNow", {}, "NotSupported"),
            ("Reset", {"type": "Sometime"}, "PropertyConstraintViolation"),
            ("Reset", {}, "OccurrenceConstraintViolation"),
            ("Reset", {"type": 1}, "TypeConstraintViolation"),
        ],
    )
    async def test_what_it_cannot_process(
        self, desk: Any, action: str, payload: dict[str, Any], code: str
    ) -> None:
        assert await (await desk()).call(action, payload) == {"error": code}

    async def test_takes_its_time(self, desk: Any) -> None:
        csms = await desk(style="slow")
        began = asyncio.get_running_loop().time()
        await csms.get("OCPPCommCtrlr", "OfflineThreshold")
        assert asyncio.get_running_loop().time() - began >= csms.station.style.answer_delay_s
