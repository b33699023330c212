"""A history, a run directory and nights to fill them with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nightly.made import Nights, RunDirectory
from vdoc.nightly.history import History


@pytest.fixture
def run_directory(tmp_path: Path) -> Iterator[RunDirectory]:
    directory = RunDirectory(tmp_path / "run")
    yield directory
    directory.writer.close()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "history.sqlite") as opened:
        yield opened


@pytest.fixture
def nights(history: History) -> Nights:
    return Nights(history)
