"""A run against a laboratory's challenge, and every way in which it is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.signing import SigningKey, new_key
from vdoc.verify import load_policy

Challenger = Any

POLICY = """
[roles.vendor]
keys = "trust"
[roles.laboratory]
keys = "laboratory"
required = false
"""
REQUIRED = POLICY + "[challenge]\nmaximum_starts = 2\n"


def codes(challenger: Challenger, bundle: Path, policy: str = REQUIRED) -> set[str]:
    lab = challenger.forger.lab
    file = lab.directory / "policy.toml"
    file.write_text(policy, encoding="utf-8")
    lab.trust = load_policy(file, datetime(2027, 1, 16, tzinfo=UTC))
    found: set[str] = lab.codes(bundle)
    return found


class TestARunAgainstAChallenge:
    def test_is_accepted(self, challenger: Challenger) -> None:
        assert codes(challenger, challenger.run()) == set()

    def test_declares_every_start(self, challenger: Challenger) -> None:
        outcome = challenger.forger.lab.verify(challenger.run(earlier=1))
        declared = outcome.statement.predicate["challenge"]["starts"]
        assert [start["outcome"] for start in declared] == ["fail", None]

    def test_is_accepted_where_none_is_required(self, challenger: Challenger) -> None:
        assert codes(challenger, challenger.run(earlier=5), POLICY) == set()


class TestARunThatIsRefused:
    def test_against_none(self, challenger: Challenger) -> None:
        assert codes(challenger, challenger.forger.bundle) == {"challenge-missing"}
        assert codes(challenger, challenger.forger.bundle, POLICY) == set()

    def test_with_a_seed_of_its_own(self, challenger: Challenger) -> None:
        assert codes(challenger, challenger.run(seed=8)) == {"challenge-seed"}

    def test_with_another_pics(self, challenger: Challenger) -> None:
        envelope = challenger.envelope(pics="0" * 64)
        assert codes(challenger, challenger.run(envelope)) == {"challenge-pics"}

    @pytest.mark.parametrize("validity", [{"before_s": 60}, {"after_s": -60}])
    def test_at_another_time(self, challenger: Challenger, validity: dict[str, float]) -> None:
        envelope = challenger.envelope(**validity)
        assert codes(challenger, challenger.run(envelope)) == {"challenge-validity"}

    def test_after_too_many_starts(self, challenger: Challenger) -> None:
        assert codes(challenger, challenger.run(earlier=1)) == set()
        assert codes(challenger, challenger.run(earlier=2)) == {"challenge-starts"}

    def test_against_a_challenge_of_the_vendor(self, challenger: Challenger) -> None:
        envelope = challenger.envelope(key=challenger.forger.lab.key)
        assert codes(challenger, challenger.run(envelope)) == {"challenge-signature"}

    def test_against_a_challenge_of_a_stranger(self, challenger: Challenger) -> None:
        stranger = SigningKey.load(new_key(challenger.forger.lab.directory, "x").private)
        envelope = challenger.envelope(key=stranger)
        assert codes(challenger, challenger.run(envelope)) == {"challenge-signature"}

    @pytest.mark.parametrize("part", ["envelope", "starts", "nonce"])
    def test_against_what_is_none(self, challenger: Challenger, part: str) -> None:
        envelope = json.loads(challenger.envelope())
        given: dict[str, Any] = {"envelope": envelope, "starts": [{}]}
        given[part if part != "nonce" else "envelope"] = {}
        assert codes(challenger, challenger.given(given)) == {"challenge-form"}

    def test_with_another_challenge_declared(self, challenger: Challenger) -> None:
        lab, bundle = challenger.forger.lab, challenger.run(earlier=1)
        copy = lab.altered(bundle, predicate={"challenge": None})
        assert codes(challenger, copy) == {"declared-challenge"}


def test_a_policy_that_requires_a_challenge_names_a_laboratory(challenger: Challenger) -> None:
    policy = '[roles.vendor]\nkeys = "trust"\n[challenge]\n'
    with pytest.raises(InputError, match="nobody is named"):
        codes(challenger, challenger.forger.bundle, policy)
