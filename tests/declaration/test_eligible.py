from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from vdoc.bench import Verdict
from vdoc.declaration import RunRecord, RunVerdict, Window, eligible

Change = Callable[..., RunRecord]


def test_a_whole_run_that_passed_is_eligible(record: RunRecord) -> None:
    assert eligible(record) == ()


def test_not_applicable_does_not_stand_in_the_way(with_result: Change) -> None:
    assert eligible(with_result(Verdict.NOT_APPLICABLE, because="no such variable")) == ()


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INCONC, Verdict.ERROR])
def test_any_other_verdict_does(with_result: Change, verdict: Verdict) -> None:
    reasons = "; ".join(eligible(with_result(verdict, because="so it was")))
    assert f"TC_B_06_CS: {verdict.value}: so it was" in reasons


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": RunVerdict.VOID, "void_because": "suspended"}, "void: suspended"),
        ({"crashes": ("booted by Watchdog",)}, "crashed: booted by Watchdog"),
        ({"window": None}, "no window"),
        ({"firmware_sha256": None}, "no firmware hash"),
        ({"facts": None}, "did not read the device model"),
        ({"evidence_lines": 0}, "empty or not sealed"),
        ({"evidence_head": ""}, "empty or not sealed"),
        ({"results": ()}, "TC_C_06_CS (local=ISO14443) was not run"),
        ({"settings_public": {}}, "cannot be read"),
    ],
)
def test_each_rule_gives_its_reason(record: RunRecord, changes: dict[str, Any], words: str) -> None:
    assert words in "; ".join(eligible(replace(record, **changes)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"partial": True}, "partial"),
        ({"not_implemented": ("TC_B_07_CS",)}, "not implemented: TC_B_07_CS"),
        ({"entries": ()}, "the plan is empty"),
        ({"pics": "0" * 64}, "another PICS"),
        ({"catalogue": "0" * 64}, "another catalogue"),
    ],
)
def test_each_rule_about_the_plan_gives_its_reason(
    record: RunRecord, changes: dict[str, Any], words: str
) -> None:
    plan = record.plan.model_copy(update=changes)
    assert words in "; ".join(eligible(replace(record, plan=plan)))


def test_a_run_longer_than_a_day_is_not_eligible(record: RunRecord) -> None:
    assert record.window is not None
    longer = Window(record.window.start, record.window.start + timedelta(hours=24, seconds=1))
    assert "24 h" in "; ".join(eligible(replace(record, window=longer)))
    day = Window(record.window.start, record.window.start + timedelta(hours=24))
    assert eligible(replace(record, window=day)) == ()


def test_a_run_that_was_not_planned_is_not_eligible(record: RunRecord) -> None:
    extra = replace(record.results[0], case="TC_B_07_CS")
    reasons = eligible(replace(record, results=(*record.results, extra)))
    assert reasons == ("TC_B_07_CS was run although the plan does not hold it",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"firmware_image_sha256": "0" * 64}, "the PICS declares the firmware image"),
        ({"firmware_version": "9.9"}, "the settings install firmware version '3.2.1'"),
    ],
)
def test_the_firmware_must_be_the_one_of_the_pics(
    record: RunRecord, changes: dict[str, Any], words: str
) -> None:
    product = record.pics.product.model_copy(update=changes)
    pics = type(record.pics).from_json(
        record.pics.model_copy(update={"product": product}).to_json()
    )
    assert words in "; ".join(eligible(replace(record, pics=pics)))
