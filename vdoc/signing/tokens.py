"""Signing keys on PKCS #11 tokens: found, checked, used; never read.

Owns every word with a token. Rules: a session lives for one signature, so that a token which was
unplugged or slept in between is found again; nothing here asks for the value of a private key; the
key must be allowed to sign, and exactly one must be meant. ECDSA on P-256 and Ed25519, as in files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, Mechanism, ObjectClass

from vdoc.errors import InputError
from vdoc.signing.keys import KeyType, PublicKey, SigningKey
from vdoc.signing.token_objects import certificate_chain, described, find_public, one_of
from vdoc.signing.token_uri import TokenUri, refused

_MECHANISMS = {KeyType.ECDSA_P256: Mechanism.ECDSA, KeyType.ED25519: Mechanism.EDDSA}
_COORDINATE_BYTES = 32
_SAID: Mapping[type[pkcs11.PKCS11Error], tuple[str, str]] = {
    pkcs11.PinIncorrect: (
        "refuses the PIN.",
        "correct it (pin-source or VDOC_PIN); a token locks itself after a few wrong ones.",
    ),
    pkcs11.PinLenRange: ("refuses the PIN: too short or too long.", "correct it."),
    pkcs11.PinInvalid: ("refuses the PIN: it holds signs that none may.", "correct it."),
    pkcs11.PinLocked: ("has locked itself after wrong PINs.", "unlock it with its SO PIN or PUK."),
    pkcs11.PinExpired: ("wants a new PIN.", "set one with the token's own tool."),
    pkcs11.TokenNotPresent: ("is not there any more.", "plug it in again."),
    pkcs11.DeviceRemoved: ("is not there any more.", "plug it in again."),
    pkcs11.MechanismInvalid: (
        "cannot sign with this kind of key.",
        "use a token that has CKM_ECDSA (or CKM_EDDSA for Ed25519).",
    ),
}


def token_key(uri: TokenUri, pin: str) -> SigningKey:
    """Return a key that stays where it is.

    Its chain is that of the certificates on the token, if there is one for it.

    Raises:
        InputError: module, token or key is missing or means several, the PIN is wrong, the key may
            not sign, or its public half is not on the token.
    """
    signer = _Signer(uri, pin)
    with signer.session() as session:
        private = _private(session, uri)
        public = find_public(session, uri, _identity(private))
        chain = certificate_chain(session, public)
    signer.mechanism = _MECHANISMS[public.type]
    return SigningKey(public, signer.sign, chain)


def token_public(uri: TokenUri) -> PublicKey:
    """Return the public half of a token's key, without a PIN.

    Raises:
        InputError: it cannot be found without one, or not at all.
    """
    with _session(uri, None) as session:
        return find_public(session, uri, uri.key_id)


@dataclass(slots=True, repr=False)
class _Signer:
    """Signs with a token's key; holds the PIN as long as the process lives."""

    uri: TokenUri
    pin: str
    mechanism: Mechanism = Mechanism.ECDSA

    def session(self) -> AbstractContextManager[pkcs11.Session]:
        """Open a session and log in."""
        return _session(self.uri, self.pin)

    def sign(self, data: bytes) -> bytes:
        """Return a signature as `SigningKey.sign` has it."""
        ecdsa = self.mechanism is Mechanism.ECDSA
        with self.session() as session:
            private = _private(session, self.uri)
            again = self.pin if _attribute(private, Attribute.ALWAYS_AUTHENTICATE) else None
            message = sha256(data).digest() if ecdsa else data
            raw: bytes = private.sign(message, mechanism=self.mechanism, pin=again)
        if len(raw) != 2 * _COORDINATE_BYTES:
            text = f"gave a signature of {len(raw)} bytes, not {2 * _COORDINATE_BYTES}."
            raise refused(self.uri.token_name, text, "use another token.")
        if not ecdsa:
            return raw
        return encode_dss_signature(
            int.from_bytes(raw[:_COORDINATE_BYTES]), int.from_bytes(raw[_COORDINATE_BYTES:])
        )


@contextmanager
def _session(uri: TokenUri, pin: str | None) -> Iterator[pkcs11.Session]:
    """Open a session; whatever the token says against it becomes an `InputError`."""
    try:
        with _opened(_token(uri), pin) as session:
            yield session
    except pkcs11.PKCS11Error as error:
        name = type(error).__name__
        text = f"answers {name}{f': {error}' if str(error) else ''}."
        said = _SAID.get(type(error), (text, "try it with the token's own tool."))
        raise refused(uri.token_name, *said) from error


def _opened(token: pkcs11.Token, pin: str | None) -> pkcs11.Session:
    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:  # by another session of this process
        return token.open()


def _token(uri: TokenUri) -> pkcs11.Token:
    if not uri.module.is_file():
        remedy = "give the library that the maker of the token names."
        raise refused("module-path", f"{uri.module} does not exist.", remedy)
    try:
        slots = pkcs11.lib(str(uri.module)).get_slots(token_present=True)
    except pkcs11.PKCS11Error as error:
        said = str(error) or type(error).__name__
        text = f"{uri.module} cannot be used as a PKCS #11 library: {said}."
        raise refused("module-path", text, "give the library of the token; set it up.") from error
    tokens = [slot.get_token() for slot in slots]
    fitting = [token for token in tokens if _fits(token, uri.token)]
    if len(fitting) != 1:
        raise _not_one_token(uri, tokens, len(fitting))
    return fitting[0]


def _fits(token: pkcs11.Token, wanted: Mapping[str, str]) -> bool:
    names = {
        "token": token.label,
        "serial": token.serial.decode("utf-8", "replace").strip(),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
    }
    return all(names[name] == value for name, value in wanted.items())


def _not_one_token(uri: TokenUri, tokens: list[pkcs11.Token], count: int) -> InputError:
    there = ", ".join(
        f"token={token.label};serial={token.serial.decode('utf-8', 'replace').strip()}"
        for token in tokens
        if token.label
    )
    text = f"there are {count} such tokens" if count else "there is no such token"
    remedy = "name one by its serial." if count else "plug it in, or name one that is there."
    return refused(uri.token_name, f"{text}; there: {there or 'none'}.", remedy)


def _private(session: pkcs11.Session, uri: TokenUri) -> Any:  # noqa: ANN401  # the library's mix-ins
    private = one_of(session, uri, ObjectClass.PRIVATE_KEY, uri.key_id)
    if private is None:
        there = described(session, ObjectClass.PRIVATE_KEY)
        text = f"there is no such private key on {uri.token_name}; there: {there or 'none'}."
        raise refused(uri.key_name, text, "name one that is there.")
    if not _attribute(private, Attribute.SIGN):
        text = "the key may not sign (CKA_SIGN is false)."
        raise refused(uri.key_name, text, "use one that was made for signing.")
    return private


def _identity(private: Any) -> bytes | None:  # noqa: ANN401  # the library's mix-ins
    """Return what joins the key to its public half and its certificate, if it has any."""
    return _attribute(private, Attribute.ID) or None


def _attribute(found: Any, name: Attribute) -> Any:  # noqa: ANN401  # the library's
    try:
        return found[name]
    except (pkcs11.AttributeTypeInvalid, KeyError):  # an old token does not know it
        return None
