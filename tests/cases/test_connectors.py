"""Reports about connectors, in either of their two forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vdoc.bench import Message
from vdoc.cases.connectors import Place, reports

AT = datetime(2027, 1, 15, 8, tzinfo=UTC)
Play = Callable[..., Any]


def status(evse: int, connector: int) -> Message:
    payload = {"connectorStatus": "Occupied", "evseId": evse, "connectorId": connector}
    return Message("StatusNotification", "Request", payload, "s1", 1, 1, AT, 1)


def notify(*entries: dict[str, Any]) -> Message:
    payload = {"eventData": list(entries)}
    return Message("NotifyEvent", "Request", payload, "s1", 1, 1, AT, 1)


def entry(name: str = "Connector", variable: str = "AvailabilityState", **evse: int) -> Any:
    component = {"name": name, **({"evse": evse} if evse else {})}
    data = {"component": component, "variable": {"name": variable}, "trigger": "Delta"}
    return {**data, "actualValue": "Occupied"}


def test_a_status_notification_tells_of_one_connector() -> None:
    (report,) = reports(status(1, 2))
    assert report.place == Place(1, 2)
    assert report.message[report.state_path].value == "Occupied"


@pytest.mark.parametrize(("evse", "connector"), [(0, 0), (1, 0), (0, 1)])
def test_zero_is_no_connector(evse: int, connector: int) -> None:
    assert reports(status(evse, connector)) == ()


def test_a_notify_event_may_tell_of_several() -> None:
    message = notify(
        entry("EVSE", id=1), entry(id=1, connectorId=1), entry(id=1, connectorId=2),
        entry(id=1, connectorId=1),
    )  # fmt: skip
    found = {report.place: report.state_path for report in reports(message)}
    assert found == {
        Place(1, 1): "eventData.3.actualValue",
        Place(1, 2): "eventData.2.actualValue",
    }


@pytest.mark.parametrize(
    "data",
    [
        entry("ConnectedEV", id=1, connectorId=1),
        entry("EVSE", id=1),
        entry("Connector", "Problem", id=1, connectorId=1),
        entry("Connector"),
    ],
)
def test_other_events_tell_of_none(data: Any) -> None:
    assert reports(notify(data)) == ()


def test_names_compare_without_case() -> None:
    assert reports(notify(entry("connector", "availabilitystate", id=1, connectorId=1)))


def test_one_message_may_be_about_all(play: Play) -> None:
    def merge(action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        if action != "NotifyEvent":
            return payload
        (data,) = payload["eventData"]
        if data["component"]["evse"]["connectorId"] == 1:
            return None
        first = {**data, "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}}
        return {**payload, "eventData": [data, first]}

    run = play("TC_G_03_CS", connectors=2, notify_event=True, spoil=merge)
    assert run.verdict == "pass"


def test_a_report_of_before_may_still_be_on_its_way(play: Play, alter: Play) -> None:
    spoil = alter("StatusNotification", {"connectorId": 2}, {"connectorId": 1})
    stale = alter("StatusNotification", {"connectorId": 1}, {"connectorStatus": "Occupied"})

    def both(action: str, payload: dict[str, Any]) -> Any:
        return spoil(action, stale(action, payload))

    run = play("TC_G_03_CS", connectors=2, spoil=both)
    assert run.failed == [("Unavailable.3", "G03.FR.02")]
    assert "connector 2 of EVSE 1 is Unavailable" in run.because
    assert not [check for check in run.result.checks if check.actual == "'Occupied'"]


class TestPeriodicReports:
    """A periodic NotifyEvent may come at any time; it neither tells a change nor hides one."""

    def test_the_change_may_follow(self, play: Play) -> None:
        def spoil(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            if action != "NotifyEvent":
                return payload
            (data,) = payload["eventData"]
            if data["component"]["evse"]["connectorId"] == 1:
                return {**payload, "eventData": [{**data, "trigger": "Periodic"}]}
            other = {
                **data,
                "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
            }
            return {**payload, "eventData": [data, other]}

        run = play("TC_G_03_CS", connectors=2, notify_event=True, spoil=spoil)
        assert run.verdict == "pass", run.because

    def test_it_is_not_enough(self, play: Play, alter: Play) -> None:
        spoil = alter("NotifyEvent", {}, {"eventData.0.trigger": "Periodic"})
        run = play("TC_G_03_CS", notify_event=True, spoil=spoil)
        assert run.failed == [("Unavailable.3", "G03.FR.02")]
        assert "'Periodic'" in run.because
