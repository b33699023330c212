"""What a refused token leads to, as StopTxOnInvalidId and MaxEnergyOnInvalidId have it (C15)."""

from typing import Any

import pytest

from vdoc.station.refusals import Refusal, refusal, withheld_state


async def outcome(desk: Any, pics: Any, stop: str, energy_wh: str, *defects: str) -> Refusal:
    csms = await desk(*defects, pics=pics)
    await csms.set("TxCtrlr", "StopTxOnInvalidId", stop)
    await csms.set("TxCtrlr", "MaxEnergyOnInvalidId", energy_wh)
    return refusal(csms.station)


@pytest.mark.parametrize(
    ("stop", "energy_wh", "expected"),
    [
        ("true", "0", Refusal.STOP),
        ("true", "500", Refusal.STOP),
        ("false", "0", Refusal.SUSPEND),
        ("false", "500", Refusal.LIMIT),
    ],
)
async def test_settings_decide(
    desk: Any, claiming: Any, stop: str, energy_wh: str, expected: Refusal
) -> None:
    assert await outcome(desk, claiming({"C-03": True}), stop, energy_wh) is expected


@pytest.mark.parametrize(
    ("defect", "stop", "energy_wh", "expected"),
    [
        ("refused-token-charges-on", "true", "0", Refusal.NOTHING),
        ("refused-token-always-stops", "false", "500", Refusal.STOP),
        ("max-energy-on-invalid-id-ignored", "false", "500", Refusal.SUSPEND),
        ("max-energy-on-invalid-id-first", "true", "500", Refusal.LIMIT),
    ],
)
async def test_defects(
    desk: Any, claiming: Any, defect: str, stop: str, energy_wh: str, expected: Refusal
) -> None:
    pics = claiming({"C-03": True})
    assert await outcome(desk, pics, stop, energy_wh, defect) is expected


async def test_state_without_energy(desk: Any) -> None:
    assert withheld_state((await desk()).station) == "SuspendedEVSE"
    assert withheld_state((await desk("refused-token-suspends-ev")).station) == "SuspendedEV"
