"""Making the bundle of a declaration: the statement, its signature, and all that it rests on.

Owns what each member holds. Rules: only of a run that is eligible; canonical JSON throughout, so
that `sha256sum pics.json` is the PICS digest that is declared; the digest of every other member is
in what is signed. Reading a bundle is `vdoc.verify`'s, its form `vdoc.declaration.container`'s.
"""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from vdoc.declaration import container
from vdoc.declaration.eligible import NotEligibleError, eligible
from vdoc.declaration.record import RunRecord
from vdoc.declaration.renderings import Html
from vdoc.declaration.statement import Statement, statement_of
from vdoc.declaration.words import DEMONSTRATION, OWN_DECLARATION
from vdoc.digest import canonical, sha256_hex
from vdoc.signing import SigningKey, countersign, sign

_README = """\
{title}

{own}

Product     {vendor} {model}, firmware {version}
Family      {family}, represented by {representative} (certificate {certificate})
Firmware    sha256:{firmware}
Signed by   {key_ids}

What is here
  declaration.json       what is declared: an in-toto Statement v1, canonical JSON (RFC 8785)
  declaration.dsse.json  the same, signed (DSSE, payload type application/vnd.in-toto+json)
  pics.json              what the vendor claims; sha256sum gives the PICS digest that is declared
  settings.json          how the bench was set up, secrets withheld
  plan.json              which cases were run, in which order
  evidence.jsonl.gz      everything that the station and the bench said and did
  report.html            the result for a reader

How to verify, offline
  1. Get the vendor's public key (PEM) by a way that you trust and compare its key id with the one
     above: openssl pkey -pubin -in KEY.pub.pem -outform DER | sha256sum
  2. Put it in a directory of its own, here called trust.
  3. vdoc verify THIS-FILE.zip --trust trust [--firmware IMAGE] [--pics PICS.toml]
     checks the signature, makes the plan again, and judges every case again from the evidence.
"""


def make_bundle(record: RunRecord, keys: Sequence[SigningKey], path: Path) -> Statement:
    """Declare a run: write its bundle and return what is declared.

    Args:
        record: the run, its evidence sealed.
        keys: every one of them signs; at least one.
        path: of the bundle; an existing file is never replaced.

    Raises:
        NotEligibleError: the run cannot be declared; says every reason.
        InputError: the bundle cannot be written.
        ValueError: there is no key.
    """
    reasons = eligible(record)
    if reasons:
        raise NotEligibleError(reasons)
    if not keys:
        raise ValueError("a declaration needs at least one key that signs it")
    signed = {
        "README.txt": _readme(record, keys).encode(),
        "pics.json": canonical(record.pics.to_json()),
        "settings.json": canonical(record.settings_public),
        "plan.json": canonical(record.plan.to_json()),
        "evidence.jsonl.gz": packed_evidence(record.evidence),
        "report.html": Html().render(record),
    }
    statement = statement_of(record, {name: sha256_hex(data) for name, data in signed.items()})
    payload = statement.to_bytes()
    declaration = {"declaration.json": payload, "declaration.dsse.json": sign(payload, keys)}
    container.write(path, {**signed, **declaration})
    return statement


def countersign_bundle(source: Path, keys: Sequence[SigningKey], path: Path) -> None:
    """Write a copy of a bundle that more keys have signed, such as a laboratory's.

    What is declared stays as it is, and so do the signatures that are there. Whoever signs has
    verified the bundle before.

    Raises:
        InputError: the bundle cannot be read or written, or one of the keys has signed already.
        ValueError: there is no key.
    """
    members = container.read(source)
    envelope = countersign(members["declaration.dsse.json"], keys)
    container.write(path, {**members, "declaration.dsse.json": envelope})


def packed_evidence(path: Path) -> bytes:
    """Return evidence as gzip that depends on its lines alone: no name, no time."""
    if path.suffix == ".gz":
        return path.read_bytes()
    packed = io.BytesIO()
    with (
        path.open("rb") as source,
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as target,
    ):
        shutil.copyfileobj(source, target)
    return packed.getvalue()


def _readme(record: RunRecord, keys: Sequence[SigningKey]) -> str:
    product = record.pics.product
    demonstration = f"{DEMONSTRATION}\n\n" if record.grade_problems else ""
    return _README.format(
        title=f"{demonstration}Vendor Declaration of Conformance, OCPP 2.0.1",
        own=OWN_DECLARATION,
        vendor=product.vendor,
        model=product.model,
        version=product.firmware_version,
        family=product.family,
        representative=product.representative.model,
        certificate=product.representative.certificate_number,
        firmware=record.firmware_sha256,
        key_ids=", ".join(key.public.key_id for key in keys),
    )
