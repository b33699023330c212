"""A00: with security profile 3 the DUT identifies itself by a certificate of its own."""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, DutState, Event, Fact
from vdoc.bench.expect import equals, one_of, present, that
from vdoc.cases import booting, network_profiles, station_certificate
from vdoc.cases.a_security.a00_server_certificate import judge_client_hello
from vdoc.cases.registry import case
from vdoc.tls.certificates import CertificateFacts, KeyFacts

_LONG_ENOUGH = that(
    "RSA of 2048 bits or more, or elliptic curve of 224 bits or more",
    lambda key: KeyFacts(**key).is_long_enough,
)
_SOUND_VERSION = one_of("TLSv1.2", "TLSv1.3")


@case("TC_A_07_CS")
async def valid_client_certificate(bench: Bench) -> DutState:
    """The DUT shows a sound certificate of its own in the TLS handshake (A00.FR.402, 415, 511).

    Part 6: TC_A_07_CS. Errata: none. That the certificate is X.509 in PEM (A00.FR.507) is the form
    in which the DUT got it; in the handshake it is the same certificate in DER. A certificate that
    the bench has put there does not show what the DUT makes of its own name: it is renewed first.
    """
    key = network_profiles.served_key(bench)
    bench.connection.accept(key=key)
    with bench.before():
        if not bench.state.client_certificate:
            await station_certificate.renewed(bench)
        await booting.booting(bench)

    bench.step(4, "A00.FR.415, A00.FR.416")  # 1 to 3
    tls = await bench.connection.handshake(where=lambda event: event.get("served.key") == key)
    judge_client_hello(bench, tls, key)
    bench.require(tls["outcome"], "completed", "A00.FR.401")
    bench.check(tls["version"], _SOUND_VERSION)
    bench.step(5, "A00.FR.402")
    opened = await bench.connection.opened(what="the DUT connects")  # 5, 6
    bench.require(opened["tls.peer_certificate.der"], present())
    bench.step(4, "A00.FR.502, A00.FR.503")
    _judge_certificate(bench, opened)
    await booting.started_up(bench, opened, boot=7, status=9, event=None)  # 7 to 10
    return bench.state.model_copy(update={"client_certificate": True})


def _judge_certificate(bench: Bench, opened: Event) -> None:
    """The validations of step 4 on the certificate that was shown."""

    def shown(what: str, value: Any) -> Fact:  # noqa: ANN401  # JSON
        return Fact(f"client certificate {what}", value, opened.n)

    certificate = CertificateFacts.from_json(opened.get("tls.peer_certificate"))
    bench.check(shown("key", certificate.key.as_json()), _LONG_ENOUGH)
    bench.check(shown("serial number", certificate.serial_number), present(), "A00.FR.508")
    serial_number = bench.facts.serial_number
    common_name = shown("subject.commonName", certificate.subject.common_name)
    bench.check(common_name, equals(serial_number) if serial_number else present(), "A00.FR.511")
