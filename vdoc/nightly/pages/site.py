"""The pages as static files: overview, stations, runs, cases that did not pass, and a search.

Owns which files there are. They can be read without a script; the one script hides rows of the list
that is the search page. Each file is replaced whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vdoc.errors import BenchError
from vdoc.nightly.history import History
from vdoc.nightly.pages.rendering import ASSETS, asset, short
from vdoc.nightly.pages.views import NIGHTS, Views, dut_name

__all__ = ["NIGHTS", "write_site"]


def write_site(history: History, directory: Path, *, nights: int = NIGHTS) -> int:
    """Write all pages and return how many.

    Args:
        history: what they tell of.
        directory: made when it is missing.
        nights: so many runs of each station, the newest.

    Raises:
        BenchError: a file cannot be written.
    """
    count = 0
    try:
        for name in ASSETS:
            _write(directory / name, asset(name))
        for name, text in _pages(Views(history, served=False, nights=nights)):
            _write(directory / name, text.encode(errors="replace"))
            count += 1
    except OSError as error:
        raise BenchError(f"cannot write the pages below {directory}: {error.strerror}") from error
    return count


def _pages(views: Views) -> Iterator[tuple[str, str]]:
    yield "index.html", views.fleet()
    yield "search.html", views.everything()
    for dut in views.history.duts():
        yield f"dut/{dut_name(dut)}.html", views.dut(dut)
        for run in views.history.runs(dut, limit=views.nights):
            yield f"run/{short(run.id)}.html", views.run(run)
            bad = [n for n, case in enumerate(views.history.cases(run)) if not case.good]
            for number, text in views.cases(run, bad).items():
                yield f"run/{short(run.id)}/{number}.html", text


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)
