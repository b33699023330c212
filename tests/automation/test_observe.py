from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from vdoc.automation import Observe, Stimulate
from vdoc.automation.observe import ProgramDriver

QUESTION = Observe("display", "Hello")


def program(code: str) -> ProgramDriver:
    return ProgramDriver([sys.executable, "-S", "-c", code])


async def test_the_program_gets_the_question_as_json(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    code = f"import sys; open({str(asked)!r}, 'w').write(sys.stdin.read()); print('I  see')"
    outcome = await program(code).perform(QUESTION, limit_s=10)
    assert (outcome.status, outcome.seen, outcome.detail) == ("done", True, 'exit 0: "I see"')
    assert json.loads(asked.read_text()) == QUESTION.as_json()


async def test_not_seen_is_an_answer_and_no_fault_of_the_bench() -> None:
    outcome = await program("raise SystemExit(1)").perform(QUESTION, limit_s=10)
    assert (outcome.status, outcome.seen) == ("done", False)


@pytest.mark.parametrize(("code", "status"), [(1, "refused"), (3, "unsupported"), (2, "fault")])
async def test_a_stimulus_that_is_not_done_has_no_answer(code: int, status: str) -> None:
    driver = program(f"raise SystemExit({code})")
    outcome = await driver.perform(Stimulate("trigger_monitor"), limit_s=10)
    assert (outcome.status, outcome.seen) == (status, None)
    assert "Remedy" in outcome.detail


async def test_a_program_that_is_not_there_is_unreachable() -> None:
    outcome = await ProgramDriver(["/no/such/program"]).perform(QUESTION, limit_s=1)
    assert outcome.status == "unreachable"
    assert "[observe]" in outcome.detail


async def test_a_hanging_program_is_ended_at_the_limit() -> None:
    outcome = await program("import time; time.sleep(600)").perform(QUESTION, limit_s=0.1)
    assert outcome.status == "timeout"


async def test_a_program_that_does_not_read_is_no_trouble() -> None:
    action = Observe("display", "x" * 1_000_000)
    assert (await program("pass").perform(action, limit_s=10)).seen


async def test_cancelling_ends_the_program(tmp_path: Path) -> None:
    fifo = tmp_path / "started"
    code = f"import time; open({str(fifo)!r}, 'w').close(); time.sleep(600)"
    task = asyncio.create_task(program(code).perform(QUESTION, limit_s=600))
    while not fifo.exists():  # noqa: ASYNC110  # a file has no event
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_it_supports_what_no_action_api_does() -> None:
    driver = program("pass")
    assert driver.supports(QUESTION)
    assert driver.supports(Stimulate("ui_select"))
