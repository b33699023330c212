"""The form of `declaration.pdf`: the pages as Typst sets them, then one revision, nothing behind.

Owns every byte of that revision: attachments, material to validate the signature with, the field of
the signature (certifying: no change is allowed after it), the signature, cross-references. Given
pages, attachments and what a `Seal` holds there is one file only, so that a verifier makes it again
and compares. Attachments are stored as they are and handed on without a copy, as they may be large.

ISO 32000-1 7.5.6 (incremental update), 7.11.4 (embedded files), 12.8 (signatures); ISO 19005-3
6.8 (attachments); ETSI EN 319 142-1 (PAdES).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vdoc.declaration.pades.pages import Pages

CONTENTS_BYTES = 24 << 10
"""Room for the signature, in bytes; what it does not need is zero."""
FIELD = "Signature"
_FILTERS = b"/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
_CERTIFIES = (
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP"
    b"/TransformParams<</Type/TransformParams/V/1.2/P 1>>>>]"
)
_OUTSIDE = (
    b"/Rect[-1 -1 -1 -1]/F 132"  # of the page, without size: not shown, but printable, locked
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF.

    Attributes:
        relation: of the file to the pages (AFRelationship, ISO 19005-3 annex E).
    """

    name: str
    data: bytes
    mime: str
    relation: str
    about: str


