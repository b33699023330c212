"""Reading a PDF that somebody may have made to deceive: what is signed, what is in it, what acts.

Owns the way through pyHanko to plain values; it compares nothing with a bundle. Files that hide
their objects in compressed streams are not opened at all: the form of `declaration.pdf` has none.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asn1crypto import tsp  # type: ignore[import-untyped]
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from vdoc.declaration.pades.signer import DIGESTS
from vdoc.signing.keys import PublicKey

_COMPRESSED = (b"/ObjStm", b"/XRefStm", b"/Type/XRef", b"/Type /XRef")
_ACTS = ("/JavaScript", "/JS", "/OpenAction", "/AA", "/XFA")
_ACTIONS = (
    "/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Named",
    "/Rendition", "/RichMediaExecute",
)  # fmt: skip
_MOST_OBJECTS = 50_000
_DEEPEST = 20


logging.getLogger("pyhanko").addHandler(logging.NullHandler())  # it warns of what is refused


class PdfReadingError(ValueError):
    """A PDF cannot be read, or holds no signature where one is expected.

    Attributes:
        code: under which a verifier reports it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PdfFile:
    """An opened PDF with its one signature."""

    data: bytes
    reader: PdfFileReader
    signature: EmbeddedPdfSignature

    @classmethod
    def open(cls, data: bytes) -> PdfFile:
        """Open a PDF.

        Raises:
            PdfReadingError: it is none (pdf-form), or has not exactly one signature
                (pdf-signature).
        """
        if any(mark in data for mark in _COMPRESSED):
            raise PdfReadingError("pdf-form", "it hides objects in compressed streams")
        try:
            reader = PdfFileReader(io.BytesIO(data))
            found = reader.embedded_signatures
        except (PdfError, OSError, ValueError, LookupError, TypeError, RuntimeError) as error:
            words = f"it cannot be read: {type(error).__name__}: {error}"
            raise PdfReadingError("pdf-form", words) from error
        if len(found) != 1:
            raise PdfReadingError("pdf-signature", f"it has {len(found)} signatures, expected one")
        return cls(data, reader, found[0])

    @property
    def signed_bytes(self) -> int:
        """Up to where the signature covers the file; 0 when it leaves anything out before."""
        contents = 2 * len(self.signature.pkcs7_content) + 2
        match [int(number) for number in self.signature.byte_range]:
            case [0, before, after, rest] if after == before + contents and rest >= 0:
                return after + rest
            case _:
                return 0

    @property
    def said_time(self) -> str:
        """When the signer says that he signed, as the file holds it."""
        return str(_inside(self.signature.sig_object, "/M"))

    def signer(self) -> PublicKey:
        """Return the key that the signature is by, having checked that it holds.

        Raises:
            PdfReadingError: it does not (pdf-signature).
        """
        try:
            key = self._intact()
        except (PdfError, ValueError, LookupError, TypeError, RuntimeError, OSError) as error:
            words = f"its signature cannot be read: {type(error).__name__}: {error}"
            raise PdfReadingError("pdf-signature", words) from error
        if key is None:
            words = "its signature does not hold: the file, or the signature, was altered"
            raise PdfReadingError("pdf-signature", words)
        return key

    def _intact(self) -> PublicKey | None:
        info, certificate = self.signature.signer_info, self.signature.signer_cert
        key = PublicKey.from_certificate(load_der_x509_certificate(certificate.dump()))
        algorithm = info["digest_algorithm"]["algorithm"].native
        if algorithm != DIGESTS[key.type]:
            raise ValueError(f"{algorithm} is not the hash of a {key.type} key")
        digest = self.signature.compute_digest()
        intact, valid = validate_sig_integrity(info, certificate, "data", digest)
        return key if intact and valid else None

    def stamp(self) -> tuple[bytes, bytes] | None:
        """Return the time stamp in the signature as a response (DER), and what it must be over."""
        info = self.signature.signer_info
        for attribute in info["unsigned_attrs"] or ():
            if attribute["type"].native == "signature_time_stamp_token":
                status = {"status": "granted"}
                held = {"status": status, "time_stamp_token": attribute["values"][0]}
                return tsp.TimeStampResp(held).dump(), info["signature"].native
        return None

    def file(self, name: str) -> bytes:
        """Return one attached file; the others are not read.

        Raises:
            PdfError, ValueError, LookupError, TypeError: it cannot be read, or is not there.
        """
        return self._data(self._places()[name])

    def files(self) -> dict[str, bytes]:
        """Return the attached files by name.

        Raises:
            PdfError, ValueError, LookupError, TypeError: they cannot be read.
        """
        return {name: self._data(place) for name, place in self._places().items()}

    def _places(self) -> dict[str, Any]:
        """Return the file specifications by name; a name that comes twice has "again" behind it."""
        found: dict[str, Any] = {}
        names = _inside(self.reader.root, "/Names", "/EmbeddedFiles", "/Names")
        for number in range(0, len(names), 2):
            name = str(names[number])
            found[f"{name} again" if name in found else name] = names[number + 1]
        return found

    @staticmethod
    def _data(place: Any) -> bytes:  # noqa: ANN401  # a PDF object
        stream = place["/EF"]["/F"]
        if "/Filter" in stream:
            raise ValueError("an attachment is packed, expected as it is")
        return bytes(stream.encoded_data)

    def materials(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Return the enclosed certificates and lists of revoked ones, in DER."""
        certificates, lists = (
            _inside(self.reader.root, "/DSS", key) for key in ("/Certs", "/CRLs")
        )
        return _streams(certificates), _streams(lists)

    def acting(self) -> Iterator[str]:
        """Name what would do something when the file is opened or clicked at, or lead elsewhere."""
        for number in range(min(int(self.reader.trailer["/Size"]), _MOST_OBJECTS)):
            try:
                found = generic.Reference(number, 0, self.reader).get_object()
            except (PdfError, ValueError, LookupError, TypeError, RuntimeError):
                continue
            yield from (f"object {number} has {key}" for key in _acting(found))


def _inside(value: Any, *keys: str) -> Any:  # noqa: ANN401  # PDF objects
    """Return what stands under these keys; nothing when one of them is missing."""
    for key in keys:
        if key not in value:
            return ()
        value = value[key]
    return value


def _streams(array: Any) -> tuple[bytes, ...]:  # noqa: ANN401  # a PDF object
    return tuple(bytes(array[at].encoded_data) for at in range(len(array)))


def _acting(value: Any, depth: int = 0) -> Iterator[str]:  # noqa: ANN401  # a PDF object
    if depth > _DEEPEST:
        return
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            inside = value.raw_get(key)
            if key in _ACTS or (key == "/S" and str(inside) in _ACTIONS):
                yield str(inside if key == "/S" else key)
            yield from _acting(inside, depth + 1)
    elif isinstance(value, generic.ArrayObject):
        for at in range(len(value)):
            yield from _acting(value.raw_get(at), depth + 1)
