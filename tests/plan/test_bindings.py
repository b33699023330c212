from __future__ import annotations

import pytest

from vdoc.catalogue import Catalogue, Variant
from vdoc.pics import BenchSettings, Pics
from vdoc.plan.bindings import (
    EV_ACTIONS,
    OBSERVATION,
    PROGRAM_ACTIONS,
    STATION_ACTIONS,
    needed,
    unbound,
)
from vdoc.plan.model import Entry


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


def test_a_broken_image_is_needed_by_the_case_that_has_it_installed(
    catalogue: Catalogue, everything: Pics, settings: BenchSettings
) -> None:
    firmware = settings.firmware.model_copy(update={"invalid_image": None})
    without = settings.model_copy(update={"firmware": firmware})
    entries = [
        Entry(case=case, variant=Variant.parse("-"), stage=1, because="")
        for case in ("TC_L_01_CS", "TC_L_08_CS")
    ]
    (problem,) = unbound(entries, catalogue, everything, without)
    assert "TC_L_08_CS" in str(problem)
    assert list(unbound(entries, catalogue, everything, settings)) == []
