"""Cases of block K, smart charging."""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench
from vdoc.cases import configuration, states
from vdoc.cases.registry import case
from vdoc.cases.session import begin

_WATTS = {1: 230, 2: 460, 3: 690}  # errata 6.2.69: by number of phases


@case("TC_K_38_CS")
async def profile_ignored(bench: Bench) -> None:
    """A remote start with a charging profile starts without one (F01.FR.12, F01.FR.13).

    For stations without smart charging. Part 6: TC_K_38_CS. Errata: 6.2.69, 6.2.116. Where a cable
    lock wants the authorization first (AQ-2), the cable follows.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        session = await begin(bench, mode="remote")
        if not bench.pics.claims("AQ-2"):
            await states.ev_connected_pre_session(session)

    profile = _tx_profile(bench)
    await states.authorized(session, "remote", charging_profile=profile)  # 1 to 6
    await states.energy_transfer_started(session)  # 7
    await session.conclude()


def _tx_profile(bench: Bench) -> dict[str, Any]:
    """The TxProfile of step 1: one period of 6 A, or what that is in W (errata 6.2.69)."""
    values, pics = bench.settings.values, bench.pics
    phases = values.number_phases or pics.max_phases
    watts = values.charging_rate_unit == "W" or (
        values.charging_rate_unit is None and tuple(pics.rate_units) == ("W",)
    )
    period = {
        "startPeriod": 0,
        "limit": 6 * (_WATTS[phases] if watts else 1),
        "numberPhases": phases,
    }
    return {
        "id": values.charging_profile_id,
        "stackLevel": values.stack_level,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {
                "id": 1,
                "chargingRateUnit": "W" if watts else "A",
                "chargingSchedulePeriod": [period],
            }
        ],
    }
