"""The security log, and what of it the CSMS is told (A04)."""

from typing import Any

import pytest

from vdoc.station import security_events
from vdoc.station.styles import Style


async def begin(csms: Any, run: Any, *defects: str, **changes: Any) -> Any:
    await csms.open()
    machine = await run(csms.url(), *defects, **changes)
    await csms.receive("BootNotification")
    return machine


def kinds(csms: Any) -> list[str]:
    return [
        payload["type"] for action, payload in csms.calls if action == "SecurityEventNotification"
    ]


async def test_a_boot_is_one(csms: Any, run: Any) -> None:
    await begin(csms, run)
    await csms.receive("SecurityEventNotification", type="StartupOfTheDevice")
    await csms.call("Reset", {"type": "Immediate"})
    await csms.receive("SecurityEventNotification", type="ResetOrReboot")


async def test_defect_hides_the_boot(csms: Any, run: Any) -> None:
    machine = await begin(csms, run, security_events.NO_BOOT_EVENT)
    machine.station.software.security_events.report("TamperDetectionActivated")
    await csms.receive("SecurityEventNotification")
    assert kinds(csms) == ["TamperDetectionActivated"]


@pytest.mark.parametrize(("chatty", "told"), [(False, False), (True, True)])
async def test_others_are_only_logged_unless_the_style_tells_all(
    csms: Any, run: Any, chatty: bool, told: bool
) -> None:
    machine = await begin(csms, run, style=Style(security_events=chatty))
    await csms.receive("SecurityEventNotification", type="StartupOfTheDevice")
    events = machine.station.software.security_events
    events.report("ReconfigurationOfSecurityParameters", "x" * 300)
    events.report("TamperDetectionActivated")
    await csms.receive("SecurityEventNotification", type="TamperDetectionActivated")
    assert ("ReconfigurationOfSecurityParameters" in kinds(csms)) == told
    assert [len(entry.get("techInfo", "")) for entry in events.entries()][-2:] == [255, 0]


async def test_waits_for_the_connection(csms: Any, run: Any, eventually: Any) -> None:
    machine = await begin(csms, run)
    await csms.close()
    await eventually(lambda: not machine.station.online)
    machine.station.software.security_events.report("TamperDetectionActivated")
    await csms.open()
    await csms.receive("SecurityEventNotification", type="TamperDetectionActivated")
