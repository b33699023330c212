"""A message as lines, with the faults marked."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vdoc.nightly.pages.exchange import Direction, Row, Step
from vdoc.nightly.pages.written import written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def row(body: object, *faults: str) -> Row:
    steps = tuple(Step("2", "R", what, "a", "b", passed=False) for what in faults)
    return Row(1, 0.0, Direction.TO_BENCH, "X", body=body, steps=steps)


def marked(body: object, *faults: str) -> list[str]:
    return [line.text.strip() for line in written(row(body, *faults)) if line.marked]


class TestWritten:
    @settings(deadline=None)
    @given(JSON)
    def test_it_is_the_message(self, body: Any) -> None:
        if body is not None and not isinstance(body, str):
            assert json.loads("\n".join(line.text for line in written(row(body)))) == body

    def test_the_field_at_fault_is_marked(self) -> None:
        frame = [2, "1", "StatusNotification", {"connectorStatus": "Available", "evseId": 1}]
        fault = "StatusNotificationRequest connectorStatus (connector 1 of EVSE 1)"
        assert marked(frame, fault) == ['"connectorStatus": "Available",']

    def test_within_lists_and_in_answers(self) -> None:
        frame = [3, "1", {"result": [{"value": "1"}, {"value": "2"}]}]
        assert marked(frame, "GetVariablesResponse result.1.value") == ['"value": "2"']
        assert marked(frame, "GetVariablesResponse result.0") == ["{", '"value": "1"', "},"]

    def test_a_path_that_leads_nowhere_marks_nothing(self) -> None:
        frame = [2, "1", "X", {"a": 1}]
        assert marked(frame, "XRequest b", "seconds between them", "XRequest a.b.c") == []

    def test_words_that_begin_with_a_field(self) -> None:
        frame = [2, "1", "TransactionEvent", {"seqNo": 2, "offline": True}]
        assert marked(frame, "seqNo of all TransactionEvents") == ['"seqNo": 2,']

    def test_what_is_no_json_is_shown_as_it_is(self) -> None:
        assert [line.text for line in written(row("no JSON"))] == ["no JSON"]
        assert written(row(None)) == ()

    def test_what_is_long_is_cut_and_that_is_said(self) -> None:
        lines = written(row({"long": "x" * 9999, "many": list(range(999))}))
        assert len(lines) == 401
        assert max(len(line.text) for line in lines) < 2100
        assert "evidence" in lines[-1].text
