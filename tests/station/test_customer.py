"""Customer information, told and forgotten (N09, N10)."""

from typing import Any

import pytest

from vdoc.station import customer
from vdoc.station.styles import Style

TOKEN = {"idToken": "04A1", "type": "ISO14443"}


async def begin(
    csms: Any, run: Any, stored: str = "", *defects: str, style: Style | None = None
) -> Any:
    await csms.open()
    machine = await run(csms.url(), *defects, style=style or Style())
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


async def test_says_in_words_that_nothing_is_stored(csms: Any, run: Any) -> None:
    await begin(csms, run, style=Style(says_no_data=True))
    await ask(csms, idToken=TOKEN)
    assert [part["data"] for part in await parts(csms)] == [customer.NO_DATA]


async def test_tells_of_list_and_cache_and_forgets_the_cache(csms: Any, run: Any) -> None:
    await begin(csms, run)
    await csms.set("LocalAuthListCtrlr", "Enabled", "true")
    await csms.set("AuthCacheCtrlr", "Enabled", "true")
    await csms.call(
        "SendLocalList",
        {
            "versionNumber": 2,
            "updateType": "Full",
            "localAuthorizationList": [{"idToken": TOKEN, "idTokenInfo": {"status": "Accepted"}}],
        },
    )
    await ask(csms, idToken=TOKEN)
    assert [part["data"] for part in await parts(csms)] == ["local list: 04A1 is Accepted"]
    await ask(csms, clear=True, idToken=TOKEN)
    assert "local list" in (await parts(csms))[0]["data"]


@pytest.mark.parametrize(
    ("defect", "data"),
    [(customer.TELLS_NOTHING, ""), (customer.DENIES, ""), (customer.KEEPS, "a permit")],
)
async def test_defects_of_the_report(csms: Any, run: Any, defect: str, data: str) -> None:
    await begin(csms, run, "a permit", defect)
    await ask(csms, report=False, clear=defect == customer.KEEPS, customerIdentifier="anna")
    if defect == customer.KEEPS:
        await parts(csms)
    await ask(csms, customerIdentifier="anna")
    assert [part["data"] for part in await parts(csms)] == [data]


async def test_defects_of_the_messages(csms: Any, run: Any) -> None:
    await begin(csms, run, "a permit", customer.NEVER_ENDS, customer.WRONG_REQUEST)
    await ask(csms, customerIdentifier="anna")
    part = await csms.receive("NotifyCustomerInformation")
    assert (part["tbc"], part["requestId"]) == (True, 6)


async def test_rejects(csms: Any, run: Any) -> None:
    await begin(csms, run, "", customer.REJECTED)
    assert await ask(csms, idToken=TOKEN) == "Rejected"
