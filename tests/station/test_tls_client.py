"""TLS as a client: what the station offers, what it accepts, what a failure is called."""

import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from vdoc.station import tls_client
from vdoc.station.tls_client import CsmsCertificateError, TlsPolicy, security_event
from vdoc.station.trust import Flaw
from vdoc.tls import ServerCredentials, server_context
from vdoc.tls import authority as build
from vdoc.tls.hello import parse_client_hello
from vdoc.tls.old_version import OldVersionTunnel, old_version_reply
from vdoc.tls.suites import PART6_ECDSA_PAIR, PART6_RSA_PAIR

NOW = datetime.now(UTC)
HOST = "csms.example.com"


@dataclass(frozen=True)
class Authorities:
    """Two unrelated roots and a place for server files."""

    root: build.Authority
    other: build.Authority
    directory: Path

    def server(
        self,
        *,
        key_type: build.KeyType = "ECDSA",
        trusted: bool = True,
        name: str = HOST,
        validity: build.Validity = build.LEAF_VALIDITY,
    ) -> ServerCredentials:
        key = build.new_key(key_type)
        signer = self.root if trusted else self.other
        subject = build.distinguished_name(name)
        leaf = build.leaf_certificate(subject, key.public_key(), signer=signer, validity=validity)
        pem, key_file = self.directory / "leaf.pem", self.directory / "leaf.key"
        pem.write_bytes(leaf.public_bytes(Encoding.PEM))
        key_file.touch(mode=0o600)
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return ServerCredentials(HOST, key_type, "root1", "valid", pem, key_file)


@pytest.fixture
def pki(tmp_path: Path) -> Authorities:
    def root(name: str) -> build.Authority:
        key = build.new_key("ECDSA")
        subject = build.distinguished_name(name)
        return build.Authority(build.authority_certificate(subject, key, signer=None), key)

    return Authorities(root("root"), root("other"), tmp_path)


def policy(*defects: str, key_types: tuple[str, ...] = ("ECDSA",)) -> TlsPolicy:
    return TlsPolicy(key_types, defects.__contains__)


Connect = Callable[..., ssl.SSLObject]


