"""What a laboratory demands of a declaration beyond that it holds: its policy file.

Owns the TOML file and the check of a declaration against it. Rules: a file that demands nobody's
signature is refused, an unknown key is refused (a misspelt demand would demand nothing), no key
stands for two roles, paths are relative to the file. What a bundle must satisfy whoever receives it
is the verifier's; the time is passed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vdoc.declaration import Statement
from vdoc.errors import InputError, Problem
from vdoc.pics.source import field_problems, read_toml
from vdoc.signing import KeyType, Role, RoleKeys, Trust
from vdoc.signing.certificates import load_authorities
from vdoc.verify.findings import Findings, shown

_VERSION = r"\d+(\.\d+){0,3}"
_CLOCKS_APART = timedelta(minutes=5)
"""How far a declared time may lie ahead of the laboratory's clock."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleTable(_Table):
    """`[roles.NAME]`: whose signatures stand for a role.

    Attributes:
        keys: a directory of public keys (`*.pem`).
        authorities: a directory of certificates (`*.pem`) that a signer's may lead to; one of
            both must be there.
        key_types: the kinds of key that may sign; all that `vdoc keys` makes unless said.
        required: whether the role must have signed.
    """

    keys: Path | None = None
    authorities: Path | None = None
    key_types: tuple[KeyType, ...] = Field(tuple(KeyType), min_length=1)
    required: bool = True

    @model_validator(mode="after")
    def _somebody(self) -> RoleTable:
        if self.keys is None and self.authorities is None:
            raise ValueError("names neither keys nor authorities")
        return self


class SpecificationTable(_Table):
    """`[specification]`: which editions and errata are accepted; all unless said."""

    editions: tuple[str, ...] | None = Field(None, min_length=1)
    errata: tuple[str, ...] | None = Field(None, min_length=1)


class CatalogueTable(_Table):
    """`[catalogue]`: which catalogues are accepted, by digest; the installed one unless said."""

    digests: tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...] | None = Field(
        None, min_length=1
    )


class RunnerTable(_Table):
    """`[runner]`: the lowest version of vdoc that may have made the run."""

    minimum_version: str | None = Field(None, pattern=f"^{_VERSION}$")


class DeclarationTable(_Table):
    """`[declaration]`: how old, and of which grade.

    Attributes:
        maximum_age_days: from the last verdict of the run to the verification.
        demonstrations: whether a demonstration is accepted, as for a trial.
    """

    maximum_age_days: float | None = Field(None, gt=0)
    demonstrations: bool = False


class ChallengeTable(_Table):
    """`[challenge]`: whether the run must be made against one of the laboratory's.

    Attributes:
        maximum_starts: how many starts against it there may be, this run included.
    """

    required: bool = True
    maximum_starts: int | None = Field(None, ge=1)


class PolicyFile(_Table):
    """The file as it is written."""

    roles: Mapping[Role, RoleTable] = Field(min_length=1)
    specification: SpecificationTable = SpecificationTable()
    catalogue: CatalogueTable = CatalogueTable()
    runner: RunnerTable = RunnerTable()
    declaration: DeclarationTable = DeclarationTable()
    challenge: ChallengeTable | None = None


@dataclass(frozen=True, slots=True)
class LaboratoryPolicy:
    """A policy file that was read, with the keys that it names.

    Attributes:
        now: the time of the verification, aware; read once.
    """

    file: PolicyFile
    roles: Mapping[Role, RoleKeys]
    now: datetime

    @property
    def allows_demonstrations(self) -> bool:
        """Whether a demonstration is accepted."""
        return self.file.declaration.demonstrations

    def times(self, payload: bytes) -> Mapping[Role, tuple[datetime, ...]]:
        """Return when the certificates of a role must be valid.

        Without a trusted time stamp nobody can show when he signed, so it is now; and for those
        who sign a run when it has ended, also at its end.
        """
        try:
            end = datetime.fromisoformat(json.loads(payload)["predicate"]["window"]["end"])
            signing = (self.now, end) if end.utcoffset() is not None else (self.now,)
        except (ValueError, TypeError, KeyError, RecursionError):
            signing = (self.now,)  # what is declared is refused anyway
        return {Role.RUNNER: signing, Role.VENDOR: signing, Role.LABORATORY: (self.now,)}

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
        made = version if isinstance(version, str) and re.fullmatch(_VERSION, version) else ""
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
    if problems:
        raise InputError(*problems)
    return LaboratoryPolicy(file, roles, now)


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
    ids = [(key.key_id, role) for role, each in roles.items() for key in each.keys]
    for key_id in {key_id for key_id, _ in ids}:
        of = [role.value for each, role in ids if each == key_id]
        if len(of) > 1:
            yield f"key {key_id} stands for {' and '.join(of)}.", "a key stands for one role."


def _at(value: Mapping[str, Any], *path: str) -> object:
    found: object = value
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")] if version else []
    return tuple([*numbers, *[0] * (4 - len(numbers))] if numbers else [-1])
