"""The authorization cache (C10, C11)."""

from typing import Any

import pytest

TOKEN = ("04AA", "ISO14443")


async def cached(desk: Any, **others: Any) -> Any:
    csms = await desk(**others)
    await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
    await session(csms)
    return csms


async def session(csms: Any) -> None:
    for _ in range(2):
        await csms.station.present_token(*TOKEN, 1)


class TestCache:
    async def test_knows_a_token_after_a_power_cut(self, desk: Any) -> None:
        csms = await cached(desk)
        await csms.station.power_cycle()
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        await session(csms)
        assert len(csms.of("Authorize")) == 1

    async def test_forgets_when_cleared(self, desk: Any) -> None:
        csms = await cached(desk)
        assert await csms.call("ClearCache", {}) == {"status": "Accepted"}
        await session(csms)
        assert len(csms.of("Authorize")) == 2

    async def test_cannot_be_cleared_when_disabled(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("AuthCacheCtrlr", "Enabled", "false")
        assert await csms.call("ClearCache", {}) == {"status": "Rejected"}

    async def test_entries_expire(self, desk: Any, claiming: Any) -> None:
        csms = await cached(desk, pics=claiming({"C-53": True}))
        await csms.set("AuthCacheCtrlr", "LifeTime", "0")
        await session(csms)
        assert len(csms.of("Authorize")) == 2

    async def test_expiry_named_by_the_csms_counts(self, desk: Any) -> None:
        info = {"status": "Accepted", "cacheExpiryDateTime": "2020-01-01T00:00:00Z"}
        answers = {"Authorize": lambda _: {"idTokenInfo": info}, "TransactionEvent": lambda _: {}}
        csms = await cached(desk, answers=answers)
        await session(csms)
        assert len(csms.of("Authorize")) == 2

    async def test_makes_room(self, desk: Any) -> None:
        csms = await desk()
        for number in range(102):
            await csms.station.present_token(f"{number:04}", "ISO14443", 1)
            await csms.station.present_token(f"{number:04}", "ISO14443", 1)
        await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
        known = len(csms.of("Authorize"))
        await csms.station.present_token("0101", "ISO14443", 1)
        assert len(csms.of("Authorize")) == known

    async def test_never_keeps_central_tokens(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.present_token("C", "Central", 1)
        assert csms.station.storage.get("cache") in (None, {})

    async def test_absent_when_not_claimed(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-49": False, "C-53": False, "C-54": ()}))
        assert await csms.call("ClearCache", {}) == {"error": "NotSupported"}

    async def test_a_refused_token_of_another_driver_is_asked_about(self, desk: Any) -> None:
        other = {"04BB": {"status": "Invalid"}}
        info = {"status": "Accepted"}

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            return {"idTokenInfo": other.get(request["idToken"]["idToken"], info)}

        csms = await desk(answers={"Authorize": answer})
        await csms.station.present_token("04BB", "ISO14443", 1)
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token("04BB", "ISO14443", 1)
        assert [each["idToken"]["idToken"] for each in csms.of("Authorize")][-1] == "04BB"
        assert len(csms.of("Authorize")) == 3


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "asked"),
        [("cache-keeps-nothing", 2), ("clear-cache-keeps-tokens", 1), ("clear-cache-rejected", 2)],
    )
    async def test_what_is_known_after_clearing(self, desk: Any, defect: str, asked: int) -> None:
        csms = await desk(defect)
        await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await session(csms)
        await csms.call("ClearCache", {})
        await session(csms)
        assert len(csms.of("Authorize")) == asked

    async def test_cleared_when_disabled(self, desk: Any) -> None:
        csms = await desk("clear-cache-when-disabled")
        await csms.set("AuthCacheCtrlr", "Enabled", "false")
        assert await csms.call("ClearCache", {}) == {"status": "Accepted"}
