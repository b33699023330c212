"""The plan of a run as a frozen value, with its digest and its JSON form in both directions.

Rule: equal inputs give equal bytes. A plan read back keeps every field, and its digest is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError

from vdoc.catalogue import Variant
from vdoc.digest import digest
from vdoc.errors import InputError, Problem


def _variant(value: object) -> Variant:
    return value if isinstance(value, Variant) else Variant.parse(str(value))


VariantField = Annotated[
    Variant, PlainValidator(_variant), PlainSerializer(lambda variant: variant.id, return_type=str)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Entry(_Frozen):
    """One run of one case: in which stage (the security profile in force), and why it is there."""

    case: str
    variant: VariantField
    stage: int
    because: str


class NotApplicable(_Frozen):
    """A row of Part 5 that does not apply to the product, with the claims that decide it."""

    case: str
    profile: str
    because: str


class Cost(_Frozen):
    """What the runs of one option cost; option "base" holds the first run of every case."""

    option: str
    runs: int
    seconds: float


class Plan(_Frozen):
    """What is run, in order.

    Attributes:
        seed: what shuffled the order.
        pics: digest of the PICS.
        catalogue: digest of the catalogue; `catalogue_version` its version.
        partial: whether only some cases were selected; such a plan leads to no declaration.
        entries: the runs in order.
        not_applicable: the rows of Part 5 that do not apply.
        not_implemented: applicable cases without a function; with any there is no declaration.
        expected_seconds: expected duration of all entries.
        breakdown: the same by option.
    """

    seed: int
    pics: str
    catalogue: str
    catalogue_version: str
    partial: bool
    entries: tuple[Entry, ...]
    not_applicable: tuple[NotApplicable, ...]
    not_implemented: tuple[str, ...]
    expected_seconds: float
    breakdown: tuple[Cost, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form without the digest itself, lower-case hex."""
        return digest(self.model_dump(mode="json"))

    @property
    def complete(self) -> bool:
        """Whether passing it can lead to a declaration."""
        return not self.partial and not self.not_implemented

    def to_json(self) -> dict[str, Any]:
        """The plan as `vdoc plan --json` prints it and a bundle holds it."""
        return {"digest": self.digest, **self.model_dump(mode="json")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, file: str = "plan.json") -> Plan:
        """The plan that `to_json` wrote.

        Raises:
            InputError: it is no plan, or its digest is another.
        """
        fields = {name: item for name, item in value.items() if name != "digest"}
        try:
            plan = cls.model_validate(fields)
        except ValidationError as error:
            raise InputError(*_problems(file, error)) from error
        if plan.to_json() != dict(value):
            text = f"got {value.get('digest')!r}, the fields give {plan.digest}."
            raise InputError(_problem(file, "digest", text))
        return plan


def _problems(file: str, error: ValidationError) -> Iterator[Problem]:
    for each in error.errors():
        yield _problem(file, ".".join(map(str, each["loc"])), f"{each['msg']}.")


def _problem(file: str, item: str, message: str) -> Problem:
    return Problem(file, None, item, message, "make the plan again with `vdoc plan --json`.")
