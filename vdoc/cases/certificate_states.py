"""States of certificates: a root installed, what is installed.

Owns CertificateInstalled and GetInstalledCertificates (Part 6 §3), and which root comes next.
Certificates are made by the bench and recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.bench.expect import Expectation, that
from vdoc.tls.hash_data import HASH_ALGORITHMS, certificate_hash_data

CSMS_ROOT = "CSMSRootCertificate"
MANUFACTURER_ROOT = "ManufacturerRootCertificate"
MO_ROOT = "MORootCertificate"

SELF_SIGNED, BY_PREDECESSOR = "self-signed", "by-predecessor"

HashData = Mapping[str, str]

_CSMS_ROOTS = ("root1", "root2", "root3", "root4", "root5", "root6")
_SUCCESSOR = dict(pairwise(_CSMS_ROOTS))
_PREDECESSOR = {successor: root for root, successor in _SUCCESSOR.items()}
_HASH_FIELDS = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")


@dataclass(frozen=True, slots=True)
class Root:
    """A root of the bench, and in which of its two forms it can be installed."""

    name: str
    form: str = SELF_SIGNED


MANUFACTURER = Root("manufacturer")
OTHER = Root("other")
"""A root that signs nothing that the DUT may trust, nor was signed by one that it has."""
EXPIRED = Root("expired")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A root certificate of the bench, and every way in which a DUT may name it.

    Attributes:
        kind: the certificateType that it is installed as.
        pem: the certificate.
        names: its CertificateHashDataType by each hash algorithm, since the DUT chooses one.
    """

    kind: str
    root: Root
    pem: str
    names: tuple[HashData, ...]

    def is_named(self, hash_data: Mapping[str, Any]) -> bool:
        """Tell whether hash data names this certificate; hashes have no case."""
        return _folded(hash_data) in [_folded(name) for name in self.names]

    def named_like(self, other: HashData | None) -> HashData:
        """Return its name by the hash algorithm of another name, for the DUT knows that one."""
        algorithm = None if other is None else other.get("hashAlgorithm")
        same = (name for name in self.names if name["hashAlgorithm"] == algorithm)
        return next(same, self.names[0])


@dataclass(frozen=True, slots=True)
class Listing:
    """What a GetInstalledCertificateIdsResponse lists."""

    answer: Message

    def of(self, kind: str) -> list[HashData]:
        """Return the hash data of all entries of a type, as the DUT wrote them.

        What is no entry at all is left out: that it breaks the schema has been recorded already.
        """
        chain = self.answer.get("certificateHashDataChain")
        entries = [e for e in chain if isinstance(e, dict)] if isinstance(chain, list) else []
        named = [e.get("certificateHashData") for e in entries if e.get("certificateType") == kind]
        return [each for each in named if isinstance(each, dict)]

    def find(self, certificate: Certificate) -> HashData | None:
        """Return the entry of a certificate; None when it is not listed."""
        entries = self.of(certificate.kind)
        return next((each for each in entries if certificate.is_named(each)), None)

    def fact(self, kind: str) -> Fact:
        """Return the entries of a type, for a check."""
        what = f"{self.answer.name} certificateHashDataChain of type {kind}"
        return Fact(what, [_folded(each) for each in self.of(kind)], self.answer.n)


def replaces_roots(bench: Bench) -> bool:
    """Tell whether the DUT keeps one CSMS root, replaced by one that it signed (M05.FR.09)."""
    fact = bench.facts.find("SecurityCtrlr", "AdditionalRootCertificateCheck")
    return fact is not None and (fact.value or "").casefold() == "true"


def root_in_use(bench: Bench) -> Root:
    """Return the CSMS root that leads to what the DUT is served, in the form that it has."""
    name = bench.state.root
    replaced = replaces_roots(bench) and name in _PREDECESSOR
    return Root(name, BY_PREDECESSOR if replaced else SELF_SIGNED)


async def further_root(bench: Bench) -> Root:
    """Return the CSMS root to install next: root 2; a DUT that keeps one, its successor.

    Such a DUT takes the successor as its present root has signed it (M05.FR.10); one that has no
    root yet has nothing to check it with, and gets the first.

    Raises:
        InconclusiveError: the DUT has the last of the bench's roots.
    """
    if not replaces_roots(bench):
        return Root(next(name for name in _CSMS_ROOTS[1:] if name != bench.state.root))
    if (await listed(bench, CSMS_ROOT)).answer.get("status") == "NotFound":
        return Root(_CSMS_ROOTS[0])
    had = (bench.state.root, *bench.state.roots_installed)
    newest = max((name for name in had if name in _CSMS_ROOTS), key=_CSMS_ROOTS.index)
    if newest not in _SUCCESSOR:
        raise InconclusiveError(f"the bench has no root after {newest}")
    return Root(_SUCCESSOR[newest], BY_PREDECESSOR)


