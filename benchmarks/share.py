"""How much of a run's time is the tester's own: neither a mandated wait nor the station's latency.

Every moment between two lines of evidence is put down to what ended it. A deed, a judgement, a
`case`, `run`, `made` for an `ask`, `stall` or `seal` line ends a time in which the tester was busy;
any other observation ends one in which the tester waited, for the station, its action API or a
deadline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figure import Figure
from vdoc.evidence import DEEDS, JUDGEMENTS, Kind, Line, open_evidence

TARGET = 0.05
_OWN = DEEDS | JUDGEMENTS | {Kind.RUN, Kind.CASE, Kind.STALL, Kind.SEAL}


@dataclass(frozen=True, slots=True)
class Share:
    """Where the time of a run went.

    Attributes:
        total_s: from the first line to the last.
        own_s: seconds that the tester took, by the kind of line that ended them.
    """

    total_s: float
    own_s: dict[str, float]

    @property
    def own(self) -> float:
        """The tester's part of the whole, 0 to 1; 0 of an empty run."""
        return sum(self.own_s.values()) / self.total_s if self.total_s else 0.0


def share(lines: Iterable[Line]) -> Share:
    """Return where the time of a run went; for the lines of any evidence."""
    own_ns: Counter[str] = Counter()
    first_ns = last_ns = None
    for line in lines:
        if first_ns is None or last_ns is None:
            first_ns = line.mono_ns
        elif _is_own(line):
            own_ns[line.kind.value] += line.mono_ns - last_ns
        last_ns = line.mono_ns
    total_ns = 0 if first_ns is None or last_ns is None else last_ns - first_ns
    return Share(total_ns / 1e9, {kind: ns / 1e9 for kind, ns in own_ns.most_common()})


def _is_own(line: Line) -> bool:
    asked = line.kind is Kind.MADE and "id" in line.data
    return asked or line.kind in _OWN


def run(evidence: Path) -> list[Figure]:
    """Return the share of the evidence of a run."""
    found = share(open_evidence(evidence))
    parts = ", ".join(f"{kind} {seconds:.2f} s" for kind, seconds in found.own_s.items())
    return [
        Figure(
            f"the tester's own time in {evidence}",
            f"{found.own:.1%} of {found.total_s:.1f} s ({parts})",
            f"<= {TARGET:.0%}",
            met=bool(found.total_s) and found.own <= TARGET,
        )
    ]
