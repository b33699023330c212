"""The Bench: all that a case may touch; live and replayed by one Timeline.

`docs/writing-a-case.md` shows how it is used; `shared/timeline.md` has its semantics.
"""

from vdoc.bench.bench import Bench
from vdoc.bench.context import CaseFunction, RunContext
from vdoc.bench.gate import Gate
from vdoc.bench.message import ABSENT, Event, Message
from vdoc.bench.operations import Want, want
from vdoc.bench.outcome import (
    BenchFaultError,
    CaseResult,
    Check,
    Fact,
    InconclusiveError,
    NotApplicableError,
    StepFailedError,
    Verdict,
)
from vdoc.bench.start import CaseStart, DutState, Facts, Password, VariableFact

__all__ = [
    "ABSENT",
    "Bench",
    "BenchFaultError",
    "CaseFunction",
    "CaseResult",
    "CaseStart",
    "Check",
    "DutState",
    "Event",
    "Fact",
    "Facts",
    "Gate",
    "InconclusiveError",
    "Message",
    "NotApplicableError",
    "Password",
    "RunContext",
    "StepFailedError",
    "VariableFact",
    "Verdict",
    "Want",
    "want",
]
