"""TC_J_03 and TC_J_04: what the clock has collected for the Ended event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.metering import KEY, REGISTER, claiming

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
ENDED = {"eventType": "Ended"}
SAMPLE = "meterValue.0.sampledValue"
TWO = claiming(aligned_ended=[REGISTER, "Voltage"])
POLICY = "OCPPCommCtrlr.PublicKeyWithSignedMeterValue"
Play = Callable[..., Any]
Payload = dict[str, Any]


class TestTcJ03:
    @pytest.mark.parametrize("variant", [LOCAL, {"remote": "ISO14443"}])
    @pytest.mark.parametrize("style", [{}, {"separate_stop": True}, {"names_register": False}])
    def test_values_of_each_mark(self, meter: Play, variant: Payload, style: Payload) -> None:
        run = meter("TC_J_03_CS", variant=variant, claims=TWO, **style)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize("stop", ["EVConnected", "ParkingBayOccupancy"])
    def test_wherever_it_ends(self, meter: Play, stop: str) -> None:
        claims = {**TWO, "C-10.5": True} if stop == "ParkingBayOccupancy" else TWO
        run = meter("TC_J_03_CS", variant=LOCAL, claims=claims, stop=stop)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"meterValue": ...}, ("post", "E06.FR.11")),
            ({f"{SAMPLE}.0.context": "Transaction.End"}, ("post", "J01.FR.08")),
            ({f"{SAMPLE}.0.context": ...}, ("post", "J01.FR.08")),
            ({f"{SAMPLE}.1.measurand": "SoC"}, ("post", "E06.FR.11")),
            ({f"{SAMPLE}.1.location": "EV"}, ("post", "errata 6.2.58")),
            ({"meterValue.0.timestamp": "2027-01-15T08:00:30Z"}, ("post", "E06.FR.11")),
        ],
    )
    def test_a_wrong_value(
        self, meter: Play, alter: Play, changes: Payload, failed: tuple[str, str]
    ) -> None:
        spoil = alter(EVENT, ENDED, changes)
        run = meter("TC_J_03_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert failed in run.failed

    def test_a_value_that_nobody_configured(self, meter: Play) -> None:
        late = {"timestamp": "2027-01-15T08:03:00Z", "sampledValue": [
            {"value": 1.0, "context": "Transaction.End"}, {"value": 1.0, "measurand": "Voltage"},
        ]}  # fmt: skip

        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("eventType") != "Ended":
                return payload
            return {**payload, "meterValue": [*payload["meterValue"], late]}

        run = meter("TC_J_03_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert ("post", "J01.FR.08") in run.failed

    def test_one_value_is_too_few(self, meter: Play) -> None:
        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("eventType") != "Ended":
                return payload
            return {**payload, "meterValue": payload["meterValue"][:1]}

        run = meter("TC_J_03_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("post", "E06.FR.11")]


class TestTcJ04:
    @pytest.mark.parametrize("policy", ["Never", "OncePerTransaction", "EveryMeterValue", None])
    def test_signed(self, meter: Play, policy: str | None) -> None:
        run = meter("TC_J_04_CS", variant=LOCAL, claims=TWO, variables={POLICY: policy or "Never"})
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        ("policy", "key"),
        [("Never", KEY), ("EveryMeterValue", ""), ("OncePerTransaction", ""), ("Never", "?")],
    )
    def test_a_wrong_key(self, meter: Play, policy: str, key: str) -> None:
        run = meter("TC_J_04_CS", variant=LOCAL, variables={POLICY: policy}, key=key)
        assert set(run.failed) == {("post", "J01.FR.21")}

    def test_unsigned(self, meter: Play) -> None:
        run = meter("TC_J_04_CS", variant=LOCAL, signs=False)
        assert set(run.failed) == {("post", "J01.FR.21")}

    def test_values_of_the_transaction_are_let_pass(self, meter: Play) -> None:
        sampled = {"SampledDataCtrlr.TxEndedInterval": "10"}
        assert meter("TC_J_04_CS", variant=LOCAL, variables=sampled).verdict == "pass"

    def test_no_values_of_the_clock(self, meter: Play) -> None:
        run = meter("TC_J_04_CS", variant=LOCAL, ended=("begin", "end"))
        assert run.failed == [("post", "E06.FR.11")]
