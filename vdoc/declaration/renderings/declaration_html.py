"""`declaration.html`: the document as one accessible page, without scripts or references.

What `declaration.pdf` says, for a screen reader, a small screen or a search. `report.html` is about
the run and is written of every run; this page is about what is declared, and follows from the
statement alone.
"""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from vdoc.declaration.renderings.document import Document

_TEMPLATE = "declaration.html.j2"
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
"""What does not show, or changes the direction of what does."""


def render_html(document: Document) -> bytes:
    """Return the page; equal documents give equal bytes."""
    environment = Environment(
        loader=PackageLoader("vdoc.declaration.renderings", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(doc=document).encode()


def _visible(value: object) -> object:
    """Write what would not show as its code point."""
    if not isinstance(value, str):
        return value
    return _HIDDEN.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", value)
