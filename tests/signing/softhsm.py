"""PKCS #11 tokens in software: SoftHSM 2, in a directory of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

PIN, SO_PIN = "2468-pin-of-the-token", "1357-of-the-officer"
EDWARDS = b"\x13\x0cedwards25519"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/*/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_HOW = (
    "install it (apt-get install softhsm2, dnf install softhsm, brew install softhsm), or name its "
    "library in SOFTHSM2_MODULE"
)


def module() -> Path:
    """The library of SoftHSM."""
    named = os.environ.get("SOFTHSM2_MODULE")
    found = [Path(named)] if named else [p for g in _PLACES for p in Path("/").glob(g[1:])]
    if not found or not found[0].is_file():
        pytest.fail(f"these tests sign on a token, and softhsm2 is not there: {_HOW}")
    return found[0]


@dataclass
class SoftTokens:
    """Tokens in a directory; the environment of the test leads to them."""

    directory: Path
    module: Path = field(default_factory=module)

    def __post_init__(self) -> None:
        (self.directory / "tokens").mkdir(parents=True)
        text = f"directories.tokendir = {self.directory / 'tokens'}\nobjectstore.backend = file\n"
        self.configuration.write_text(text)

    @property
    def configuration(self) -> Path:
        return self.directory / "softhsm2.conf"

    def make(self, label: str = "acme") -> str:
        """Make a token and return its serial number."""
        tool = shutil.which("softhsm2-util")
        if tool is None:
            pytest.fail(f"softhsm2-util is not there: {_HOW}")
        subprocess.run(
            [tool, "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN],
            check=True, capture_output=True,
        )  # fmt: skip
        self.forget()
        tokens = [slot.get_token() for slot in pkcs11.lib(str(self.module)).get_slots()]
        return next(token.serial.decode().strip() for token in tokens if token.label == label)

    def forget(self) -> None:
        """Have the library look anew."""
        pkcs11.lib(str(self.module)).finalize()

    def session(self, label: str = "acme") -> pkcs11.Session:
        """A session of whoever sets the token up."""
        token = pkcs11.lib(str(self.module)).get_token(token_label=label)
        return token.open(rw=True, user_pin=PIN)

    def generate(
        self,
        label: str = "acme-2026",
        *,
        identity: bytes = b"\x01",
        parameters: bytes = encode_named_curve_parameters("secp256r1"),
        token: str = "acme",  # noqa: S107  # its label
        **private: Any,
    ) -> None:
        """Make a pair on a token, by which the private key never was elsewhere."""
        kind = KeyType.EC_EDWARDS if parameters == EDWARDS else KeyType.EC
        template = {Attribute[name]: value for name, value in private.items()}
        with self.session(token) as session:
            domain = session.create_domain_parameters(
                kind, {Attribute.EC_PARAMS: parameters}, local=True
            )
            domain.generate_keypair(store=True, label=label, id=identity, private_template=template)

    def put(self, certificate: Certificate, label: str, identity: bytes = b"") -> None:
        """Write a certificate onto the token."""
        with self.session() as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: label,
                    Attribute.ID: identity,
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                    Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )

    def drop(self, kind: ObjectClass) -> None:
        """Take every object of a kind off the token."""
        with self.session() as session:
            for each in list(session.get_objects({Attribute.CLASS: kind})):
                each.destroy()

    def uri(self, query: str = "", **path: str) -> str:
        """The URI of a key: `uri(token=…, object=…)`, both as `generate` has them at first."""
        named = {"token": "acme", "object": "acme-2026", **path}
        text = ";".join(f"{name}={quote(value)}" for name, value in named.items() if value)
        return f"pkcs11:{text}?module-path={self.module}{query}"

    def pin_file(self, pin: str = PIN, mode: int = 0o600) -> Path:
        path = self.directory / "pin"
        path.touch()
        path.chmod(mode)
        path.write_text(pin + "\n")
        return path


@pytest.fixture
def soft_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftTokens]:
    """Software tokens; one of them is there, `acme`."""
    tokens = SoftTokens(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tokens.configuration))
    tokens.make()
    yield tokens
    tokens.forget()
