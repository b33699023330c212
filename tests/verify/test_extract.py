"""A case handed over by itself: accepted alone, and refused with whatever single flaw it has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vdoc.cli.app import app
from vdoc.declaration import container
from vdoc.evidence import Extract, extract_case
from vdoc.evidence.merkle import leaf_hash, prove
from vdoc.signing import SigningKey, Trust, new_key
from vdoc.verify import Verification, verify_extract

Lab = Any
CASE = "TC_B_06_CS"


def taken(bundle: Path, case: str = CASE) -> Extract:
    held = container.read(bundle)
    lines = gzip.decompress(held["evidence.jsonl.gz"]).splitlines(keepends=True)
    return extract_case(lines, case, json.loads(held["declaration.dsse.json"]))


@pytest.fixture
def checked(lab: Lab) -> Callable[..., Verification]:
    def check(made: Extract, **given: Any) -> Verification:
        given = given or {"trust": lab.trust}
        return verify_extract(made.to_bytes(), functions=lab.functions, **given)[0]

    return check


Checked = Callable[..., Verification]


def codes(outcome: Verification) -> set[str]:
    return {finding.code for finding in outcome.findings}


class TestASoundExtract:
    @pytest.mark.parametrize("case", [CASE, "intake", "restore", "closing"])
    def test_holds(self, bundle: Path, checked: Checked, case: str) -> None:
        outcome = checked(taken(bundle, case))
        assert outcome.findings == ()
        assert outcome.cases >= 1

    def test_holds_by_a_known_head_alone(self, bundle: Path, checked: Checked) -> None:
        made = replace(taken(bundle), envelope=None)
        assert checked(made, head=made.head).ok

    def test_needs_something_that_binds_it(self, bundle: Path) -> None:
        with pytest.raises(ValueError, match="bound by"):
            verify_extract(taken(bundle).to_bytes())

    def test_gives_what_the_case_came_to(self, lab: Lab, bundle: Path) -> None:
        _, [result] = verify_extract(
            taken(bundle).to_bytes(), trust=lab.trust, functions=lab.functions
        )
        assert (result.case, result.verdict) == (CASE, "pass")


class TestAFlaw:
    def test_no_extract(self, lab: Lab) -> None:
        assert codes(verify_extract(b"{}", trust=lab.trust)[0]) == {"extract"}

    def test_a_stranger_signed(self, lab: Lab, bundle: Path, checked: Checked) -> None:
        stranger = Trust(SigningKey.load(new_key(lab.directory, "stranger").private).public)
        assert codes(checked(taken(bundle), trust=stranger)) == {"signature"}

    def test_nobody_signed(self, bundle: Path, checked: Checked) -> None:
        assert codes(checked(replace(taken(bundle), envelope=None))) == {"extract-unsigned"}

    def test_the_declaration_of_another_run(self, lab: Lab, bundle: Path, checked: Checked) -> None:
        other = taken(lab.declare(lab.record(lab.station(restores=("busy", "reached")))))
        mixed = replace(taken(bundle), envelope=other.envelope)
        assert codes(checked(mixed)) == {"extract-head"}

    def test_another_head(self, bundle: Path, checked: Checked) -> None:
        assert codes(checked(taken(bundle), head="0" * 64)) == {"extract-head"}

    def test_an_altered_line(self, bundle: Path, checked: Checked) -> None:
        made = taken(bundle)
        lines = tuple(raw.replace(b"acme", b"ACME") for raw in made.lines)
        assert "extract-proof" in codes(checked(replace(made, lines=lines)))

    def test_a_line_left_out_with_a_proof_of_its_own(self, bundle: Path, checked: Checked) -> None:
        made = _without(taken(bundle), bundle, b'"kind":"received"')
        assert codes(checked(made)) == {"extract-gap"}

    def test_a_case_left_out_of_a_run_with_two(self, lab: Lab, bundle: Path) -> None:
        made = taken(lab.altered(bundle, predicate={"results": []}))
        outcome, _ = verify_extract(made.to_bytes(), trust=lab.trust, functions=lab.functions)
        assert codes(outcome) == {"extract-runs"}

    def test_lines_of_another_case(self, bundle: Path, checked: Checked) -> None:
        made = replace(taken(bundle), case="TC_C_06_CS")
        assert codes(checked(made)) == {"extract-foreign"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_a_case_that_failed(self, lab: Lab, checked: Checked) -> None:
        wrong = {CASE: [lab.says("DataTransfer", {"vendorId": "other"})]}
        made = taken(lab.declare(lab.record(lab.station(plays=wrong))))
        assert codes(checked(made)) == {"not-passed"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_a_verdict_that_does_not_follow(self, lab: Lab, checked: Checked) -> None:
        wrong = {CASE: [lab.says("DataTransfer", {"vendorId": "other"})]}
        station = lab.station(plays=wrong, verdicts={CASE: "pass"})
        assert codes(checked(taken(lab.declare(lab.record(station))))) == {"verdict", "not-passed"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_a_case_that_diverges(self, lab: Lab, checked: Checked) -> None:
        twice = {"TC_C_06_CS": [lab.transfers, lab.transfers]}
        made = taken(lab.declare(lab.record(lab.station(plays=twice))), "TC_C_06_CS")
        assert "diverged-after-end" in codes(checked(made))

    @pytest.mark.usefixtures("patched_vendor")
    def test_a_run_that_is_void(self, lab: Lab, checked: Checked) -> None:
        bundle = lab.declare(lab.record(lab.station(void="the DUT was exchanged")))
        whole = taken(bundle)
        for made in (whole, _without(whole, bundle, b'"what":"void"')):
            assert codes(checked(made, head=made.head)) == {"void"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_other_runs_than_were_planned(self, lab: Lab, checked: Checked) -> None:
        retried = lab.station(order=lambda order: [*order, order[1]])
        made = taken(lab.declare(lab.record(retried)))
        assert codes(checked(made, head=made.head)) == {"extract-runs"}


def _without(made: Extract, bundle: Path, mark: bytes) -> Extract:
    """An extract that leaves lines out, proved by a forger's own tool."""
    whole = gzip.decompress(container.read(bundle)["evidence.jsonl.gz"]).splitlines()[:-1]
    lines = tuple(raw for raw in made.lines if mark not in raw)
    shown = [n for n, raw in enumerate(whole) if raw in lines]
    proof = prove(b"".join(map(leaf_hash, whole)), shown)
    return replace(made, lines=lines, proof=tuple(proof))


class TestTheCommand:
    def test_takes_a_case_out_and_checks_it(self, lab: Lab, bundle: Path) -> None:
        run, file = CliRunner(), lab.directory / "case.json"
        made = run.invoke(
            app, ["evidence", "extract", str(bundle), "--case", CASE, "--out", str(file)]
        )
        assert made.exit_code == 0, made.output
        assert taken(bundle).head in made.output.replace("\n", "")
        assert Extract.from_bytes(file.read_bytes()) == taken(bundle)
        checked = run.invoke(
            app,
            ["evidence", "check", str(file), "--trust", str(lab.directory / "trust"), "--json"],
        )
        assert checked.exit_code == 1  # the fake case is not the one of this package
        assert json.loads(checked.output)["cases"][0]["case"] == CASE
