"""How one case came out in the nights before: since when it fails.

Owns the question only; what is a change, and what is chance, is `vdoc.nightly.compare`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vdoc.bench import Verdict
from vdoc.nightly.history import History
from vdoc.nightly.schema import time_of, time_text
from vdoc.nightly.stored import StoredCase, StoredRun

_NIGHTS = 14
_SQL = """
select r.id, r.started, r.firmware_version, c.verdict, c.ordinal
from run r join case_result c on c.run = r.id
where r.dut = ? and r.started < ? and c.case_id = ? and c.variant = ?
order by r.started desc limit ?
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier result of a case."""

    run: str
    ordinal: int
    started: datetime
    firmware_version: str
    verdict: Verdict

    @property
    def good(self) -> bool:
        """Whether it stands in no declaration's way."""
        return self.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}


def earlier_results(history: History, run: StoredRun, case: StoredCase) -> tuple[Earlier, ...]:
    """Return how a case came out before a run, the newest first."""
    values = [run.dut, time_text(run.started), case.case, case.variant, _NIGHTS]
    return tuple(
        Earlier(
            str(row["id"]), int(row["ordinal"]), time_of(row["started"]),
            str(row["firmware_version"]), Verdict(row["verdict"]),
        )
        for row in history.query(_SQL, values)
    )  # fmt: skip
