"""What a meter reads, and how that is told."""

import base64
from typing import Any

import pytest

from vdoc.station import readings
from vdoc.station.readings import Reading, unit_of

REGISTER = "Energy.Active.Import.Register"
POLICY = "PublicKeyWithSignedMeterValue"


async def sampled(
    csms: Any, *measurands: str, context: str = "Transaction.End", transaction: str | None = "tx"
) -> list[dict[str, Any]]:
    station = csms.station
    value = station.software.metering.readings.sample(
        station.site.main_meter,
        measurands,
        context,
        station.now(),
        readings.SAMPLED,
        transaction_id=transaction,
    )
    return [] if value is None else list(value["sampledValue"])


async def signing(desk: Any, claiming: Any, *defects: str, policy: str = "Never") -> Any:
    csms = await desk(*defects, pics=claiming({"C-42": True}))
    await csms.set("SampledDataCtrlr", "SignReadings", "true")
    await csms.set("OCPPCommCtrlr", POLICY, policy)
    return csms


def keys(values: list[dict[str, Any]]) -> list[str]:
    return [value["signedMeterValue"]["publicKey"] for value in values]


class TestValues:
    def test_a_current_is_of_one_phase(self) -> None:
        assert Reading(0.0, 690.0, 3, 0.0).value("Current.Import") == 1.0

    @pytest.mark.parametrize(
        ("measurand", "unit"),
        [(REGISTER, "Wh"), ("Energy.Reactive.Export.Register", "varh"), ("Power.Factor", None)],
    )
    def test_units(self, measurand: str, unit: str | None) -> None:
        assert unit_of(measurand) == unit

    async def test_nothing_is_configured(self, desk: Any) -> None:
        assert await sampled(await desk()) == []

    async def test_the_state_of_charge_is_in_the_ev(self, desk: Any) -> None:
        (value,) = await sampled(await desk(), "SoC")
        assert value["location"] == "EV"

    @pytest.mark.parametrize(("without", "count"), [("true", 1), ("false", 4)])
    async def test_the_register_by_phase(
        self, desk: Any, claiming: Any, without: str, count: int
    ) -> None:
        csms = await desk(pics=claiming({"HFS-7": True}))
        await csms.set("SampledDataCtrlr", "RegisterValuesWithoutPhases", without)
        assert len(await sampled(csms, REGISTER)) == count


class TestSignatures:
    @pytest.mark.parametrize(
        ("policy", "told"),
        [
            ("Never", [False, False]),
            ("OncePerTransaction", [True, False]),
            ("EveryMeterValue", [True, True]),
        ],
    )
    async def test_the_key(self, desk: Any, claiming: Any, policy: str, told: list[bool]) -> None:
        csms = await signing(desk, claiming, policy=policy)
        found = keys(await sampled(csms, REGISTER)) + keys(await sampled(csms, REGISTER))
        assert [bool(key) for key in found] == told
        assert all(base64.b64decode(key) for key in found if key)

    async def test_only_the_register_is_signed(self, desk: Any, claiming: Any) -> None:
        csms = await signing(desk, claiming)
        values = await sampled(csms, REGISTER, "Power.Active.Import")
        assert ["signedMeterValue" in value for value in values] == [True, False]

    async def test_the_key_whatever_is_configured(self, desk: Any, claiming: Any) -> None:
        csms = await signing(desk, claiming, readings.KEY_ALWAYS)
        assert all(keys(await sampled(csms, REGISTER)))

    async def test_the_end_is_unsigned(self, desk: Any, claiming: Any) -> None:
        csms = await signing(desk, claiming, readings.UNSIGNED_SAMPLED)
        (value,) = await sampled(csms, REGISTER)
        assert "signedMeterValue" not in value
