"""On which line of a TOML document each key stands, so that a report can point at it.

`tomllib` decides what the document means; this only finds keys, in a document that `tomllib` has
already accepted. Values inside an array or inline table have the line of their key.
"""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]

_KEY_PART = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
_BLANK = re.compile(r"(?:\s+|#[^\n]*)+")
_VALUE_PART = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[{]|[\]}]|\n|[^\"'\#\[\]{}\n]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of each key and table of a valid TOML document.

    The n-th table of an array of tables has the index n, from 0, in its path.
    """
    return _Scan(text).run()


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._table: KeyPath = ()
        self._counts: dict[KeyPath, int] = {}
        self._lines: dict[KeyPath, int] = {}

    def run(self) -> dict[KeyPath, int]:
        while self._skip_blank():
            line = self._text.count("\n", 0, self._at) + 1
            if self._text[self._at] == "[":
                self._table = self._header()
                self._note(self._table, line)
            else:
                self._note(self._table + self._key(), line)
                self._at += 1  # the equals sign
                self._skip_value()
        return self._lines

    def _note(self, path: KeyPath, line: int) -> None:
        """Note where a path and everything around it first stand."""
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _skip_blank(self) -> bool:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._at < len(self._text)

    def _header(self) -> KeyPath:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        path = self._resolved(self._key(), whole=brackets == 1)
        self._at += brackets
        if brackets == 1:
            return path
        self._counts[path] = self._counts.get(path, -1) + 1
        return (*path, self._counts[path])

    def _resolved(self, key: tuple[str, ...], *, whole: bool) -> KeyPath:
        """Return the path of a header, with the index of each array of tables that it enters."""
        path: KeyPath = ()
        for number, part in enumerate(key, start=1):
            path = (*path, part)
            if path in self._counts and (whole or number < len(key)):
                path = (*path, self._counts[path])
        return path

    def _key(self) -> tuple[str, ...]:
        parts = []
        while match := _KEY_PART.match(self._text, self._at):
            parts.append(_plain(match[0].strip()))
            self._at = match.end()
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return tuple(parts)

    def _skip_value(self) -> None:
        depth = 0
        while match := _VALUE_PART.match(self._text, self._at):
            part = match[0]
            if part == "\n" and depth == 0:
                return
            depth += (part in "[{") - (part in "]}")
            self._at = match.end()


def _plain(part: str) -> str:
    """Return a key part without quotes; the document is valid, so its own parser can read it."""
    return next(iter(tomllib.loads(f"{part} = 0")))
