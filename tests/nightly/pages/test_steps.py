"""With a station that misbehaves in three ways: each step stands beside the message that met it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.nightly.made import RunDirectory
from tests.reference_runs import ReferenceRuns
from vdoc.bench.strands import Place
from vdoc.nightly.pages.evidence import read_cases
from vdoc.nightly.pages.exchange import Direction, Row, read_exchanges
from vdoc.nightly.pages.folding import stretches
from vdoc.nightly.pages.steps import steps_met
from vdoc.nightly.pages.written import written

WRONG_VALUE, MISSING, FORBIDDEN = "TC_B_06_CS", "TC_E_04_CS", "TC_B_03_CS"


def exchanges(runs: ReferenceRuns) -> dict[str, tuple[Row, ...]]:
    made = runs(
        "pics/ac-wallbox-detachable.toml",
        only=(WRONG_VALUE, MISSING, FORBIDDEN),
        defects=("get-wrong-value", "plug-in-not-reported", "rejected-sends-heartbeat"),
    )
    cases = [result.case for result in made.results]
    found = read_exchanges(made.evidence.parent, range(len(cases)))
    assert all(exchange.steps_known for exchange in found.values())
    return {cases[number]: exchange.rows for number, exchange in found.items()}


def failed(rows: tuple[Row, ...]) -> Row:
    [row] = [row for row in rows if row.failed]
    return row


def test_each_step_beside_its_message(reference_run: ReferenceRuns) -> None:
    rows_of = exchanges(reference_run)

    wrong = failed(rows_of[WRONG_VALUE])
    assert (wrong.direction, wrong.label) == (Direction.TO_BENCH, "GetVariablesResponse")
    assert wrong.met == ("2", "B06.FR.10")
    assert (wrong.failed[0].requirement, wrong.failed[0].actual) == ("B06.FR.04", "'301'")
    marked = [line.text.strip() for line in written(wrong) if line.marked]
    assert marked == ['"attributeValue": "301"']

    missing = failed(rows_of[MISSING])
    assert (missing.direction, missing.failed[0].step) == (
        Direction.MISSING, "EnergyTransferStarted.1",
    )  # fmt: skip
    met = {row.met[0]: row.label for row in rows_of[MISSING] if row.met is not None}
    assert met["Authorized.1"] == "Authorize"
    assert met["Authorized.3"] == "TransactionEvent"
    shown = [row.label for part in stretches(rows_of[MISSING]) if not part.folded
             for row in part.rows]  # fmt: skip
    assert shown[0] == "PlugIn"  # the deed that should have led to the message

    forbidden = failed(rows_of[FORBIDDEN])
    assert (forbidden.label, forbidden.met) == ("Heartbeat", None)
    answered = [row.gist for row in rows_of[FORBIDDEN] if row.label == "BootNotificationResponse"]
    assert answered == ["Rejected", "Accepted"]


def test_evidence_that_cannot_be_judged_again_says_nothing(run_directory: RunDirectory) -> None:
    run_directory.start()
    run_directory.begin("TC_B_06_CS")
    run_directory.received([2, "1", "Heartbeat", {}])
    run_directory.verdict("pass")
    assert met_in(run_directory.end()) is None


def test_a_case_that_is_not_known_says_nothing(run_directory: RunDirectory) -> None:
    run_directory.start()
    run_directory.begin("TC_X_99_CS")
    run_directory.verdict("pass")
    assert met_in(run_directory.end()) is None


def met_in(directory: Path) -> Mapping[int, Place] | None:
    read = read_cases(directory, [0])
    return steps_met(read.run, read.cases[0])
