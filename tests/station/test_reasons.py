"""triggerReason and stoppedReason as they are told, rightly and wrongly."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from vdoc.station import reasons
from vdoc.station.reasons import told_reason, told_trigger
from vdoc.station.styles import Style


@dataclass
class FakeStation:
    defect: str = ""
    style: Style = field(default_factory=Style)

    def has(self, defect: str) -> bool:
        return defect == self.defect


def station(defect: str = "", style: Style | None = None) -> Any:
    return FakeStation(defect, style or Style())


class TestTrigger:
    @pytest.mark.parametrize("trigger", ["EVDetected", "Deauthorized", "ChargingStateChanged"])
    def test_as_it_is(self, trigger: str) -> None:
        assert told_trigger(station(), trigger) == trigger

    @pytest.mark.parametrize(
        ("defect", "trigger"),
        [
            (reasons.DETECTED_TRIGGER, "EVDetected"),
            (reasons.SIGNED_TRIGGER, "SignedDataReceived"),
            (reasons.REFUSED_TRIGGER, "Deauthorized"),
            (reasons.EV_LOST_TRIGGER, "EVCommunicationLost"),
            (reasons.DEPARTED_TRIGGER, "EVDeparted"),
        ],
    )
    def test_wrongly(self, defect: str, trigger: str) -> None:
        assert told_trigger(station(defect), trigger) != trigger
        assert told_trigger(station(defect), "ChargingStateChanged") == "ChargingStateChanged"


class TestReason:
    def test_local_may_be_left_out(self) -> None:
        assert told_reason(station(), "Local") == "Local"
        assert told_reason(station(style=Style(stopped_reason_local=False)), "Local") is None

    @pytest.mark.parametrize(
        ("defect", "reason"),
        [
            (reasons.REFUSED_REASON, "DeAuthorized"),
            (reasons.EV_LOST_REASON, "EVDisconnected"),
            (reasons.SUSPENDED_REASON, "StoppedByEV"),
            (reasons.TIMEOUT_REASON, "Timeout"),
        ],
    )
    def test_wrongly(self, defect: str, reason: str) -> None:
        assert told_reason(station(defect), reason) == "Other"
        assert told_reason(station(defect), "PowerLoss") == "PowerLoss"
