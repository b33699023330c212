"""The pages of `declaration.pdf`: PDF/A-3a and PDF/UA-1, set by Typst from a template.

Owns the way from a `Document` to the bytes of a PDF without attachments and signature, the same
bytes every time: fonts are those that come with Typst, the date is that of the document, the
version of Typst is pinned. A character that these fonts may lack is written as its code point.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib import resources
from typing import Any

import typst

from vdoc.declaration.renderings.document import Document

_TEMPLATE = "declaration.typ"
_KEPT = 4  # who makes a bundle verifies it next
_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
_OTHER = re.compile(
    "[^ -~\u00a1-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f"
    "\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]"
)
"""What is not Latin, Greek or Cyrillic, nor usual punctuation; marks that change the direction."""


@lru_cache(maxsize=_KEPT)
def render_pdf(document: Document) -> bytes:
    """Return the pages; equal documents give equal bytes.

    Raises:
        ValueError: Typst cannot set it.
    """
    template = resources.files("vdoc.declaration.renderings").joinpath(_TEMPLATE).read_bytes()
    value = asdict(document)
    made = round(value.pop("made").timestamp())
    try:
        return typst.compile(
            template,
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(_settable(value))},
            pdf_standards=_STANDARDS,
            timestamp=made,
        )
    except typst.TypstError as error:
        raise ValueError(f"the document cannot be set: {error}") from error


def _settable(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return _OTHER.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", value)
    if isinstance(value, Mapping):
        return {key: _settable(each) for key, each in value.items()}
    return [_settable(each) for each in value] if isinstance(value, (list, tuple)) else value
