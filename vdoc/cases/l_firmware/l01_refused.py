"""Use cases L01 and L02, updates that must not begin: nobody who is trusted signed them."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import one_of
from vdoc.cases.firmware_states import not_told_of, request_of, security_event
from vdoc.cases.registry import case


@case("TC_L_05_CS")
async def invalid_signing_certificate(bench: Bench) -> None:
    """A signing certificate that is not the manufacturer's is found out (L01.FR.02, 12, 21, 22).

    Part 6: TC_L_05_CS. Errata: none. Its Before block wants a certificate that is trusted and not
    the valid one; one that its issuer really signed the DUT has to accept (L01.FR.21). Ours is
    trusted by what it says: names, validity and extensions are those of the valid one, the key and
    the issuer's signature are not. Beyond the table the update does not begin.
    """
    made, request_id = await bench.ask("firmware", which="invalid_certificate"), bench.fresh_int()
    bench.step(2, "L01.FR.22")
    answer = await bench.call(
        "UpdateFirmware", requestId=request_id, firmware=request_of(bench, made)
    )  # 1
    bench.require(answer["status"], one_of("InvalidCertificate", "RevokedCertificate"))
    await bench.gather(
        _told(bench, since=bench.mark()), not_told_of(bench, request_id, "L01.FR.22")
    )


@case("TC_L_18_CS")
async def unsigned(bench: Bench) -> None:
    """Firmware without signing certificate and signature is not accepted (L01.FR.21, L01.FR.22).

    Part 6: TC_L_18_CS. Errata: none. Beyond the table the update does not begin.
    """
    made, request_id = await bench.ask("firmware", which="valid"), bench.fresh_int()
    firmware = request_of(bench, made, without=("signingCertificate", "signature"))
    bench.step(2, "L01.FR.21")
    answer = await bench.call("UpdateFirmware", requestId=request_id, firmware=firmware)  # 1
    bench.require(answer["status"], one_of("Rejected", "InvalidCertificate"))
    await not_told_of(bench, request_id, "L01.FR.21")


async def _told(bench: Bench, *, since: int) -> None:
    bench.step(3, "L01.FR.02")
    await security_event(bench, "InvalidFirmwareSigningCertificate", since=since)  # 3, 4
