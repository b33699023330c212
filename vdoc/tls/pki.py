"""The bench's persistent PKI: authorities, server and station certificates, kept in one directory.

    root1 ──────────► server leaves (RSA and ECDSA), station leaves
      └ root2-by-root1    root2 (self-signed, same name and key) ──► leaves
                            └ root3-by-root2    root3 … and so on to root6
    other_root ─────► the server leaf that no station may accept
    client_ca ──────► station leaves, when a case wants an authority apart from the CSMS roots
    v2g_root ► v2g_sub1 ► v2g_sub2 ──► SECC leaves
    mo_root · manufacturer_root · oem_root

Each further CSMS root has two certificates with one key: signed by its predecessor, which is what
AdditionalRootCertificateCheck asks for (M05.FR.10), and self-signed for stations without it.
Servers send the leaf alone, so that only a station holding the leaf's own root can verify it: with
a cross certificate in the chain the old root would do, and M05.FR.13 would show nothing.
Certificates of servers are made when first asked for and kept; authorities are made once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from vdoc.errors import InputError, Problem
from vdoc.tls import authority as build
from vdoc.tls import hierarchy, store
from vdoc.tls.authority import Authority, Flavour, KeyType, PrivateKey, Validity, pem
from vdoc.tls.csr import signable
from vdoc.tls.hierarchy import AUTHORITIES, CSMS_ROOTS, AuthorityName, CsmsRoot

Successor = Literal["root2", "root3", "root4", "root5", "root6"]


@dataclass(frozen=True, slots=True)
class ServerCredentials:
    """A server certificate with its key, as files that an ssl context can load."""

    host: str
    key_type: KeyType
    root: CsmsRoot
    flavour: Flavour
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A certificate chain with its key in files: what a station or an EV holds."""

    common_name: str
    key_type: KeyType
    issuer: AuthorityName
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `vdoc keys pki`."""

    name: str
    file: Path
    certificate: x509.Certificate
    fingerprint_sha256: str


class BenchPki:
    """A loaded PKI. Use `create`, `load` or `create_or_load`."""

    def __init__(self, directory: Path, authorities: Mapping[AuthorityName, Authority]) -> None:
        self.directory = directory
        self._authorities = dict(authorities)
        self._newest = build.LEAF_VALIDITY.start

    @classmethod
    def create_or_load(cls, directory: Path) -> BenchPki:
        """Load the PKI of `directory`, or make one there when there is none yet.

        Raises:
            InputError: as `create` and `load`.
        """
        exists = hierarchy.mark_file(directory).exists()
        return cls.load(directory) if exists else cls.create(directory)

    @classmethod
    def create(cls, directory: Path) -> BenchPki:
        """Make a PKI in `directory` (made if need be). Takes seconds: keys are generated.

        Raises:
            InputError: there is something in it already, or it cannot be written.
        """
        hierarchy.create(directory)
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> BenchPki:
        """Read and check the PKI of `directory`.

        Raises:
            InputError: something is missing, unreadable, altered or open to others; lists all.
        """
        return cls(directory, hierarchy.load(directory))

    def certificate_pem(self, name: AuthorityName) -> str:
        """Return an authority's certificate; of the CSMS roots the self-signed one."""
        return pem(self._authorities[name].certificate)

    def certificate_file(self, name: AuthorityName) -> Path:
        """Return where `certificate_pem` is on disk."""
        return hierarchy.certificate_file(self.directory, name)

    def successor_pem(self, root: Successor) -> str:
        """Return `root` signed by its predecessor: what M05.FR.10 lets a station install."""
        return pem(store.read_certificate(hierarchy.cross_file(self.directory, root)))

    def issuer_pem(self, root: Successor) -> str:
        """Return the certificate of who signed `successor_pem(root)`, for its hash data."""
        return self.certificate_pem(hierarchy.PREDECESSORS[root])

    def client_trust_pem(self) -> str:
        """Return all authorities that sign station certificates, for `server_context`."""
        names: tuple[AuthorityName, ...] = (*CSMS_ROOTS, "client_ca")
        return "".join(map(self.certificate_pem, names))

    def server(
        self,
        host: str,
        *,
        key_type: KeyType,
        root: CsmsRoot = "root1",
        flavour: Flavour = "valid",
    ) -> ServerCredentials:
        """Return the server certificate for `host` (FQDN or address), made when first asked for.

        Both CN and subjectAltName carry the name, or both the wrong one: stations may look at
        either (A00.FR.510, A00.FR.511). TC_A_05 with erratum 6.2.3 names the flavours.

        Raises:
            InputError: `host` is not ASCII or too long for a CN, or the kept file is unusable.
        """
        try:
            build.general_name(host)
        except ValueError as error:
            raise _unnameable(host, error) from error
        directory = self.directory / "servers" / _directory_name(host)
        store.make_directory(directory)
        file = directory / f"{root}-{flavour}-{key_type}.pem"
        key_file = hierarchy.server_key_file(self.directory, key_type)
        key = store.read_key(key_file)
        if not file.exists():
            store.write_certificate(file, self._server_leaf(host, key, root, flavour))
        if store.read_certificate(file).public_key() != key.public_key():
            raise store.unusable(file, "does not belong to the server key.", f"delete {file}")
        return ServerCredentials(host, key_type, root, flavour, file, key_file)

    def client(
        self, common_name: str, *, key_type: KeyType = "ECDSA", issuer: AuthorityName = "root1"
    ) -> ClientCredentials:
        """Return a client certificate with a key of its own, made when first asked for.

        What the vendor puts into a station beforehand, or an EV holds; not from a CSR.

        Raises:
            InputError: the name cannot be a CN, or the kept files are unusable.
        """
        directory = self.directory / "clients" / _directory_name(common_name)
        store.make_directory(directory)
        file = directory / f"{issuer}-{key_type}.pem"
        key_file = directory / f"{issuer}-{key_type}.key"
        if not key_file.exists():
            store.write_key(key_file, build.new_key(key_type))
        key = store.read_key(key_file)
        if not file.exists():
            signer = self._authorities[issuer]
            leaf = build.leaf_certificate(_name(common_name), key.public_key(), signer=signer)
            store.write_certificate(file, leaf, *self._intermediates(issuer))
        if store.read_certificate(file).public_key() != key.public_key():
            raise store.unusable(file, f"does not belong to {key_file.name}.", f"delete {file}")
        return ClientCredentials(common_name, key_type, issuer, file, key_file)

    def sign_csr(
        self,
        csr_pem: str,
        *,
        issuer: AuthorityName = "root1",
        common_name: str | None = None,
        organization: str | None = None,
    ) -> str:
        """Sign a station's request and return its chain in PEM, leaf first, without the root.

        The default issuer is the CSMS root, as Part 6 has it (RenewChargingStationCertificate);
        SECC leaves come from "v2g_sub2". Subject and key are the request's, nothing else is. Each
        certificate is valid from later than all before it: by that a station with several knows
        which is the newest (A02.FR.09, A02.FR.15).

        Args:
            csr_pem: the request.
            issuer: who signs.
            common_name: if given, the CN the request must have.
            organization: if given, the O the request must have.

        Raises:
            UnsignableCsrError: it is unreadable, of an unusable key, not signed with its own
                key, or its subject is not the expected one.
        """
        wanted = signable(csr_pem, common_name=common_name, organization=organization)
        signer = self._authorities[issuer]
        leaf = build.leaf_certificate(
            wanted.subject, wanted.public_key, signer=signer, validity=self._newer()
        )
        return "".join(map(pem, (leaf, *self._intermediates(issuer))))

    def _newer(self) -> Validity:
        """Return a validity from a day ago, but from a second later than the last."""
        day_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self._newest = max(day_ago, self._newest + timedelta(seconds=1))
        return Validity(self._newest, build.LEAF_VALIDITY.end)

    def invalid_station_chain(self, common_name: str) -> str:
        """Return a self-signed leaf of a fresh key, which a station must reject (TC_A_14)."""
        return pem(build.self_signed_leaf(_name(common_name), build.new_key("ECDSA")))

    def export_roots(self, directory: Path) -> tuple[Path, ...]:
        """Copy every authority's certificate (no key) into `directory`, for the DUT's installer.

        Raises:
            InputError: it cannot be written, or holds a different certificate of that name.
        """
        store.make_directory(directory)
        written = []
        for line in self.listing():
            target = directory / f"{line.name}.pem"
            new = store.write_certificate(target, line.certificate)
            if not new and store.read_certificate(target) != line.certificate:
                raise store.unusable(target, "is another certificate.", "name another directory")
            written.append(target)
        return tuple(written)

    def listing(self) -> tuple[Listed, ...]:
        """Return every authority's certificate, for `vdoc keys pki`."""
        files: dict[str, Path] = {name: self.certificate_file(name) for name in AUTHORITIES}
        for root in hierarchy.PREDECESSORS:
            file = hierarchy.cross_file(self.directory, root)
            files[file.stem] = file
        return tuple(_listed(name, file) for name, file in files.items())

    def _server_leaf(
        self, host: str, key: PrivateKey, root: CsmsRoot, flavour: Flavour
    ) -> x509.Certificate:
        signer = self._authorities["other_root" if flavour == "other_root" else root]
        names: dict[Flavour, str] = {
            "wrong_cn": build.WRONG_NAME,
            "wildcard_cn": build.wildcard_name(host),
        }
        validities: dict[Flavour, Validity] = {
            "expired": build.EXPIRED,
            "not_yet_valid": build.NOT_YET_VALID,
        }
        name = names.get(flavour, host)
        return build.leaf_certificate(
            _name(name),
            key.public_key(),
            signer=signer,
            validity=validities.get(flavour, build.LEAF_VALIDITY),
            alternative=build.general_name(name),
        )

    def _intermediates(self, issuer: AuthorityName) -> tuple[x509.Certificate, ...]:
        """Return `issuer` and what is above it, without the self-signed root."""
        signer = hierarchy.PLANS[issuer].signer
        if signer is None:
            return ()
        return (self._authorities[issuer].certificate, *self._intermediates(signer))


def _name(common_name: str) -> x509.Name:
    try:
        return build.distinguished_name(common_name)
    except ValueError as error:
        raise _unnameable(common_name, error) from error


def _unnameable(name: str, error: ValueError) -> InputError:
    remedy = "use 1 to 64 ASCII characters (a host name in another script as its xn-- form)"
    message = f"no certificate can be made out to this name: {error}."
    return InputError(Problem("bench PKI", None, repr(name), message, remedy))


def _directory_name(text: str) -> str:
    """Return a file name for any host or identity: readable where it can be, unique always."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in text.lower())[:40]
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _listed(name: str, file: Path) -> Listed:
    certificate = store.read_certificate(file)
    return Listed(name, file, certificate, certificate.fingerprint(hashes.SHA256()).hex())
