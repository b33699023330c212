"""When and where the station tries to connect: B10.FR.03 to FR.08, Part 4 §5.3."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from vdoc.station import attempts
from vdoc.station.attempts import Attempts
from vdoc.station.network import NetworkProfiles, provisioned
from vdoc.station.storage import FileStorage

NUMBERS = {
    "NetworkProfileConnectionAttempts": 2,
    "RetryBackOffRepeatTimes": 2,
    "RetryBackOffRandomRange": 0,
    "RetryBackOffWaitMinimum": 10,
}


@pytest.fixture
def profiles(tmp_path: Path) -> NetworkProfiles:
    """Connected with slot 1 before; slot 2 comes first after the next boot."""
    storage = FileStorage(tmp_path)
    network = provisioned("ws://csms.example.com", 1) | {"last_successful": 1}
    network["slots"]["2"] = {**network["slots"]["1"], "ocppCsmsUrl": "ws://other.example.com"}
    storage.put("network", network | {"priority": [2, 1]})
    return NetworkProfiles(storage, (1,), lambda _: False)


def after_boot(
    profiles: NetworkProfiles, *defects: str, count: int = 8
) -> list[tuple[int, float | None]]:
    made = Attempts(profiles, NUMBERS.__getitem__, defects.__contains__).after_boot()
    return [(each.profile.slot, each.wait_s) for each in islice(made, count)]


def waits(profiles: NetworkProfiles, *defects: str) -> list[float | None]:
    home = profiles.fallback()
    assert home is not None
    made = Attempts(profiles, NUMBERS.__getitem__, defects.__contains__).reconnecting((home,))
    return [each.wait_s for each in islice(made, 4)]


def test_each_profile_in_turn_then_the_last_successful(profiles: NetworkProfiles) -> None:
    assert after_boot(profiles) == [
        (2, None),
        (2, 10),
        (1, None),
        (1, 10),
        (1, 10),
        (2, 20),
        (1, 40),
        (2, 40),
    ]


def test_the_back_off_doubles_up_to_a_limit(profiles: NetworkProfiles) -> None:
    assert waits(profiles) == [10, 20, 40, 40]


def test_some_of_it_is_random(profiles: NetworkProfiles) -> None:
    numbers = {**NUMBERS, "RetryBackOffRandomRange": 5}
    home = profiles.fallback()
    assert home is not None
    made = Attempts(profiles, numbers.__getitem__, lambda _: False).reconnecting((home,))
    first = next(made).wait_s
    assert first is not None
    assert 10 <= first <= 15


def test_without_a_profile_nothing_can_be_tried(profiles: NetworkProfiles) -> None:
    made = Attempts(profiles, NUMBERS.__getitem__, lambda _: False).reconnecting(())
    with pytest.raises(RuntimeError, match="no network connection profile"):
        next(made)


@pytest.mark.parametrize(
    ("defect", "found"),
    [(attempts.RECONNECTS_AT_ONCE, [0] * 4), (attempts.CONSTANT_BACK_OFF, [10] * 4)],
)
def test_defects_of_the_back_off(
    profiles: NetworkProfiles, defect: str, found: list[float]
) -> None:
    assert waits(profiles, defect) == found


@pytest.mark.parametrize(
    ("defect", "slots"),
    [
        (attempts.ONE_ATTEMPT, [2, 1, 1, 2]),
        (attempts.STAYS_WITH_FIRST, [2, 2, 2, 2]),
        (attempts.FORGETS_LAST, [2, 2, 1, 1, 2, 1]),
    ],
)
def test_defects_of_the_order(profiles: NetworkProfiles, defect: str, slots: list[int]) -> None:
    found = after_boot(profiles, defect, count=len(slots))
    assert [slot for slot, _ in found] == slots
