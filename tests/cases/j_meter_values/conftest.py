"""The station with meters, for the tests of block J."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.metering import play_metering
from tests.cases.playing import Played


@pytest.fixture
def meter() -> Callable[..., Played]:
    """Run a case against a `Meterer`."""
    return play_metering
