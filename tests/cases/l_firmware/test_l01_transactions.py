"""Updates while transactions go on, on the reference station."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.reference_runs import ReferenceRuns
from vdoc.bench import Message
from vdoc.cases.connectors import Place
from vdoc.cases.firmware_states import Image, Update
from vdoc.cases.firmware_ways import Steps

TWO_EVSES = "pics/covering/1-all-profiles-ac.toml"  # downloads nothing during a transaction
DOWNLOADS = "pics/dc-fast-charger.toml"
INSTALLS = "pics/ac-pole-keycode.toml"
OF = {
    "TC_L_12_CS": TWO_EVSES,
    "TC_L_13_CS": TWO_EVSES,
    "TC_L_14_CS": DOWNLOADS,
    "TC_L_15_CS": DOWNLOADS,
    "TC_L_16_CS": INSTALLS,
}


@pytest.mark.parametrize("case", OF)
def test_the_sound_station(reference_run: ReferenceRuns, case: str) -> None:
    run = reference_run(OF[case], only=(case,))
    assert {result.verdict for result in run.results} == {"pass"}


def test_it_may_install_before_the_transactions_end(reference_run: ReferenceRuns) -> None:
    """And say that it is going to reboot; it does so when idle."""
    run = reference_run(DOWNLOADS, only=("TC_L_14_CS",), style="chatty")
    assert {result.verdict for result in run.results} == {"pass"}


@pytest.mark.parametrize(
    ("lines", "out"), [((), False), ((5,), False), ((15,), True), ((15, -20), False)]
)
def test_a_connector_may_be_out_before_it_is_unplugged(
    lines: tuple[int, ...], *, out: bool
) -> None:
    """Told on these lines to be Unavailable, or Available; the transaction was over at line 10."""
    told = [_status("Unavailable" if line > 0 else "Available", abs(line)) for line in lines]
    update = Update(
        bench=None,  # type: ignore[arg-type]  # no judgement is made
        image=Image("", "", "", "", ""),
        steps=Steps({}),
        request_id=1,
        since=0,
        connection=1,
        told=told,
    )
    assert update.is_out(Place(1, 1), 10) is out


def _status(state: str, line: int) -> Message:
    payload = {"connectorStatus": state, "evseId": 1, "connectorId": 1}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Message("StatusNotification", "Request", payload, "m", 1, line, at, 0)


@pytest.mark.parametrize(
    ("case", "defect", "step", "requirement"),
    [
        ("TC_L_12_CS", "no-download-scheduled", "3", "L01.FR.13"),
        ("TC_L_12_CS", "downloads-before-its-time", "8", "L01.FR.13"),
        ("TC_L_13_CS", "allows-sessions-pending-update", "5", "L01.FR.07"),
        ("TC_L_13_CS", "opens-last-evse-pending-update", "14", "L01.FR.07"),
        ("TC_L_14_CS", "refuses-sessions-pending-update", "", ""),
        ("TC_L_15_CS", "activates-in-transaction", "", ""),
        ("TC_L_15_CS", "installs-before-its-time", "17", "L01.FR.06"),
        ("TC_L_16_CS", "waits-for-transaction", "9", "L01.FR.05"),
        ("TC_L_16_CS", "ends-transaction-for-update", "post", "L01.FR.06"),
        ("TC_L_16_CS", "reboots-after-installed", "11", "L01.FR.33"),
    ],
)
def test_a_defect(
    reference_run: ReferenceRuns, case: str, defect: str, step: str, requirement: str
) -> None:
    run = reference_run(OF[case], only=(case,), defects=(defect,))
    failed = next(result for result in run.results if result.verdict == "fail")
    if step:
        first = failed.failures[0]
        assert (first.step, first.requirement) == (step, requirement)
