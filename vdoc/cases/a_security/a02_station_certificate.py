"""A02: the DUT asks for a certificate of its own, takes a sound one and refuses any other."""

from __future__ import annotations

from datetime import datetime

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.answers import payload
from vdoc.bench.expect import between, one_of
from vdoc.cases import configuration, station_certificate
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case

_WAIT_MINIMUM = Name("SecurityCtrlr", "CertSigningWaitMinimum")
_REPEAT_TIMES = Name("SecurityCtrlr", "CertSigningRepeatTimes")
_DOUBLINGS = 1
_STRANGER = "other_root"
"""An authority that the DUT has no root of."""


@case("TC_A_11_CS")
async def station_certificate_updated(bench: Bench) -> None:
    """The DUT takes a new certificate and connects with it (A02.FR.02, 03, 06, 08, 09, F06.FR.05).

    Part 6: TC_A_11_CS. Errata: 6.2.122 and 6.2.123 by way of RenewChargingStationCertificate.
    """
    await station_certificate.renewed(bench)  # Main 1


@case("TC_A_14_CS")
async def invalid_station_certificate(bench: Bench) -> None:
    """The DUT rejects a certificate of an unknown authority, and says so (A02.FR.07, A03.FR.07).

    Part 6: TC_A_14_CS. Errata: none. The certificate is for the key and the name of the request,
    so that it is outside of the operator's hierarchy (A02.FR.06) and nothing else is wrong with it.
    Beyond the table the DUT must not ask again by itself (A02.FR.20).
    """
    accepted = await station_certificate.triggered(bench)  # 1, 2
    request = await station_certificate.signing_request(bench, since=accepted)  # 3, 4
    chain = await station_certificate.signed(bench, request, issuer=_STRANGER)

    bench.step(6, "A02.FR.07")
    answer = await station_certificate.give(bench, chain)  # 5
    bench.check(answer["status"], "Rejected")
    await bench.gather(_refusal_told(bench), _not_asked_again(bench))


@case("TC_A_15_CS")
async def signing_refused(bench: Bench) -> None:
    """The DUT asks for a certificate on request, and is refused (A02.FR.03, F06.FR.05).

    Part 6: TC_A_15_CS. Errata: none. The table wants nothing of the DUT after the refusal; that
    it goes on working is seen by the cases that follow.
    """
    bench.answer("SignCertificate", payload(status="Rejected"))
    accepted = await station_certificate.triggered(bench)  # 1, 2
    await station_certificate.signing_request(bench, since=accepted)  # 3, 4


@case("TC_A_23_CS")
async def signing_forgotten(bench: Bench) -> None:
    """The DUT asks again, after ever longer waits, when no certificate comes (A02.FR.17, FR.18).

    Part 6: TC_A_23_CS. Errata: 6.2.5: a certificate for each request, at least one of them taken.
    A wait may be exceeded, since the DUT may make a new key, but not as far as the doubled one: it
    starts with CertSigningWaitMinimum. Having taken a certificate the DUT reconnects with it.
    Beyond the table it must not ask a fourth time before the case ends (A02.FR.19); for as long as
    a fourth wait would take nobody waits.
    """
    wait_s = bench.settings.values.cert_signing_wait_minimum_s
    with bench.before():
        await configuration.ensure(bench, _WAIT_MINIMUM, f"{wait_s:g}")
        await configuration.ensure(bench, _REPEAT_TIMES, str(_DOUBLINGS))

    told = bench.collect("SignCertificate")
    accepted = await station_certificate.triggered(bench)  # 1, 2
    requests = [await station_certificate.signing_request(bench, since=accepted)]  # 3, 4
    requests.append(await _asked_again(bench, requests[0].at, wait_s, step=6))  # 5 to 7
    requests.append(await _asked_again(bench, requests[1].at, 2 * wait_s, step=9))  # 8 to 10
    given = [
        await _given(bench, request, step)
        for request, step in zip(requests, (12, 14, 16), strict=True)
    ]  # 11 to 16
    bench.step(16, "A02.FR.06")
    taken = Fact("certificates taken", given.count("Accepted"), None)
    bench.check(taken, between(1, len(given)))
    bench.step("post", "A02.FR.19")
    bench.check(Fact("requests for a certificate", len(told), told[-1].n), len(requests))


async def _refusal_told(bench: Bench) -> None:
    bench.step(7, "A02.FR.07")
    await bench.receive(
        "SecurityEventNotification",
        where=lambda message: message.get("type") == "InvalidChargingStationCertificate",
        what="InvalidChargingStationCertificate",
    )


async def _not_asked_again(bench: Bench) -> None:
    bench.step("post", "A02.FR.20")
    await bench.silence("SignCertificate", what="again")


async def _asked_again(bench: Bench, before: datetime, wait_s: float, *, step: int) -> Message:
    """Wait for the next request, and judge how long the DUT has waited since the one before."""
    values = bench.settings.values
    request = await station_certificate.signing_request(
        bench,
        step=step,
        requirement="A02.FR.17",
        within_s=wait_s + values.message_timeout_s,
    )
    waited = Fact(
        "seconds since the last request", (request.at - before).total_seconds(), request.n
    )
    margin_s = values.max_time_deviation_s
    soonest, latest = wait_s - margin_s, 2 * wait_s - margin_s
    bench.step(step - 1, "A02.FR.17, A02.FR.18")
    bench.check(waited, between(soonest, latest))
    return request


async def _given(bench: Bench, request: Message, step: int) -> str:
    """Send the certificate of a request; returns what the DUT answered."""
    chain = await station_certificate.signed(bench, request)
    bench.step(step, "A02.FR.06")
    answer = await station_certificate.give(bench, chain)
    bench.check(answer["status"], one_of("Accepted", "Rejected"))
    if answer["status"].value == "Accepted":
        bench.step(step, "A02.FR.08")
        await station_certificate.reconnected(bench)
    return str(answer["status"].value)
