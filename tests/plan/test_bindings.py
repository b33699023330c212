from __future__ import annotations

import pytest

from vdoc.catalogue import Catalogue, Variant
from vdoc.plan.bindings import (
    EV_ACTIONS,
    OBSERVATION,
    PROGRAM_ACTIONS,
    STATION_ACTIONS,
    needed,
)


def test_every_action_of_the_catalogue_is_known(catalogue: Catalogue) -> None:
    known = STATION_ACTIONS | EV_ACTIONS | PROGRAM_ACTIONS | {OBSERVATION}
    tokens = {action.rstrip("?").partition("@")[0] for c in catalogue.cases for action in c.actions}
    assert tokens <= known


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("local=KeyCode", ["authorize", "plugin", "pnc"]),
        ("remote=Central", ["plugin", "pnc"]),
        ("local=KeyCode,energy=EIM", ["authorize", "plugin"]),
        ("local=KeyCode,energy=PnC", ["plugin", "pnc"]),
    ],
)
def test_a_run_needs_only_the_actions_of_its_variant(variant: str, expected: list[str]) -> None:
    actions = ("parking_in?", "authorize", "plugin", "pnc", OBSERVATION)
    assert list(needed(actions, Variant.parse(variant))) == expected
