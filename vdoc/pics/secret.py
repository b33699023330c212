"""Secrets and paths in bench settings: how they are read, and that a secret never shows itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_COMMITMENT = re.compile("^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a settings file is read against; passed to pydantic as its context.

    Attributes:
        directory: what relative paths are relative to; None leaves them alone.
        environment: where ``{ env = "NAME" }`` looks.
        public: whether this is a public copy, in which secrets are withheld.
    """

    directory: Path | None = None
    environment: Mapping[str, str] | None = None
    public: bool = False


class Secret:
    """A secret text, or in a public copy only the commitment to one.

    It is written as a text, as ``{ env = "NAME" }`` or as ``{ file = "path" }``; a final line
    break in the file does not count. Neither `repr` nor JSON nor an error shows the text.

    Attributes:
        withheld: the commitment, when the text itself is not known.
    """

    __slots__ = ("_text", "withheld")

    def __init__(self, text: str | None, *, withheld: str | None = None) -> None:
        self._text = text
        self.withheld = withheld

    def reveal(self) -> str:
        """Return the text.

        Raises:
            ValueError: these settings come from a public copy, which withholds it.
        """
        if self._text is None:
            raise ValueError("the secret is withheld in a public copy of the settings")
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)" if self.withheld is None else "Secret(withheld)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self._text, self.withheld) == (other._text, other.withheld)

    def __hash__(self) -> int:
        return hash((self._text, self.withheld))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """Validate with `_read_secret`; dump as a placeholder."""
        return core_schema.with_info_plain_validator_function(
            _read_secret,
            serialization=core_schema.plain_serializer_function_ser_schema(repr),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the forms that a file may hold."""
        forms = [
            {
                "type": "object",
                "properties": {key: {"type": "string", "description": words}},
                "required": [key],
                "additionalProperties": False,
            }
            for key, words in (
                ("env", "Environment variable that holds the secret."),
                ("file", "File that holds the secret, relative to the settings file."),
            )
        ]
        return {"anyOf": [{"type": "string"}, *forms]}


def _read_secret(value: object, info: Any) -> Secret:  # noqa: ANN401  # pydantic types it per schema
    reading = _reading(info)
    match value:
        case Secret():
            return value
        case {"withheld": str(commitment)} if reading.public and _COMMITMENT.match(commitment):
            return Secret(None, withheld=commitment)
        case str() if not reading.public:
            return Secret(value)
        case {"env": str(name), **rest} if not rest and not reading.public:
            return Secret(_from_environment(name, reading))
        case {"file": str(name), **rest} if not rest and not reading.public:
            return Secret(_from_file(name, reading))
        case _:
            raise ValueError('a secret is a text, { env = "NAME" } or { file = "path" }')


def _from_environment(name: str, reading: Reading) -> str:
    text = (reading.environment or {}).get(name)
    if not text:
        raise ValueError(f"the environment variable {name} is not set")
    return text


def _from_file(name: str, reading: Reading) -> str:
    path = (reading.directory or Path()) / name
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file {path} cannot be read as UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")


def _read_path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value:
        return value
    directory = _reading(info).directory
    return Path(value) if directory is None else (directory / value).resolve()


def _reading(info: ValidationInfo) -> Reading:
    return info.context if isinstance(info.context, Reading) else Reading()


LocalPath = Annotated[Path, BeforeValidator(_read_path)]
"""A path on the bench; relative ones are relative to the settings file."""
