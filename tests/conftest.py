"""What all tests may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reference_runs import ReferenceRuns


@pytest.fixture(scope="session")
def reference_run(tmp_path_factory: pytest.TempPathFactory) -> ReferenceRuns:
    """Makes runs against the reference station: `reference_run("pics/x.toml", only=["TC_…"])`."""
    from tests.reference_runs import ReferenceRuns  # noqa: PLC0415  # most tests do without

    return ReferenceRuns(tmp_path_factory.mktemp("reference-runs"))
