"""Judging again from evidence: what a laboratory relies on, and a live run watches itself with."""

from vdoc.rejudge.case import Helpers
from vdoc.rejudge.judge import (
    UPKEEP,
    Rejudged,
    RunStart,
    breaches,
    passed,
    rejudge,
    watch_for,
)
from vdoc.rejudge.watch import Finding, Watch

__all__ = [
    "UPKEEP",
    "Finding",
    "Helpers",
    "Rejudged",
    "RunStart",
    "Watch",
    "breaches",
    "passed",
    "rejudge",
    "watch_for",
]
