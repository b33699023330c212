"""The station's persistent memory: a directory that survives power cycles and restarts.

Owns the layout; two complete trees side by side, so that a factory reset is a swap of trees:

    DIR/current/documents/NAME.json             what the modules keep (`get`, `put`)
    DIR/current/secrets/NAME                    passwords, as UTF-8 text
    DIR/current/certificates/TYPE/0001.pem      trust anchors and chains, in order of installation
    DIR/current/credentials/PURPOSE/{chain,key}.pem
    DIR/factory/...                             the provisioned copy

Everything is readable by the owner only. Each file is replaced atomically, so that a killed
process leaves the old or the new content, never a mixture. It survives the end of the process,
not that of the machine: nothing is fsynced, since the station is simulated.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.station.seams import Storage

_OWNER_ONLY = 0o600
_OWNER_DIRECTORY = 0o700


@dataclass(frozen=True, slots=True)
class InstalledCertificate:
    """One entry of a certificate store.

    Attributes:
        kind: its GetCertificateIdUseEnumType, for example "CSMSRootCertificate".
        chain: the certificate, followed by its sub-CAs where the kind is a chain.
        path: the file that holds it.
    """

    kind: str
    chain: tuple[x509.Certificate, ...]
    path: Path

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate itself (the leaf of a chain)."""
        return self.chain[0]

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 over the DER form of the certificate."""
        return self.certificate.fingerprint(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Credentials:
    """A private key and its certificate chain, as the files that a TLS context loads."""

    chain: Path
    key: Path

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The chain, leaf first."""
        return tuple(x509.load_pem_x509_certificates(self.chain.read_bytes()))


class FileStorage:
    """What survives a power cycle; implements `seams.Storage` and adds secrets and certificates.

    Args:
        directory: is made, empty, if absent.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._current = directory / "current"
        self._factory = directory / "factory"
        for tree in (directory, self._current):
            tree.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)

    # -- documents

    def get(self, name: str) -> Any:  # noqa: ANN401  # any JSON document
        """Return the document saved last under `name`, or None."""
        path = self._current / "documents" / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def put(self, name: str, value: object) -> None:
        """Save a JSON document before returning."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        _replace(self._current / "documents" / f"{name}.json", text.encode())

    # -- secrets

    def secret(self, name: str) -> str | None:
        """Return a secret, or None when it was never set."""
        path = self._current / "secrets" / name
        return path.read_text(encoding="utf-8") if path.exists() else None

    def put_secret(self, name: str, text: str) -> None:
        """Save a secret before returning."""
        _replace(self._current / "secrets" / name, text.encode())

    # -- certificates

    def certificates(self, *kinds: str) -> tuple[InstalledCertificate, ...]:
        """Return what is installed of these kinds, oldest first within a kind."""
        return tuple(
            InstalledCertificate(
                kind, tuple(x509.load_pem_x509_certificates(path.read_bytes())), path
            )
            for kind in kinds
            for path in sorted((self._current / "certificates" / kind).glob("*.pem"))
        )

    def add_certificate(self, kind: str, chain: Iterable[x509.Certificate]) -> None:
        """Install a certificate (or a chain, leaf first) as the newest of its kind."""
        store = self._current / "certificates" / kind
        taken = sorted(store.glob("*.pem"))
        number = int(taken[-1].stem) + 1 if taken else 1
        pem = b"".join(each.public_bytes(Encoding.PEM) for each in chain)
        _replace(store / f"{number:04d}.pem", pem)

    def remove_certificate(self, entry: InstalledCertificate) -> None:
        """Delete one installed entry."""
        entry.path.unlink(missing_ok=True)

    # -- credentials

    def credentials(self, purpose: str) -> Credentials | None:
        """Return the key and chain for a purpose, or None when there are none."""
        store = self._current / "credentials" / purpose
        found = Credentials(store / "chain.pem", store / "key.pem")
        return found if found.chain.exists() and found.key.exists() else None

    def put_credentials(self, purpose: str, chain_pem: bytes, key_pem: bytes) -> None:
        """Save key and chain for a purpose, in place of earlier ones."""
        store = self._current / "credentials" / purpose
        _replace(store / "key.pem", key_pem)
        _replace(store / "chain.pem", chain_pem)

    def drop_credentials(self, purpose: str) -> None:
        """Forget the key and chain of a purpose."""
        shutil.rmtree(self._current / "credentials" / purpose, ignore_errors=True)

    def move_credentials(self, purpose: str, to: str) -> None:
        """Rename a purpose; what `to` held is lost. No effect when `purpose` holds nothing."""
        source = self._current / "credentials" / purpose
        if source.exists():
            self.drop_credentials(to)
            source.rename(source.parent / to)

    # -- factory state

    def clear(self) -> None:
        """Forget everything but the factory copy."""
        self._swap_in(None)

    def seal_factory(self) -> None:
        """Take what is held now as the factory state."""
        self.adopt_factory(self)

    def adopt_factory(self, source: FileStorage) -> None:
        """Take what `source` holds as the factory state of this one."""
        fresh = Path(tempfile.mkdtemp(dir=self.directory))
        shutil.copytree(source._current, fresh, dirs_exist_ok=True)
        shutil.rmtree(self._factory, ignore_errors=True)
        fresh.rename(self._factory)

    def factory_reset(self) -> None:
        """Return to the factory state; without one, to an empty memory."""
        self._swap_in(self._factory if self._factory.exists() else None)

    def _swap_in(self, source: Path | None) -> None:
        fresh = Path(tempfile.mkdtemp(dir=self.directory))
        if source is not None:
            shutil.copytree(source, fresh, dirs_exist_ok=True)
        old = Path(tempfile.mkdtemp(dir=self.directory))
        self._current.rename(old / "was")
        fresh.rename(self._current)
        shutil.rmtree(old)


def files_of(storage: Storage) -> FileStorage:
    """Return `storage` as what it must be wherever keys and certificates are needed.

    Raises:
        TypeError: the station was given a storage that only holds documents.
    """
    if not isinstance(storage, FileStorage):
        raise TypeError(f"certificates need a FileStorage, not {type(storage).__name__}")
    return storage


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as file:  # mkstemp made it 0600
        file.write(content)
    Path(name).chmod(_OWNER_ONLY)
    Path(name).replace(path)
