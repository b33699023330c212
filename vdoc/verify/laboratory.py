"""What a laboratory demands of a declaration beyond that it holds: its policy file.

Owns reading the file with the keys that it names, and the check of a declaration against it; its
form is `policy_file`'s. Rules: a file that demands nobody's signature is refused, no key stands for
two roles, paths are relative to the file. What a bundle must satisfy whoever receives it is the
verifier's; the time is passed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vdoc.declaration import Statement
from vdoc.errors import InputError, Problem
from vdoc.pics.source import field_problems, read_toml
from vdoc.signing import Role, RoleKeys, Trust
from vdoc.signing.certificates import load_authorities
from vdoc.signing.roles import Times
from vdoc.verify.findings import Findings, shown
from vdoc.verify.policy_file import VERSION, PolicyFile, RoleTable, TimestampsTable
from vdoc.verify.trusted_time import SigningTime, StampTrust

_CLOCKS_APART = timedelta(minutes=5)
"""How far a declared time may lie ahead of the laboratory's clock."""


@dataclass(frozen=True, slots=True)
class LaboratoryPolicy:
    """A policy file that was read, with the keys that it names.

    Attributes:
        now: the time of the verification, aware; read once.
        stamps: what it says about time stamps; None: nothing.
    """

    file: PolicyFile
    roles: Mapping[Role, RoleKeys]
    now: datetime
    stamps: StampTrust | None = None

    @property
    def allows_demonstrations(self) -> bool:
        """Whether a demonstration is accepted."""
        return self.file.declaration.demonstrations

    def times(self, payload: bytes, signing: SigningTime | None = None) -> Times:
        """Return when the certificates of who has signed must be valid.

        When he signed: the stamped time, for the signatures that a trusted stamp is over; without
        one nobody can show when, so it is now. And for those who sign a run when it has ended, also
        at its end.

        Args:
            payload: what is signed.
            signing: since when signatures have existed by a trusted stamp.
        """
        try:
            end = datetime.fromisoformat(json.loads(payload)["predicate"]["window"]["end"])
            ended = (end,) if end.utcoffset() is not None else ()
        except (ValueError, TypeError, KeyError, RecursionError):
            ended = ()  # what is declared is refused anyway

        def times(role: Role, key_id: str) -> tuple[datetime, ...]:
            stamped = signing is not None and key_id in signing.key_ids
            at = signing.at if signing is not None and stamped else self.now
            return (at,) if role is Role.LABORATORY else (at, *ended)

        return times

    def check(self, statement: Statement, findings: Findings) -> None:
        """Add what the declaration lacks of the policy.

        Args:
            statement: what is declared; whether it is true is the verifier's business.
            findings: where it goes.
        """
        file, predicate = self.file, statement.predicate
        for code, got, allowed in (
            ("policy-edition", _at(predicate, "specification", "edition"),
             file.specification.editions),
            ("policy-errata", _at(predicate, "specification", "errata"),
             file.specification.errata),
            ("policy-catalogue", _at(predicate, "catalogue", "sha256"), file.catalogue.digests),
        ):  # fmt: skip
            if allowed is not None and got not in allowed:
                words = f"declared is {shown(got)}, the policy accepts {', '.join(allowed)}"
                findings.add(3, code, words)
        self._check_runner(_at(predicate, "runner", "version"), findings)
        self._check_age(_at(predicate, "window", "end"), findings)

    def _check_runner(self, version: object, findings: Findings) -> None:
        least = self.file.runner.minimum_version
        if least is None:
            return
        made = version if isinstance(version, str) and re.fullmatch(VERSION, version) else ""
        if _numbers(made) < _numbers(least):
            words = f"vdoc {shown(version)} made the run, the policy demands {least} or later"
            findings.add(3, "policy-runner", words)

    def _check_age(self, end: object, findings: Findings) -> None:
        try:
            ended = datetime.fromisoformat(str(end))
            age = self.now - ended
        except (ValueError, TypeError):
            findings.add(3, "policy-time", f"the end of the window is no time: {shown(end)}")
            return
        if age < -_CLOCKS_APART:
            words = f"the run ended at {ended}, which is later than now ({self.now})"
            findings.add(3, "policy-future", words)
        days = self.file.declaration.maximum_age_days
        if days is not None and age > timedelta(days=days):
            words = f"the run ended {age.total_seconds() / 86400:.1f} days ago"
            findings.add(3, "policy-age", f"{words}, the policy accepts {days:g}")


def load_policy(path: Path, now: datetime) -> LaboratoryPolicy:
    """Read a policy file and the keys that it names.

    Args:
        path: the file.
        now: the time of the verification, aware.

    Raises:
        InputError: it cannot be used; holds every problem, with file and line.
    """
    raw, source = read_toml(path)
    try:
        file = PolicyFile.model_validate(raw)
    except ValidationError as error:
        raise InputError(*field_problems(error, source)) from error
    roles: dict[Role, RoleKeys] = {}
    problems: list[Problem] = []
    for role, table in file.roles.items():
        try:
            roles[role] = _role(role, table, path.parent)
        except InputError as error:
            problems += error.problems
    if file.challenge is not None and file.challenge.required and Role.LABORATORY not in file.roles:
        words = "a challenge is required, but nobody is named whose it could be."
        remedy = "name the laboratory's keys in [roles.laboratory]."
        problems.append(source.problem(("challenge",), "challenge", words, remedy))
    problems += [
        source.problem(("roles",), "roles", message, remedy) for message, remedy in _unsound(roles)
    ]
    stamps = None
    try:
        stamps = _stamps(file.timestamps, path.parent)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(*problems)
    return LaboratoryPolicy(file, roles, now, stamps)


def _stamps(table: TimestampsTable | None, directory: Path) -> StampTrust | None:
    if table is None:
        return None
    authorities = load_authorities(directory / table.authorities)
    return StampTrust(authorities, frozenset(table.required))


def _role(role: Role, table: RoleTable, directory: Path) -> RoleKeys:
    return RoleKeys(
        role,
        () if table.keys is None else Trust.load(directory / table.keys).keys,
        () if table.authorities is None else load_authorities(directory / table.authorities),
        table.key_types,
        table.required,
    )


def _unsound(roles: Mapping[Role, RoleKeys]) -> Iterator[tuple[str, str]]:
    if roles and not any(each.required for each in roles.values()):
        yield "no role is required, so anybody could declare.", "require one, such as the vendor."
    named = [(f"key {key.key_id}", role) for role, each in roles.items() for key in each.keys]
    named += [
        (f"authority {authority.subject.rfc4514_string()}", role)
        for role, each in roles.items()
        for authority in each.authorities
    ]
    for name in sorted({name for name, _ in named}):
        of = {role.value for each, role in named if each == name}
        if len(of) > 1:
            yield f"{name} stands for {' and '.join(sorted(of))}.", "let each stand for one role."


def _at(value: Mapping[str, Any], *path: str) -> object:
    found: object = value
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")] if version else []
    return tuple([*numbers, *[0] * (4 - len(numbers))] if numbers else [-1])
