"""Sections that say what was tested, when, by what, and who signs for it.

Owns their words; every value comes from the predicate of the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vdoc.declaration.renderings.document import Column, Kind, Section, Signatory, Table
from vdoc.declaration.statement import Statement
from vdoc.declaration.words import HOW_TO_VERIFY, PROFILES, RUN_DIGESTS
from vdoc.digest import canonical, sha256_hex
from vdoc.pics import item_list


def summary_section(predicate: Mapping[str, Any]) -> Section:
    """Return what each certification profile came to."""
    titles = item_list().items
    rows = tuple(
        (titles[f"profile.{row['profile']}"].title, str(row["result"]), PROFILES[row["profile"]])
        for row in predicate["profiles"]
    )
    columns = (
        Column("Profile", share=0.26),
        Column("Result", share=0.12),
        Column("About", share=0.62),
    )
    table = Table("The eight certification profiles of OCPP 2.0.1", columns, rows)
    return Section("Test Result Summary", tables=(table,))


def product_section(product: Mapping[str, Any]) -> Section:
    """Return product and family."""
    representative = product["representative"]
    rows = (
        ("Vendor", product["vendor"]),
        ("Product", product["model"]),
        ("Family", product["family"]),
        ("Members of the family", ", ".join(map(str, product["members"]))),
        ("Representative product", representative["model"]),
        ("Certificate of the representative", representative["certificate_number"]),
    )
    return Section("Product and family", tables=(_pairs("The product and its family", rows),))


def firmware_section(statement: Statement) -> Section:
    """Return the firmware that was tested."""
    words = "The image that TC_L_01_CS installed before all other cases; all were run with it."
    rows = (
        ("Version", statement.predicate["product"]["firmware_version"]),
        ("Image", statement.image),
        ("SHA-256", statement.sha256),
    )
    return Section("Firmware", (words,), tables=(_pairs("The firmware image", rows, "code"),))


def run_section(predicate: Mapping[str, Any]) -> Section:
    """Return window, order, challenge, and the digests of what the run was made with."""
    window, plan, evidence = predicate["window"], predicate["plan"], predicate["evidence"]
    rows = (
        ("First connection", _moment(window["start"])),
        ("Last verdict", _moment(window["end"])),
        ("Duration", _duration(window["seconds"])),
        ("Runs of cases", plan["runs"]),
        ("Seed of the order", plan["seed"]),
        ("Challenge", _challenge(predicate["challenge"])),
        ("Runner", f"{predicate['runner']['name']} {predicate['runner']['version']}"),
        ("Lines of evidence", evidence["lines"]),
    )
    digests = (
        ("PICS", predicate["pics"]["sha256"]),
        ("Settings", predicate["settings"]["digest"]),
        ("Plan", plan["digest"]),
        ("Catalogue", predicate["catalogue"]["sha256"]),
        *_challenge_digest(predicate["challenge"]),
        ("Last line of evidence", evidence["head"]),
    )
    return Section(
        "Test run",
        (RUN_DIGESTS,),
        tables=(
            _pairs("The window and how the run was made", rows),
            _pairs("SHA-256 of what the run was made with, and of its evidence", digests, "code"),
        ),
    )


def _challenge(challenge: object) -> str:
    match challenge:
        case None:
            return "none"
        case {"envelope": {"signatures": [*signatures]}, "starts": [*before, _]}:
            keys = ", ".join(str(each["keyid"]) for each in signatures)
            outcomes = ", ".join(str(start.get("outcome")) for start in before)
            words = f"signed by {keys}; the vendor's list has this as start {len(before) + 1}"
            return f"{words}; outcomes before: {outcomes}" if outcomes else words
        case _:
            return "unreadable"


def _challenge_digest(challenge: object) -> Iterator[tuple[str, str]]:
    """Return what `sha256sum` says of the file of the challenge, if there was one."""
    match challenge:
        case {"envelope": envelope}:
            yield "Challenge", sha256_hex(canonical(envelope))


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min {seconds:02} s"


def basis_section(predicate: Mapping[str, Any]) -> Section:
    """Return what the run was judged by."""
    specification, catalogue = predicate["specification"], predicate["catalogue"]
    rows = (
        ("Edition", specification["edition"]),
        ("Errata", specification["errata"]),
        ("Catalogue of cases", f"version {catalogue['version']}"),
        ("Grade of the settings", predicate["settings"]["grade"]),
    )
    return Section(
        "Test basis",
        (str(specification["test_basis"]),),
        tables=(_pairs("The specification that the run was judged by", rows),),
    )


def signatures_section(signatories: Sequence[Signatory]) -> Section:
    """Return who signed, and how a reader finds out."""
    columns = (
        Column("Key id (SHA-256 of the public key)", "code", 0.64),
        Column("Certificate", share=0.36),
    )
    rows = tuple((each.key_id, each.subject or "none: a bare key") for each in signatories)
    return Section("Signatures", HOW_TO_VERIFY, tables=(Table("Who signed", columns, rows),))


def _pairs(caption: str, rows: Iterable[tuple[str, object]], kind: Kind = "text") -> Table:
    columns = (Column("Item", share=0.28), Column("Value", kind, 0.72))
    return Table(caption, columns, tuple((name, str(value)) for name, value in rows))
