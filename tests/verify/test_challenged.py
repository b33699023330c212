"""A run against a laboratory's challenge, and every way in which it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.signing.authority import Authority
from vdoc.digest import sha256_hex
from vdoc.errors import InputError
from vdoc.signing import KeyType, SigningKey, new_key, read_challenge
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

    def test_against_another_than_was_issued(self, challenger: Challenger) -> None:
        envelope = challenger.envelope()
        bundle = challenger.run(envelope)
        for digest, expected in ((sha256_hex(envelope), set()), ("4" * 64, {"challenge-other"})):
            assert codes(challenger, bundle, REQUIRED + f'sha256 = ["{digest}"]') == expected

    @pytest.mark.parametrize(
        "starts",
        [
            [{"at": "2027-01-15T07:00:00+00:00", "run": "r"}],
            [{"at": "2027-01-15T07:00:00+00:00", "run": "r", "outcome": "pass"}],
            [{"at": "2027-01-15T09:00:00+00:00", "run": "r", "outcome": None}],
            [{"at": "07:00", "run": "r", "outcome": None}],
            [
                {"at": "2027-01-15T07:30:00+00:00", "run": "q", "outcome": "fail"},
                {"at": "2027-01-15T07:00:00+00:00", "run": "r", "outcome": None},
            ],
        ],
    )
    def test_with_starts_that_no_log_has(self, challenger: Challenger, starts: Any) -> None:
        envelope = challenger.envelope()
        given = {"envelope": json.loads(envelope), "starts": starts}
        seed = read_challenge(envelope).challenge.seed
        assert codes(challenger, challenger.given(given, seed)) == {"challenge-form"}

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


def test_a_challenge_may_be_signed_by_who_an_authority_certifies(challenger: Challenger) -> None:
    directory = challenger.forger.lab.directory
    authority = Authority(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=900))
    (directory / "authorities").mkdir()
    (directory / "authorities" / "root.pem").write_bytes(authority.pem)
    made = SigningKey.load(new_key(directory / "own", "own", KeyType.ECDSA_P256).private)
    chained = replace(made, chain=authority.chain(made.public.key))
    policy = REQUIRED.replace('keys = "laboratory"', 'authorities = "authorities"')
    assert codes(challenger, challenger.run(challenger.envelope(key=chained)), policy) == set()
    expired = replace(
        made, chain=authority.chain(made.public.key, until=datetime(2027, 1, 15, tzinfo=UTC))
    )
    refused = challenger.run(challenger.envelope(key=expired))
    assert codes(challenger, refused, policy) == {"challenge-signature"}
