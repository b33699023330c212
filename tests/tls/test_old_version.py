import ssl
import warnings
from collections.abc import Callable

import pytest

from vdoc.tls import (
    KEY_TYPES,
    BenchPki,
    KeyType,
    OldVersionTunnel,
    ServerTunnel,
    Tunnel,
    old_version_reply,
    parse_client_hello,
    server_context,
)

HOST = "csms.example.com"
Station = Callable[..., ssl.SSLContext]
Handshake = Callable[
    [Tunnel, ssl.SSLContext],
    tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, ssl.SSLError | None],
]
DEFECTIVE_CIPHERS = (
    "DEFAULT:@SECLEVEL=0",
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
    "AES128-SHA:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0",
)


def _accept_old_versions(context: ssl.SSLContext, ciphers: str) -> ssl.SSLContext:
    """Give a station the defect that TC_A_06 must find."""
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def _tunnel(pki: BenchPki, *key_types: KeyType) -> OldVersionTunnel:
    return OldVersionTunnel(*(pki.server(HOST, key_type=key) for key in key_types or KEY_TYPES))


class TestSoundStation:
    @pytest.mark.parametrize("maximum", ["TLSv1_2", "TLSv1_3"])
    @pytest.mark.parametrize("key_type", KEY_TYPES)
    def test_refuses_the_version_with_an_alert(
        self,
        pki: BenchPki,
        station: Station,
        handshake: Handshake,
        key_type: KeyType,
        maximum: str,
    ) -> None:
        tunnel = _tunnel(pki, key_type)
        handshake(tunnel, station(maximum=maximum))
        failure = tunnel.facts.failure
        assert failure is not None
        assert (failure.sent_by, failure.alert) == ("station", "protocol_version")
        assert (tunnel.facts.version, tunnel.facts.client_continued) == ("TLSv1.1", False)

    def test_refuses_also_when_it_offers_no_suite_of_tls_1_1(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        tunnel = _tunnel(pki)
        handshake(tunnel, station(maximum="TLSv1_2", ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"))
        assert tunnel.facts.failure is not None
        assert tunnel.facts.failure.alert == "protocol_version"

    def test_may_also_just_close(self, pki: BenchPki, hello_bytes: bytes) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(hello_bytes)
        tunnel.receive_eof()
        assert tunnel.facts.failure is not None
        assert tunnel.facts.failure.kind == "closed"

    def test_a_change_cipher_spec_alone_is_not_going_on(
        self, pki: BenchPki, hello_bytes: bytes
    ) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(hello_bytes)
        tunnel.receive(b"\x14\x03\x03\x00\x01\x01")
        assert not tunnel.over


class TestDefectiveStation:
    @pytest.mark.parametrize("maximum", ["TLSv1_2", "TLSv1_3"])
    @pytest.mark.parametrize("ciphers", DEFECTIVE_CIPHERS)
    @pytest.mark.parametrize("key_type", KEY_TYPES)
    def test_goes_on_and_shows_it(
        self,
        pki: BenchPki,
        station: Station,
        handshake: Handshake,
        key_type: KeyType,
        ciphers: str,
        maximum: str,
    ) -> None:
        tunnel = _tunnel(pki, key_type)
        handshake(tunnel, _accept_old_versions(station(maximum=maximum), ciphers))
        assert tunnel.facts.client_continued
        assert tunnel.facts.failure is None
        assert tunnel.over

    def test_finishes_the_handshake_with_a_real_server_too(
        self, pki: BenchPki, station: Station, handshake: Handshake
    ) -> None:
        context = server_context(
            pki.server(HOST, key_type="RSA"),
            minimum=ssl.TLSVersion.TLSv1,
            maximum=ssl.TLSVersion.TLSv1_1,
        )
        tunnel = ServerTunnel(lambda _hello: context)
        handshake(tunnel, _accept_old_versions(station(), DEFECTIVE_CIPHERS[0]))
        assert tunnel.facts.version == "TLSv1.1"


class TestSeam:
    def test_nothing_can_be_written(self, pki: BenchPki) -> None:
        with pytest.raises(ValueError, match="provokes a refusal"):
            _tunnel(pki).write(b"x")

    def test_closing_says_so_in_the_clear(self, pki: BenchPki, hello_bytes: bytes) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(hello_bytes)
        tunnel.outgoing()
        tunnel.close()
        assert tunnel.outgoing() == b"\x15\x03\x02\x00\x02\x01\x00"

    def test_what_is_no_tls_is_a_fact(self, pki: BenchPki) -> None:
        tunnel = _tunnel(pki)
        tunnel.receive(b"\x80\x2e\x01\x00\x02")
        assert tunnel.facts.failure is not None
        assert tunnel.facts.failure.kind == "not_tls"
        assert tunnel.outgoing() == b""

    def test_the_answer_needs_credentials(self, hello_bytes: bytes) -> None:
        hello = parse_client_hello(hello_bytes)
        assert hello is not None
        with pytest.raises(ValueError, match="credentials"):
            old_version_reply(hello, [])

    def test_the_answer_carries_no_downgrade_mark(self, pki: BenchPki, hello_bytes: bytes) -> None:
        hello = parse_client_hello(hello_bytes)
        assert hello is not None
        reply = old_version_reply(
            hello, [pki.server(HOST, key_type="RSA")], entropy=lambda count: b"\x55" * count
        )
        assert reply[:3] == b"\x16\x03\x02"
        assert reply[9:11] == b"\x03\x02"
        assert reply[11:43] == b"\x55" * 32
