"""The pages as static files: fleet overview, a page a run, a page a case that did not pass.

Owns which pages there are and how they link. Pages need nothing else: no script, no other file, no
network; everything that came from a station is escaped. Each file is replaced whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from vdoc.bench import Verdict
from vdoc.errors import BenchError, InputError
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.pages.diagram import diagram
from vdoc.nightly.pages.exchange import Row, read_exchange
from vdoc.nightly.stored import StoredCase, StoredRun
from vdoc.nightly.telling.news import shown

NIGHTS = 30
"""How many nights of a station have a page."""
_ID = 16
_GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def write_site(history: History, directory: Path, *, nights: int = NIGHTS) -> int:
    """Write all pages and return how many.

    Args:
        history: what they tell of.
        directory: made when it is missing.
        nights: so many runs of each station, the newest.

    Raises:
        BenchError: a file cannot be written.
    """
    pages = {"index.html": fleet_page(history, nights=nights)}
    for dut in history.duts():
        for run in history.runs(dut, limit=nights):
            pages |= run_pages(history, run)
    try:
        for name, text in pages.items():
            _write(directory / name, text)
    except OSError as error:
        raise BenchError(f"cannot write the pages below {directory}: {error.strerror}") from error
    return len(pages)


def fleet_page(history: History, *, nights: int = NIGHTS, wanted: str | None = None) -> str:
    """Return the overview: a row of runs for each station.

    Args:
        history: what it tells of.
        nights: so many runs of each station, the newest.
        wanted: only stations, models and firmware with this text; None leaves the search out.
    """
    fleet = []
    for dut in history.duts():
        runs = [r for r in history.runs(dut, limit=nights) if _matches(r, wanted or "")]
        fleet += [(dut, runs)] if runs else []
    return _Pages.render("fleet", title="Stations", up="", fleet=fleet, bad=_bad, wanted=wanted)


def run_pages(
    history: History, run: StoredRun, *, everything: bool = False, cases: bool = True
) -> Mapping[str, str]:
    """Return the page of a run and those of its cases that did not pass, by their file names.

    Args:
        history: that holds the run.
        run: which.
        everything: link every case, not only those that did not pass.
        cases: whether the pages of these cases are wanted as well.
    """
    found, short = compare(history, run), run.id[:_ID]
    bad = [(n, case) for n, case in enumerate(found.cases) if everything or not case.good]
    links = {case.name: f"{short}/{n}.html" for n, case in bad}
    pages = {
        f"run/{short}.html": _Pages.render(
            "run", title=f"{run.dut} {run.verdict.value}", up="../index.html", run=run,
            found=found, links=links, shown=shown,
        )
    }  # fmt: skip
    for n, case in bad if cases else ():
        pages[f"run/{short}/{n}.html"] = case_page(run, case, n)
    return pages


def case_page(run: StoredRun, case: StoredCase, ordinal: int) -> str:
    """Return the page of a case; without the exchange when the evidence is gone."""
    rows: tuple[Row, ...] = ()
    if run.evidence_kept:
        try:
            rows = read_exchange(run.directory, ordinal)
        except InputError:
            rows = ()
    svg = diagram(rows, f"Exchange of {case.name}") if rows else ""
    title, up = f"{case.name} {case.verdict.value}", "../../index.html"
    return _Pages.render("case", title=title, up=up, run=run, case=case, rows=rows, svg=svg)


class _Pages:
    """The templates, compiled once."""

    _environment = Environment(
        loader=PackageLoader("vdoc.nightly.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    _style = Path(__file__).with_name("style.css").read_text("utf-8")

    @classmethod
    def render(cls, name: str, **values: object) -> str:
        template = cls._environment.get_template(f"{name}.html.j2")
        return template.render(style=cls._style, **values)


def _matches(run: StoredRun, wanted: str) -> bool:
    places = (run.dut, run.vendor, run.model, run.firmware_version, run.firmware_sha256, run.id)
    return wanted.casefold() in " ".join(places).casefold()


def _bad(run: StoredRun) -> int:
    return sum(number for verdict, number in run.counts.items() if verdict not in _GOOD)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(text.encode(errors="replace"))
    aside.replace(path)
