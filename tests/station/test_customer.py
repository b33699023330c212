"""Customer information, told and forgotten (N09, N10)."""

from typing import Any

import pytest

TOKEN = {"idToken": "04A1", "type": "ISO14443"}


async def begin(csms: Any, run: Any, stored: str = "") -> Any:
    await csms.open()
    machine = await run(csms.url())
    await csms.receive("BootNotification")
    if stored:
        machine.station.software.customer.store("anna", stored)
    return machine


async def ask(csms: Any, *, report: bool = True, clear: bool = False, **reference: Any) -> str:
    payload = {"requestId": 5, "report": report, "clear": clear, **reference}
    return str((await csms.call("CustomerInformation", payload))["status"])


async def parts(csms: Any) -> list[dict[str, Any]]:
    found = [await csms.receive("NotifyCustomerInformation", requestId=5)]
    while found[-1]["tbc"]:
        found.append(await csms.receive("NotifyCustomerInformation", requestId=5))
    return found


async def test_tells_what_is_stored(csms: Any, run: Any) -> None:
    await begin(csms, run, "a parking permit")
    assert await ask(csms, customerIdentifier="anna") == "Accepted"
    assert [part["data"] for part in await parts(csms)] == ["a parking permit"]


async def test_long_answers_come_in_parts(csms: Any, run: Any) -> None:
    await begin(csms, run, "x" * 1200)
    await ask(csms, customerIdentifier="anna")
    found = await parts(csms)
    assert [part["seqNo"] for part in found] == [0, 1, 2]
    assert "".join(part["data"] for part in found) == "x" * 1200


async def test_one_message_when_nothing_is_stored(csms: Any, run: Any) -> None:
    await begin(csms, run)
    await ask(csms, idToken=TOKEN)
    assert len(await parts(csms)) == 1


async def test_forgets(csms: Any, run: Any) -> None:
    await begin(csms, run, "a parking permit")
    assert await ask(csms, report=False, clear=True, customerIdentifier="anna") == "Accepted"
    await parts(csms)
    await ask(csms, customerIdentifier="anna")
    assert [part["data"] for part in await parts(csms)] == [""]


@pytest.mark.parametrize("reference", [{}, {"idToken": TOKEN, "customerIdentifier": "anna"}])
async def test_needs_exactly_one_reference(csms: Any, run: Any, reference: dict[str, Any]) -> None:
    await begin(csms, run)
    assert await ask(csms, **reference) == "Invalid"


async def test_rejects_neither_report_nor_clear(csms: Any, run: Any) -> None:
    await begin(csms, run)
    assert await ask(csms, report=False, customerIdentifier="anna") == "Rejected"
