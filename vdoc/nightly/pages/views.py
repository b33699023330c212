"""The pages, one function a page: what each shows, and how they link.

Owns addresses: `index.html`, `search.html`, `dut/NAME.html`, `run/ID.html`, `run/ID/N.html`, the
same as files and over HTTP. Only a server has a page for every case; files have one for each that
did not pass.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vdoc.errors import InputError
from vdoc.nightly.causes import CauseGroup, grouped
from vdoc.nightly.compare import compare
from vdoc.nightly.comparison import Change
from vdoc.nightly.history import History
from vdoc.nightly.pages.curves import curves
from vdoc.nightly.pages.exchange import Exchange, Row, read_exchanges
from vdoc.nightly.pages.fleet import fleet
from vdoc.nightly.pages.folding import stretches
from vdoc.nightly.pages.found import Found, FoundCase, search
from vdoc.nightly.pages.plot import described, plot
from vdoc.nightly.pages.record import earlier_results
from vdoc.nightly.pages.rendering import render, short
from vdoc.nightly.stored import StoredCase, StoredFailure, StoredRun

NIGHTS = 30
"""How many nights of a station the overview shows, and as files have a page."""
_OTHERS = 60
"""How many earlier runs a reader may choose from to compare with."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_GONE = "The evidence of this run is no longer kept."
_NOT_IN_EVIDENCE = "The evidence has no line of this case."


@dataclass(frozen=True, slots=True)
class Views:
    """Makes pages of an open history.

    Args:
        history: what they tell of.
        served: whether a server makes them when they are asked for.
        nights: so many runs of each station, the newest.
    """

    history: History
    served: bool
    nights: int = NIGHTS

    def fleet(self) -> str:
        """Return the overview: stations and nights."""
        duts = {dut: dut_name(dut) for dut in self.history.duts()}
        found = fleet(self.history, self.nights)
        return self._page("fleet", "Stations and nights", "", fleet=found, duts=duts)

    def dut(self, dut: str) -> str:
        """Return the page of a station: its runs and trends."""
        drawn = curves(self.history, dut, self.nights)
        return self._page(
            "dut", dut, "../", dut=dut, curves=drawn, described=described,
            runs=self.history.runs(dut, limit=self.nights),
            plots={curve.name: Markup(plot(curve)) for curve in drawn},  # noqa: S704  # escapes
        )  # fmt: skip

    def run(self, run: StoredRun, before: StoredRun | None = None, *, root: str = "../") -> str:
        """Return the page of a run, held against the ones before it, or against one alone."""
        found = compare(self.history, run, before)
        earlier = self.history.runs(run.dut, before=run.started, limit=_OTHERS)
        away = "" if root == "../" else "run/"
        links = {
            case.name: f"{away}{short(run.id)}/{number}.html"
            for number, case in enumerate(found.cases)
            if self.served or not case.good
        }
        title = f"{run.dut} {run.started:%Y-%m-%d}: {run.verdict.value}"
        return self._page(
            "run", title, root, run=run, found=found, links=links, here=self._here(run),
            newly=_Causes.of(found.newly_failing), still=_Causes.of(found.still_failing),
            first=_Causes.of(found.first_failing),
            others=earlier, dut=dut_name(run.dut), compared=found.before and found.before.id,
            away=away, alone=before is not None,
            note=self.history.attempts.note_of(run.id),
        )  # fmt: skip

    def cases(self, run: StoredRun, ordinals: Iterable[int]) -> Mapping[int, str]:
        """Return pages of cases of a run by their ordinals, reading the evidence once."""
        cases, wanted = self.history.cases(run), list(ordinals)
        gone, exchanges = "", dict[int, Exchange]()
        try:
            exchanges.update(read_exchanges(run.directory, wanted) if run.evidence_kept else {})
        except InputError:
            gone = _GONE
        gone = gone or (_NOT_IN_EVIDENCE if run.evidence_kept else _GONE)
        return {
            number: self._case(run, cases[number], exchanges.get(number, Exchange()), gone)
            for number in wanted
        }

    def search(self, query: str) -> str:
        """Return what has the words of a query."""
        found = search(self.history, query)
        return self._page("search", "Search", "", query=query, found=found)

    def everything(self) -> str:
        """Return all runs and all cases that did not pass, for a search without a server."""
        runs = [r for dut in self.history.duts() for r in self.history.runs(dut, limit=self.nights)]
        cases = [
            FoundCase(run, number, case)
            for run in runs
            for number, case in enumerate(self.history.cases(run))
            if not case.good
        ]
        return self._page("search", "Search", "", found=Found(tuple(runs), tuple(cases)))

    def _case(self, run: StoredRun, case: StoredCase, exchange: Exchange, gone: str) -> str:
        places = [_where(failure, exchange.rows) for failure in case.failures]
        return self._page(
            "case", f"{case.name}: {case.verdict.value}", "../../", run=run, case=case, gone=gone,
            parts_of_exchange=stretches(exchange.rows), places=places, dut=dut_name(run.dut),
            steps_known=exchange.steps_known,
            earlier=earlier_results(self.history, run, case), here=self._here(run),
        )  # fmt: skip

    def _here(self, run: StoredRun) -> frozenset[str]:
        """Return the ids of the runs of a station that have a page."""
        most = None if self.served else self.nights
        return frozenset(each.id for each in self.history.runs(run.dut, limit=most))

    def _page(self, template: str, title: str, root: str, **values: object) -> str:
        return render(template, title=title, root=root, served=self.served, **values)


@dataclass(frozen=True, slots=True)
class _Causes:
    """Cases that did not pass, by cause, and how many cases they are."""

    groups: tuple[CauseGroup, ...]
    cases: int

    @classmethod
    def of(cls, changes: Sequence[Change]) -> _Causes:
        return cls(grouped(change.now for change in changes), len(changes))


def dut_name(dut: str) -> str:
    """Return what names a station in addresses: its name where that is safe."""
    if _SAFE.fullmatch(dut):
        return dut
    return hashlib.sha256(dut.encode(errors="replace")).hexdigest()[:16]


def _where(failure: StoredFailure, rows: Sequence[Row]) -> int | None:
    """Return the row that shows a failure; None when none does, as when evidence is gone."""
    if any(row.n == failure.line for row in rows):
        return failure.line
    for row in rows:
        for step in row.failed:
            if (step.requirement, step.what) == (failure.requirement, failure.what):
                return row.n
    return None
