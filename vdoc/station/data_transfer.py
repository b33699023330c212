"""DataTransfer from the CSMS (P01): this station has no vendor-specific functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vdoc.station.defects import declare
from vdoc.station.seams import Payload, RefuseCall, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

ACCEPTS_UNKNOWN = declare(
    "accepts-unknown-vendor",
    "answers Accepted to a DataTransfer of a vendor that it does not know",
    "P01.FR.05",
    "TC_P_01_CS",
)
CALLERROR_UNKNOWN = declare(
    "unknown-vendor-call-error",
    "answers a DataTransfer of an unknown vendor with a CALLERROR",
    "P01.FR.05",
    "TC_P_01_CS",
)


class DataTransfer:
    """Answers every DataTransferRequest with UnknownVendorId (P01.FR.05)."""

    def __init__(self, station: Station) -> None:
        self._station = station
        station.handle("DataTransfer", self._answer)

    async def _answer(self, payload: Payload) -> Reply:
        if self._station.has(CALLERROR_UNKNOWN):
            raise RefuseCall("NotSupported", f"vendor {payload['vendorId']}")
        known = self._station.has(ACCEPTS_UNKNOWN)
        return Reply({"status": "Accepted" if known else "UnknownVendorId"})
