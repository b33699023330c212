import ssl
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vdoc.tls import (
    KEY_TYPES,
    BenchPki,
    CsmsRoot,
    Failure,
    Flavour,
    KeyType,
    ServerTunnel,
    Tunnel,
    alerts,
    server_context,
)

HOST = "csms.example.com"
Station = Callable[..., ssl.SSLContext]
Handshake = Callable[
    [Tunnel, ssl.SSLContext],
    tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, ssl.SSLError | None],
]
VERSIONS = {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}


def _tunnel(
    pki: BenchPki, *key_types: KeyType, flavour: Flavour = "valid", **how: Any
) -> ServerTunnel:
    served = [pki.server(HOST, key_type=key, flavour=flavour) for key in key_types or KEY_TYPES]
    return ServerTunnel(lambda _hello: server_context(*served, **how))


class TestHandshake:
    @pytest.mark.parametrize("maximum", VERSIONS)
    @pytest.mark.parametrize("key_type", KEY_TYPES)
    def test_succeeds_with_either_certificate_in_either_version(
        self,
        pki: BenchPki,
        station: Station,
        handshake: Handshake,
        key_type: KeyType,
        maximum: str,
    ) -> None:
        tunnel = _tunnel(pki, key_type)
        *_, error = handshake(tunnel, station(maximum=maximum))
        assert error is None
        assert tunnel.facts.handshake_done
        assert tunnel.facts.version == VERSIONS[maximum]
        assert tunnel.facts.client_hello is not None
        assert tunnel.facts.client_hello.sni == HOST
        assert not tunnel.over

    @pytest.mark.parametrize(
        ("ciphers", "cipher"),
        [
            ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
            ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
            ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ],
    )
    def test_serves_each_suite_of_both_pairs(
        self, pki: BenchPki, station: Station, handshake: Handshake, ciphers: str, cipher: str
    ) -> None:
        tunnel = _tunnel(pki)
        handshake(tunnel, station(maximum="TLSv1_2", ciphers=ciphers))
        assert tunnel.facts.cipher == cipher

    def test_a_station_without_a_suite_in_common_is_refused_by_the_bench(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki, "ECDSA")
        handshake(tunnel, station(maximum="TLSv1_2", ciphers="AES128-GCM-SHA256"))
        assert tunnel.facts.failure == Failure(
            "alert", "bench", "handshake_failure", "NO_SHARED_CIPHER"
        )

    def test_the_context_is_chosen_by_the_hello_before_anything_is_sent(
        self, pki: BenchPki, hello_bytes: bytes
    ) -> None:
        seen: list[bytes] = []

        def choose(_hello: object) -> ssl.SSLContext:
            seen.append(tunnel.outgoing())
            return server_context(pki.server(HOST, key_type="RSA"))

        tunnel = ServerTunnel(choose)
        tunnel.receive(hello_bytes[:20])
        assert (seen, tunnel.outgoing()) == ([], b"")
        tunnel.receive(hello_bytes[20:])
        assert seen == [b""]
        assert tunnel.outgoing()

    @settings(
        max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(step=st.integers(1, 400))
    def test_how_the_bytes_arrive_makes_no_difference(
        self, pki: BenchPki, station: Station, handshake: Handshake, step: int
    ) -> None:
        class Dribble(ServerTunnel):
            def receive(self, data: bytes) -> bytes:
                pieces = [data[at : at + step] for at in range(0, len(data), step)]
                return b"".join(super(Dribble, self).receive(piece) for piece in pieces)

        tunnel = Dribble(lambda _hello: server_context(pki.server(HOST, key_type="ECDSA")))
        *_, error = handshake(tunnel, station())
        assert error is None
        assert tunnel.facts.handshake_done


class TestInvalidServerCertificate:
    @pytest.mark.parametrize("maximum", VERSIONS)
    @pytest.mark.parametrize("key_type", KEY_TYPES)
    @pytest.mark.parametrize(
        ("flavour", "alert"),
        [
            ("expired", "certificate_expired"),
            ("not_yet_valid", "bad_certificate"),
            ("other_root", "unknown_ca"),
            ("wrong_cn", "bad_certificate"),
        ],
    )
    def test_the_stations_alert_is_a_fact(  # noqa: PLR0917 - three parameters, three fixtures
        self,
        pki: BenchPki,
        station: Station,
        handshake: Handshake,
        flavour: Flavour,
        alert: str,
        key_type: KeyType,
        maximum: str,
    ) -> None:
        tunnel = _tunnel(pki, key_type, flavour=flavour)
        handshake(tunnel, station(maximum=maximum))
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.kind, failure.sent_by, failure.alert) == ("alert", "station", alert)
        assert not tunnel.facts.handshake_done

    def test_a_wildcard_gets_past_a_station_that_does_not_look_for_it(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki, "ECDSA", flavour="wildcard_cn")
        handshake(tunnel, station())
        assert tunnel.facts.handshake_done

    def test_closing_without_an_alert_is_told_from_an_alert(
        self, pki: BenchPki, hello_bytes: bytes
    ) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(hello_bytes)
        tunnel.receive_eof()
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.kind, failure.sent_by) == ("closed", "station")

    def test_close_notify_before_the_end_of_the_handshake_is_a_failure(
        self, pki: BenchPki, station: Station
    ) -> None:
        tunnel = _after_hello(pki, station)
        tunnel.receive(b"\x15\x03\x03\x00\x02\x01\x00")
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.kind, tunnel.facts.close_notify) == ("close_notify", True)

    @pytest.mark.parametrize("name", sorted(set(alerts.NUMBERS) - {"close_notify"}))
    def test_alerts_are_named(self, pki: BenchPki, station: Station, name: str) -> None:
        tunnel = _after_hello(pki, station)
        tunnel.receive(b"\x15\x03\x03\x00\x02\x02" + bytes([alerts.NUMBERS[name]]))
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.sent_by, failure.alert) == ("station", name)


