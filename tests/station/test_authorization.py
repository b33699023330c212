"""Who may charge: tokens, local knowledge, groups and the master pass (C01 to C16)."""

import asyncio
from typing import Any

import pytest

from vdoc.station import authorization

TOKEN, OTHER = ("04AA", "ISO14443"), ("04BB", "ISO14443")


def says(**by_id: dict[str, Any]) -> dict[str, Any]:
    """Answers to Authorize by idToken."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {"idTokenInfo": by_id.get("t" + request["idToken"]["idToken"], ACCEPTED)}

    return {"Authorize": answer}


ACCEPTED: dict[str, Any] = {"status": "Accepted"}
INVALID: dict[str, Any] = {"status": "Invalid"}


def member_of(group: str) -> dict[str, Any]:
    return {"status": "Accepted", "groupIdToken": {"idToken": group, "type": "Central"}}


async def started(desk: Any, *defects: str, answers: Any = None, **others: Any) -> Any:
    csms = await desk(*defects, answers=answers, **others)
    await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
    await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
    return csms


def listed(status: str = "Accepted") -> dict[str, Any]:
    entry = {"idToken": {"idToken": "04AA", "type": "ISO14443"}, "idTokenInfo": {"status": status}}
    return {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}


async def go_offline(csms: Any) -> None:
    csms.drop(refuse=True)
    await asyncio.sleep(0.01)


def authorized(csms: Any) -> bool:
    return csms.station.software.evses[0].authorization is not None


class TestOnline:
    async def test_asks_the_csms(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.station.present_token(*TOKEN, 1)
        assert csms.of("Authorize") == [{"idToken": {"idToken": "04AA", "type": "ISO14443"}}]
        assert csms.events()[0]["idToken"]["idToken"] == "04AA"

    @pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired", "Unknown"])
    async def test_starts_nothing_for_others(self, desk: Any, status: str) -> None:
        csms = await started(desk, answers=says(t04AA={"status": status}))
        await csms.station.present_token(*TOKEN, 1)
        assert csms.events() == []

    async def test_only_at_the_allowed_evse(self, desk: Any) -> None:
        csms = await started(desk, answers=says(t04AA={"status": "Accepted", "evseId": [9]}))
        await csms.station.present_token(*TOKEN, 1)
        assert csms.events() == []

    async def test_start_button_asks_nobody(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.station.present_token("", "NoAuthorization", 1)
        assert csms.of("Authorize") == []
        assert csms.events()[0]["idToken"] == {"idToken": "", "type": "NoAuthorization"}

    async def test_a_listed_token_is_not_asked_for(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.call("SendLocalList", listed())
        await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await csms.station.present_token(*TOKEN, 1)
        assert csms.of("Authorize") == []
        assert authorized(csms)

    async def test_a_token_listed_as_invalid_is_asked_for(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.call("SendLocalList", listed("Invalid"))
        await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await csms.station.present_token(*TOKEN, 1)
        assert authorized(csms)
        assert len(csms.of("Authorize")) == 1

    async def test_a_cached_token_is_not_asked_for_again(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.set("AuthCtrlr", "LocalPreAuthorize", "true")
        for _ in range(3):
            await csms.station.present_token(*TOKEN, 1)
        assert len(csms.of("Authorize")) == 1

    async def test_remote_authorization_can_be_disabled(self, desk: Any, claiming: Any) -> None:
        csms = await started(desk, pics=claiming({"C-58": True}))
        await csms.set("AuthCtrlr", "DisableRemoteAuthorization", "true")
        await csms.station.present_token(*TOKEN, 1)
        assert csms.of("Authorize") == []
        assert not authorized(csms)


class TestOffline:
    async def test_unknown_ids_as_configured(self, desk: Any) -> None:
        csms = await started(desk)
        await go_offline(csms)
        await csms.station.present_token(*TOKEN, 1)
        assert not authorized(csms)
        model = csms.station.software.model
        model.set(model.variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled"), "true")
        await csms.station.present_token(*TOKEN, 1)
        assert authorized(csms)

    @pytest.mark.parametrize("status", ["Accepted", "Invalid"])
    async def test_the_list_decides(self, desk: Any, status: str) -> None:
        csms = await started(desk)
        await csms.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
        await csms.call("SendLocalList", listed(status))
        await go_offline(csms)
        await csms.station.present_token(*TOKEN, 1)
        assert authorized(csms) is (status == "Accepted")

    async def test_the_list_goes_before_the_cache(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token(*TOKEN, 1)
        await csms.call("SendLocalList", listed("Invalid"))
        await go_offline(csms)
        await csms.station.present_token(*TOKEN, 1)
        assert not authorized(csms)


class TestOtherTokens:
    async def test_changes_nothing(self, desk: Any) -> None:
        csms = await started(desk)
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token(*OTHER, 1)
        assert len(csms.of("Authorize")) == 2
        assert len(csms.events()) == 1

    async def test_of_the_same_group_stops(self, desk: Any) -> None:
        answers = says(t04AA=member_of("G"), t04BB=member_of("G"))
        csms = await started(desk, answers=answers)
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token(*OTHER, 1)
        assert csms.triggers()[-1] == "StopAuthorized"
        assert csms.events()[-1]["idToken"]["idToken"] == "04BB"

    async def test_master_pass_stops_everything(self, desk: Any) -> None:
        csms = await started(desk, answers=says(t04BB=member_of("M")))
        await csms.set("AuthCtrlr", "MasterPassGroupId", "M")
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token(*OTHER, 1)
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "MasterPass"

    async def test_master_pass_starts_nothing(self, desk: Any) -> None:
        csms = await started(desk, answers=says(t04BB=member_of("M")))
        await csms.set("AuthCtrlr", "MasterPassGroupId", "M")
        await csms.station.present_token(*OTHER, 1)
        assert csms.events() == []

    async def test_master_pass_chooses_at_the_screen(self, desk: Any, claiming: Any) -> None:
        pics = claiming({"C-07": True, "C-08": False})
        csms = await started(desk, answers=says(t04BB=member_of("M")), pics=pics)
        await csms.set("AuthCtrlr", "MasterPassGroupId", "M")
        await csms.station.present_token(*TOKEN, 1)
        await csms.station.present_token(*OTHER, 1)
        assert len(csms.events()) == 1
        await csms.station.select_session(1)
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "MasterPass"


class TestDefects:
    async def test_invalid_token_starts(self, desk: Any) -> None:
        answers = says(t04AA=INVALID)
        csms = await started(desk, authorization.INVALID_STARTS, answers=answers)
        await csms.station.present_token(*TOKEN, 1)
        assert csms.triggers() == ["Authorized"]

    async def test_asks_nobody(self, desk: Any) -> None:
        csms = await started(desk, authorization.NO_AUTHORIZE)
        await csms.station.present_token(*TOKEN, 1)
        assert csms.of("Authorize") == []

    async def test_asks_for_another_token(self, desk: Any) -> None:
        csms = await started(desk, authorization.WRONG_AUTHORIZE)
        await csms.station.present_token(*TOKEN, 1)
        assert csms.of("Authorize")[0]["idToken"]["idToken"] == "0000"
