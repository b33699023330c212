"""State EnergyTransferStarted on every EVSE at once (TC_F_14_CS)."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases.charging import charging_at, one_of_each
from vdoc.cases.session import Session


async def charging_everywhere(bench: Bench) -> list[Session]:
    """Have energy flow at one connector of every EVSE, one EVSE after the other.

    Raises:
        InconclusiveError: the settings reach no connector of an EVSE, or have too few tokens.
    """
    return await charging_at(bench, one_of_each(bench))
