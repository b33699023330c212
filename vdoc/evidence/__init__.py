"""The append-only record of a run: write, read, check. Documented in docs/evidence.md."""

from vdoc.evidence.line import (
    DEEDS,
    FIRST_PREV,
    FORMAT_VERSION,
    JUDGEMENTS,
    OBSERVATIONS,
    Kind,
    Line,
    render,
)
from vdoc.evidence.reader import EvidenceReader, Flaw, open_evidence
from vdoc.evidence.writer import Clock, EvidenceWriter, SystemClock

__all__ = [
    "DEEDS",
    "FIRST_PREV",
    "FORMAT_VERSION",
    "JUDGEMENTS",
    "OBSERVATIONS",
    "Clock",
    "EvidenceReader",
    "EvidenceWriter",
    "Flaw",
    "Kind",
    "Line",
    "SystemClock",
    "open_evidence",
    "render",
]
