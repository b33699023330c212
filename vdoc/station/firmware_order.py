"""What an UpdateFirmwareRequest asks for, and whether who signed the firmware is trusted (L01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509

from vdoc.ocpp.values import parse_datetime
from vdoc.station import trust
from vdoc.station.firmware_defects import TAKES_UNSIGNED, TRUSTS_ANYBODY, TRUSTS_NAMES
from vdoc.station.seams import Payload
from vdoc.station.storage import files_of

if TYPE_CHECKING:
    from vdoc.station.station import Station

_RETRY_S = 10


class InvalidSignerError(Exception):
    """The signing certificate is not valid, or signature or certificate is missing."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an UpdateFirmwareRequest asks for.

    Attributes:
        certificate: who signed the firmware; None when that does not matter to this station.
    """

    request_id: int
    location: str
    retrieve_at: datetime
    install_at: datetime | None
    certificate: x509.Certificate | None
    signature: str
    retries: int
    retry_s: int


def order_of(station: Station, payload: Payload) -> Order:
    """Read a request.

    Raises:
        InvalidSignerError: nobody who is trusted signed the firmware (L01.FR.12, 21).
    """
    firmware = payload["firmware"]
    install = firmware.get("installDateTime")
    return Order(
        payload["requestId"],
        firmware["location"],
        parse_datetime(firmware["retrieveDateTime"]),
        None if install is None else parse_datetime(install),
        _signer(station, firmware),
        firmware.get("signature", ""),
        payload.get("retries", 0),
        payload.get("retryInterval", _RETRY_S),
    )


def _signer(station: Station, firmware: Payload) -> x509.Certificate | None:
    if "signingCertificate" not in firmware or "signature" not in firmware:
        if station.has(TAKES_UNSIGNED):
            return None
        raise InvalidSignerError("signingCertificate or signature is missing")
    try:
        certificate = x509.load_pem_x509_certificate(firmware["signingCertificate"].encode())
    except ValueError as error:
        raise InvalidSignerError(str(error)) from error
    flaws = _flaws(station, certificate)
    if flaws:
        raise InvalidSignerError("; ".join(sorted(flaws)))
    return certificate


def _flaws(station: Station, certificate: x509.Certificate) -> frozenset[trust.Flaw]:
    installed = files_of(station.storage).certificates("ManufacturerRootCertificate")
    roots = tuple(entry.certificate for entry in installed)
    named = any(certificate.issuer == root.subject for root in roots)
    if station.has(TRUSTS_ANYBODY) or (station.has(TRUSTS_NAMES) and named):
        return frozenset()
    # The manufacturer uses no intermediate certificates here (L01, remarks).
    return trust.path_flaws((certificate,), roots, station.now())
