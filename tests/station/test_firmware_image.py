"""Images: made, broken, signed, verified."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from vdoc.errors import InputError
from vdoc.station.firmware_image import (
    BrokenImageError,
    is_signed,
    issue_signer,
    main,
    make_image,
    read_image,
    sign,
)
from vdoc.tls import authority as build

ROOT_KEY = build.new_key("ECDSA")
ROOT = build.authority_certificate(build.distinguished_name("maker"), ROOT_KEY, signer=None)


def certificate(key_type: build.KeyType) -> tuple[x509.Certificate, build.PrivateKey]:
    key = build.new_key(key_type)
    signer = build.Authority(ROOT, ROOT_KEY)
    name = build.distinguished_name("signer")
    return build.leaf_certificate(name, key.public_key(), signer=signer), key


@contextmanager
def written(content: bytes) -> Iterator[Path]:
    """A file with this content, for as long as it is looked at."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "image"
        file.write_bytes(content)
        yield file


class TestImage:
    @given(body=st.binary())
    def test_read_back_as_made(self, body: bytes) -> None:
        with written(make_image("1.2.3", body)) as file:
            assert read_image(file) == "1.2.3"

    def test_broken_on_request(self) -> None:
        with (
            written(make_image("1", b"body", broken=True)) as file,
            pytest.raises(BrokenImageError, match="checksum"),
        ):
            read_image(file)

    @given(content=st.binary())
    def test_any_other_file_is_none(self, content: bytes) -> None:
        with written(content) as file, pytest.raises(BrokenImageError):
            read_image(file)

    @pytest.mark.parametrize("version", ["", "1 2", " 1", "1\n"])
    def test_version_without_blanks(self, version: str) -> None:
        with pytest.raises(ValueError, match="not a version"):
            make_image(version, b"")


class TestSignature:
    @pytest.mark.parametrize("key_type", build.KEY_TYPES)
    def test_fits_its_file_only(self, key_type: build.KeyType) -> None:
        signer, key = certificate(key_type)
        signature = sign(b"file", key)
        with written(b"file") as file, written(b"fil2") as other:
            assert is_signed(file, signature, signer)
            assert not is_signed(other, signature, signer)

    def test_not_of_another_key(self) -> None:
        signer, _ = certificate("ECDSA")
        with written(b"file") as file:
            assert not is_signed(file, sign(b"file", build.new_key("ECDSA")), signer)

    @given(text=st.text(max_size=80))
    def test_any_text_is_none(self, text: str) -> None:
        with written(b"file") as file:
            assert not is_signed(file, text, ROOT)

    def test_fits_the_limit_of_the_message(self) -> None:
        assert len(sign(b"file", build.new_key("RSA"))) <= 800


def test_issued_signer_is_directly_under_its_root() -> None:
    signer, key = issue_signer(ROOT, ROOT_KEY, "maker")
    signer.verify_directly_issued_by(ROOT)
    with written(b"file") as file:
        assert is_signed(file, sign(b"file", key), signer)


class TestCommandLine:
    def test_makes_and_signs(self, tmp_path: Path) -> None:
        (tmp_path / "root.pem").write_bytes(ROOT.public_bytes(Encoding.PEM))
        (tmp_path / "root.key").write_bytes(
            ROOT_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )

        def run(*words: str) -> None:
            paths = {"root.pem", "root.key", "s.pem", "s.key", "image", "signature"}
            argv = [str(tmp_path / word) if word in paths else word for word in words]
            assert main(argv) == 0

        run("make", "image", "--version", "2.0")
        run(
            *("signer", "--issuer", "root.pem", "--issuer-key", "root.key"),
            *("--certificate", "s.pem", "--key", "s.key"),
        )
        run("sign", "image", "--key", "s.key", "--signature", "signature")
        signer = x509.load_pem_x509_certificate((tmp_path / "s.pem").read_bytes())
        file = tmp_path / "image"
        assert read_image(file) == "2.0"
        assert is_signed(file, (tmp_path / "signature").read_text(), signer)

    def test_names_the_file_it_cannot_use(self, tmp_path: Path) -> None:
        image, key = tmp_path / "image", tmp_path / "absent.key"
        image.write_bytes(b"")
        with pytest.raises(InputError, match=r"absent\.key"):
            main(["sign", str(image), "--key", str(key), "--signature", str(tmp_path / "s")])
