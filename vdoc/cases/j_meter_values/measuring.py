"""The Configuration State of block J: what is measured and when.

Owns which measurands the cases have measured: those that the PICS claims (C-40), where the DUT can
be told so, else those that it has configured. Metering that is switched off is switched on; both
are our interpretation, since the tables name intervals only.
"""

from __future__ import annotations

from vdoc.bench import Bench, InconclusiveError
from vdoc.cases import configuration
from vdoc.cases.booting import booted
from vdoc.cases.configuration import Name

ALIGNED_ENABLED = Name("AlignedDataCtrlr", "Enabled")
ALIGNED_INTERVAL = Name("AlignedDataCtrlr", "Interval")
ALIGNED_MEASURANDS = Name("AlignedDataCtrlr", "Measurands")
ALIGNED_ENDED_INTERVAL = Name("AlignedDataCtrlr", "TxEndedInterval")
ALIGNED_ENDED_MEASURANDS = Name("AlignedDataCtrlr", "TxEndedMeasurands")
ALIGNED_SIGN_READINGS = Name("AlignedDataCtrlr", "SignReadings")
SEND_DURING_IDLE = Name("AlignedDataCtrlr", "SendDuringIdle")
STARTED_MEASURANDS = Name("SampledDataCtrlr", "TxStartedMeasurands")
SAMPLED_ENDED_INTERVAL = Name("SampledDataCtrlr", "TxEndedInterval")
SAMPLED_ENDED_MEASURANDS = Name("SampledDataCtrlr", "TxEndedMeasurands")
REGISTER_WITHOUT_PHASES = Name("SampledDataCtrlr", "RegisterValuesWithoutPhases")
PUBLIC_KEY = Name("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue")

_CLAIMS = {
    STARTED_MEASURANDS: "C-40.1",
    configuration.TX_UPDATED_MEASURANDS: "C-40.2",
    SAMPLED_ENDED_MEASURANDS: "C-40.3",
    ALIGNED_MEASURANDS: "C-40.4",
    ALIGNED_ENDED_MEASURANDS: "C-40.5",
}


async def clock_aligned(bench: Bench, interval_s: int) -> frozenset[str]:
    """Have values measured at the marks of the clock, and return which; the interval comes last."""
    await configuration.ensure_if_writable(bench, ALIGNED_ENABLED, "true")
    found = await measured(bench, ALIGNED_MEASURANDS)
    await configuration.ensure(bench, ALIGNED_INTERVAL, str(interval_s))
    return found


async def clock_aligned_for_ended(bench: Bench, interval_s: int) -> frozenset[str]:
    """Have values collected at the marks of the clock for the Ended event, and return which."""
    await configuration.ensure_if_writable(bench, ALIGNED_ENABLED, "true")
    await configuration.ensure_if_implemented(bench, SEND_DURING_IDLE, "false")
    found = await measured(bench, ALIGNED_ENDED_MEASURANDS)
    await configuration.ensure(bench, ALIGNED_ENDED_INTERVAL, str(interval_s))
    return found


async def sampled(bench: Bench, measurands: Name) -> frozenset[str]:
    """Have values sampled in transactions, and return which."""
    await configuration.ensure_if_writable(bench, configuration.SAMPLED_ENABLED, "true")
    return await measured(bench, measurands)


async def measured(bench: Bench, measurands: Name) -> frozenset[str]:
    """Have a list of measurands hold what the PICS claims, and return what it then holds.

    A DUT that does not take the whole list (its maxLimit may forbid that) keeps its own.

    Raises:
        InconclusiveError: it holds nothing.
    """
    claimed = bench.pics.values_of(_CLAIMS[measurands])
    found = (await configuration.read(bench, measurands)).members
    if claimed and found != frozenset(claimed) and configuration.writable(bench, measurands):
        answer = await configuration.change(bench, measurands, ",".join(claimed))
        status = answer.get("setVariableResult.0.attributeStatus")
        if status == "RebootRequired":
            await booted(bench)
        if status in {"Accepted", "RebootRequired"}:
            return frozenset(claimed)
    if not found:
        raise InconclusiveError(f"{measurands} is empty, and the PICS claims nothing for it")
    return found


def of_an_evse(bench: Bench, wanted: frozenset[str]) -> frozenset[str]:
    """Return those of the clock's measurands that an EVSE can measure (J01.FR.14).

    That is what is claimed for its transactions (C-40.1 to C-40.3); what is claimed for the clock
    alone may be the main meter's.
    """
    own = {m for item in ("C-40.1", "C-40.2", "C-40.3") for m in bench.pics.values_of(item)}
    return wanted & own
