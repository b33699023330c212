"""Time stamps: sound ones, also by openssl; and each way in which one does not hold."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing.tsa import Tsa, serving
from vdoc.errors import ExitCode
from vdoc.signing.timestamps import MAX_STAMP_BYTES, StampError, TsaError, check, read, stamp

DATA = b"what is stamped"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def tsa() -> Tsa:
    return Tsa(NOW)


def code(token: bytes, tsa: Tsa, data: bytes = DATA) -> str:
    with pytest.raises(StampError) as refused:
        check(token, data, [tsa.root])
    return refused.value.code


class TestAStampThatHolds:
    def test_gives_its_time(self, tsa: Tsa) -> None:
        assert check(tsa.stamp(DATA), DATA, [tsa.root]) == NOW

    def test_may_be_of_one_of_several_authorities(self, tsa: Tsa) -> None:
        for authorities in ([Tsa().root, tsa.root], [tsa.root, Tsa().root]):  # of the same name
            assert check(tsa.stamp(DATA), DATA, authorities) == NOW

    def test_may_lack_an_intermediate_that_the_verifier_holds(self, tsa: Tsa) -> None:
        bare = tsa.with_flaws(certificates=("unit",)).stamp(DATA)
        assert check(bare, DATA, [tsa.middle, tsa.root]) == NOW
        assert code(bare, tsa) == "stamp-untrusted"
        with pytest.raises(StampError):
            check(tsa.stamp(DATA), DATA, [tsa.middle])

    def test_names_its_signer(self, tsa: Tsa) -> None:
        assert read(tsa.stamp(DATA)).by == tsa.unit

    def test_holds_after_its_certificate_has_expired(self, tsa: Tsa) -> None:
        expired = tsa.with_flaws(until=datetime(2021, 2, 1, tzinfo=UTC))
        at = datetime(2021, 1, 1, tzinfo=UTC)
        assert check(expired.stamp(DATA, at), DATA, [tsa.root]) == at

    def test_holds_by_openssl_too(self, tsa: Tsa, tmp_path: Path) -> None:
        assert openssl(tmp_path, tsa.stamp(DATA), tsa) == "Verification: OK"
        assert openssl(tmp_path, tsa.stamp(b"other"), tsa) != "Verification: OK"


def openssl(directory: Path, token: bytes, tsa: Tsa) -> str:
    for name, data in (("data", DATA), ("stamp.tsr", token), ("tsa.pem", tsa.pem)):
        (directory / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "stamp.tsr"]
    command += ["-CAfile", "tsa.pem"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout.strip()


class TestAStampThatDoesNotHold:
    @pytest.mark.parametrize(
        ("flaws", "expected"),
        [
            ({"imprint": b"other"}, "stamp-other"),
            ({"algorithm": "sha1"}, "stamp-algorithm"),
            ({"algorithm": "sha512"}, "stamp-algorithm"),
            ({"status": "rejection"}, "stamp-form"),
            ({"status": "granted_with_mods"}, "stamp-form"),
            ({"certificates": ()}, "stamp-form"),
            ({"certificates": ("middle",)}, "stamp-form"),
            ({"certificates": ("unit",)}, "stamp-untrusted"),
            ({"bound": b"another certificate"}, "stamp-form"),
            ({"forged": True}, "stamp-untrusted"),
            ({"purposes": None}, "stamp-usage"),
            ({"purposes": (ExtendedKeyUsageOID.CLIENT_AUTH,)}, "stamp-usage"),
            ({"critical": False}, "stamp-usage"),
            ({"twice": True}, "stamp-usage"),
            ({"until": NOW - timedelta(days=1)}, "stamp-expired"),
            ({"since": NOW + timedelta(days=1)}, "stamp-expired"),
        ],
    )
    def test_has_a_code(self, tsa: Tsa, flaws: dict[str, Any], expected: str) -> None:
        assert code(tsa.with_flaws(**flaws).stamp(DATA), tsa) == expected

    def test_is_for_time_stamping_alone(self, tsa: Tsa) -> None:
        both = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CLIENT_AUTH)
        assert code(tsa.with_flaws(purposes=both).stamp(DATA), tsa) == "stamp-usage"

    def test_by_a_stranger(self, tsa: Tsa) -> None:
        assert code(Tsa(NOW).stamp(DATA), tsa) == "stamp-untrusted"

    def test_over_something_else(self, tsa: Tsa) -> None:
        assert code(tsa.stamp(DATA), tsa, b"something else") == "stamp-other"

    @pytest.mark.parametrize("junk", [b"", b"junk", bytes(MAX_STAMP_BYTES + 1), b"\x30\x03\x02"])
    def test_that_is_none(self, tsa: Tsa, junk: bytes) -> None:
        assert code(junk, tsa) == "stamp-form"

    @pytest.mark.filterwarnings("ignore:Parsed a serial number")
    def test_with_any_bit_turned(self, tsa: Tsa) -> None:
        sound = tsa.stamp(DATA)
        for place in range(len(sound)):
            turned = bytearray(sound)
            turned[place] ^= 1 << place % 8
            assert code(bytes(turned), tsa), place

    def test_with_something_behind_it(self, tsa: Tsa) -> None:
        assert code(tsa.stamp(DATA) + b"\x00", tsa) == "stamp-form"


class TestAsking:
    def test_gives_a_stamp_that_holds(self, tsa: Tsa) -> None:
        with serving(tsa) as url:
            token = stamp(DATA, url, timeout_s=10)
        assert check(token, DATA, [tsa.root]) == NOW

    @pytest.mark.parametrize(
        ("flaws", "words"),
        [
            ({"imprint": b"other"}, "over something else"),
            ({"nonce": 5}, "another request"),
            ({"nonce": None}, "another request"),
            ({"status": "rejection"}, "status 2 not today"),
            ({"purposes": None}, "not for time stamping"),
            ({"until": NOW - timedelta(days=1)}, "not 2026-11-24"),
        ],
    )
    def test_looks_at_the_answer_at_once(self, tsa: Tsa, flaws: dict[str, Any], words: str) -> None:
        with serving(tsa.with_flaws(**flaws)) as url, pytest.raises(TsaError, match=words):
            stamp(DATA, url, timeout_s=10)

    @pytest.mark.parametrize(
        ("http", "words"),
        [
            ({"status": 500}, "answers HTTP 500"),
            ({"body": b"garbage"}, "no time stamp that can be read"),
            ({"body": bytes(MAX_STAMP_BYTES + 1)}, "more than 65536 bytes"),
        ],
    )
    def test_refuses_another_answer(self, tsa: Tsa, http: dict[str, Any], words: str) -> None:
        with serving(tsa, **http) as url, pytest.raises(TsaError, match=words) as refused:
            stamp(DATA, url, timeout_s=10)
        assert refused.value.exit_code is ExitCode.UNREACHABLE

    def test_does_not_wait_for_ever(self, tsa: Tsa) -> None:
        with serving(tsa, hang=True) as url, pytest.raises(TsaError, match="does not answer"):
            stamp(DATA, url, timeout_s=0.05)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/tsr", "ftp://127.0.0.1/", "http://[::"])
    def test_says_who_does_not_answer(self, url: str) -> None:
        with pytest.raises(TsaError) as refused:
            stamp(DATA, url, timeout_s=1)
        assert f"{url} does not answer" in str(refused.value)