@pytest.fixture
def connect(pki: Authorities) -> Connect:
    """Handshakes with a server in memory, then checks its certificate, as a connection does."""

    def play(
        station: TlsPolicy,
        server: ServerCredentials,
        *,
        wildcards: bool = False,
        oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> ssl.SSLObject:
        roots = [pki.root.certificate]
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = station.context(roots, None).wrap_bio(to_client, to_server)
        context = server_context(server, minimum=oldest, maximum=newest)
        peer = context.wrap_bio(to_server, to_client, server_side=True)
        _shake(client, peer)
        der = client.getpeercert(binary_form=True)
        assert der is not None
        certificate = x509.load_der_x509_certificate(der)
        station.check(certificate, roots, HOST, NOW, wildcards=wildcards)
        return client

    return play


def _shake(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                if side is client:
                    raise


def event_of(call: Callable[[], object]) -> str:
    with pytest.raises((ssl.SSLError, CsmsCertificateError)) as caught:
        call()
    found = security_event(caught.value)
    assert found is not None
    return found[0]


def suites(station: TlsPolicy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = station.context([], None).wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = parse_client_hello(outgoing.read())
    assert hello is not None
    return hello.cipher_suites, hello.versions


class TestOffer:
    @pytest.mark.parametrize(
        ("key_type", "pair"), [("ECDSA", PART6_ECDSA_PAIR), ("RSA", PART6_RSA_PAIR)]
    )
    def test_one_kind_of_key_offers_its_pair_only(
        self, key_type: str, pair: tuple[str, ...]
    ) -> None:
        offered, versions = suites(policy(key_types=(key_type,)))
        assert {suite for suite in offered if not suite.endswith("SCSV")} == set(pair)
        assert versions == ("TLSv1.2",)

    def test_both_kinds_offer_both_pairs_and_tls_1_3(self) -> None:
        offered, versions = suites(policy(key_types=("ECDSA", "RSA")))
        assert {*PART6_ECDSA_PAIR, *PART6_RSA_PAIR} <= set(offered)
        assert versions == ("TLSv1.3", "TLSv1.2")

    def test_defects_lack_half_a_pair(self) -> None:
        small, _ = suites(policy(tls_client.LACKS_SUITE))
        large, _ = suites(policy(tls_client.LACKS_SMALL_SUITE))
        assert PART6_ECDSA_PAIR[1] not in small
        assert PART6_ECDSA_PAIR[0] not in large

    def test_defect_offers_a_pair_that_does_not_count(self) -> None:
        offered, _ = suites(policy(tls_client.CROSSED_SUITES))
        assert not {*PART6_ECDSA_PAIR, *PART6_RSA_PAIR} & set(offered)

    def test_defect_offers_tls_1_1_at_most(self) -> None:
        _, versions = suites(policy(tls_client.ONLY_OLD_TLS))
        assert "TLSv1.2" not in versions


class TestCertificateOfTheCsms:
    def test_valid(self, pki: Authorities, connect: Connect) -> None:
        assert connect(policy(), pki.server()).version() == "TLSv1.2"

    def test_rsa_key_exchange(self, pki: Authorities, connect: Connect) -> None:
        client = connect(policy(key_types=("RSA",)), pki.server(key_type="RSA"))
        cipher = client.cipher()
        assert cipher is not None
        assert cipher[0] in tls_client.CIPHERS["RSA"]

    @pytest.mark.parametrize(
        ("defect", "flavour"),
        [
            (tls_client.ACCEPTS_EXPIRED, {"validity": build.EXPIRED}),
            (tls_client.ACCEPTS_FUTURE, {"validity": build.NOT_YET_VALID}),
            (tls_client.ACCEPTS_OTHER_ROOT, {"trusted": False}),
            (tls_client.ACCEPTS_WRONG_NAME, {"name": build.WRONG_NAME}),
            (tls_client.ACCEPTS_WILDCARD, {"name": build.wildcard_name(HOST)}),
        ],
    )
    def test_refused_unless_its_defect_forgives_it(
        self, pki: Authorities, connect: Connect, defect: str, flavour: dict[str, object]
    ) -> None:
        server = pki.server(**flavour)  # type: ignore[arg-type]  # one of its own keywords
        assert event_of(lambda: connect(policy(), server)) == "InvalidCsmsCertificate"
        connect(policy(defect), server)

    def test_a_defect_forgives_nothing_else(self, pki: Authorities, connect: Connect) -> None:
        server = pki.server(trusted=False)
        with pytest.raises(CsmsCertificateError) as caught:
            connect(policy(tls_client.ACCEPTS_EXPIRED), server)
        assert caught.value.flaws == {Flaw.UNKNOWN_ISSUER}

    def test_wildcard_when_allowed(self, pki: Authorities, connect: Connect) -> None:
        connect(policy(), pki.server(name=build.wildcard_name(HOST)), wildcards=True)


class TestOldTls:
    old = ssl.TLSVersion.TLSv1_1

    def test_refused_as_too_old(self, pki: Authorities) -> None:
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = policy().context([], None).wrap_bio(to_client, to_server)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = parse_client_hello(to_server.read())
        assert hello is not None
        to_client.write(old_version_reply(hello, [pki.server()]))
        assert event_of(client.do_handshake) == "InvalidTLSVersion"

    @pytest.mark.parametrize("key_type", build.KEY_TYPES)
    @pytest.mark.parametrize(("defects", "goes_on"), [((), False), ((tls_client.OLD_TLS,), True)])
    def test_goes_on_by_defect_only(
        self,
        pki: Authorities,
        key_type: build.KeyType,
        defects: tuple[str, ...],
        goes_on: bool,
    ) -> None:
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        station = policy(*defects, key_types=(key_type,))
        roots = [pki.root.certificate]
        client = station.context(roots, None).wrap_bio(to_client, to_server)
        tunnel = OldVersionTunnel(pki.server(key_type=key_type))
        for _ in range(3):
            with contextlib.suppress(ssl.SSLError):
                client.do_handshake()
            tunnel.receive(to_server.read())
            to_client.write(tunnel.outgoing())
        assert tunnel.facts.client_continued is goes_on

    def test_defect_accepts_it(self, pki: Authorities, connect: Connect) -> None:
        station = policy(tls_client.OLD_TLS)
        client = connect(station, pki.server(), oldest=self.old, newest=self.old)
        assert client.version() == "TLSv1.1"

    def test_defect_prefers_tls_1_2(self, pki: Authorities, connect: Connect) -> None:
        assert connect(policy(tls_client.OLD_TLS), pki.server()).version() == "TLSv1.2"


class TestSecurityEvent:
    def test_none_for_a_refused_connection(self) -> None:
        assert security_event(ConnectionRefusedError()) is None

    def test_none_for_a_peer_without_tls(self) -> None:
        error = ssl.SSLError(1, "wrong version number")
        error.reason = "WRONG_VERSION_NUMBER"
        assert security_event(error) is None

    def test_no_suite_in_common(self) -> None:
        error = ssl.SSLError(1, "handshake failure")
        error.reason = "SSLV3_ALERT_HANDSHAKE_FAILURE"
        found = security_event(error)
        assert found is not None
        assert found[0] == "InvalidTLSCipherSuite"
