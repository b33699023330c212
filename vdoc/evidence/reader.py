"""Reading evidence: what an outsider needs to check a file line by line.

Owns the rules of the format: JSON objects with exactly these fields, `n` without gaps, `prev` the
hash of the line before, stamps that never decrease, the seal last, with the root of the Merkle tree
where it names one (the first files did not). A torn last line (a crash) is recognised and reported
apart; it is never repaired. Reading streams, so a million lines need no memory to speak of.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from vdoc.evidence.line import FIRST_PREV, Kind, Line, parse_time
from vdoc.evidence.merkle import Tree

FIELDS = ("n", "at", "mono", "case", "variant", "kind", "data", "prev")
_KINDS: dict[object, Kind] = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One breach of the format: a code, the line it stands on (from 0), and a sentence."""

    code: str
    n: int
    message: str


@dataclass(slots=True)
class EvidenceReader:
    """Iterates over the lines of a file and keeps what is wrong with it.

    Args:
        source: the raw lines, each with its newline when it is complete.
        check_chain: False skips the hash chain, for evidence that someone altered on purpose
            (`vdoc rejudge --unsealed`).

    After iteration `flaws`, `torn`, `sealed` and `head` tell what was found.
    """

    source: Iterable[bytes]
    check_chain: bool = True
    flaws: list[Flaw] = field(default_factory=list)
    torn: bytes | None = None
    sealed: bool = False
    head: str = FIRST_PREV
    count: int = 0
    _mono_ns: int = 0
    _at_ns: int = 0
    _tree: Tree = field(default_factory=Tree)

    def __iter__(self) -> Iterator[Line]:
        append, sha256 = self._tree.append, hashlib.sha256
        for raw in self._raw():
            if not raw.endswith(b"\n"):
                self.torn = raw
                self._flaw("torn", f"the last line was not written to its end ({len(raw)} bytes)")
                return
            text = raw[:-1]
            try:
                value = _value(text)
                line, prev = _line(value)
            except ValueError as error:
                self._flaw("malformed", f"not a line of evidence: {error}")
            else:
                self._check(line, prev)
                if not _says_once(text, value):
                    self._flaw("ambiguous", "a name stands twice in one object")
                yield line
            self.head = sha256(text).hexdigest()
            self.count += 1
            if self.check_chain:
                append(text)
        if not self.sealed and self.check_chain:
            self._flaw("unsealed", "the file does not end with a seal")

    def _raw(self) -> Iterator[bytes]:
        try:
            yield from self.source
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            self._flaw("gzip", f"cannot be unpacked any further: {error}")

    def _flaw(self, code: str, message: str) -> None:
        self.flaws.append(Flaw(code, self.count, message))

    def _check(self, line: Line, prev: str) -> None:
        if self.check_chain and (line.n != self.count or prev != self.head):
            self._linked(line, prev)
        if self.sealed:
            self._flaw("after-seal", "a line follows the seal")
        if line.mono_ns >= self._mono_ns and line.at_ns >= self._at_ns:
            self._mono_ns, self._at_ns = line.mono_ns, line.at_ns
        else:
            self._flaw("time", "a stamp is earlier than the one before")
            self._mono_ns = max(self._mono_ns, line.mono_ns)
            self._at_ns = max(self._at_ns, line.at_ns)
        if line.kind is Kind.SEAL:
            self._seal(line)

    def _linked(self, line: Line, prev: str) -> None:
        if line.n != self.count:
            self._flaw("sequence", f"n is {line.n} where {self.count} must stand")
        if prev != self.head:
            self._flaw("chain", "prev is not the SHA-256 of the line before")

    def _seal(self, line: Line) -> None:
        self.sealed = True
        if self.check_chain and (line.data.get("lines"), line.data.get("head")) != (
            self.count,
            self.head,
        ):
            self._flaw("seal", "the seal names another count or head than the file has")
        tree = self._tree.root.hex()
        if self.check_chain and line.data.get("tree", tree) != tree:
            self._flaw("tree", "the seal names another root of the Merkle tree than the file has")


def parse_line(text: bytes) -> tuple[Line, str]:
    """Return a line of evidence and its `prev`.

    Args:
        text: the line without its LF.

    Raises:
        ValueError: it is none.
    """
    try:
        return _line(_value(text))
    except ValueError as error:
        raise ValueError(f"not a line of evidence: {error}") from error


def _value(text: bytes) -> Any:  # noqa: ANN401  # JSON
    try:
        return from_json(text)
    except ValueError:  # half a surrogate pair, which JSON may hold, or no JSON
        pass
    try:
        return json.loads(text.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply to be read") from error


def _line(value: Any) -> tuple[Line, str]:  # noqa: ANN401  # JSON
    """Return what a JSON value says as a line; raises ValueError when it is none."""
    if type(value) is not dict or tuple(value) != FIELDS:
        raise ValueError(f"fields must be {', '.join(FIELDS)}, in this order")
    n, at, mono, case, variant, kind, data, prev = value.values()
    if not (
        type(n) is type(mono) is int
        and type(case) is type(variant) is type(prev) is type(at) is type(kind) is str
        and type(data) is dict
    ):
        raise ValueError(_wrong_type(value))
    known = _KINDS.get(kind)
    if known is None:
        raise ValueError(f"{kind!r} is no kind of line")
    return Line(n, parse_time(at), mono, case, variant, known, data), prev


def says_once(text: bytes) -> bool:
    """Tell whether no object of a line holds a name twice, which readers take differently."""
    return _says_once(text, _value(text))


def _says_once(text: bytes, value: Any) -> bool:  # noqa: ANN401  # JSON
    """Tell it of a line that was read: written again without its doubles, it must be the same.

    What was written in another form than ours is decoded a second time.
    """
    try:
        if to_json(value) == text:
            return True
    except ValueError:  # half a surrogate pair
        pass
    try:
        json.loads(text.decode(), object_pairs_hook=_each_once)
    except ValueError:
        return False
    return True


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _wrong_type(value: dict[str, Any]) -> str:
    for name in ("n", "mono"):
        if type(value[name]) is not int:
            return f"{name} must be an integer"
    strings = ("at", "case", "variant", "kind", "prev")
    wrong = next((name for name in strings if not isinstance(value[name], str)), "")
    return f"{wrong} must be a string" if wrong else "data must be an object"


def open_evidence(path: Path, *, check_chain: bool = True) -> EvidenceReader:
    """Return a reader over a file, plain or gzip by its name."""
    return EvidenceReader(raw_lines(path), check_chain=check_chain)


def raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the raw lines of a file, plain or gzip by its name, each with its LF."""
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as packed:
            yield from packed
    else:
        with path.open("rb") as plain:
            yield from plain
