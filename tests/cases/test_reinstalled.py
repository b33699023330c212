"""Which firmware runs after an update, before the next case begins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import pics, settings
from tests.cases.restarting import Quirks, Run, Station
from vdoc.bench import Bench, CaseStart, DutState, Facts, Password
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases.reinstalled import unproven, version_proven
from vdoc.cases.restore import reset

VERSION = settings().firmware.version


async def after_an_update(bench: Bench) -> None:
    assert unproven(bench)
    await version_proven(bench, reset)


def play(version: str = VERSION, *, under_way: bool = False, told: str = "") -> Run:
    left = {"under_way": under_way, "version": None}
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    connection = OpenConnection(1, {"connection": 1})
    start = CaseStart("restore", {}, 1, 7, state, connection=connection, extra={"firmware": left})
    station = Station(None, Quirks(firmware_version=version))
    run = Run(after_an_update, RunContext(pics(), settings(), Facts()), start, station)

    def tell() -> None:
        station.says("FirmwareStatusNotification", {"status": told, "requestId": 1})

    if told:
        run.later(20.0, tell)
    return run


def test_it_is_booted_and_tells_the_declared_version() -> None:
    run = play()
    assert run.verdict == "pass"
    assert run.calls("Reset") == [{"type": "Immediate"}]


def test_another_version_is_found_out() -> None:
    run = play("0.9")
    assert (run.verdict, run.failed) == ("fail", [("firmware", "B01.FR.01")])


@pytest.mark.parametrize("told", ["Installed", "DownloadFailed"])
def test_an_update_that_goes_on_is_awaited(told: str) -> None:
    run = play(under_way=True, told=told)
    assert run.verdict == "pass"
    (reset_at,) = (line.mono_ns for line in run.lines if '"Reset"' in str(line.data))
    assert reset_at - run.lines[0].mono_ns >= 20e9


@pytest.mark.parametrize(
    ("left", "open_"),
    [
        (None, False),
        ({"under_way": False, "version": VERSION}, False),
        ({"under_way": False, "version": None}, True),
        ({"under_way": False, "version": "0.9"}, True),
        ({"under_way": True, "version": VERSION}, True),
    ],
)
def test_when_it_is_open_which_runs(left: Any, *, open_: bool) -> None:
    class Started:
        class start:  # noqa: N801  # an attribute of the Bench
            extra = {"firmware": left}  # noqa: RUF012

        settings = settings()

    assert unproven(Started()) is open_  # type: ignore[arg-type]
