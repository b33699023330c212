"""A clock that is moved by hand, and evidence made with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vdoc.evidence import EvidenceReader, EvidenceWriter, Flaw, Kind, Line

EPOCH_NS = 1_795_500_000_123_456_789


@dataclass
class HandClock:
    """Gives these times one after the other, then the last for ever."""

    wall: list[int] = field(default_factory=lambda: [EPOCH_NS])
    mono: list[int] = field(default_factory=lambda: [0])

    def wall_ns(self) -> int:
        return self.wall.pop(0) if len(self.wall) > 1 else self.wall[0]

    def mono_ns(self) -> int:
        return self.mono.pop(0) if len(self.mono) > 1 else self.mono[0]


@dataclass
class Read:
    """What reading some lines gave."""

    lines: list[Line]
    flaws: list[Flaw]
    torn: bytes | None

    @property
    def codes(self) -> set[str]:
        return {flaw.code for flaw in self.flaws}


def read(source: list[bytes], **options: Any) -> Read:
    reader = EvidenceReader(source, **options)
    lines = list(reader)
    return Read(lines, reader.flaws, reader.torn)


@pytest.fixture
def reading() -> Callable[..., Read]:
    return read


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def writer(tmp_path: Path, clock: HandClock) -> Iterator[EvidenceWriter]:
    made = EvidenceWriter(tmp_path / "evidence.jsonl", clock)
    yield made
    made.close()


@pytest.fixture
def sound(writer: EvidenceWriter) -> list[bytes]:
    """The raw lines of a small sealed file."""
    writer.append(Kind.RUN, {"what": "start", "format": 1})
    for n in range(4):
        data = {"connection": 1, "frame": f'[2,"{n}","Heartbeat",{{}}]'}
        writer.append(Kind.RECEIVED, data, case="TC_X_01_CS", variant="-")
    writer.append(Kind.VERDICT, {"verdict": "pass"}, case="TC_X_01_CS", variant="-")
    writer.seal({"void": False})
    return writer.path.read_bytes().splitlines(keepends=True)
