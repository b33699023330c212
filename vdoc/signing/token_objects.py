"""What stands on a PKCS #11 token beside a private key: its public half, its certificates.

Owns how the objects of one key are found (by CKA_ID, else by label) and read. Public objects only;
private keys are used in `vdoc.signing.tokens` and read nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pkcs11
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate
from pkcs11 import Attribute, ObjectClass

from vdoc.signing.certificates import MAX_CHAIN
from vdoc.signing.keys import PublicKey
from vdoc.signing.token_uri import TokenUri, refused

_P256 = bytes.fromhex("06082a8648ce3d030107")
_ED25519 = (bytes.fromhex("06032b6570"), b"\x13\x0cedwards25519")
_POINT_BYTES = {_P256: 65, **dict.fromkeys(_ED25519, 32)}


def one_of(
    session: pkcs11.Session, uri: TokenUri, kind: ObjectClass, key_id: bytes | None
) -> Any | None:  # noqa: ANN401  # the library's
    """Return the object of a kind that belongs to the key of a URI; None when there is none.

    Args:
        session: with the token.
        uri: names the key.
        kind: of the object.
        key_id: its CKA_ID, when that is known; the label counts where it is not.

    Raises:
        InputError: there are several.
    """
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if key_id is not None:
        wanted[Attribute.ID] = key_id
    if uri.label is not None and (key_id is None or kind is ObjectClass.PRIVATE_KEY):
        wanted[Attribute.LABEL] = uri.label
    if len(wanted) == 1:
        return None
    found = list(session.get_objects(wanted))
    if len(found) > 1:
        words = {ObjectClass.PRIVATE_KEY: "private keys", ObjectClass.PUBLIC_KEY: "public keys"}
        text = f"there are {len(found)} {words.get(kind, 'objects')} of this name: {_listed(found)}"
        raise refused(uri.key_name, f"{text}.", "name one by its id (id=%01 for id 01), too.")
    return found[0] if found else None


def described(session: pkcs11.Session, kind: ObjectClass) -> str:
    """Return the objects of a kind as a URI would name them."""
    return _listed(list(session.get_objects({Attribute.CLASS: kind})))


def find_public(session: pkcs11.Session, uri: TokenUri, key_id: bytes | None) -> PublicKey:
    """Return the public half of a key: the token's public object, or of its certificate.

    Raises:
        InputError: there is neither, there are several, or it is of a kind that may not sign.
    """
    for identity in dict.fromkeys((key_id, None)):  # by the label where the id tells nothing
        found = one_of(session, uri, ObjectClass.PUBLIC_KEY, identity)
        if found is not None:
            return _public(found, uri)
        certificates = _certificates(session, uri, identity)
        if certificates:
            return PublicKey.from_certificate(_latest(certificates))
    text = "neither its public key nor its certificate is on the token."
    remedy = "write one of them onto it, with the id of the private key."
    raise refused(uri.key_name, text, remedy)


def certificate_chain(session: pkcs11.Session, public: PublicKey) -> tuple[bytes, ...]:
    """Return the certificate of a key and the intermediates that are on the token, in DER.

    Of several certificates the one that was issued last counts, among intermediates too, of which
    only one that signed the certificate before it can do; authorities are left out.
    """
    known = [each for each in _all(session) if each.subject != each.issuer]
    own = [each for each in known if each.public_key() == public.key]
    chain = [_latest(own)] if own else []
    while chain and len(chain) < MAX_CHAIN:
        issuers = [each for each in known if each not in chain and _issued(each, chain[-1])]
        if not issuers:
            break
        chain.append(_latest(issuers))
    return tuple(each.public_bytes(Encoding.DER) for each in chain)


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _latest(certificates: Sequence[Certificate]) -> Certificate:
    return max(certificates, key=lambda each: each.not_valid_before_utc)


def _certificates(
    session: pkcs11.Session, uri: TokenUri, key_id: bytes | None
) -> list[Certificate]:
    if key_id is not None:
        return list(_read(session, {Attribute.ID: key_id}))
    return [] if uri.label is None else list(_read(session, {Attribute.LABEL: uri.label}))


def _all(session: pkcs11.Session) -> list[Certificate]:
    return list(_read(session, {}))


def _read(session: pkcs11.Session, wanted: dict[Attribute, Any]) -> Iterator[Certificate]:
    """Yield the X.509 certificates; a token may hold others."""
    for each in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE, **wanted})):
        try:
            yield load_der_x509_certificate(each[Attribute.VALUE])
        except ValueError:
            continue


def _public(found: Any, uri: TokenUri) -> PublicKey:  # noqa: ANN401  # the library's
    parameters = found[Attribute.EC_PARAMS] if found.key_type in _curves() else b""
    length = _POINT_BYTES.get(parameters)
    if length is None:
        text = "is of a kind that may not sign declarations."
        raise refused(uri.key_name, text, "use ECDSA on P-256, or Ed25519.")
    point = found[Attribute.EC_POINT][-length:]  # some wrap it into DER
    try:
        if parameters == _P256:
            return PublicKey(EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point))
        return PublicKey(Ed25519PublicKey.from_public_bytes(point))
    except ValueError as error:
        text = f"its public key on the token cannot be read: {error}."
        raise refused(uri.key_name, text, "write it onto the token anew.") from error


def _curves() -> tuple[pkcs11.KeyType, ...]:
    return (pkcs11.KeyType.EC, pkcs11.KeyType.EC_EDWARDS)


def _listed(found: Sequence[Any]) -> str:
    names = (
        f"object={each[Attribute.LABEL]};id={quote(each[Attribute.ID], safe='')}" for each in found
    )
    return ", ".join(names)
