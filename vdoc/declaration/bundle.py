"""Making the bundle of a declaration: the statement, its signature, and all that it rests on.

Owns what each member holds. Rules: only of a run that is eligible; canonical JSON throughout, so
that `sha256sum pics.json` is the PICS digest that is declared; the digest of every other member is
in what is signed. Reading a bundle is `vdoc.verify`'s, its form `vdoc.declaration.container`'s.
"""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vdoc.declaration import container
from vdoc.declaration.documents import Sealing, make_documents
from vdoc.declaration.eligible import NotEligibleError, eligible
from vdoc.declaration.record import RunRecord
from vdoc.declaration.renderings import Html
from vdoc.declaration.stamps import Stamping
from vdoc.declaration.statement import Statement, statement_of
from vdoc.declaration.words import DEMONSTRATION, OWN_DECLARATION
from vdoc.digest import canonical
from vdoc.signing import SigningKey, countersign, sign
from vdoc.signing.timestamps import TsaError

_README = """\
{title}

{own}

Product     {vendor} {model}, firmware {version}
Family      {family}, represented by {representative} (certificate {certificate})
Firmware    sha256:{firmware}
Signed by   {key_ids}

What is here
  declaration.pdf        what is declared, to read, print and file; signed, the files attached
  declaration.html       the same for a browser or a screen reader
  declaration.json       what is declared: an in-toto Statement v1, canonical JSON (RFC 8785)
  declaration.dsse.json  the same, signed (DSSE, payload type application/vnd.in-toto+json)
  pics.json              what the vendor claims; sha256sum gives the PICS digest that is declared
  settings.json          how the bench was set up, secrets withheld
  plan.json              which cases were run, in which order
  evidence.jsonl.gz      everything that the station and the bench said and did
  report.html            report of the run
  plan.tsr, declaration.tsr, if they are here: time stamps (RFC 3161)

How to verify, offline
  1. Get the vendor's public key (PEM) by a way that you trust and compare its key id with the one
     above: openssl pkey -pubin -in KEY.pub.pem -outform DER | sha256sum
  2. Put it in a directory of its own, here called trust.
  3. vdoc verify THIS-FILE.zip --trust trust [--firmware IMAGE] [--pics PICS.toml]
     checks the signature, makes the plan again, and judges every case again from the evidence.
"""


def make_bundle(
    record: RunRecord,
    keys: Sequence[SigningKey],
    path: Path,
    stamping: Stamping | None = None,
    *,
    at: datetime | None = None,
) -> Statement:
    """Declare a run: write its bundle and return what is declared.

    Args:
        record: the run, its evidence sealed.
        keys: every one of them signs; the first signs the PDF too; at least one.
        path: of the bundle; an existing file is never replaced.
        stamping: the time stamps that go into it; None: there are none.
        at: the time of signing, aware; now, unless said otherwise.

    Raises:
        NotEligibleError: the run cannot be declared; says every reason.
        InputError: the bundle cannot be written, or its stamp of the plan is not the run's.
        ValueError: there is no key.
    """
    reasons = eligible(record)
    if reasons:
        raise NotEligibleError(reasons)
    if not keys:
        raise ValueError("a declaration needs at least one key that signs it")
    stamps = stamping or Stamping()
    signed = {
        **stamps.of_plan(record.plan_stamp),
        "README.txt": readme(record, [key.public.key_id for key in keys]),
        "pics.json": canonical(record.pics.to_json()),
        "settings.json": canonical(record.settings_public),
        "plan.json": canonical(record.plan.to_json()),
        "evidence.jsonl.gz": packed_evidence(record.evidence),
        "report.html": Html().render(record),
    }
    statement = statement_of(record, container.enclosed(signed))
    payload = statement.to_bytes()
    envelope = sign(payload, keys)
    stamp = stamps.of_envelope(envelope)
    members = {**signed, "declaration.json": payload, "declaration.dsse.json": envelope}
    sealing = Sealing(keys[0], at or datetime.now(UTC), stamps.exchange if stamp else None)
    documents = _documents(statement, members, sealing, stamps)
    container.write(path, {**members, **stamp, **documents})
    return statement


def _documents(
    statement: Statement, members: Mapping[str, bytes], sealing: Sealing, stamps: Stamping
) -> dict[str, bytes]:
    """Return what people read; a stamp that cannot be had costs the stamp, not the document."""
    try:
        return make_documents(statement, members, sealing)
    except TsaError as error:
        stamps.document_failed(error)
        return make_documents(statement, members, replace(sealing, exchange=None))


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


def readme(record: RunRecord, key_ids: Sequence[str]) -> bytes:
    """Return the text that greets whoever opens a bundle."""
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
        key_ids=", ".join(key_ids),
    ).encode()
