"""The night as GitHub-style Markdown: for a job summary, a merge request, a chat.

Owns the text. Failures come first and lists are cut, so that what matters stands on one screen.
Everything that came from a station is escaped: it can neither format nor link nor mention anybody.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from vdoc.nightly.causes import Cause
from vdoc.nightly.compare import Change, Comparison
from vdoc.nightly.drift import Drift
from vdoc.nightly.telling.news import News, shown

_LISTED = 8
_LINE_CHARACTERS = 280
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&])")


def markdown(news: News) -> str:
    """Return the summary of a night."""
    blocks = [f"# Nightly {_plain(news.headline)}", _table(news)]
    blocks += [f"**{_plain(n.dut)} was not run**: {_plain(n.because)}" for n in news.not_run]
    for comparison in news.worst_first:
        blocks += _station(comparison)
    return "\n\n".join(filter(None, blocks)) + "\n"


def _table(news: News) -> str:
    if not news.comparisons:
        return ""
    head = ("station", "verdict", "firmware", "newly failing", "still failing", "flaky", "passed")
    rows = [head, ("---",) * len(head), *(_row(c) for c in news.worst_first)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(comparison: Comparison) -> tuple[str, ...]:
    now = comparison.now
    good = sum(case.good for case in comparison.cases)
    return (
        _plain(now.dut),
        now.verdict.value,
        _plain(now.firmware_version) + (" (as before)" if comparison.same_firmware else ""),
        str(len(comparison.newly_failing)),
        str(len(comparison.still_failing)),
        str(len(comparison.flaky)),
        f"{good} of {now.planned}",
    )


def _station(comparison: Comparison) -> Iterator[str]:
    parts = [part for part in _parts(comparison) if part]
    if parts:
        yield f"## {_plain(comparison.now.dut)}"
        yield from parts


def _parts(comparison: Comparison) -> Iterator[str]:
    now = comparison.now
    if now.void_because:
        yield f"Void: {_plain(_short(now.void_because))}"
    yield from (f"Crashed: {_plain(_short(crash))}" for crash in now.crashes)
    yield _listed("Newly failing", map(_change, comparison.newly_failing))
    yield _causes(comparison)
    yield _listed("Response times", map(_drift, comparison.drifts))
    yield _listed("Device model", (_plain(str(c)) for c in comparison.device_model))
    yield _listed("Flaky", (f"{_plain(f.now.name)} {f.measured}" for f in comparison.flaky))
    yield _names("Still failing", comparison.still_failing)
    yield _names("Newly passing", comparison.newly_passing)


def _change(change: Change) -> str:
    new = "" if change.before is not None else " (ran for the first time)"
    return f"**{_plain(change.now.name)}**{new} {_plain(_short(shown(change.now)))}"


def _causes(comparison: Comparison) -> str:
    """List what several cases fail for; what fails one case alone is listed with the case."""
    several = [group for group in comparison.causes if len(group.cases) > 1]
    lines = (f"{len(each.cases)} cases: {_plain(_cause(each.cause))}" for each in several)
    return _listed("One cause, several cases", lines)


def _cause(cause: Cause) -> str:
    requirement = f"[{cause.requirement}] " if cause.requirement else ""
    return f"{requirement}{cause.what}" + (f" in {cause.message}" if cause.message else "")


def _drift(drift: Drift) -> str:
    direction = "slower" if drift.slower else "faster"
    name = drift.parameter.value.replace("_", " ")
    return (
        f"{name} {direction}: {drift.before_s:.3g} s → {drift.now_s:.3g} s "
        f"(noise {drift.noise_s:.2g} s over {drift.nights} nights)"
    )


def _listed(title: str, lines: Iterable[str]) -> str:
    every = list(lines)
    if not every:
        return ""
    more = [f"- … and {len(every) - _LISTED} more"] if len(every) > _LISTED else []
    return "\n".join([f"### {title} ({len(every)})", *(f"- {x}" for x in every[:_LISTED]), *more])


def _names(title: str, changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    names = ", ".join(_plain(change.now.name) for change in changes[:_LISTED])
    more = f" and {len(changes) - _LISTED} more" if len(changes) > _LISTED else ""
    return f"### {title} ({len(changes)})\n{names}{more}"


def _short(text: str) -> str:
    return textwrap.shorten(text, _LINE_CHARACTERS, placeholder=" …")


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
