from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TypeAlias

import httpx
import pytest

from vdoc.automation.probe import UNKNOWN_OPERATION, Finding, probe
from vdoc.automation.wiring import EvWiring, RelayWiring, Wiring

Apis: TypeAlias = tuple[list[str], dict[str, int], httpx.ASGITransport]
UNKNOWN = {f"{host}/{UNKNOWN_OPERATION}": 404 for host in ("station", "car")}
WIRING = Wiring(url="http://station", outlets={(1, 1): "car"}, evs={"car": EvWiring("http://car")})


async def found(wiring: Wiring, apis: Apis, **answers: int) -> tuple[Finding, ...]:
    apis[1].update(UNKNOWN | answers)
    return await probe(wiring, clock=lambda: datetime.now(UTC), session="s", transport=apis[2])


async def test_a_sound_bench_has_only_good_findings(apis: Apis) -> None:
    findings = await found(WIRING, apis)
    assert {finding.level for finding in findings} == {"ok"}
    assert len(findings) == 3


async def test_only_harmless_calls_are_made(apis: Apis) -> None:
    await found(WIRING, apis)
    assert apis[0] == ["station/state", *UNKNOWN]


@pytest.mark.parametrize(
    ("status", "level"),
    [(200, "ok"), (400, "ok"), (401, "error"), (404, "warning"), (500, "error"), (302, "error")],
)
async def test_the_station_is_judged_by_its_reply_to_an_empty_state(
    apis: Apis, status: int, level: str
) -> None:
    findings = await found(WIRING, apis, **{"station/state": status})
    assert findings[0].level == level
    assert (findings[0].remedy == "") == (level == "ok")


@pytest.mark.parametrize(("status", "level"), [(200, "warning"), (501, "ok"), (403, "error")])
async def test_an_ev_api_must_know_us_and_be_able_to_say_no(
    apis: Apis, status: int, level: str
) -> None:
    findings = await found(WIRING, apis, **{f"car/{UNKNOWN_OPERATION}": status})
    assert findings[-1].level == level
    assert findings[-1].subject == "EV API car"


async def test_what_is_not_bound_or_not_there_is_an_error(apis: Apis) -> None:
    findings = await found(Wiring(program=("/no/such/program",)), apis)
    assert [finding.level for finding in findings] == ["error", "error"]


async def test_a_program_is_found_but_not_run(apis: Apis) -> None:
    findings = await found(Wiring(url="http://station", program=(sys.executable,)), apis)
    assert findings[-1].level == "ok"


async def test_a_bad_address_is_a_finding(apis: Apis) -> None:
    assert (await found(Wiring(url="ftp://station"), apis))[0].level == "error"


async def test_a_relay_that_nobody_dials_is_an_error(apis: Apis) -> None:
    wiring = Wiring(
        transport="relay-mo",
        url="http://x",
        token="t",
        limit_s=0.05,
        relay=RelayWiring("127.0.0.1", 0),
    )
    findings = await found(wiring, apis)
    assert "no bench dialled in" in findings[0].message


def test_a_finding_has_a_json_form() -> None:
    finding = Finding("ok", "x", "fine")
    assert finding.as_json() == {"level": "ok", "subject": "x", "message": "fine", "remedy": ""}
