from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from vdoc.errors import InputError
from vdoc.signing import KeyType, PublicKey, SigningKey, new_key, show_key


@pytest.mark.parametrize("key_type", list(KeyType))
def test_a_new_key_is_for_its_owner_only(tmp_path: Path, key_type: KeyType) -> None:
    files = new_key(tmp_path / "keys", "acme", key_type)
    assert stat.S_IMODE(files.private.stat().st_mode) == 0o600
    assert b"PRIVATE" not in files.public.read_bytes()
    assert SigningKey.load(files.private).public.key_id == files.key_id
    assert show_key(files.public).type is key_type


def test_a_key_is_named_by_the_hash_of_its_public_half(tmp_path: Path) -> None:
    public = show_key(new_key(tmp_path, "acme").public)
    der = public.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public.key_id == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("present", ["acme.key", "acme.pub.pem"])
def test_a_key_is_never_overwritten(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text("mine")
    with pytest.raises(InputError, match=rf"{present}: key: exists .*never overwritten"):
        new_key(tmp_path, "acme")
    assert (tmp_path / present).read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../acme", "a/b", ".hidden"])
def test_a_name_stays_in_its_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="name of a key"):
        new_key(tmp_path, name)


def test_a_passphrase_is_needed_again(tmp_path: Path) -> None:
    files = new_key(tmp_path, "acme", passphrase=b"open sesame")
    assert SigningKey.load(files.private, b"open sesame").public.key_id == files.key_id
    for wrong in (None, b"guess"):
        with pytest.raises(InputError, match="passphrase"):
            SigningKey.load(files.private, wrong)


@pytest.mark.parametrize(("passphrase", "words"), [(b"", "empty"), (b"x" * 1024, "1024 bytes")])
def test_a_passphrase_that_cannot_be_one_is_refused(
    tmp_path: Path, passphrase: bytes, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        new_key(tmp_path, "acme", passphrase=passphrase)
    assert list(tmp_path.iterdir()) == []


def test_the_longest_passphrase_opens_what_it_closed(tmp_path: Path) -> None:
    files = new_key(tmp_path, "acme", passphrase=b"x" * 1023)
    assert SigningKey.load(files.private, b"x" * 1023).public.key_id == files.key_id


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    files = new_key(tmp_path, "acme")
    files.private.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        SigningKey.load(files.private)


def test_a_key_shows_nothing_of_its_private_half(tmp_path: Path) -> None:
    key = SigningKey.load(new_key(tmp_path, "acme").private)
    assert repr(key) == f"SigningKey({key.public.key_id})"


def test_only_two_kinds_may_sign(tmp_path: Path) -> None:
    for private in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(InputError, match="may not sign"):
            PublicKey.from_pem(pem)
        path = tmp_path / f"{private.key_size}.key"
        path.touch(0o600)
        path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(InputError, match="may not sign"):
            SigningKey.load(path)


def test_missing_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        SigningKey.load(tmp_path / "none.key")
    with pytest.raises(InputError, match="cannot be read"):
        show_key(tmp_path / "none.pub.pem")
