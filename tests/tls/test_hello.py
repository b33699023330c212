import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.tls import ClientHello, NotTlsError, NotTlsKind, parse_client_hello


def _vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _extension(kind: int, body: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _vector(2, body)


def _hello(
    *,
    version: int = 0x0303,
    suites: tuple[int, ...] = (0xC02B, 0xC02C),
    extensions: bytes | None = None,
    compression: bytes = b"\0",
) -> bytes:
    offered = b"".join(suite.to_bytes(2, "big") for suite in suites)
    body = version.to_bytes(2, "big") + bytes(32) + _vector(1, b"")
    body += _vector(2, offered) + _vector(1, compression)
    if extensions is not None:
        body += _vector(2, extensions)
    return b"\x01" + _vector(3, body)


def _record(message: bytes) -> bytes:
    return b"\x16\x03\x01" + _vector(2, message)


GENUINE = _hello(
    suites=(0x8A8A, 0x1301, 0xC02B, 0xC02C, 0x009C, 0x009D, 0xFFF0, 0x00FF),
    extensions=_extension(0x1A1A, b"")
    + _extension(0, _vector(2, b"\0" + _vector(2, b"csms.example.com")))
    + _extension(10, _vector(2, b"\x2a\x2a\x00\x17\x00\x1d"))
    + _extension(13, _vector(2, b"\x04\x03\x08\x04"))
    + _extension(16, _vector(2, _vector(1, b"http/1.1")))
    + _extension(43, _vector(1, b"\x0a\x0a\x03\x04\x03\x03")),
)


def _facts(data: bytes) -> ClientHello:
    hello = parse_client_hello(data)
    assert hello is not None
    return hello


class TestFacts:
    def test_lists_what_is_offered_in_the_clients_order_without_grease(self) -> None:
        hello = _facts(_record(GENUINE))
        assert hello.versions == ("TLSv1.3", "TLSv1.2")
        assert hello.cipher_suites[:2] == (
            "TLS_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        )
        assert hello.groups == ("secp256r1", "x25519")
        assert hello.signature_algorithms == ("ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256")
        assert hello.alpn == ("http/1.1",)
        assert hello.sni == "csms.example.com"
        assert hello.extensions == (0, 10, 13, 16, 43)

    def test_writes_an_unknown_suite_as_its_number(self) -> None:
        assert "0xFFF0" in _facts(_record(GENUINE)).cipher_suites

    def test_tells_which_pairs_of_a00_fr_319_are_complete(self) -> None:
        assert _facts(_record(GENUINE)).offered_pairs == ("RSA", "ECDSA")
        assert _facts(_record(_hello(suites=(0xC02B, 0x009C, 0x009D)))).offered_pairs == ("RSA",)

    def test_without_the_extension_only_the_highest_version_is_known(self) -> None:
        hello = _facts(_record(_hello(version=0x0302)))
        assert (hello.versions, hello.lists_versions) == (("TLSv1.1",), False)
        assert hello.offers_old_version
        assert not hello.offers_sound_version

    def test_sees_an_old_version_named_beside_a_sound_one(self) -> None:
        versions = _extension(43, _vector(1, b"\x03\x03\x03\x02"))
        hello = _facts(_record(_hello(extensions=versions)))
        assert hello.offers_sound_version
        assert hello.offers_old_version

    def test_sees_compression(self) -> None:
        assert _facts(_record(_hello(compression=b"\1\0"))).offers_compression
        assert not _facts(_record(_hello())).offers_compression

    @pytest.mark.parametrize(
        ("suites", "expected"),
        [((0xC02B,), ("ECDSA",)), ((0x009C,), ("RSA",)), ((0xC02F, 0xC02B), ("RSA", "ECDSA"))],
    )
    def test_tells_which_certificates_can_be_served(
        self, suites: tuple[int, ...], expected: tuple[str, ...]
    ) -> None:
        assert _facts(_record(_hello(suites=suites))).servable_key_types == expected

    def test_survives_json(self) -> None:
        hello = _facts(_record(GENUINE))
        assert ClientHello.from_json(json.loads(json.dumps(hello.as_json()))) == hello


class TestIncremental:
    def test_a_genuine_hello_is_incomplete_until_its_last_byte(self, hello_bytes: bytes) -> None:
        assert all(parse_client_hello(hello_bytes[:end]) is None for end in range(len(hello_bytes)))
        assert _facts(hello_bytes).sni == "csms.example.com"

    @given(cuts=st.lists(st.integers(1, len(GENUINE) - 1), max_size=12))
    def test_any_split_over_records_gives_the_same_facts(self, cuts: list[int]) -> None:
        ends = sorted({*cuts, len(GENUINE)})
        starts = [0, *ends[:-1]]
        data = b"".join(_record(GENUINE[a:b]) for a, b in zip(starts, ends, strict=True))
        assert _facts(data) == _facts(_record(GENUINE))
        assert parse_client_hello(data[:-1]) is None

    def test_what_follows_the_hello_does_not_matter(self) -> None:
        assert _facts(_record(GENUINE) + b"\x14\x03\x03\0\1\1junk") == _facts(_record(GENUINE))


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"\x80\x2e\x01\x00\x02\x00\x15", NotTlsKind.SSLV2),
            (b"\x80\x2e\x01\x03\x01\x00\x15", NotTlsKind.SSLV2),
            (b"GET / HTTP/1.1\r\n", NotTlsKind.HTTP),
            (b"\x00\x00\x00\x00", NotTlsKind.OTHER),
            (b"\x16\x02", NotTlsKind.OTHER),
            (b"\x16\x03\x01\x00\x00", NotTlsKind.MALFORMED),
            (b"\x16\x03\x01\x40\x01", NotTlsKind.MALFORMED),
            (_record(b"\x02\x00\x00\x00"), NotTlsKind.MALFORMED),
            (_record(b"\x01\xff\xff\xff"), NotTlsKind.MALFORMED),
            (_record(GENUINE[:9]) + b"\x15", NotTlsKind.MALFORMED),
            (_record(b"\x01" + _vector(3, b"\x03\x03")), NotTlsKind.MALFORMED),
            (_record(_hello(extensions=_extension(43, b"\x04\x03\x04"))), NotTlsKind.MALFORMED),
        ],
    )
    def test_says_what_came_instead(self, data: bytes, kind: NotTlsKind) -> None:
        with pytest.raises(NotTlsError) as caught:
            parse_client_hello(data)
        assert caught.value.kind is kind

    @given(data=st.binary(max_size=300))
    def test_arbitrary_bytes_raise_nothing_else(self, data: bytes) -> None:
        _parse_or_refuse(data)
        _parse_or_refuse(b"\x16\x03\x01" + data)
        _parse_or_refuse(_record(b"\x01" + _vector(3, data)))

    @given(seed=st.integers(0, 2**32), count=st.integers(1, 8))
    def test_a_damaged_hello_raises_nothing_else(self, seed: int, count: int) -> None:
        chosen = random.Random(seed)
        data = bytearray(_record(GENUINE))
        for _ in range(count):
            data[chosen.randrange(len(data))] = chosen.randrange(256)
        _parse_or_refuse(bytes(data))

    @given(data=st.binary(max_size=60), more=st.binary(max_size=60))
    def test_a_refusal_stands_whatever_follows(self, data: bytes, more: bytes) -> None:
        try:
            parse_client_hello(data)
        except NotTlsError:
            with pytest.raises(NotTlsError):
                parse_client_hello(data + more)


def _parse_or_refuse(data: bytes) -> None:
    try:
        hello = parse_client_hello(data)
    except NotTlsError:
        return
    assert hello is None or ClientHello.from_json(hello.as_json()) == hello
