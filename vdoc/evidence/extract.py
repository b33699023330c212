"""One case of a run, handed over by itself, with the proof that it belongs to the sealed evidence.

Owns the file of an extract: chosen lines byte for byte, the seal, and the hashes that lead from the
lines to the root which the seal names. The seal's own hash is the head that a declaration signs.
Chosen are the lines about the run before its seal and every run of the case, since that is what it
takes to judge the case again. Whom to believe and what the lines show is `vdoc.verify`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from vdoc.digest import canonical
from vdoc.errors import InputError, Problem
from vdoc.evidence.line import Kind, Line
from vdoc.evidence.merkle import leaf_hash, prove, root_of
from vdoc.evidence.reader import EvidenceReader, parse_line, says_once

VERSION = 1
_FIELDS = {"extract", "case", "lines", "seal", "proof", "declaration"}


@dataclass(frozen=True, slots=True)
class Extract:
    """Lines of a run, and what proves that they are.

    Attributes:
        case: the id of the case whose runs are shown.
        lines: the raw lines, without LF, ascending.
        seal: the raw seal line, without LF.
        proof: hashes of the subtrees that hold no chosen line, from left to right.
        envelope: the signed declaration (DSSE) that names the head, as JSON; None when the
            evidence was taken without one.
    """

    case: str
    lines: tuple[bytes, ...]
    seal: bytes
    proof: tuple[bytes, ...]
    envelope: Mapping[str, Any] | None = None

    @property
    def head(self) -> str:
        """SHA-256 of the seal, which the declaration names as the head of the evidence."""
        return sha256(self.seal).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the extract as it stands in its file: canonical JSON."""
        return canonical(
            {
                "extract": VERSION,
                "case": self.case,
                "lines": [line.decode() for line in self.lines],
                "seal": self.seal.decode(),
                "proof": [each.hex() for each in self.proof],
                "declaration": None if self.envelope is None else dict(self.envelope),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Extract:
        """Read an extract; nothing of it is believed yet.

        Raises:
            InputError: it is none, or of another version.
        """
        try:
            value = json.loads(data)
            if not isinstance(value, dict) or value.keys() != _FIELDS:
                raise ValueError(f"expected the fields {', '.join(sorted(_FIELDS))}")
            return cls._read(value, data)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise _refused("extract", f"is no extract of evidence: {error}.") from error

    @classmethod
    def _read(cls, value: dict[str, Any], data: bytes) -> Extract:
        match value:
            case {
                "extract": 1, "case": str(case), "lines": list(lines), "seal": str(seal),
                "proof": list(proof), "declaration": (dict() | None) as envelope,
            }:  # fmt: skip
                made = cls(
                    case,
                    tuple(line.encode() for line in lines),
                    seal.encode(),
                    tuple(map(bytes.fromhex, proof)),
                    envelope,
                )
            case _:
                raise ValueError(f"expected version {VERSION}, its fields of their types")
        if made.to_bytes() != data:
            raise ValueError("it is not in the one form that it is written in")
        return made

    def proved(self) -> tuple[Line, ...]:
        """Return the lines, and the seal as the last, when the proof holds.

        Raises:
            ValueError: a line is none, or the lines do not lead to the root that the seal names.
        """
        lines = [parse_line(raw)[0] for raw in self.lines]
        seal = parse_line(self.seal)[0]
        if not all(map(says_once, (*self.lines, self.seal))):
            raise ValueError("a name stands twice in one object of a line")
        size, named = seal.n, seal.data.get("tree")
        if seal.kind is not Kind.SEAL or seal.data.get("lines") != size:
            raise ValueError("the last line is no seal of the lines before it")
        hashes = {line.n: leaf_hash(raw) for line, raw in zip(lines, self.lines, strict=True)}
        if len(hashes) != len(lines) or list(hashes) != sorted(hashes):
            raise ValueError("the lines are not in their order, each once")
        root = root_of(size, hashes, self.proof).hex()
        if root != named:
            raise ValueError(f"the lines lead to the root {root}, the seal names {named}")
        return (*lines, seal)


@dataclass(slots=True)
class _Chosen:
    """What one pass over evidence keeps: each leaf's hash, and the lines of the case."""

    case: str
    leaves: bytearray = field(default_factory=bytearray)
    lines: dict[int, bytes] = field(default_factory=dict)
    seal: bytes = b""
    found: bool = False

    def take(self, line: Line, raw: bytes) -> None:
        if line.kind is Kind.SEAL:
            self.seal = raw
            return
        self.leaves += leaf_hash(raw)
        if line.kind is Kind.RUN or line.case == self.case:
            self.lines[line.n] = raw
            self.found = self.found or line.case == self.case


def extract_case(
    source: Iterable[bytes], case: str, envelope: Mapping[str, Any] | None = None
) -> Extract:
    """Take one case out of sealed evidence; needs 32 bytes of memory for each line of the run.

    Args:
        source: the raw lines of the whole evidence, each with its LF.
        case: the id of the case, or `intake`, `restore`, `closing`.
        envelope: the declaration that goes with the evidence, if any.

    Raises:
        InputError: the evidence has a flaw or no tree under its seal, or does not hold the case.
    """
    tap = _Tap(source)
    reader = EvidenceReader(tap)
    chosen = _Chosen(case)
    for line in reader:
        chosen.take(line, tap.raw)
    if reader.flaws:
        raise InputError(
            *(_problem(f"line {flaw.n}", f"{flaw.message}.") for flaw in reader.flaws[:20])
        )
    if "tree" not in parse_line(chosen.seal)[0].data:
        raise _refused("seal", "names no tree: it was written before there were extracts.")
    if not chosen.found:
        raise _refused(case, "is not in this evidence.")
    proof = prove(bytes(chosen.leaves), list(chosen.lines))
    return Extract(case, tuple(chosen.lines.values()), chosen.seal, tuple(proof), envelope)


class _Tap:
    """Hands lines on and remembers the last one, without its LF."""

    def __init__(self, source: Iterable[bytes]) -> None:
        self._source = source
        self.raw = b""

    def __iter__(self) -> Iterator[bytes]:
        for raw in self._source:
            self.raw = raw.removesuffix(b"\n")
            yield raw


def _refused(item: str, message: str) -> InputError:
    return InputError(_problem(item, message))


def _problem(item: str, message: str) -> Problem:
    return Problem("evidence", None, item, message, "take it from whole, sealed evidence.")
