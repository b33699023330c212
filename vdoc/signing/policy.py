"""Whom to believe: small rules about signatures that compose.

A policy says why a signed payload is *not* acceptable; nothing said means that it is. Every set is
refused when empty, since a rule about nobody would hold for everybody. Nothing here reads an
envelope or knows what was signed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from vdoc.errors import InputError, Problem
from vdoc.signing.dsse import Signed
from vdoc.signing.keys import PublicKey, show_key


class Policy(ABC):
    """One rule about who must have signed."""

    @abstractmethod
    def refusals(self, signed: Signed) -> tuple[str, ...]:
        """Return why the rule does not hold, in words; empty when it holds."""


class SignedBy(Policy):
    """One key must have signed."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key

    def refusals(self, signed: Signed) -> tuple[str, ...]:
        """Return why the rule does not hold, in words; empty when it holds."""
        if signed.verified_by(self.key):
            return ()
        key_id = self.key.key_id
        if key_id in signed.key_ids:
            return (f"the signature of key {key_id} does not fit what it should have signed",)
        return (f"key {key_id} has not signed; signed by: {', '.join(signed.key_ids)}",)


class AnyOf(Policy):
    """One rule of several must hold."""

    def __init__(self, *policies: Policy) -> None:
        _not_empty(policies)
        self.policies = policies

    def refusals(self, signed: Signed) -> tuple[str, ...]:
        """Return why the rule does not hold, in words; empty when it holds."""
        all_refusals = [policy.refusals(signed) for policy in self.policies]
        if not all(all_refusals):
            return ()
        return tuple(words for refusals in all_refusals for words in refusals)


class AllOf(Policy):
    """Every rule of several must hold."""

    def __init__(self, *policies: Policy) -> None:
        _not_empty(policies)
        self.policies = policies

    def refusals(self, signed: Signed) -> tuple[str, ...]:
        """Return why the rule does not hold, in words; empty when it holds."""
        return tuple(words for policy in self.policies for words in policy.refusals(signed))


class Trust(AnyOf):
    """A trust store: one of its keys must have signed."""

    def __init__(self, *keys: PublicKey) -> None:
        super().__init__(*(SignedBy(key) for key in keys))
        self.keys = keys

    @classmethod
    def load(cls, directory: Path) -> Trust:
        """Trust every public key (`*.pem`) of a directory.

        Raises:
            InputError: there is none, or a file is no public key; holds every problem.
        """
        problems: list[Problem] = []
        keys: list[PublicKey] = []
        for path in sorted(directory.glob("*.pem")):
            try:
                keys.append(show_key(path))
            except InputError as error:
                problems += error.problems
        if not keys and not problems:
            problems = [_empty(directory)]
        if problems:
            raise InputError(*problems)
        return cls(*keys)


def _not_empty(policies: tuple[Policy, ...]) -> None:
    if not policies:
        raise ValueError("a policy about nobody would hold for everybody")


def _empty(directory: Path) -> Problem:
    message = "holds no public key (*.pem), so nobody would be trusted."
    remedy = "put the vendor's NAME.pub.pem there, having checked its key id with the vendor."
    return Problem(str(directory), None, "trust", message, remedy)
