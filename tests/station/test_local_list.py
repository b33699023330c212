"""The local authorization list (D01, D02)."""

from typing import Any

import pytest


def entry(token: str, status: str | None = "Accepted") -> dict[str, Any]:
    told = {} if status is None else {"idTokenInfo": {"status": status}}
    return {"idToken": {"idToken": token, "type": "ISO14443"}, **told}


async def send(csms: Any, version: int, *entries: dict[str, Any], full: bool = True) -> str:
    listed = {"localAuthorizationList": list(entries)} if entries else {}
    kind = "Full" if full else "Differential"
    payload = {"versionNumber": version, "updateType": kind, **listed}
    return str((await csms.call("SendLocalList", payload))["status"])


async def version(csms: Any) -> int:
    return int((await csms.call("GetLocalListVersion", {}))["versionNumber"])


async def size(csms: Any) -> str:
    return str((await csms.get("LocalAuthListCtrlr", "Entries"))["attributeValue"])


class TestUpdates:
    async def test_full_then_empty(self, desk: Any) -> None:
        csms = await desk()
        assert await version(csms) == 0
        assert await send(csms, 2, entry("A"), entry("B")) == "Accepted"
        assert (await version(csms), await size(csms)) == (2, "2")
        assert await send(csms, 3) == "Accepted"
        assert (await version(csms), await size(csms)) == (3, "0")

    async def test_differential(self, desk: Any) -> None:
        csms = await desk()
        await send(csms, 2, entry("A"))
        assert await send(csms, 3, entry("B"), full=False) == "Accepted"
        assert await send(csms, 4, entry("A", None), full=False) == "Accepted"
        assert await send(csms, 5, full=False) == "Accepted"
        assert (await version(csms), await size(csms)) == (5, "1")

    @pytest.mark.parametrize("number", [1, 2])
    async def test_old_version(self, desk: Any, number: int) -> None:
        csms = await desk()
        await send(csms, 2, entry("A"))
        assert await send(csms, number, entry("B"), full=False) == "VersionMismatch"
        assert await version(csms) == 2

    async def test_duplicates(self, desk: Any) -> None:
        assert await send(await desk(), 2, entry("A"), entry("a")) == "Failed"

    async def test_refused_by_hand(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.set_state(refused_local_auth_list=True)
        assert await send(csms, 2, entry("A")) == "Failed"

    async def test_survives_a_power_cut(self, desk: Any) -> None:
        csms = await desk()
        await send(csms, 2, entry("A"))
        await csms.station.power_cycle()
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        assert await version(csms) == 2

    async def test_disabled(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"LA-1": True}))
        await send(csms, 2, entry("A"))
        await csms.set("LocalAuthListCtrlr", "Enabled", "false")
        assert await version(csms) == 0

    async def test_unclaimed(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"profile.LocalAuthListManagement": False}))
        assert await csms.call("GetLocalListVersion", {}) == {"error": "NotSupported"}


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "status"),
        [
            ("local-list-full-fails", "Accepted"),
            ("local-list-update-fails", "Failed"),
            ("local-list-removal-fails", "Failed"),
        ],
    )
    async def test_what_is_not_accepted(self, desk: Any, defect: str, status: str) -> None:
        csms = await desk(defect)
        first = await send(csms, 2, entry("A"))
        assert first == ("Failed" if defect == "local-list-full-fails" else "Accepted")
        assert await send(csms, 3, entry("A", None), full=False) == status

    @pytest.mark.parametrize(
        ("defect", "status"),
        [
            ("local-list-old-version-accepted", "Accepted"),
            ("local-list-old-version-fails", "Failed"),
        ],
    )
    async def test_old_version(self, desk: Any, defect: str, status: str) -> None:
        csms = await desk(defect)
        await send(csms, 2, entry("A"))
        assert await send(csms, 1, entry("B"), full=False) == status

    async def test_versions_that_are_wrong(self, desk: Any) -> None:
        csms = await desk("local-list-version-stays")
        await send(csms, 2, entry("A"))
        assert await version(csms) == 0
        csms = await desk("local-list-empty-has-no-version")
        await send(csms, 2)
        assert await version(csms) == 0
        csms = await desk("local-list-empty-update-keeps-version")
        await send(csms, 2, entry("A"))
        await send(csms, 3, full=False)
        assert await version(csms) == 2
