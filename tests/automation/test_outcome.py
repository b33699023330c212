from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.automation import Outcome, outcome_from_json


@given(st.from_type(Outcome))
def test_an_outcome_survives_its_json(outcome: Outcome) -> None:
    assert outcome_from_json(json.loads(json.dumps(outcome.as_json()))) == outcome


@pytest.mark.parametrize("change", [{"status": "pass"}, {"http_status": "200"}, {"more": 1}])
def test_altered_evidence_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Outcome"):
        outcome_from_json(Outcome("done", "accepted", "POST x").as_json() | change)
