"""The append-only record of a run: write, read, check. Documented in docs/evidence.md."""

from vdoc.evidence.extract import Extract, extract_case
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
from vdoc.evidence.reader import EvidenceReader, Flaw, open_evidence, parse_line, raw_lines
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
    "Extract",
    "Flaw",
    "Kind",
    "Line",
    "SystemClock",
    "extract_case",
    "open_evidence",
    "parse_line",
    "raw_lines",
    "render",
]
