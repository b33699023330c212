"""From what a user names to a key that signs, or to what he must do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.signing.authority import Authority
from tests.signing.softhsm import PIN, SoftTokens
from vdoc.errors import InputError
from vdoc.signing import KeyType, SigningKey, load_signing_key, new_key, rehearse

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)


class Asked:
    """Gives one secret, and remembers what it was asked for."""

    def __init__(self, secret: str | None) -> None:
        self.secret = secret
        self.heard: list[tuple[str, str]] = []

    def __call__(self, what: str, of: str) -> str | None:
        self.heard.append((what, of))
        return self.secret


@pytest.fixture
def authority() -> Authority:
    return Authority(NOW - 10 * DAY, 365 * DAY)


class TestFiles:
    def test_a_passphrase_is_asked_for_where_one_is_needed(self, tmp_path: Path) -> None:
        closed = new_key(tmp_path, "closed", passphrase=b"open sesame").private
        asked = Asked("open sesame")
        key = load_signing_key(closed, asked)
        assert key.public.verifies(key.sign(b"x"), b"x")
        assert asked.heard == [("passphrase", str(closed))]

    def test_and_nowhere_else(self, tmp_path: Path) -> None:
        asked = Asked("open sesame")
        load_signing_key(str(new_key(tmp_path, "bare").private), asked)
        assert asked.heard == []

    def test_a_wrong_one_is_told(self, tmp_path: Path) -> None:
        closed = new_key(tmp_path, "closed", passphrase=b"open sesame").private
        with pytest.raises(InputError, match="another passphrase"):
            load_signing_key(closed, Asked("guess"))

    def test_one_that_is_no_utf_8_is_taken_as_it_is(self, tmp_path: Path) -> None:
        closed = new_key(tmp_path, "closed", passphrase=b"ses\xe4me").private
        load_signing_key(closed, Asked("ses\udce4me"))  # as `os.environ` has it

    def test_so_is_that_nobody_knows_it(self, tmp_path: Path) -> None:
        closed = new_key(tmp_path, "closed", passphrase=b"open sesame").private
        for ask in ((), (Asked(None),)):
            with pytest.raises(InputError, match="VDOC_KEY_PASSPHRASE"):
                load_signing_key(closed, *ask)


class TestTokens:
    def test_the_pin_is_asked_for(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        asked = Asked(PIN)
        key = load_signing_key(soft_tokens.uri(), asked)
        rehearse(key, [NOW])
        assert asked.heard == [("PIN", "token=acme")]

    def test_or_read_from_its_file(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        where = soft_tokens.uri(f"&pin-source=file:{soft_tokens.pin_file()}")
        rehearse(load_signing_key(Path(where)), [NOW])

    def test_which_must_be_for_its_owner_only(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        file = soft_tokens.pin_file(mode=0o644)
        with pytest.raises(InputError, match=f"chmod 600 {file}"):
            load_signing_key(soft_tokens.uri(f"&pin-source={file}"))

    def test_nobody_to_ask_is_told(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        with pytest.raises(InputError, match="VDOC_PIN"):
            load_signing_key(soft_tokens.uri())

    def test_a_chain_can_be_given(
        self, soft_tokens: SoftTokens, authority: Authority, tmp_path: Path
    ) -> None:
        soft_tokens.generate()
        key = load_signing_key(soft_tokens.uri(), Asked(PIN))
        file = tmp_path / "acme.chain.pem"
        certificates = authority.certificates(key.public.key)
        file.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in certificates))
        given = load_signing_key(soft_tokens.uri(f"&x-chain=file:{file}"), Asked(PIN))
        assert given.chain == tuple(each.public_bytes(Encoding.DER) for each in certificates)


class TestBeforeARun:
    @pytest.fixture
    def key(self, tmp_path: Path) -> SigningKey:
        return load_signing_key(new_key(tmp_path, "vendor", KeyType.ECDSA_P256).private)

    def certified(self, key: SigningKey, by: Authority, **leaf: Any) -> SigningKey:
        return replace(key, chain=by.chain(key.public.key, **leaf))

    def test_a_bare_key_may_sign(self, key: SigningKey) -> None:
        rehearse(key, [NOW])

    def test_a_certified_one_too(self, key: SigningKey, authority: Authority) -> None:
        rehearse(self.certified(key, authority), [NOW, NOW + DAY])

    @pytest.mark.parametrize(
        ("leaf", "words"),
        [
            ({"until": NOW - DAY}, "not at"),
            ({"since": NOW + DAY}, "not at"),
            ({"signs": False}, "does not allow digital signatures"),
            ({"authority": True}, "is an authority's"),
        ],
    )
    def test_others_are_refused(
        self, key: SigningKey, authority: Authority, leaf: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(InputError, match=words):
            rehearse(self.certified(key, authority, **leaf), [NOW])

    def test_one_that_ends_during_the_run_is_refused(
        self, key: SigningKey, authority: Authority
    ) -> None:
        ends = self.certified(key, authority, until=NOW + DAY / 2)
        rehearse(ends, [NOW])
        with pytest.raises(InputError, match="certificate-time"):
            rehearse(ends, [NOW, NOW + DAY])

    def test_an_intermediate_must_be_valid_too(self, key: SigningKey) -> None:
        late = Authority(NOW - 10 * DAY, 9 * DAY)
        with pytest.raises(InputError, match="CN=Middle"):
            rehearse(self.certified(key, late, until=NOW + DAY), [NOW])

    def test_an_ed25519_key_cannot_be_certified(self, tmp_path: Path, authority: Authority) -> None:
        key = load_signing_key(new_key(tmp_path, "ed").private)
        with pytest.raises(InputError, match="ECDSA on P-256"):
            rehearse(self.certified(key, authority), [NOW])

    @pytest.mark.parametrize("signer", [lambda _data: b"", lambda _data: bytes(64)])
    def test_a_signature_that_does_not_fit_is_told(
        self, key: SigningKey, signer: Callable[[bytes], bytes]
    ) -> None:
        with pytest.raises(InputError, match="trial signature"):
            rehearse(replace(key, signer=signer), [NOW])
