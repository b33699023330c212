"""The power switch: on, off, factory reset, and software that breaks."""

from typing import Any

import pytest

from vdoc.station.machine import Machine, PoweredOffError
from vdoc.station.provision import Provisioning, provision


async def test_off_and_on_again(csms: Any, run: Any) -> None:
    await csms.open()
    machine = await run(csms.url())
    await csms.receive("BootNotification")
    await machine.power_off()
    with pytest.raises(PoweredOffError):
        _ = machine.station
    await machine.power_on()
    await csms.receive("BootNotification", reason="PowerUp")


async def test_off_while_it_reboots(csms: Any, run: Any) -> None:
    await csms.open()
    machine = await run(csms.url())
    await csms.receive("BootNotification")
    await csms.call("Reset", {"type": "Immediate"})
    await csms.connection.wait_closed()
    await machine.power_off()
    assert not machine.is_on


async def test_factory_reset_undoes_what_the_csms_changed(csms: Any, run: Any) -> None:
    await csms.open()
    machine = await run(csms.url(), prepare=lambda storage: storage.seal_factory())
    await csms.receive("BootNotification")
    await csms.set("SecurityCtrlr", "OrganizationName", "somebody else")
    await machine.factory_reset()
    await csms.receive("BootNotification")
    assert await csms.get("SecurityCtrlr", "OrganizationName") != "somebody else"


async def test_takes_the_identity_it_was_commissioned_with(csms: Any, run: Any) -> None:
    await csms.open()
    machine = await run(csms.url())
    await csms.receive("BootNotification")
    provision(machine.config.state_dir, Provisioning("CS-2", csms.url(), 1, "sixteen-letters-0"))
    await machine.factory_reset()
    await csms.receive("BootNotification")
    assert [request.path for request in csms.requests] == ["/ocpp/CS%201", "/ocpp/CS-2"]


async def test_factory_reset_while_off_stays_off(csms: Any, run: Any) -> None:
    await csms.open()
    machine = await run(csms.url())
    await machine.power_off()
    await machine.factory_reset()
    assert machine.facts()["power"] is False


async def test_tells_that_its_software_broke(csms: Any, run: Any) -> None:
    await csms.open()
    started = await run(csms.url())
    await started.power_off()
    machine = Machine(started.config)
    await machine.power_on()
    await csms.receive("BootNotification")

    async def breaks() -> None:
        raise ZeroDivisionError

    machine.station.spawn(breaks())
    assert isinstance(await machine.broken(), ZeroDivisionError)
    assert isinstance(machine.failure, ZeroDivisionError)
    await machine.power_off()
