"""Payload validation against the JSON schemas of OCPP 2.0.1 (Part 3), shipped in package `ocpp`.

A schema is compiled when its message is first seen, once per process. The valid path is one call
into jsonschema-rs; only an invalid payload is looked at in detail. Formats are asserted: the only
one that the schemas declare is date-time.

One schema is corrected: the package allows 7500 characters in
Get15118EVCertificateResponse.exiResponse, Part 2 and Part 3 allow 5600.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, Literal

import jsonschema_rs

from vdoc.ocpp.actions import ACTIONS
from vdoc.ocpp.frames import ErrorCode

Kind = Literal["Request", "Response"]

MAX_VIOLATIONS = 100
MAX_VALUES = 5000
_EXI_RESPONSE_CHARACTERS = 5600
_MESSAGE_CHARACTERS = 300

_CODES: dict[str, ErrorCode] = {
    "additionalProperties": "ProtocolError",
    "required": "OccurrenceConstraintViolation",
    "minItems": "OccurrenceConstraintViolation",
    "maxItems": "OccurrenceConstraintViolation",
    "type": "TypeConstraintViolation",
    "format": "TypeConstraintViolation",
    "enum": "PropertyConstraintViolation",
    "maxLength": "PropertyConstraintViolation",
    "minimum": "PropertyConstraintViolation",
    "maximum": "PropertyConstraintViolation",
}
"""Schema keyword to the code of Part 4, table 8, that describes its breach.

An unknown field breaks the PDU structure; presence and list lengths are cardinalities, that is
occurrence; a dateTime is a data type of Part 2, so a wrongly written one is a type breach.
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a payload breaks.

    Attributes:
        path: the offending field, "chargingProfile.chargingSchedule.0.id"; "" is the payload.
            A missing or unknown field is named itself, not the object that lacks or holds it.
        message: what is wrong, for a reader.
        code: the CALLERROR code that fits (Part 4, table 8).
    """

    path: str
    message: str
    code: ErrorCode


def violations(action: str, kind: Kind, payload: object) -> tuple[Violation, ...]:
    """Return what `payload` breaks in the schema of `action` and `kind`; empty when valid.

    At most `MAX_VIOLATIONS` are returned, and of a payload of more than `MAX_VALUES` values only
    the first: finding them all in a large one that is wrong throughout takes half a minute. No
    JSON value raises.

    Raises:
        ValueError: OCPP 2.0.1 has no such action.
    """
    validator = _validator(action, kind)
    try:
        if validator.is_valid(payload):
            return ()
        return tuple(islice(_violations(_errors(validator, payload)), MAX_VIOLATIONS))
    except ValueError as error:  # a lone surrogate or a non-string name: not JSON at all
        return (Violation("", f"not JSON: {error}", "FormatViolation"),)


@cache
def _validator(action: str, kind: Kind) -> jsonschema_rs.Draft6Validator:
    if action not in ACTIONS:
        raise ValueError(f"OCPP 2.0.1 has no action {action!r}")
    return jsonschema_rs.Draft6Validator(_schema(action, kind), validate_formats=True)


def _schema(action: str, kind: Kind) -> dict[str, Any]:
    file = resources.files("ocpp.v201") / "schemas" / f"{action}{kind}.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
    if (action, kind) == ("Get15118EVCertificate", "Response"):
        schema["properties"]["exiResponse"]["maxLength"] = _EXI_RESPONSE_CHARACTERS
    return schema


def _errors(
    validator: jsonschema_rs.Draft6Validator, payload: object
) -> Iterable[jsonschema_rs.ValidationError]:
    if not _is_large(payload):
        return validator.iter_errors(payload)  # finds all before it gives the first
    try:
        validator.validate(payload)
    except jsonschema_rs.ValidationError as error:
        return (error,)
    return ()


def _is_large(payload: object) -> bool:
    rest, count = [payload], 0
    while rest and count <= MAX_VALUES:
        value = rest.pop()
        if isinstance(value, dict | list):
            rest.extend(value.values() if isinstance(value, dict) else value)
            count += len(value)
    return count > MAX_VALUES


def _violations(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[Violation]:
    for error in errors:
        code = _CODES.get(error.kind.name, "GenericError")
        for name in _named(error.kind):
            path = ".".join(map(str, [*error.instance_path, *name]))
            yield Violation(path, error.message[:_MESSAGE_CHARACTERS], code)


def _named(kind: jsonschema_rs.ValidationErrorKind) -> list[tuple[str, ...]]:
    """The fields that an error is about, below the place where it was found."""
    match kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            return [(str(name),)]
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            return [(name,) for name in names]
        case _:
            return [()]
