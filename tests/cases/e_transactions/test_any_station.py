"""Block E against stations that behave in every way they may: all must pass.

Start and stop points, the order of messages and the style are the station's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.interrupting import play_interrupted

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
CENTRAL = {"remote": "Central"}
BUTTON = {"local": "NoAuthorization"}
POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy")
STYLES = ("notify_event", "status_last", "separate_stop", "suspended_first", "names_reason")
TRAITS = (*STYLES, "two_events")
NO_BUTTON = {"dut": {"start_button": True}}
EVERY_POINT = {f"C-{number}": True for number in ("09.6", "10.5")}
Play = Callable[..., Any]

_points = st.lists(st.sampled_from(POINTS), min_size=1, max_size=3, unique=True).map(",".join)
_style = st.fixed_dictionaries({name: st.booleans() for name in STYLES})
_traits = st.fixed_dictionaries({name: st.booleans() for name in TRAITS})
_lag = st.sampled_from([-0.03, 2.0])


@pytest.mark.parametrize(
    ("case", "variants"),
    [
        ("TC_E_03_CS", [LOCAL, {"local": "MacAddress"}, BUTTON]),
        ("TC_E_04_CS", [LOCAL, {"local": "Local"}, BUTTON]),
        ("TC_E_09_CS", [LOCAL, REMOTE, CENTRAL, {"remote": "NoAuthorization"}]),
        ("TC_E_15_CS", [LOCAL, {"local": "KeyCode"}, BUTTON]),
        ("TC_E_40_CS", [LOCAL, REMOTE, CENTRAL]),
        ("TC_E_43_CS", [LOCAL, {"local": "KeyCode"}]),
    ],
)
def test_passes(play: Play, case: str, variants: list[dict[str, str]]) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(st.sampled_from(variants), _points, _points, _style, _lag)
    def passes(
        variant: dict[str, str], start: str, stop: str, style: dict[str, bool], lag_s: float
    ) -> None:
        run = play(
            case, variant=variant, start=start, stop=stop, lag_s=lag_s, tree=NO_BUTTON, **style
        )
        assert run.verdict == "pass", run.because

    passes()


@pytest.mark.parametrize(
    ("case", "variants"),
    [
        ("TC_E_01_CS", [LOCAL, REMOTE, BUTTON]),
        ("TC_E_02_CS", [LOCAL, REMOTE, CENTRAL]),
        ("TC_E_05_CS", [LOCAL, {"local": "KeyCode"}, BUTTON]),
        ("TC_E_06_CS", [LOCAL, BUTTON]),
        ("TC_E_07_CS", [LOCAL, BUTTON]),
        ("TC_E_08_CS", [LOCAL, REMOTE]),
        ("TC_E_10_CS", [LOCAL, {"local": "Local"}, BUTTON]),
        ("TC_E_11_CS", [LOCAL, REMOTE]),
        ("TC_E_12_CS", [LOCAL, REMOTE]),
        ("TC_E_13_CS", [REMOTE, CENTRAL]),
        ("TC_E_14_CS", [LOCAL, REMOTE, BUTTON]),
        ("TC_E_16_CS", [LOCAL]),
        ("TC_E_17_CS", [LOCAL, REMOTE, CENTRAL]),
        ("TC_E_19_CS", [LOCAL, REMOTE]),
        ("TC_E_20_CS", [LOCAL, REMOTE]),
        ("TC_E_21_CS", [LOCAL, REMOTE, BUTTON]),
        ("TC_E_22_CS", [LOCAL, REMOTE]),
        ("TC_E_35_CS", [LOCAL, REMOTE]),
        ("TC_E_37_CS", [LOCAL, CENTRAL]),
        ("TC_E_39_CS", [LOCAL, REMOTE, CENTRAL]),
        ("TC_E_54_CS", [LOCAL, REMOTE]),
    ],
)
def test_passes_when_it_is_interrupted(case: str, variants: list[dict[str, str]]) -> None:
    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(st.sampled_from(variants), _points, _points, _traits, _lag)
    def passes(
        variant: dict[str, str], start: str, stop: str, traits: dict[str, Any], lag_s: float
    ) -> None:
        run = play_interrupted(
            case, variant=variant, start=start, stop=stop, lag_s=lag_s, tree=NO_BUTTON,
            claims=EVERY_POINT, **traits,
        )  # fmt: skip
        assert run.verdict == "pass", run.because

    passes()
