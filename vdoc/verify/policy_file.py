"""The policy file of a laboratory as it is written: tables, keys, and what each of them means.

Owns the form of the TOML file. Rules: an unknown key is refused (a misspelt demand would demand
nothing), a demand that accepts nothing is none. What a bundle lacks of it is `laboratory`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vdoc.declaration.stamps import Stamped
from vdoc.signing import KeyType, Role

VERSION = r"\d+(\.\d+){0,3}"


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

    minimum_version: str | None = Field(None, pattern=f"^{VERSION}$")


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
        sha256: of the files of those that the laboratory has issued for this product; any of its
            challenges unless said.
    """

    required: bool = True
    maximum_starts: int | None = Field(None, ge=1)
    sha256: tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...] | None = Field(
        None, min_length=1
    )


class TimestampsTable(_Table):
    """`[timestamps]`: whose time stamps are believed (RFC 3161), and which must be there.

    Attributes:
        authorities: a directory of self-signed certificates (`*.pem`).
        required: the stamps that a bundle must hold; others must hold when they are there.
    """

    authorities: Path
    required: tuple[Stamped, ...] = ()


class PolicyFile(_Table):
    """The file as it is written."""

    roles: Mapping[Role, RoleTable] = Field(min_length=1)
    specification: SpecificationTable = SpecificationTable()
    catalogue: CatalogueTable = CatalogueTable()
    runner: RunnerTable = RunnerTable()
    declaration: DeclarationTable = DeclarationTable()
    challenge: ChallengeTable | None = None
    timestamps: TimestampsTable | None = None
