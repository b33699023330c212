"""The master pass: what its holder stops, with and without a screen (C16)."""

from typing import Any

import pytest

from vdoc.station import authorization, master_pass

GROUP = {"idToken": "M", "type": "Central"}
KEY = ("04FF", "ISO14443")
TOKENS = {1: ("04AA", "ISO14443"), 2: ("04BB", "ISO14443")}


def answers() -> dict[str, Any]:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        master = request["idToken"]["idToken"] == KEY[0]
        info: dict[str, Any] = {"status": "Accepted"}
        return {"idTokenInfo": info | ({"groupIdToken": GROUP} if master else {})}

    return {"Authorize": answer}


def two_evses(product: Any, *, screen: bool) -> Any:
    base = product("dc-fast-charger")
    told = dict(base.answers) | {"C-07": screen, "C-08": not screen}
    return base.model_copy(update={"answers": tuple(told.items())})


@pytest.fixture
def charging(desk: Any, product: Any) -> Any:
    """Start two sessions, one at each EVSE, and present the master pass."""

    async def started(*defects: str, screen: bool) -> Any:
        pics = two_evses(product, screen=screen)
        csms = await desk(*defects, answers=answers(), pics=pics)
        await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
        await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
        await csms.set("AuthCtrlr", "MasterPassGroupId", "M")
        for evse, token in TOKENS.items():
            await csms.station.present_token(*token, evse)
        await csms.station.present_token(*KEY, 1)
        return csms

    return started


def ends(csms: Any) -> list[Any]:
    events = csms.events()
    return [e["transactionInfo"]["stoppedReason"] for e in events if e["eventType"] == "Ended"]


class TestWithoutScreen:
    async def test_it_stops_all(self, charging: Any) -> None:
        csms = await charging(screen=False)
        assert ends(csms) == ["MasterPass", "MasterPass"]
        assert csms.events()[-1]["idToken"]["idToken"] == KEY[0]

    @pytest.mark.parametrize(
        ("defect", "expected"),
        [
            (master_pass.STOPS_NOTHING, []),
            (master_pass.STOPS_FIRST, ["MasterPass"]),
            (master_pass.REASON_LOCAL, ["Other", "Other"]),
        ],
    )
    async def test_defects(self, charging: Any, defect: str, expected: list[str]) -> None:
        assert ends(await charging(defect, screen=False)) == expected


class TestWithScreen:
    async def test_it_waits_for_the_choice(self, charging: Any) -> None:
        csms = await charging(screen=True)
        assert ends(csms) == []
        await csms.station.select_session()
        assert len(ends(csms)) == 2

    async def test_it_stops_the_chosen_one(self, charging: Any) -> None:
        csms = await charging(screen=True)
        await csms.station.select_session(2)
        assert ends(csms) == ["MasterPass"]
        await csms.station.select_session(1)  # the choice has been made
        assert len(ends(csms)) == 1

    async def test_a_choice_that_is_ignored(self, charging: Any) -> None:
        csms = await charging(master_pass.CHOICE_IGNORED, screen=True)
        await csms.station.select_session(2)
        assert len(ends(csms)) == 2


async def test_a_master_pass_that_starts(desk: Any) -> None:
    csms = await desk(authorization.MASTER_PASS_STARTS, answers=answers())
    await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
    await csms.set("AuthCtrlr", "MasterPassGroupId", "M")
    await csms.station.present_token(*KEY, 1)
    assert csms.triggers() == ["Authorized"]
