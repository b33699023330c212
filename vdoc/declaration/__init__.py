"""What is declared of a run: the record, who may declare it, statement, bundle, reports."""

from vdoc.declaration.bundle import countersign_bundle, make_bundle
from vdoc.declaration.eligible import NotEligibleError, eligible, grade_problems
from vdoc.declaration.firmware import FIRMWARE_CASE, FirmwareServed
from vdoc.declaration.record import RunRecord, RunVerdict, Window
from vdoc.declaration.renderings import RENDERINGS, Rendering, result_json, write_reports
from vdoc.declaration.statement import (
    DECLARATION_TYPE,
    DEMONSTRATION_TYPE,
    Statement,
    predicate_of,
    statement_of,
)

__all__ = [
    "DECLARATION_TYPE",
    "DEMONSTRATION_TYPE",
    "FIRMWARE_CASE",
    "RENDERINGS",
    "FirmwareServed",
    "NotEligibleError",
    "Rendering",
    "RunRecord",
    "RunVerdict",
    "Statement",
    "Window",
    "countersign_bundle",
    "eligible",
    "grade_problems",
    "make_bundle",
    "predicate_of",
    "result_json",
    "statement_of",
    "write_reports",
]
