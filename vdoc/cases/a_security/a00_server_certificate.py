"""A00: the DUT sets up TLS, and refuses what it must not trust."""

from __future__ import annotations

from datetime import datetime

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import Expectation, containing, equals, not_, one_of, that
from vdoc.bench.gate import Flavour
from vdoc.cases import booting, configuration, network_profiles
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case
from vdoc.ocpp.values import parse_datetime
from vdoc.pics.product import CIPHER_PAIRS, KeyType

_WILDCARDS = Name("SecurityCtrlr", "AllowCSMSTLSWildcards")
_MUTUAL_PROFILE = 3
_INVALID: tuple[Flavour, ...] = (
    "expired",
    "not_yet_valid",
    "other_root",
    "wrong_cn",
    "wildcard_cn",
)  # erratum 6.2.3

_SHOWN = that("there", lambda value: value is not None)
_SOUND_VERSION = one_of("TLSv1.2", "TLSv1.3")
_CONTAINS_SOUND_VERSION = that(
    "TLSv1.2 or above among them", lambda versions: bool({"TLSv1.2", "TLSv1.3"} & set(versions))
)
_ONE_PAIR = that(
    "both suites of a pair of A00.FR.319",
    lambda suites: any(set(pair) <= set(suites) for pair in CIPHER_PAIRS.values()),
)
_NO_COMPRESSION = that("method 0, which is none, among them", lambda methods: 0 in methods)
_ENDED_BY_TLS: Expectation = not_("not_tls")


@case("TC_A_04_CS")
async def valid_server_certificate(bench: Bench) -> None:
    """The DUT sets up TLS with a valid server certificate (A00.FR.312, 313, 319, 321, 422).

    Part 6: TC_A_04_CS. Errata: none. One pair of cipher suites must be offered whole; that of the
    variant's key type too, since the variant exists only when the PICS claims it (C-41). A00.FR.321
    forbids the use of compression, not its offer: the bench, as the server, chooses none, so that a
    DUT which can do without uses none.
    """
    key = network_profiles.served_key(bench)
    bench.connection.accept(key=key)
    with bench.before():
        await booting.booting(bench)

    bench.step(2, "A00.FR.313")  # 1: the handshake begins
    tls = await bench.connection.handshake(where=lambda event: event.get("served.key") == key)
    judge_client_hello(bench, tls, key)
    bench.step(3, "A00.FR.312")
    bench.require(tls["outcome"], "completed")  # 4
    bench.check(tls["version"], _SOUND_VERSION, "A00.FR.313")
    opened = await _secured(bench, step=5)  # 5, 6
    await booting.started_up(bench, opened, boot=7, status=9, event=None)  # 7 to 10


def judge_client_hello(bench: Bench, tls: Event, key: KeyType) -> None:
    """Check the offer: TLS 1.2 or above, a whole pair of suites, the variant's, no compression."""
    bench.check(tls["client_hello.versions"], _CONTAINS_SOUND_VERSION)
    bench.check(tls["client_hello.cipher_suites"], _ONE_PAIR, "A00.FR.319, A00.FR.422")
    bench.check(tls["client_hello.cipher_suites"], containing(*CIPHER_PAIRS[key]), "C-41")
    bench.check(tls["client_hello.compression_methods"], _NO_COMPRESSION, "A00.FR.321, A00.FR.424")


@case("TC_A_05_CS")
async def invalid_server_certificate(bench: Bench) -> None:
    """The DUT refuses each kind of invalid server certificate and says so (A00.FR.309 to 311).

    Part 6: TC_A_05_CS. Errata: 6.2.2, 6.2.3, 6.2.4 (numbering of 6.2.2). A DUT that completes the
    handshake to look at the certificate afterwards, and closes without an upgrade request, has
    terminated the connection too. Each certificate is served until an attempt was seen and for two
    measured reconnect times at least. One InvalidCsmsCertificate per certificate is enough, however
    many attempts failed (note of A00.FR.316); its timestamp tells which round it is of.
    """
    bench.connection.accept(key=network_profiles.served_key(bench))
    with bench.before():
        await network_profiles.only_active_profile(bench, attempts=3)
        await configuration.ensure_if_implemented(bench, _WILDCARDS, "false")

    bench.connection.drop()  # Main 1
    dropped = bench.now()
    bench.step(2, "A00.FR.312")
    opened = await bench.connection.opened(what="the DUT reconnects")  # 2, 3
    reconnect_s = (opened.at - dropped).total_seconds()
    for flavour in _INVALID:
        await _refuses(bench, flavour, window_s=2 * reconnect_s)  # 4 to 11


