"""Fixtures of block F."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.playing import Played
from tests.cases.steering import play_steered, play_transferring


@pytest.fixture
def steer() -> Callable[..., Played]:
    """Run a case against a `SteeredCharger`."""
    return play_steered


@pytest.fixture
def transfer() -> Callable[..., Played]:
    """Run a case against a `Transferring` station."""
    return play_transferring
