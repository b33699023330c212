"""report.html: the run for a person; one page that needs nothing else, in light and dark.

Verdict first, then every failure with the message that shows it, then all cases. Everything that
came from the DUT or a file is escaped.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from vdoc.declaration.record import RunRecord
from vdoc.declaration.renderings.interface import Rendering
from vdoc.declaration.renderings.outline import outline
from vdoc.declaration.words import DEMONSTRATION, OWN_DECLARATION, TEST_BASIS

_TEMPLATE = "report.html.j2"


class Html(Rendering):
    """A self-contained page."""

    file_name = "report.html"

    def render(self, record: RunRecord) -> bytes:
        """Return the page; a lone surrogate in a message is shown as a question mark."""
        words = {
            "demonstration": DEMONSTRATION,
            "own_declaration": OWN_DECLARATION,
            "test_basis": TEST_BASIS,
        }
        template = _environment().get_template(_TEMPLATE)
        return template.render(page=outline(record), words=words).encode(errors="replace")


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("vdoc.declaration.renderings", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