@dataclass(frozen=True, slots=True)
class Material:
    """What helps to validate the signature years later, each in DER (DSS, EN 319 142-1 5.4)."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.certificates or self.crls)


@dataclass(frozen=True, slots=True)
class Seal:
    """What is said of a signature, but for its bytes.

    Attributes:
        at: when the signer says that he signed, aware, whole seconds.
        reason: why he signed.
    """

    at: datetime
    reason: str
    material: Material = Material()


@dataclass(frozen=True, slots=True)
class Form:
    """A file before it is signed, in pieces; `gap` is the one for the signature in hex."""

    pieces: tuple[bytes, ...]
    gap: int

    @property
    def covered(self) -> tuple[bytes, ...]:
        """What the signature is over: all but itself and the angle brackets around it."""
        return self.pieces[: self.gap] + self.pieces[self.gap + 1 :]

    def digest(self, algorithm: str) -> bytes:
        """Return the hash of what the signature is over."""
        found = hashlib.new(algorithm)
        for piece in self.covered:
            found.update(piece)
        return found.digest()

    def signed(self, contents: bytes) -> tuple[bytes, ...]:
        """Return the file with its signature.

        Args:
            contents: the CMS in DER, at most `CONTENTS_BYTES`.

        Raises:
            ValueError: it is too long.
        """
        if len(contents) > CONTENTS_BYTES:
            raise ValueError(f"a signature of {len(contents)} bytes has no room")
        text = contents.ljust(CONTENTS_BYTES, b"\0").hex().encode()
        pieces = list(self.pieces)
        pieces[self.gap] = b"<" + text + b">"
        return tuple(pieces)


def form_of(pages: bytes, attachments: Sequence[Attachment], seal: Seal) -> Form:
    """Return the file that shows these pages, holds these files and is about to be signed.

    Args:
        pages: a PDF as Typst writes it: one revision, a plain table of cross-references.
        attachments: in the order of the bundle.
        seal: what is said of the signature.

    Raises:
        ValueError: the pages are not written in that way.
    """
    update = _Update(Pages.read(pages))
    files = [_attach(update, each, seal.at) for each in attachments]
    material = _material(update, seal.material)
    signature, field = update.number(), update.number()
    first_page, page = update.base.first_page
    widget = b"/Type/Annot/Subtype/Widget/FT/Sig/T(%s)/TU(%s)" % (FIELD.encode(), FIELD.encode())
    update.add(field, b"<<%s%s/P %d 0 R/V %d 0 R>>" % (widget, _OUTSIDE, first_page, signature))
    update.add(first_page, _with(page, b"/Annots[%d 0 R]" % field))
    root = update.base.root
    update.add(root, _with(update.base.object(root), _catalog(files, field, signature) + material))
    return _finish(update, signature, seal)


def _finish(update: _Update, signature: int, seal: Seal) -> Form:
    """Add signature and cross-references; the range that is signed is known when all else is."""
    at = f"{seal.at.astimezone(UTC):D:%Y%m%d%H%M%SZ}".encode()
    about = b"/M(%s)/Reason(%s)" % (at, seal.reason.encode("ascii"))
    update.begin(signature)
    update.write(b"<</Type/Sig%s%s%s/ByteRange[" % (_FILTERS, about, _CERTIFIES))
    range_at = len(update.pieces)
    update.write(b"0 %010d %010d %010d]/Contents" % (0, 0, 0))
    before, gap = update.end, len(update.pieces)
    update.write(b"<" + b"0" * (2 * CONTENTS_BYTES) + b">")
    after = update.end
    update.write(b">>\nendobj\n")
    update.close()
    rest = update.end - after
    update.pieces[range_at] = b"0 %010d %010d %010d]/Contents" % (before, after, rest)
    return Form(tuple(update.pieces), gap)


class _Update:
    """A revision behind the pages, as it grows."""

    def __init__(self, base: Pages) -> None:
        self.base = base
        self.pieces = [base.data]
        self.end = len(base.data)
        self._next = base.size
        self._places: dict[int, int] = {}
        self.write(b"\n")

    def write(self, data: bytes) -> None:
        self.pieces.append(data)
        self.end += len(data)

    def number(self) -> int:
        """Take the next number of an object."""
        self._next += 1
        return self._next - 1

    def begin(self, number: int) -> None:
        self._places[number] = self.end
        self.write(b"%d 0 obj\n" % number)

    def add(self, number: int, text: bytes) -> None:
        self.begin(number)
        self.write(text + b"\nendobj\n")

    def stream(self, entries: bytes, data: bytes) -> int:
        number = self.number()
        self.begin(number)
        self.write(b"<<%s/Length %d>>\nstream\n" % (entries, len(data)))
        self.write(data)
        self.write(b"\nendstream\nendobj\n")
        return number

    def close(self) -> None:
        """Write cross-references and trailer."""
        begin, base = self.end, self.base
        changed = hashlib.sha256(base.data).hexdigest()[:32].encode()
        self.write(b"xref\n" + b"".join(_subsections(self._places)))
        self.write(
            b"trailer\n<</Size %d/Root %d 0 R%s/ID[%s(%s)]/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
            % (self._next, base.root, base.info, base.id, changed, base.previous, begin)
        )


def _subsections(places: dict[int, int]) -> Iterable[bytes]:
    numbers = sorted(places)
    while numbers:
        first = numbers[0]
        run = [number for at, number in enumerate(numbers) if number == first + at]
        yield b"%d %d\n" % (first, len(run))
        yield b"".join(b"%010d 00000 n\r\n" % places[number] for number in run)
        numbers = numbers[len(run) :]


def _with(dictionary: bytes, entries: bytes) -> bytes:
    return dictionary.removesuffix(b">>") + entries + b">>"


def _attach(update: _Update, file: Attachment, at: datetime) -> tuple[bytes, int]:
    modified = f"{at.astimezone(UTC):D:%Y%m%d%H%M%SZ}".encode()
    size = b"/Params<</Size %d/ModDate(%s)>>" % (len(file.data), modified)
    mime = file.mime.replace("/", "#2F").encode()
    data = update.stream(b"/Type/EmbeddedFile/Subtype/%s%s" % (mime, size), file.data)
    name, number = file.name.encode("ascii"), update.number()
    words = b"/AFRelationship/%s/Desc(%s)" % (file.relation.encode(), file.about.encode("ascii"))
    held = b"/EF<</F %d 0 R/UF %d 0 R>>" % (data, data)
    update.add(number, b"<</Type/Filespec/F(%s)/UF(%s)%s%s>>" % (name, name, words, held))
    return name, number


def _material(update: _Update, material: Material) -> bytes:
    if not material:
        return b""
    parts = b""
    for key, held in ((b"Certs", material.certificates), (b"CRLs", material.crls)):
        if held:
            parts += b"/%s%s" % (key, _references(update.stream(b"", each) for each in held))
    number = update.number()
    update.add(number, b"<</Type/DSS%s>>" % parts)
    return b"/DSS %d 0 R" % number


def _catalog(files: Sequence[tuple[bytes, int]], field: int, signature: int) -> bytes:
    names = b"".join(b"(%s)%d 0 R" % each for each in sorted(files))
    return (
        b"/AF%s/Names<</EmbeddedFiles<</Names[%s]>>>>" % (_references(n for _, n in files), names)
        + b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>/Perms<</DocMDP %d 0 R>>" % (field, signature)
        + b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>"
    )


def _references(numbers: Iterable[int]) -> bytes:
    return b"[" + b" ".join(b"%d 0 R" % number for number in numbers) + b"]"
