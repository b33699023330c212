"""Keys on tokens sign as files do, never leave, and every way not to find one is told."""

from __future__ import annotations

from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from tests.signing.softhsm import EDWARDS, PIN, SoftTokens
from vdoc.errors import InputError
from vdoc.signing import KeyType, SigningKey
from vdoc.signing.token_uri import TokenUri
from vdoc.signing.tokens import token_key, token_public

P256 = encode_named_curve_parameters("secp256r1")


def opened(tokens: SoftTokens, pin: str = PIN, **path: str) -> SigningKey:
    return token_key(TokenUri.parse(tokens.uri(**path)), pin)


@pytest.mark.parametrize(
    ("parameters", "kind"), [(P256, KeyType.ECDSA_P256), (EDWARDS, KeyType.ED25519)]
)
class TestAKey:
    def test_signs(self, soft_tokens: SoftTokens, parameters: bytes, kind: KeyType) -> None:
        soft_tokens.generate(parameters=parameters)
        key = opened(soft_tokens)
        assert (key.public.type, key.chain) == (kind, ())
        for data in (b"", b"a declaration", b"x" * 100_000):
            assert key.public.verifies(key.sign(data), data)
            assert not key.public.verifies(key.sign(data), data + b"!")

    def test_never_leaves_its_token(
        self, soft_tokens: SoftTokens, parameters: bytes, kind: KeyType
    ) -> None:
        soft_tokens.generate(parameters=parameters)
        assert opened(soft_tokens).public.type is kind
        with soft_tokens.session() as session:
            [private] = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            for always in ("SENSITIVE", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE", "LOCAL"):
                assert private[Attribute[always]] is True, always
            assert private[Attribute.EXTRACTABLE] is False
            with pytest.raises(pkcs11.AttributeSensitive):
                private[Attribute.VALUE]

    def test_is_shown_without_a_pin(
        self, soft_tokens: SoftTokens, parameters: bytes, kind: KeyType
    ) -> None:
        soft_tokens.generate(parameters=parameters)
        public = token_public(TokenUri.parse(soft_tokens.uri()))
        assert (public, public.type) == (opened(soft_tokens).public, kind)


class TestSessions:
    def test_a_key_signs_after_its_token_was_away(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        key = opened(soft_tokens)
        soft_tokens.forget()  # every session is gone
        assert key.public.verifies(key.sign(b"x"), b"x")

    def test_a_key_signs_beside_another_session(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        with soft_tokens.session():
            key = opened(soft_tokens)
            assert key.public.verifies(key.sign(b"x"), b"x")

    def test_a_key_that_wants_its_pin_each_time_gets_it(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate(ALWAYS_AUTHENTICATE=True)
        key = opened(soft_tokens)
        assert key.public.verifies(key.sign(b"x"), b"x")

    def test_a_locked_token_is_told(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        key = opened(soft_tokens)
        with soft_tokens.session() as session:
            session.set_pin(PIN, "another-pin")
        soft_tokens.forget()
        with pytest.raises(InputError, match="refuses the PIN"):
            key.sign(b"x")

    def test_a_key_shows_nothing(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        key = opened(soft_tokens)
        assert PIN not in f"{key!r} {key.signer!r} {vars(type(key))}"


class TestWhatIsWrongIsTold:
    @pytest.mark.parametrize("pin", ["wrong-pin", "1", "x" * 300])
    def test_a_wrong_pin(self, soft_tokens: SoftTokens, pin: str) -> None:
        soft_tokens.generate()
        with pytest.raises(InputError, match="refuses the PIN"):
            opened(soft_tokens, pin)

    def test_no_such_token(self, soft_tokens: SoftTokens) -> None:
        with pytest.raises(InputError, match=r"no such token; there: token=acme;serial="):
            opened(soft_tokens, token="other")

    def test_two_tokens_of_one_name(self, soft_tokens: SoftTokens) -> None:
        serial = soft_tokens.make()
        with pytest.raises(InputError, match=r"2 such tokens.*by its serial"):
            opened(soft_tokens)
        with pytest.raises(InputError, match="no such private key"):
            opened(soft_tokens, serial=serial)

    def test_no_such_key(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate(label="last-year")
        with pytest.raises(InputError, match="there: object=last-year;id=%01"):
            opened(soft_tokens)

    def test_two_keys_of_one_name(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate(identity=b"\x01")
        soft_tokens.generate(identity=b"\x02")
        with pytest.raises(InputError, match=r"2 private keys of this name.*id=%02"):
            opened(soft_tokens)
        one, two = (opened(soft_tokens, id=name) for name in ("\x01", "\x02"))
        assert one.public != two.public
        assert two.public.verifies(two.sign(b"x"), b"x")

    def test_a_key_that_may_not_sign(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate(SIGN=False)
        with pytest.raises(InputError, match="CKA_SIGN"):
            opened(soft_tokens)

    def test_a_kind_that_may_not_sign(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate(parameters=encode_named_curve_parameters("secp384r1"))
        with pytest.raises(InputError, match="kind that may not sign"):
            opened(soft_tokens)

    def test_no_module(self, soft_tokens: SoftTokens, tmp_path: Path) -> None:
        none = str(tmp_path / "none.so")
        uri = TokenUri.parse(soft_tokens.uri().replace(str(soft_tokens.module), none))
        with pytest.raises(InputError, match="does not exist"):
            token_key(uri, PIN)
        uri.module.write_text("no library")
        with pytest.raises(InputError, match="cannot be used as a PKCS #11 library"):
            token_key(uri, PIN)

    def test_a_module_that_is_not_set_up(
        self, soft_tokens: SoftTokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soft_tokens.forget()
        monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "none.conf"))
        with pytest.raises(InputError, match="cannot be used as a PKCS #11 library"):
            opened(soft_tokens)
        monkeypatch.setenv("SOFTHSM2_CONF", str(soft_tokens.configuration))
