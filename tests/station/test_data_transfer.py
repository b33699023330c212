"""DataTransfer of an unknown vendor (P01)."""

from typing import Any

import pytest

from vdoc.station import data_transfer

MESSAGE = {"vendorId": "org.openchargealliance.octt", "messageId": "unused"}


@pytest.mark.parametrize(
    ("defects", "status"),
    [((), "UnknownVendorId"), ((data_transfer.ACCEPTS_UNKNOWN,), "Accepted")],
)
async def test_answer(csms: Any, run: Any, defects: tuple[str, ...], status: str) -> None:
    await csms.open()
    await run(csms.url(), *defects)
    await csms.receive("BootNotification")
    assert await csms.call("DataTransfer", MESSAGE) == {"status": status}


async def test_defect_answers_with_a_call_error(csms: Any, run: Any) -> None:
    await csms.open()
    await run(csms.url(), data_transfer.CALLERROR_UNKNOWN)
    await csms.receive("BootNotification")
    assert await csms.call("DataTransfer", MESSAGE) == {"error": "NotSupported"}
