"""Which authorities the test PKI has, where their files are, and how they are made and checked.

Functions over a directory; what is done with the authorities is `pki`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from vdoc.errors import InputError, Problem
from vdoc.tls import authority as build
from vdoc.tls import store
from vdoc.tls.authority import Authority, KeyType

CsmsRoot = Literal["root1", "root2", "root3", "root4", "root5", "root6"]
AuthorityName = Literal[
    "root1",
    "root2",
    "root3",
    "root4",
    "root5",
    "root6",
    "other_root",
    "client_ca",
    "v2g_root",
    "v2g_sub1",
    "v2g_sub2",
    "mo_root",
    "manufacturer_root",
    "oem_root",
]
CSMS_ROOTS: tuple[CsmsRoot, ...] = get_args(CsmsRoot)
AUTHORITIES: tuple[AuthorityName, ...] = get_args(AuthorityName)

_MARK = "pki.txt"
_MARK_TEXT = "vdoc bench PKI, format 1. Stations trust what is here: back it up, keep it private.\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an authority is made."""

    title: str
    key_type: KeyType = "ECDSA"  # ISO 15118-2 allows nothing else on its side
    signer: AuthorityName | None = None
    path_length: int | None = None
    rsa_bits: int = build.ROOT_RSA_BITS  # fewer where few runs come to it: keys take time


PLANS: Mapping[AuthorityName, Plan] = {
    "root1": Plan("vdoc CSMS Root 1", "RSA"),
    "root2": Plan("vdoc CSMS Root 2", "RSA"),
    "root3": Plan("vdoc CSMS Root 3", "RSA"),
    "root4": Plan("vdoc CSMS Root 4", "RSA", rsa_bits=build.LEAF_RSA_BITS),
    "root5": Plan("vdoc CSMS Root 5", "RSA", rsa_bits=build.LEAF_RSA_BITS),
    "root6": Plan("vdoc CSMS Root 6", "RSA", rsa_bits=build.LEAF_RSA_BITS),
    "other_root": Plan("vdoc Other Root", "RSA"),
    "client_ca": Plan("vdoc Charging Station CA", "RSA"),
    "v2g_root": Plan("vdoc V2G Root"),
    "v2g_sub1": Plan("vdoc V2G SubCA 1", signer="v2g_root", path_length=1),
    "v2g_sub2": Plan("vdoc V2G SubCA 2", signer="v2g_sub1", path_length=0),
    "mo_root": Plan("vdoc MO Root"),
    "manufacturer_root": Plan("vdoc Manufacturer Root"),
    "oem_root": Plan("vdoc OEM Root"),
}
# A successor and the root it replaces. A run moves a DUT that keeps one root three times
# (TC_A_19_CS, TC_B_50_CS, TC_M_30_CS), and has it install one more.
PREDECESSORS: Mapping[CsmsRoot, CsmsRoot] = {
    successor: predecessor for predecessor, successor in pairwise(CSMS_ROOTS)
}


def create(directory: Path) -> None:
    """Make all authorities and the server keys in `directory`; the mark of completeness comes last.

    Raises:
        InputError: there is something in it already, or it cannot be written.
    """
    store.make_directory(directory)
    if any(directory.iterdir()):
        raise store.unusable(
            directory, "is not empty and no complete PKI.", "name an empty or new directory"
        )
    directory.chmod(0o700)
    for part in ("authorities", "servers", "clients"):
        store.make_directory(directory / part)
    for name in AUTHORITIES:
        _make_authority(directory, name)
    for successor, predecessor in PREDECESSORS.items():
        _cross_sign(directory, successor, predecessor)
    for key_type in build.KEY_TYPES:
        store.write_key(server_key_file(directory, key_type), build.new_key(key_type))
    store.write_new(mark_file(directory), _MARK_TEXT.encode(), mode=0o600)


def load(directory: Path) -> dict[AuthorityName, Authority]:
    """Read and check every authority of `directory`.

    Raises:
        InputError: something is missing, unreadable, altered or open to others; lists all.
    """
    if not mark_file(directory).exists():
        raise store.unusable(
            directory, "holds no complete PKI.", "run `vdoc keys pki` to make one there"
        )
    problems: list[Problem] = []
    found: dict[AuthorityName, Authority] = {}
    for name in AUTHORITIES:
        try:
            found[name] = _load_authority(directory, name)
        except InputError as error:
            problems += error.problems
    if not problems:
        problems += _broken_links(directory, found)
    for key_type in build.KEY_TYPES:
        try:
            store.read_key(server_key_file(directory, key_type))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return found


def mark_file(directory: Path) -> Path:
    """Return the file that is there only when all others are."""
    return directory / _MARK


def certificate_file(directory: Path, name: AuthorityName) -> Path:
    """Return where an authority's certificate is; of the CSMS roots the self-signed one."""
    return directory / "authorities" / f"{name}.pem"


def _key_file(directory: Path, name: AuthorityName) -> Path:
    return directory / "authorities" / f"{name}.key"


def cross_file(directory: Path, successor: CsmsRoot) -> Path:
    """Return where the certificate is that its predecessor signed for `successor`."""
    return directory / "authorities" / f"{successor}-by-{PREDECESSORS[successor]}.pem"


def server_key_file(directory: Path, key_type: KeyType) -> Path:
    """Return where the key of all server certificates of `key_type` is."""
    return directory / "servers" / f"{key_type}.key"


def _make_authority(directory: Path, name: AuthorityName) -> None:
    plan = PLANS[name]
    key = build.new_key(plan.key_type, rsa_bits=plan.rsa_bits)
    signer = None if plan.signer is None else _load_authority(directory, plan.signer)
    certificate = build.authority_certificate(
        build.distinguished_name(plan.title), key, signer=signer, path_length=plan.path_length
    )
    store.write_key(_key_file(directory, name), key)
    store.write_certificate(certificate_file(directory, name), certificate)


def _cross_sign(directory: Path, successor: CsmsRoot, predecessor: CsmsRoot) -> None:
    subject = _load_authority(directory, successor)
    signer = _load_authority(directory, predecessor)
    certificate = build.authority_certificate(
        subject.certificate.subject, subject.key, signer=signer
    )
    store.write_certificate(cross_file(directory, successor), certificate)


def _load_authority(directory: Path, name: AuthorityName) -> Authority:
    certificate = store.read_certificate(certificate_file(directory, name))
    key = store.read_key(_key_file(directory, name))
    if certificate.public_key() != key.public_key():
        raise store.unusable(_key_file(directory, name), "is not the key of the certificate.")
    return Authority(certificate, key)


def _broken_links(directory: Path, found: Mapping[AuthorityName, Authority]) -> list[Problem]:
    """Check that each certificate was signed by whom the plan says."""
    problems: list[Problem] = []
    for name, plan in PLANS.items():
        file = certificate_file(directory, name)
        problems += _unless_signed(file, found[plan.signer or name].certificate)
    for successor, predecessor in PREDECESSORS.items():
        file = cross_file(directory, successor)
        problems += _unless_signed(file, found[predecessor].certificate)
    return problems


def _unless_signed(file: Path, signer: x509.Certificate) -> tuple[Problem, ...]:
    try:
        store.read_certificate(file).verify_directly_issued_by(signer)
    except InputError as error:
        return error.problems
    except (ValueError, TypeError, InvalidSignature):
        return (store.problem(file, f"is not signed by {signer.subject.rfc4514_string()}."),)
    return ()
