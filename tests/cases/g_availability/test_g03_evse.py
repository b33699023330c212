"""Change of availability of an EVSE; its transaction is `test_scheduled`'s business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STATUS = "StatusNotification"
ANSWER = "ChangeAvailabilityResponse"
EVSE = {"evse": {"id": 1}}
ON = {"operationalStatus": "Operative"} | EVSE
OFF = {"operationalStatus": "Inoperative"} | EVSE
Play = Callable[..., Any]


class TestTcG03:
    @pytest.mark.parametrize("notify_event", [False, True])
    @pytest.mark.parametrize("connectors", [1, 3])
    def test_every_connector_is_told(
        self, change: Play, connectors: int, notify_event: bool
    ) -> None:
        run = change("TC_G_03_CS", connectors=connectors, notify_event=notify_event)
        assert run.verdict == "pass"
        assert run.calls("ChangeAvailability") == [OFF]

    @pytest.mark.parametrize("status", ["Rejected", "Scheduled"])
    def test_it_is_not_accepted(self, change: Play, alter: Play, status: str) -> None:
        run = change("TC_G_03_CS", spoil=alter(ANSWER, {}, {"status": status}))
        assert run.failed == [("Unavailable.2", "G03.FR.01")]

    def test_one_connector_is_left_out(self, change: Play, drop: Play) -> None:
        run = change("TC_G_03_CS", connectors=2, spoil=drop(STATUS, {"connectorId": 2}))
        assert run.failed == [("Unavailable.3", "G03.FR.02")]
        assert "connector 2 of EVSE 1" in run.because

    def test_a_wrong_state(self, change: Play, alter: Play) -> None:
        run = change("TC_G_03_CS", spoil=alter(STATUS, {}, {"connectorStatus": "Faulted"}))
        assert run.failed == [("Unavailable.3", "G03.FR.02")]


class TestTcG04:
    @pytest.mark.parametrize("notify_event", [False, True])
    @pytest.mark.parametrize("connectors", [1, 2])
    def test_every_connector_is_told(
        self, change: Play, connectors: int, notify_event: bool
    ) -> None:
        run = change("TC_G_04_CS", connectors=connectors, notify_event=notify_event)
        assert run.verdict == "pass"
        assert run.calls("ChangeAvailability") == [OFF, ON]

    def test_one_connector_is_left_out(self, change: Play, drop: Play) -> None:
        where = {"connectorId": 2, "connectorStatus": "Available"}
        run = change("TC_G_04_CS", connectors=2, spoil=drop(STATUS, where))
        assert run.failed == [("3", "G03.FR.04")]

    def test_a_wrong_state(self, change: Play, alter: Play) -> None:
        where, changes = {"connectorStatus": "Available"}, {"connectorStatus": "Occupied"}
        run = change("TC_G_04_CS", spoil=alter(STATUS, where, changes))
        assert run.failed == [("3", "G03.FR.04")]

    def test_it_was_not_unavailable(self, change: Play, drop: Play) -> None:
        run = change("TC_G_04_CS", spoil=drop(STATUS, {"connectorStatus": "Unavailable"}))
        assert run.verdict == "inconc"


@pytest.mark.parametrize(("case", "asked"), [("TC_G_09_CS", [ON]), ("TC_G_10_CS", [OFF, OFF])])
class TestTcG09AndTcG10:
    @pytest.mark.parametrize("repeats", [False, True])
    def test_no_change(self, change: Play, case: str, asked: list[Any], repeats: bool) -> None:
        run = change(case, repeats=repeats)
        assert run.verdict == "pass"
        assert run.calls("ChangeAvailability") == asked

    @pytest.mark.parametrize("status", ["Rejected", "Scheduled"])
    def test_no_change_is_refused(
        self, change: Play, case: str, asked: list[Any], status: str
    ) -> None:
        run = change(case, spoil=refusing(len(asked), status))
        assert (run.verdict, run.failed) == ("fail", [("2", "G03.FR.03")])


def test_an_inoperative_one_becomes_operative(change: Play) -> None:
    run = change("TC_G_10_CS", revives=True)
    assert (run.verdict, run.failed) == ("fail", [("post", "G03.FR.04")])


class TestTcG18:
    @pytest.mark.parametrize("notify_event", [False, True])
    @pytest.mark.parametrize("repeats", [False, True])
    def test_it_stays_unavailable(self, change: Play, notify_event: bool, repeats: bool) -> None:
        style = {"notify_event": notify_event, "repeats": repeats}
        run = change("TC_G_18_CS", connectors=2, second_evse=True, **style)
        assert run.verdict == "pass"
        assert run.calls("ChangeAvailability") == [OFF, OFF]

    def test_it_is_lost(self, change: Play) -> None:
        run = change("TC_G_18_CS", loses=True)
        assert (run.verdict, run.failed) == ("fail", [("Booted.5", "G03.FR.08")])

    def test_it_spreads(self, change: Play, alter: Play) -> None:
        spoil = alter(STATUS, {"evseId": 2}, {"connectorStatus": "Unavailable"})
        run = change("TC_G_18_CS", second_evse=True, repeats=True, spoil=spoil)
        assert run.failed == [("3", "G03.FR.04"), ("Booted.5", "G03.FR.08")]


def refusing(number: int, status: str) -> Callable[[str, Any], Any]:
    """Spoil the answer to the `number`-th ChangeAvailability."""
    seen: list[str] = []

    def spoil(action: str, payload: Any) -> Any:
        seen.extend([action] if action == ANSWER else [])
        return {"status": status} if action == ANSWER and len(seen) == number else payload

    return spoil
