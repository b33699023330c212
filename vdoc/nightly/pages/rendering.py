"""From values to HTML: the templates, and the rules that hold for every page.

Owns escaping. Whatever comes from a station, a file or a reader is escaped, and characters that
cannot be seen (controls, changes of direction, halves of surrogate pairs) are shown as a sign of
replacement. No page has inline script or style.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vdoc.bench import Verdict
from vdoc.nightly.pages.explained import purpose, title
from vdoc.nightly.pages.written import written

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Content-Security-Policy of every page."""
ASSETS = {"style.css": "text/css", "filter.js": "text/javascript"}
_ID = 16
_SECONDS_FROM = 0.95
_WORST_FIRST = (
    Verdict.FAIL, Verdict.ERROR, Verdict.INCONC, Verdict.PASS, Verdict.NOT_APPLICABLE
)  # fmt: skip


def short(run: str) -> str:
    """Return the beginning of a run's id that names it in addresses."""
    return run[:_ID]


def asset(name: str) -> bytes:
    """Return one of the files that pages refer to."""
    return files("vdoc.nightly.pages").joinpath(name).read_bytes()


def render(template: str, **values: object) -> str:
    """Return a page.

    Args:
        template: its name without ending.
        values: what the template asks for; `root` is the way from the page to the first page,
            `served` whether a server makes it.
    """
    return _ENVIRONMENT.get_template(f"{template}.html.j2").render(policy=POLICY, **values)


def visible(value: object) -> object:
    """Return text without what cannot be seen; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(c if _seen(c) else "\ufffd" for c in value)


def _seen(character: str) -> bool:
    blank = character == "\n" or unicodedata.category(character) == "Zs"
    return blank or character.isprintable()


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _when(moment: datetime) -> Markup:
    """Return a time that a program can read as well."""
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), _minute(moment))


def _breakable(text: str) -> Markup:
    """Return a path such as `getVariableResult.0.attributeValue`, which may break at its dots."""
    return Markup(".<wbr>").join(str(visible(text)).split("."))


def _worst_first(counts: Mapping[Verdict, int]) -> list[tuple[Verdict, int]]:
    return [(verdict, counts[verdict]) for verdict in _WORST_FIRST if counts.get(verdict)]


def _lasting(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds_left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    if minutes:
        return f"{minutes} min {seconds_left:02} s"
    return f"{seconds:.1f} s" if seconds >= _SECONDS_FROM else f"{seconds * 1000:.0f} ms"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("vdoc.nightly.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    made.filters.update(short=short, minute=_minute, when=_when, lasting=_lasting, written=written)
    made.filters.update(breakable=_breakable, worst_first=_worst_first)
    made.globals.update(title_of=title, purpose_of=purpose)
    return made


_ENVIRONMENT = _environment()