@case("TC_A_06_CS")
async def tls_version_too_low(bench: Bench) -> None:
    """The DUT breaks off when it is answered with TLS below 1.2 (A00.FR.314, 316, 417, 419).

    Part 6: TC_A_06_CS. Errata: none. The table has no Before, yet its steps 10 to 14 are those of
    a boot, which Part 2 owes after a restart only (B01.FR.01). So the handshake of step 1 is that
    of a restart, asked for by state Booting; then table and Part 2 agree on every step. With one
    attempt a profile, the other slot would be next: as in TC_A_05_CS only the active one is listed.
    Step 16 (InvalidTLSVersion) is optional in the table; nothing of it remains to be judged.
    """
    with bench.before():
        await network_profiles.only_active_profile(bench, attempts=1)
        bench.connection.accept(key=network_profiles.served_key(bench), tls="old")
        await booting.booting(bench)

    bench.step(3, "A00.FR.316, A00.FR.419")  # 1, 2
    tls = await bench.connection.handshake(where=lambda event: event.get("served.tls") == "old")
    bench.require(tls["outcome"], "failed")
    bench.require(tls["client_continued"], equals(False))
    bench.require(tls["failure.sent_by"], "station")
    bench.require(tls["failure.kind"], _ENDED_BY_TLS)
    bench.connection.accept(tls="1.2+")
    bench.step(6, "A00.FR.313, A00.FR.416")  # 4, 5
    tls = await bench.connection.handshake(where=lambda event: event.get("served.tls") != "old")
    bench.require(tls["outcome"], "completed")  # 7
    bench.check(tls["version"], _SOUND_VERSION)
    opened = await _secured(bench, step=8)  # 8, 9
    await booting.started_up(bench, opened, boot=10, status=12, event=14)  # 10 to 15


async def _secured(bench: Bench, *, step: int) -> Event:
    """Wait for the upgrade request; profile 2 shows credentials, profile 3 a certificate."""
    bench.step(step, "A00.FR.312")
    opened = await bench.connection.opened(what="the DUT connects")
    bench.check(opened["tls"], _SHOWN)
    if bench.state.profile == _MUTUAL_PROFILE:
        bench.check(opened["tls.peer_certificate"], _SHOWN, "A00.FR.402")
    else:
        bench.check(opened["authorization.scheme"], "Basic", "A00.FR.301")
    return opened


async def _refuses(bench: Bench, flavour: Flavour, *, window_s: float) -> None:
    """Steps 4 to 11 of TC_A_05_CS with one invalid certificate."""
    bench.connection.accept(flavour=flavour)
    bench.connection.drop()  # 4
    began = bench.now()
    bench.step(7, "A00.FR.311, A00.FR.414")  # 5, 6
    tls = await bench.connection.handshake(
        where=lambda event: event.get("served.flavour") == flavour,
        what=f"an attempt with certificate {flavour}",
    )
    await _terminated(bench, tls)
    left_s = window_s - (bench.now() - began).total_seconds()
    if left_s > 0:
        opened = await bench.connection.optional("opened", within_s=left_s)
        bench.require(_connection(opened), "none", what=f"certificate {flavour}")
    bench.connection.accept(flavour="valid")
    bench.step(8, "A00.FR.312")
    await bench.connection.opened(what="the DUT connects with the valid certificate")  # 8, 9
    bench.step(10, "A00.FR.310, A00.FR.413")
    event = await bench.receive(
        "SecurityEventNotification",
        where=lambda message: _reported_since(bench, message, began),
        what=f"InvalidCsmsCertificate after {flavour}",
    )
    bench.check(event["type"], "InvalidCsmsCertificate")


async def _terminated(bench: Bench, tls: Event) -> None:
    """The DUT ended the connection: in the handshake, or after it without an upgrade request."""
    if tls.get("outcome") == "failed":
        bench.require(tls["failure.sent_by"], "station")
        bench.require(tls["failure.kind"], _ENDED_BY_TLS)
        return
    gone = await bench.connection.optional(
        "refused",
        within_s=bench.settings.values.message_timeout_s,
        where=lambda event: event.get("why") == "gone before the HTTP upgrade",
    )
    ended = "by the DUT, before its upgrade request" if gone is not None else "not ended"
    fact = Fact("connection with the invalid certificate", ended, tls.n)
    bench.require(fact, "by the DUT, before its upgrade request")


def _connection(opened: Event | None) -> Fact:
    if opened is None:
        return Fact("connections with the invalid certificate", "none", None)
    return Fact("connections with the invalid certificate", "one", opened.n)


def _reported_since(bench: Bench, message: Message, moment: datetime) -> bool:
    """Tell whether a security event about the certificate happened since `moment`."""
    if message.get("type") != "InvalidCsmsCertificate":
        return False
    try:
        happened = parse_datetime(message.get("timestamp", ""))
    except ValueError:
        return False
    early_s = (moment - happened).total_seconds()
    return bool(early_s <= bench.settings.values.max_time_deviation_s)
