"""Every attack is refused, each with a code of its own that docs/verification.md lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tests.verify.attacks_on_declaration
import tests.verify.attacks_on_evidence
import vdoc.verify.evidence
from tests.verify.attacks import ATTACKS, POLICIES, Forger, Lines
from vdoc.declaration import container
from vdoc.verify import load_policy

ASKED = tests.verify.attacks_on_evidence.ASKED
B06 = tests.verify.attacks_on_evidence.B06
ROOT = Path(__file__).parents[2]
RUN_ENDED = datetime(2027, 1, 15, 8, 2, tzinfo=UTC)  # by the clocks of the fake run


@pytest.mark.parametrize("code", ATTACKS)
def test_an_attack_is_refused(forger: Forger, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if code == "evidence-unreadable":
        monkeypatch.setattr(vdoc.verify.evidence, "MAX_LINE_BYTES", 4000)
    made = ATTACKS[code](forger)
    path, held = made if isinstance(made, tuple) else (made, {})
    file = forger.lab.directory / "policy.toml"
    file.write_text(POLICIES[code], encoding="utf-8")
    forger.lab.trust = load_policy(file, RUN_ENDED + timedelta(days=1))
    assert code in forger.lab.codes(path, **held)


def test_there_are_more_than_sixty_and_each_is_in_the_page() -> None:
    assert len(ATTACKS) >= 60
    page = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2] for row in page.splitlines() if re.match(r"\| [\d, ]+ \|", row)]
    documented: set[str] = set()
    for row in rows:
        stem = ""
        for name in re.findall("`([a-z-]+)`", row):
            stem = stem if name.startswith("-") else name.split("-")[0]
            documented.add(stem + name if name.startswith("-") else name)
    assert set(ATTACKS) - documented == set()


def test_the_vendor_without_his_key_cannot_rewrite_evidence(forger: Forger) -> None:
    sound = forger.members
    forged = container.read(forger.line(0, runner="0.0.9"))
    kept = {name: sound[name] for name in ("declaration.json", "declaration.dsse.json")}
    path = forger.file(container.pack({**forged, **kept}))
    assert {"declared-enclosed", "declared-evidence"} <= forger.lab.codes(path)


def test_evidence_of_two_runs_cannot_be_swapped(forger: Forger) -> None:
    other = container.read(forger.played(restores=("busy", "reached")))
    path = forger.file(
        container.pack({**forger.members, "evidence.jsonl.gz": other["evidence.jsonl.gz"]})
    )
    assert {"declared-enclosed", "declared-evidence"} <= forger.lab.codes(path)


def test_a_deed_behind_a_late_outcome_is_seen(forger: Forger) -> None:
    late: Lines = [{"kind": "action_done", "data": {}}, {"kind": "sent", "data": ASKED}]
    place = forger.place("verdict", B06)

    def change(lines: Lines) -> Lines:
        more = [{**lines[place], **line} for line in late]
        return [*lines[: place + 1], *more, *lines[place + 1 :]]

    assert "diverged-sent-extra" in forger.lab.codes(forger.run(change))
