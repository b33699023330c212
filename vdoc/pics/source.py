"""Where an input came from: reading a TOML file and pointing problems at its lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vdoc.errors import InputError, Problem
from vdoc.pics.positions import KeyPath, key_lines

_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Source:
    """An input's name and the lines of its keys; JSON has no lines."""

    name: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int | None:
        """Return the line of `path`, or of the nearest table or key around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def problem(self, path: KeyPath, item: str, message: str, remedy: str) -> Problem:
        """Return a problem that points at `path`."""
        return Problem(self.name, self.line(path), item, message, remedy)


def read_toml(path: Path) -> tuple[dict[str, Any], Source]:
    """Read a TOML file.

    Raises:
        InputError: it cannot be read, is not UTF-8 or is not TOML.
    """
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputError(
            Problem(name, None, path.name, f"{reason}.", "name a file that can be read.")
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(name, None, path.name, "not UTF-8 text.", "save the file as UTF-8.")
        ) from error
    try:
        return tomllib.loads(text), Source(name, key_lines(text))
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        message = f"not valid TOML: {_LINE.sub('', str(error))}."
        raise InputError(
            Problem(name, line, path.name, message, "correct the syntax on this line.")
        ) from error


def dotted(path: KeyPath) -> str:
    """Return a key path as text, e.g. ``hardware.evse[0].id``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def field_problems(error: ValidationError, source: Source, at: KeyPath = ()) -> list[Problem]:
    """Return what pydantic found wrong as problems; values are never quoted, they may be secret.

    Args:
        error: what validation raised.
        source: where the validated value came from.
        at: the path of the validated value in its source.
    """
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    inner = {each["loc"][:length] for each in errors for length in range(len(each["loc"]))}
    return [
        _field_problem(each["type"], each["msg"], at + tuple(each["loc"]), source)
        for each in errors
        if each["type"] != "too_short" or each["loc"] not in inner  # its members are what is wrong
    ]


def _field_problem(kind: str, message: str, path: KeyPath, source: Source) -> Problem:
    item = dotted(path)
    if kind == "missing":
        return source.problem(path, item, "is missing.", f"add {path[-1]}.")
    if kind == "extra_forbidden":
        return source.problem(
            path, item, "unknown key.", "remove it or correct its spelling (see the template)."
        )
    text = message.removeprefix("Value error, ").rstrip(".")
    return source.problem(path, item, f"{text}.", f"correct {path[-1] if path else item}.")
