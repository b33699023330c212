"""Fixtures of block G."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.changing import play_changing
from tests.cases.playing import Played


@pytest.fixture
def change() -> Callable[..., Played]:
    """Run a case against a `ChangingCharger`."""
    return play_changing