class TestSuccessorRoot:
    """What M05.FR.13 and M05.FR.14 rest on: a station that holds only the cross-signed new root."""

    @pytest.mark.parametrize(("root", "accepted"), [("root2", True), ("root1", False)])
    def test_accepts_the_new_roots_leaf_and_no_other(
        self, pki: BenchPki, handshake: Handshake, root: CsmsRoot, *, accepted: bool
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pki.successor_pem("root2"))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        served = pki.server(HOST, key_type="ECDSA", root=root)
        tunnel = ServerTunnel(lambda _hello: server_context(served))
        handshake(tunnel, context)
        assert tunnel.facts.handshake_done is accepted

    def test_the_old_root_does_not_verify_the_new_roots_leaf(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        served = pki.server(HOST, key_type="ECDSA", root="root2")
        tunnel = ServerTunnel(lambda _hello: server_context(served))
        handshake(tunnel, station(root="root1"))
        assert tunnel.facts.failure is not None
        assert tunnel.facts.failure.alert == "unknown_ca"


class TestClientCertificate:
    @pytest.mark.parametrize("maximum", VERSIONS)
    def test_the_presented_certificate_is_a_fact(
        self, pki: BenchPki, station: Station, handshake: Handshake, maximum: str
    ) -> None:
        context = station(maximum=maximum)
        held = pki.client("SN-0001", key_type="ECDSA")
        context.load_cert_chain(held.certificate_file, held.key_file)
        tunnel = _tunnel(pki, client_ca=pki.client_trust_pem())
        handshake(tunnel, context)
        certificate = tunnel.facts.peer_certificate
        assert certificate is not None
        assert certificate.subject.common_name == "SN-0001"
        assert certificate.key.is_long_enough

    @pytest.mark.parametrize(
        ("maximum", "alert"),
        [("TLSv1_2", "handshake_failure"), ("TLSv1_3", "certificate_required")],
    )
    def test_a_missing_certificate_is_refused_by_the_bench(
        self, pki: BenchPki, station: Station, handshake: Handshake, maximum: str, alert: str
    ) -> None:
        tunnel = _tunnel(pki, client_ca=pki.client_trust_pem())
        handshake(tunnel, station(maximum=maximum))
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.sent_by, failure.alert) == ("bench", alert)

    @pytest.mark.parametrize("maximum", VERSIONS)
    def test_a_certificate_of_an_unknown_authority_is_refused_by_the_bench(
        self, pki: BenchPki, station: Station, handshake: Handshake, maximum: str
    ) -> None:
        context = station(maximum=maximum)
        held = pki.client("SN-0001", issuer="other_root")
        context.load_cert_chain(held.certificate_file, held.key_file)
        tunnel = _tunnel(pki, client_ca=pki.client_trust_pem())
        handshake(tunnel, context)
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.sent_by, failure.alert) == ("bench", "unknown_ca")


class TestData:
    def test_plaintext_passes_both_ways(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki)
        client, incoming, outgoing, _ = handshake(tunnel, station())
        client.write(b"GET / HTTP/1.1\r\n\r\n")
        assert tunnel.receive(outgoing.read()) == b"GET / HTTP/1.1\r\n\r\n"
        tunnel.write(b"HTTP/1.1 101 \r\n\r\n")
        incoming.write(tunnel.outgoing())
        assert client.read(100) == b"HTTP/1.1 101 \r\n\r\n"

    def test_the_stations_close_notify_ends_it_without_a_failure(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki)
        client, _, outgoing, _ = handshake(tunnel, station())
        client.write(b"last words")
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        assert tunnel.receive(outgoing.read()) == b"last words"
        tunnel.receive_eof()
        assert (tunnel.over, tunnel.facts.close_notify, tunnel.facts.failure) == (True, True, None)

    def test_the_bench_can_close_and_still_read(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki)
        client, incoming, outgoing, _ = handshake(tunnel, station())
        tunnel.close()
        tunnel.write(b"dropped")
        client.write(b"crossed on the way")
        assert tunnel.receive(outgoing.read()) == b"crossed on the way"
        incoming.write(tunnel.outgoing())
        assert client.read(1) == b""

    def test_damaged_records_end_it_with_the_benchs_alert(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki)
        client, _, outgoing, _ = handshake(tunnel, station())
        client.write(b"hello")
        data = bytearray(outgoing.read())
        data[-1] ^= 1
        tunnel.receive(bytes(data))
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.sent_by, failure.alert) == ("bench", "bad_record_mac")

    def test_nothing_can_be_written_before_the_handshake(self, pki: BenchPki) -> None:
        with pytest.raises(ValueError, match="before the handshake"):
            _tunnel(pki).write(b"early")

    def test_what_is_no_tls_is_a_fact(self, pki: BenchPki) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(b"GET / HTTP/1.1\r\n")
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.kind, failure.detail[:4]) == ("not_tls", "http")

    def test_a_second_connection_is_never_resumed(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        context = station()
        client, *_ = handshake(_tunnel(pki), context)
        assert client.session is None or not client.session.has_ticket
        tunnel = _tunnel(pki)
        handshake(tunnel, context)
        assert not tunnel.facts.resumed


def _after_hello(pki: BenchPki, station: Station) -> ServerTunnel:
    """Return a tunnel that has answered a TLS 1.2 hello, so that alerts still come in the clear."""
    outgoing = ssl.MemoryBIO()
    client = station(maximum="TLSv1_2").wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=HOST)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    tunnel = _tunnel(pki)
    tunnel.receive(outgoing.read())
    tunnel.outgoing()
    return tunnel
