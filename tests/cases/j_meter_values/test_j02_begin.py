"""TC_J_07 and TC_J_08: the values of the start of a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.metering import REGISTER, claiming

LOCAL, REMOTE = {"local": "ISO14443"}, {"remote": "ISO14443"}
EVENT = "TransactionEvent"
SAMPLE = "meterValue.0.sampledValue"
TWO = claiming(started=[REGISTER, "Voltage"])
START = "TxCtrlr.TxStartPoint"
Play = Callable[..., Any]
Payload = dict[str, Any]
WRONG = [
    ({"meterValue": ...}, {"E01.FR.09", "E01.FR.17"}),
    ({f"{SAMPLE}.0.context": "Sample.Periodic"}, {"J02.FR.04"}),
    ({f"{SAMPLE}.0.context": ...}, {"J02.FR.04"}),
    ({f"{SAMPLE}.1.measurand": "SoC"}, {"J02.FR.03"}),
    ({f"{SAMPLE}.1.location": "EV"}, {"errata 6.2.58"}),
    ({"meterValue.0.timestamp": "2027-01-14T08:00:00Z"}, {"J02.FR.10"}),
]


class TestTcJ07:
    @pytest.mark.parametrize("variant", [LOCAL, REMOTE])
    @pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed"])
    def test_in_the_started_event(self, meter: Play, variant: Payload, start: str) -> None:
        run = meter("TC_J_07_CS", variant=variant, claims=TWO, start=start)
        assert run.verdict == "pass", run.because

    def test_the_bay_is_taken_out(self, meter: Play) -> None:
        claims = {**TWO, "C-09.6": True, "C-09.1": True}
        run = meter("TC_J_07_CS", variant=LOCAL, claims=claims, start="ParkingBayOccupancy")
        assert run.verdict == "pass", run.because
        changed = [c["setVariableData"][0] for c in run.calls("SetVariables")]
        assert changed[0]["attributeValue"] == "EVConnected"

    def test_the_bay_cannot_be_taken_out(self, meter: Play) -> None:
        fixed = {"start": "ParkingBayOccupancy", "read_only": (START,)}
        assert meter("TC_J_07_CS", variant=LOCAL, **fixed).verdict == "not_applicable"

    @pytest.mark.parametrize(("changes", "requirements"), WRONG)
    def test_a_wrong_value(
        self, meter: Play, alter: Play, changes: Payload, requirements: set[str]
    ) -> None:
        spoil = alter(EVENT, {"eventType": "Started"}, changes)
        run = meter("TC_J_07_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert run.verdict == "fail"
        assert requirements & {found for _, found in run.failed}

    def test_never(self, meter: Play) -> None:
        run = meter("TC_J_07_CS", variant=LOCAL, begins="never")
        assert run.failed == [("post", "E01.FR.09")]


class TestTcJ08:
    @pytest.mark.parametrize("variant", [LOCAL, REMOTE])
    @pytest.mark.parametrize("begins", ["evse", "charging", "started"])
    def test_any_event_up_to_charging(self, meter: Play, variant: Payload, begins: str) -> None:
        run = meter("TC_J_08_CS", variant=variant, claims=TWO, start="Authorized", begins=begins)
        assert run.verdict == "pass", run.because

    def test_the_start_point_is_set(self, meter: Play) -> None:
        run = meter("TC_J_08_CS", variant=LOCAL, claims=TWO, start="EVConnected")
        assert run.verdict == "pass", run.because
        changed = [c["setVariableData"][0] for c in run.calls("SetVariables")]
        assert changed[0]["attributeValue"] == "Authorized"

    @pytest.mark.parametrize(("changes", "requirements"), WRONG)
    def test_a_wrong_value(
        self, meter: Play, alter: Play, changes: Payload, requirements: set[str]
    ) -> None:
        spoil = alter(EVENT, {"triggerReason": "CablePluggedIn"}, changes)
        run = meter("TC_J_08_CS", variant=LOCAL, claims=TWO, start="Authorized", spoil=spoil)
        assert run.verdict == "fail"
        assert requirements & {found for _, found in run.failed}

    def test_never(self, meter: Play) -> None:
        run = meter("TC_J_08_CS", variant=LOCAL, start="Authorized", begins="never")
        assert run.failed == [("post", "E01.FR.17")]
