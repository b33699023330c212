"""What all tests may use."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.reference_runs import ReferenceRuns

# No verdict depends on how busy the machine is.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; with `--maxschedchunk=1` no worker then gets it all.

    A worker is given two tests at the start, so neighbours are the longest and the shortest.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    half = (len(long) + 1) // 2
    pairs = zip_longest(long[:half], reversed(long[half:]))
    items[:] = [item for pair in pairs for item in pair if item is not None] + short


@pytest.fixture(scope="session")
def reference_run(tmp_path_factory: pytest.TempPathFactory) -> ReferenceRuns:
    """Makes runs against the reference station: `reference_run("pics/x.toml", only=["TC_…"])`."""
    from tests.reference_runs import ReferenceRuns  # noqa: PLC0415  # most tests do without

    return ReferenceRuns(tmp_path_factory.mktemp("reference-runs"))
