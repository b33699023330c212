"""A PDF as Typst writes it: one revision, a plain table of cross-references, the catalog in plain.

Owns what a revision behind it has to know; reads nothing else, and nothing that was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRAILER = re.compile(
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R(/Info \d+ 0 R)/ID\[(\([^()]*\))\([^()]*\)\]>>\n"
    rb"startxref\n(\d+)\n%%EOF"
)
_XREF = re.compile(rb"xref\n0 \d+\n")
_ENTRY_BYTES = 20


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages, as far as a revision has to know them.

    Attributes:
        size: the next number of an object.
        root: number of the catalog.
        info, id: as they stand in the trailer; the first id only.
        xref: where the entries of the cross-references begin.
    """

    data: bytes
    size: int
    root: int
    info: bytes
    id: bytes
    xref: int

    @classmethod
    def read(cls, pages: bytes) -> Pages:
        """Read a PDF as Typst writes it.

        Raises:
            ValueError: it is written in another way.
        """
        found = _TRAILER.search(pages, max(0, len(pages) - 1024))
        if found is None or found.end() != len(pages):
            raise ValueError("these pages do not end as expected")
        size, root, info, identity, xref = found.groups()
        table = _XREF.match(pages, int(xref))
        if table is None:
            raise ValueError("these pages have no table of cross-references")
        return cls(pages, int(size), int(root), info, identity, table.end())

    @property
    def previous(self) -> int:
        """Where its cross-references begin."""
        return self.data.rindex(b"xref\n0 ", 0, self.xref)

    @property
    def first_page(self) -> tuple[int, bytes]:
        """The number and the text of the first page; ValueError when there is none."""
        catalog = self.object(self.root)
        number = _reference(rb"/Pages (\d+) 0 R", catalog)
        while b"/Type/Page/" not in (found := self.object(number)):
            number = _reference(rb"/Kids\[(\d+) 0 R", found)
        return number, found

    def object(self, number: int) -> bytes:
        """Return the text of a dictionary.

        Raises:
            ValueError: the object is none.
        """
        entry = self.xref + _ENTRY_BYTES * number
        begin = int(self.data[entry : entry + 10])
        text = self.data[begin : self.data.index(b"\nendobj", begin)]
        head = b"%d 0 obj\n" % number
        if not text.startswith(head + b"<<") or not text.endswith(b">>"):
            raise ValueError(f"object {number} of these pages is no dictionary")
        return text.removeprefix(head)


def _reference(pattern: bytes, text: bytes) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError("these pages have no tree of pages")
    return int(found[1])
