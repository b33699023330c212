"""TC_J_10 and TC_J_11: what was sampled for the Ended event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.metering import KEY, REGISTER, claiming

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
ENDED = {"eventType": "Ended"}
SAMPLE = "meterValue.1.sampledValue"
TWO = claiming(ended=[REGISTER, "Voltage"])
POLICY = "OCPPCommCtrlr.PublicKeyWithSignedMeterValue"
FAILED = ("post", "E06.FR.11")
Play = Callable[..., Any]
Payload = dict[str, Any]


class TestTcJ10:
    @pytest.mark.parametrize("variant", [LOCAL, {"remote": "ISO14443"}])
    @pytest.mark.parametrize("ended", [("begin", "periodic", "end"), ("periodic", "end")])
    def test_samples_and_the_end(
        self, meter: Play, variant: Payload, ended: tuple[str, ...]
    ) -> None:
        run = meter("TC_J_10_CS", variant=variant, claims=TWO, ended=ended)
        assert run.verdict == "pass", run.because

    def test_the_default_context_need_not_be_told(self, meter: Play, alter: Play) -> None:
        spoil = alter(EVENT, ENDED, {f"{SAMPLE}.0.context": ...})
        assert meter("TC_J_10_CS", variant=LOCAL, spoil=spoil).verdict == "pass"

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"meterValue": ...}, FAILED),
            ({f"{SAMPLE}.0.context": "Sample.Clock"}, ("post", "J02.FR.04")),
            ({f"{SAMPLE}.1.measurand": "SoC"}, FAILED),
            ({f"{SAMPLE}.1.location": "EV"}, ("post", "errata 6.2.58")),
            ({"meterValue.2.timestamp": "2027-01-15T08:00:25Z"}, FAILED),
        ],
    )
    def test_a_wrong_value(
        self, meter: Play, alter: Play, changes: Payload, failed: tuple[str, str]
    ) -> None:
        spoil = alter(EVENT, ENDED, changes)
        run = meter("TC_J_10_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert failed in run.failed

    @pytest.mark.parametrize("ended", [("begin", "periodic"), ("begin", "end"), ("clock",)])
    def test_something_is_missing(self, meter: Play, ended: tuple[str, ...]) -> None:
        run = meter("TC_J_10_CS", variant=LOCAL, ended=ended)
        assert FAILED in run.failed

    def test_the_last_samples_are_missing(self, meter: Play) -> None:
        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("eventType") != "Ended":
                return payload
            *some, end = payload["meterValue"]
            return {**payload, "meterValue": [*some[:-1], end]}

        run = meter("TC_J_10_CS", variant=LOCAL, spoil=spoil)
        assert FAILED in run.failed


class TestTcJ11:
    @pytest.mark.parametrize("policy", ["Never", "OncePerTransaction", "EveryMeterValue"])
    def test_signed(self, meter: Play, policy: str) -> None:
        run = meter("TC_J_11_CS", variant=LOCAL, claims=TWO, variables={POLICY: policy})
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        ("unsigned", "failed"), [(slice(1, -1), set()), (slice(1, 2), {("post", "J02.FR.21")})]
    )
    def test_unsigned_between_start_and_end(
        self, meter: Play, unsigned: slice, failed: set[Any]
    ) -> None:
        def spoil(_: str, payload: Payload) -> Payload:
            if payload.get("eventType") == "Ended":
                for sample in payload["meterValue"][unsigned]:
                    for value in sample["sampledValue"]:
                        value.pop("signedMeterValue", None)
            return payload

        assert set(meter("TC_J_11_CS", variant=LOCAL, spoil=spoil).failed) == failed

    @pytest.mark.parametrize(("policy", "key"), [("Never", KEY), ("EveryMeterValue", "")])
    def test_a_wrong_key(self, meter: Play, policy: str, key: str) -> None:
        run = meter("TC_J_11_CS", variant=LOCAL, variables={POLICY: policy}, key=key)
        assert set(run.failed) == {("post", "J02.FR.21")}

    def test_unsigned(self, meter: Play) -> None:
        run = meter("TC_J_11_CS", variant=LOCAL, signs=False)
        assert set(run.failed) == {("post", "J02.FR.21")}

    def test_values_of_the_clock_are_let_pass(self, meter: Play) -> None:
        clock = {"AlignedDataCtrlr.TxEndedInterval": "10"}
        assert meter("TC_J_11_CS", variant=LOCAL, variables=clock).verdict == "pass"
