"""The document that people read, as a value: sections of paragraphs, lists and tables.

Owns the shape that page and PDF set; what it says is `composing`'s, how it looks the templates'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["text", "code", "number"]
Rows = tuple[tuple[str, ...], ...]

TITLE = "Vendor Declaration of Conformance"
SUBJECT = "OCPP 2.0.1, Charging Station"
NOTHING = "\u2013"
"""Stands in a cell that has nothing to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        kind: text, code (digests and ids: fixed width, wraps anywhere) or number.
        share: of the width of the page, against the other columns.
    """

    name: str
    kind: Kind = "text"
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row; the first column names its rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Section:
    """A part under a heading: paragraphs, then a list, then tables."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The whole document.

    Attributes:
        mark: DEMONSTRATION, or empty; stands on every page.
        warning: what that means, or empty.
        product: vendor, model and firmware in a line, for the head of every page.
        digest: SHA-256 of `declaration.json`, for the head of every page.
        made: the end of the run's window, the date of the document.
    """

    mark: str
    warning: str
    product: str
    digest: str
    made: datetime
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    title: str = TITLE
    subject: str = SUBJECT
    language: str = field(default="en")


@dataclass(frozen=True, slots=True)
class Signatory:
    """A key that signed the statement, and the subject of its certificate if it has one."""

    key_id: str
    subject: str


def in_words(verdict: str) -> str:
    """Return a verdict as a reader expects it."""
    return verdict.replace("_", " ")