async def csms_root_present(bench: Bench) -> Certificate:
    """See to it that a CSMS root of the bench is installed, and return it (a Before block)."""
    in_use = await certificate(bench, CSMS_ROOT, root_in_use(bench))
    if (await listed(bench, CSMS_ROOT)).find(in_use) is not None:
        return in_use
    return await certificate_installed(bench, CSMS_ROOT, await further_root(bench))


async def certificate(bench: Bench, kind: str, root: Root) -> Certificate:
    """Return a certificate of the bench as it is installed for `kind`."""
    issuer = None
    pem = await _pem(bench, root)
    if root.form == BY_PREDECESSOR:
        issuer = await _pem(bench, Root(_PREDECESSOR[root.name]))
    names = (certificate_hash_data(pem, issuer_pem=issuer, algorithm=a) for a in HASH_ALGORITHMS)
    return Certificate(kind, root, pem, tuple(name.as_json() for name in names))


async def _pem(bench: Bench, root: Root) -> str:
    made = await bench.ask("root_certificate", root=root.name, form=root.form)
    return str(made["pem"])


async def certificate_installed(bench: Bench, kind: str, root: Root) -> Certificate:
    """Memory state CertificateInstalled; returns the certificate."""
    made = await certificate(bench, kind, root)
    with bench.within_state("CertificateInstalled"):
        bench.step(2, "M05.FR.02")
        answer = await install(bench, made)  # 1
        bench.require(answer["status"], "Accepted")
    return made


async def install(bench: Bench, certificate: Certificate) -> Message:
    """Ask the DUT to install a certificate; a CSMS root is journalled before it is sent."""
    if certificate.kind == CSMS_ROOT:
        await bench.ask("journal", root=certificate.root.name)
    return await bench.call(
        "InstallCertificate", certificateType=certificate.kind, certificate=certificate.pem
    )


async def certificates_listed(bench: Bench, *certificates: Certificate) -> Listing:
    """Reusable state GetInstalledCertificates: these are among what is installed of their types."""
    with bench.within_state("GetInstalledCertificates"):
        bench.step(2, "M03.FR.04")
        found = await listed(bench, *dict.fromkeys(each.kind for each in certificates))  # 1
        bench.require(found.answer["status"], "Accepted", "M03.FR.03")
        found.answer.need("certificateHashDataChain")
        for each in certificates:
            bench.check(found.fact(each.kind), holding(each))
    return found


async def listed(bench: Bench, *kinds: str) -> Listing:
    """Ask what is installed of these types; of all types when none is named (M03)."""
    asked: dict[str, Any] = {"certificateType": list(kinds)} if kinds else {}
    return Listing(await bench.call("GetInstalledCertificateIds", **asked))


async def delete(bench: Bench, hash_data: HashData) -> Message:
    """Ask the DUT to delete a certificate by the name that it gave it itself (M04)."""
    return await bench.call("DeleteCertificate", certificateHashData=dict(hash_data))


def holding(certificate: Certificate) -> Expectation:
    """Expect an entry for this certificate, by whichever hash algorithm (order is free)."""
    names = [_folded(name) for name in certificate.names]
    words = f"an entry with {names[0]}, or the same by another hash algorithm"
    return that(words, lambda entries: any(name in entries for name in names))


def holding_all(names: Iterable[HashData]) -> Expectation:
    """Expect an entry for each of these names, as the DUT gave them before."""
    wanted = [_folded(name) for name in names]
    return that(
        f"entries with {', '.join(map(str, wanted))}",
        lambda entries: all(name in entries for name in wanted),
    )


def without(certificate: Certificate) -> Expectation:
    """Expect no entry for this certificate."""
    names = [_folded(name) for name in certificate.names]
    words = f"no entry with {names[0]}, nor the same by another hash algorithm"
    return that(words, lambda entries: not any(name in entries for name in names))


def _folded(hash_data: Mapping[str, Any]) -> dict[str, str]:
    """Return hash data in lower case; hashes are identifierStrings, which have no case."""
    return {field: str(hash_data.get(field, "")).casefold() for field in _HASH_FIELDS}
