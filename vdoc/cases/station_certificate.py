"""The certificate of the DUT itself: it asks for one, is given one, and connects with it (A02).

Owns memory state RenewChargingStationCertificate (Part 6 §3, errata 6.2.122 and 6.2.123) and its
steps. The bench signs and records; what a CSR says is recorded too, so that nothing here parses
one. That the DUT has a certificate is journalled before it is sent.
"""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import absent_or, equals, that
from vdoc.cases import certificate_states
from vdoc.cases.certificate_states import Certificate
from vdoc.tls.hash_data import HASH_ALGORITHMS, certificate_hash_data

STATION = "ChargingStationCertificate"

_MUTUAL_PROFILE = 3
_MIN_BITS = {"RSA": 2048, "DSAPublicKey": 2048, "ECDSA": 224}
_LONG_ENOUGH = that(
    "RSA or DSA of 2048 bits or more, or elliptic curve of 224 bits or more",
    lambda key: key["size_bits"] >= _MIN_BITS[key["type"]],
)


async def renewed(bench: Bench, *, issuer: str | None = None) -> str:
    """Memory state RenewChargingStationCertificate; returns the chain that the DUT now uses.

    The certificate leads to the CSMS root in use, unless `issuer` names another one.
    """
    with bench.within_state("RenewChargingStationCertificate"):
        accepted = await triggered(bench)  # 1, 2
        request = await signing_request(bench, since=accepted)  # 3, 4
        chain = await signed(bench, request, issuer=issuer)
        bench.step(6, "A02.FR.06")
        answer = await give(bench, chain)  # 5
        bench.require(answer["status"], "Accepted")
        bench.step(7, "A02.FR.08")
        opened = await reconnected(bench)
        if bench.state.profile == _MUTUAL_PROFILE:  # only there the certificate is shown
            der = opened["tls.peer_certificate.der"]
            bench.check(der, equals(leaf(chain)), what="the new certificate")
        bench.step(8, "B01.FR.03")
        await bench.receive_optional("BootNotification")  # only if it rebooted
    return chain


async def triggered(bench: Bench) -> int:
    """Steps 1 and 2: the DUT agrees to ask for a certificate; returns the line of its response.

    What was triggered comes after that (F06.FR.04).
    """
    bench.step(2, "F06.FR.05")
    answer = await bench.call("TriggerMessage", requestedMessage=f"Sign{STATION}")  # 1
    bench.require(answer["status"], "Accepted")
    return answer.n


async def signing_request(
    bench: Bench,
    *,
    step: int = 3,
    requirement: str = "A02.FR.03",
    within_s: float | None = None,
    since: int | None = None,
) -> Message:
    """Step 3: a SignCertificateRequest with a CSR that may be signed; making keys takes time.

    Args:
        bench: the bench.
        step: its number in the table.
        requirement: why it must come.
        within_s: how long to wait for it; None: a long operation time-out.
        since: the line after which it must come; default is the strand's cursor.
    """
    bench.step(step, requirement)
    limit_s = bench.settings.values.long_operation_timeout_s if within_s is None else within_s
    request = await bench.receive("SignCertificate", within_s=limit_s, since=since)
    bench.check(request["certificateType"], absent_or(STATION), "A02.FR.13")
    facts = await bench.ask("csr_facts", csr=request.need("csr"))
    bench.require(_of(request, "csr key", facts.get("key")), _LONG_ENOUGH, "A00.FR.502, A00.FR.503")
    bench.require(_of(request, "csr signature_valid", facts.get("signature_valid")), equals(True))
    return request


async def signed(bench: Bench, request: Message, *, issuer: str | None = None) -> str:
    """Have a request signed by the root in use, or by `issuer`; returns the chain, leaf first."""
    made = await bench.ask(
        "sign_csr", csr=request.need("csr"), use=STATION, issuer=issuer or bench.state.root
    )
    return str(made["chain"])


async def give(bench: Bench, chain: str) -> Message:
    """Send a signed certificate, journalled beforehand, and return the answer."""
    await bench.ask("journal", client_certificate=True)
    return await bench.call("CertificateSigned", certificateChain=chain, certificateType=STATION)


async def reconnected(bench: Bench) -> Event:
    """Return the connection that follows an accepted certificate.

    The DUT reconnects by itself to use it (A02.FR.08); one that has not done so within a message
    time-out is made to by cutting the connection (errata 6.2.122, 6.2.123).
    """
    limit_s = bench.settings.values.message_timeout_s
    opened = await bench.connection.optional("opened", within_s=limit_s)
    if opened is not None:
        return opened
    if bench.connection.number is not None:
        bench.connection.drop()
    return await bench.connection.opened(what="the DUT reconnects with its new certificate")


async def named(bench: Bench, chain: str) -> Certificate:
    """Return a chain's leaf with the names by which a DUT may know it."""
    issuer = certificate_states.Root(bench.state.root)
    signer = await certificate_states.certificate(bench, certificate_states.CSMS_ROOT, issuer)
    names = (
        certificate_hash_data(chain, issuer_pem=signer.pem, algorithm=algorithm).as_json()
        for algorithm in HASH_ALGORITHMS
    )
    return Certificate(STATION, issuer, chain, tuple(names))


def leaf(chain: str) -> str:
    """Return the DER of the first certificate of a PEM chain, in base64."""
    first = chain.split("-----END CERTIFICATE-----", maxsplit=1)[0]
    return "".join(first.split("-----BEGIN CERTIFICATE-----", maxsplit=1)[-1].split())


def _of(request: Message, what: str, value: Any) -> Fact:  # noqa: ANN401  # JSON
    return Fact(f"{request.name} {what}", value, request.n)
