"""Every attack is refused, each with a code of its own that docs/verification.md lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vdoc.verify.evidence
from tests.verify.attacks import Forger, Lines, Refused
from tests.verify.attacks_on_evidence import ASKED, B06
from tests.verify.every_attack import ATTACKS, EVERY
from vdoc.declaration import container
from vdoc.verify import load_policy

ROOT = Path(__file__).parents[2]
RUN_ENDED = datetime(2027, 1, 15, 8, 2, tzinfo=UTC)  # by the clocks of the fake run


@pytest.mark.parametrize("refused", EVERY, ids=lambda each: f"{each.code}: {each.name}")
def test_an_attack_is_refused(
    forger: Forger, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    if refused.code == "evidence-unreadable":
        monkeypatch.setattr(vdoc.verify.evidence, "MAX_LINE_BYTES", 4000)
    made = refused.attack(forger)
    path, held = made if isinstance(made, tuple) else (made, {})
    file = forger.lab.directory / "policy.toml"
    file.write_text(refused.policy, encoding="utf-8")
    forger.lab.trust = load_policy(file, RUN_ENDED + timedelta(days=1))
    assert refused.code in forger.lab.codes(path, **held)


NAMED_BY_THE_ISSUE = {
    "flip any byte class": ("container-broken", "evidence-chain", "signature"),
    "swap evidence of two runs": ("declared-evidence",),
    "drop a failing case": ("missing", "plan"),
    "re-sign with another key": ("role-missing",),
    "expired certificate": ("certificate-time",),
    "older catalogue": ("policy-catalogue", "declared-catalogue", "made-with"),
    "replace PICS": ("declared-enclosed", "declared-pics", "given-pics"),
    "alter the PDF": ("pdf-words", "pdf-attachment", "pdf-signature", "pdf-coverage", "pdf-key"),
    "truncated zip": ("container-truncated",),
    "zip bomb": ("container-compressed", "container-bomb"),
    "path traversal in zip": ("container-path",),
    "duplicate JSON keys": ("form-declaration", "form-plan", "envelope", "evidence-ambiguous"),
    "timestamps of another bundle": ("stamp-other",),
    "evidence rewritten with a fresh chain but without the key": ("declared-evidence",),
}
WITHOUT_AN_ATTACK = {
    "variant": "needs a case of two factors; test_evidence.py has one",
}
"""Codes of the page that no bundle of this suite is refused with, and why."""


def documented() -> set[str]:
    """Every code that docs/verification.md explains."""
    page = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2] for row in page.splitlines() if re.match(r"\| [\d, ]+ \|", row)]
    found: set[str] = set()
    for row in rows:
        stem = ""
        for name in re.findall("`([a-z-]+)`", row):
            stem = stem if name.startswith("-") else name.split("-")[0]
            found.add(stem + name if name.startswith("-") else name)
    return found


def test_there_are_more_than_sixty_and_no_two_are_one() -> None:
    for each in sorted(EVERY, key=lambda refused: refused.code):
        print(f"{each.code:24} {each.name}")  # noqa: T201  # the table, with pytest -s
    assert len(ATTACKS) >= 60
    assert len({each.name for each in EVERY}) == len(EVERY)


def test_every_attack_that_the_issue_names_is_there() -> None:
    codes = {code for all_of in NAMED_BY_THE_ISSUE.values() for code in all_of}
    assert codes - {each.code for each in EVERY} == set()


def test_every_code_has_an_attack_or_a_reason() -> None:
    codes = {each.code for each in EVERY}
    assert documented() - codes == set(WITHOUT_AN_ATTACK)


def test_every_code_is_in_the_page() -> None:
    assert set(ATTACKS) - documented() == set()


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
