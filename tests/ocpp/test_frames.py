from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.frames import (
    ERROR_CODES,
    MAX_DEPTH,
    Call,
    CallError,
    CallResult,
    Frame,
    Malformed,
    parse,
    serialise,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)
PAYLOADS = st.dictionaries(TEXT, VALUES, max_size=5)
FRAMES: st.SearchStrategy[Frame] = (
    st.builds(Call, IDS, TEXT, PAYLOADS)
    | st.builds(CallResult, IDS, PAYLOADS)
    | st.builds(CallError, IDS, TEXT, TEXT, PAYLOADS)
)
ELEMENTS = st.lists(st.sampled_from([2, 3, 4, 5]) | VALUES, max_size=6)


def malformed(text: str) -> Malformed:
    frame = parse(text)
    assert isinstance(frame, Malformed)
    assert frame.text == text
    assert frame.code in ERROR_CODES
    return frame


def nested(levels: int) -> str:
    return '[2,"1","DataTransfer",' + '{"a":' * levels + "1" + "}" * levels + "]"


class TestRoundTrip:
    @given(FRAMES)
    def test_every_frame_survives(self, frame: Frame) -> None:
        assert parse(serialise(frame)) == frame

    @given(FRAMES)
    def test_text_is_one_line_of_json(self, frame: Frame) -> None:
        text = serialise(frame)
        assert isinstance(json.loads(text), list)
        assert "\n" not in text

    def test_a_call_is_compact(self) -> None:
        assert serialise(Call("1", "Reset", {"type": "Immediate"})) == (
            '[2,"1","Reset",{"type":"Immediate"}]'
        )

    def test_nan_is_not_serialised(self) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            serialise(CallResult("1", {"value": float("nan")}))


class TestNeverRaises:
    @given(st.text())
    def test_any_text(self, text: str) -> None:
        parse(text)

    @given(ELEMENTS)
    def test_any_array(self, elements: list[Any]) -> None:
        parse(json.dumps(elements))

    @given(FRAMES, st.data())
    def test_any_truncated_or_altered_frame(self, frame: Frame, data: st.DataObject) -> None:
        text = serialise(frame)
        cut = data.draw(st.integers(0, len(text)))
        parse(text[:cut])
        parse(text[:cut] + data.draw(st.text(max_size=3)) + text[cut:])

    @pytest.mark.parametrize("text", ["", "[", "\ufeff[]", "null", "2", '"x"', "\x00", "\ud800"])
    def test_oddities(self, text: str) -> None:
        assert malformed(text).code == "RpcFrameworkError"

    def test_a_hundred_thousand_brackets(self) -> None:
        assert malformed("[" * 100_000).id is None

    def test_an_integer_of_five_thousand_digits(self) -> None:
        frame = malformed(f'[2,"1","DataTransfer",{{"data":{"9" * 5000}}}]')
        assert frame.code == "FormatViolation"


class TestSize:
    def test_a_frame_of_a_megabyte_is_read(self) -> None:
        frame = parse(f'[2,"1","DataTransfer",{{"vendorId":"v","data":"{"x" * 1_000_000}"}}]')
        assert isinstance(frame, Call)

    def test_a_megabyte_of_garbage_is_refused(self) -> None:
        assert malformed("x" * 1_000_000).id is None

    def test_nesting_up_to_the_limit_is_read(self) -> None:
        assert isinstance(parse(nested(MAX_DEPTH - 1)), Call)

    def test_nesting_beyond_the_limit_is_refused(self) -> None:
        frame = malformed(nested(MAX_DEPTH + 1))
        assert (frame.id, frame.code) == ("1", "FormatViolation")

    def test_many_objects_side_by_side_are_no_nesting(self) -> None:
        many = ",".join(['{"a":1}'] * 1000)
        assert isinstance(parse(f'[2,"1","DataTransfer",{{"data":[{many}]}}]'), Call)


class TestJson:
    """4.1.2: valid JSON in UTF-8."""

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "01", "+1", "'x'"])
    def test_what_is_no_json_value_is_refused(self, value: str) -> None:
        frame = malformed(f'[2,"1","DataTransfer",{{"data":{value}}}]')
        assert (frame.id, frame.action, frame.code) == ("1", "DataTransfer", "FormatViolation")

    @pytest.mark.parametrize("value", ["1e99", "-0.5", "123456789012345678901234567890", "null"])
    def test_every_json_value_is_read(self, value: str) -> None:
        assert isinstance(parse(f'[2,"1","DataTransfer",{{"data":{value}}}]'), Call)

    def test_a_repeated_name_is_refused_and_named(self) -> None:
        frame = malformed('[2,"1","Reset",{"type":"Immediate","type":"OnIdle"}]')
        assert frame.code == "FormatViolation"
        assert "'type'" in frame.reason

    def test_one_name_in_two_objects_is_read(self) -> None:
        assert isinstance(parse('[2,"1","DataTransfer",{"a":{"x":1},"b":{"x":1}}]'), Call)

    def test_half_a_surrogate_pair_is_refused(self) -> None:
        frame = malformed(r'[2,"1","DataTransfer",{"data":"\ud83d"}]')
        assert (frame.id, frame.code) == ("1", "FormatViolation")

    def test_an_escaped_surrogate_pair_is_read(self) -> None:
        frame = parse(r'[3,"1",{"data":"\ud83d\ude00"}]')
        assert frame == CallResult("1", {"data": "\N{GRINNING FACE}"})

    def test_a_raw_surrogate_is_refused(self) -> None:
        assert malformed('[3,"1",{"data":"\ud83d"}]').message_type == 3

    @given(PAYLOADS, st.sampled_from(["", '"', ",", "e9", "\\ud800", "NaN"]), st.data())
    def test_a_space_changes_nothing(
        self, payload: dict[str, Any], damage: str, data: st.DataObject
    ) -> None:
        whole = f'[3,"1",{json.dumps(payload, ensure_ascii=False, separators=(",", ":"))}]'
        at = data.draw(st.integers(1, len(whole)))
        text = f"{whole[:at]}{damage}{whole[at:]}"
        compact, spaced = parse(text), parse(f" {text}")  # read in two ways
        if isinstance(compact, Malformed):
            assert malformed(f" {text}").code == compact.code
        else:
            assert repr(compact) == repr(spaced)


class TestMessageType:
    """4.1.3 and 4.4: only 2, 3 and 4."""

    @pytest.mark.parametrize("number", [0, 1, 5, 6, -2, 99])
    def test_an_unknown_number_is_not_supported(self, number: int) -> None:
        frame = malformed(f'[{number},"7","Heartbeat",{{}}]')
        assert frame.code == "MessageTypeNotSupported"
        assert (frame.id, frame.message_type) == ("7", number)

    def test_so_is_one_before_corrupt_json(self) -> None:
        assert malformed('[5,"7",{').code == "MessageTypeNotSupported"

    @pytest.mark.parametrize("kind", ['"2"', "2.0", "true", "null", "[2]"])
    def test_what_is_no_integer_is_no_request(self, kind: str) -> None:
        frame = malformed(f'[{kind},"7","Heartbeat",{{}}]')
        assert (frame.code, frame.message_type) == ("RpcFrameworkError", None)


class TestMessageId:
    """4.1.4: a string of at most 36 characters."""

    def test_36_characters_are_read(self) -> None:
        frame = parse(f'[2,"{"x" * 36}","Heartbeat",{{}}]')
        assert isinstance(frame, Call)

    def test_37_characters_are_refused_and_not_repeated(self) -> None:
        frame = malformed(f'[2,"{"x" * 37}","Heartbeat",{{}}]')
        assert (frame.code, frame.id) == ("RpcFrameworkError", None)
        assert "37" in frame.reason

    @pytest.mark.parametrize("message_id", ["1", "null", "1.5", "true", "{}", '["1"]'])
    def test_what_is_no_string_is_unreadable(self, message_id: str) -> None:
        frame = malformed(f'[2,{message_id},"Heartbeat",{{}}]')
        assert (frame.code, frame.id, frame.action) == ("RpcFrameworkError", None, "Heartbeat")

    def test_it_is_read_from_the_head_of_corrupt_json(self) -> None:
        frame = malformed('[2, "abc", "Heartbeat", {"a": }]')
        assert (frame.id, frame.action, frame.code) == ("abc", "Heartbeat", "FormatViolation")

    def test_without_an_action_corrupt_json_is_no_request(self) -> None:
        frame = malformed('[2,"abc",')
        assert (frame.id, frame.code) == ("abc", "RpcFrameworkError")


class TestElements:
    """4.2: how many elements, and of what type."""

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            "[2]",
            '[2,"1"]',
            '[2,"1","Heartbeat"]',
            '[2,"1","Heartbeat",{},{}]',
            '[2,"1",5,{}]',
            '[3,"1"]',
            '[3,"1",{},{}]',
            '[4,"1","GenericError",""]',
            '[4,"1","GenericError","",{},1]',
            '[4,"1",5,"",{}]',
            '[4,"1","GenericError",null,{}]',
            '[4,"1","GenericError","",[]]',
            '[4,"1","GenericError","",null]',
        ],
    )
    def test_any_other_shape_is_an_rpc_framework_error(self, text: str) -> None:
        assert malformed(text).code == "RpcFrameworkError"

    @pytest.mark.parametrize("payload", ["[]", '"x"', "1", "false"])
    def test_a_payload_that_is_no_object_is_a_protocol_error(self, payload: str) -> None:
        frame = malformed(f'[2,"1","Heartbeat",{payload}]')
        assert (frame.code, frame.action) == ("ProtocolError", "Heartbeat")

    def test_null_stands_for_an_empty_payload(self) -> None:
        assert parse('[2,"1","Heartbeat",null]') == Call("1", "Heartbeat", {})
        assert parse('[3,"1",null]') == CallResult("1", {})

    def test_a_call_error_with_an_unknown_code_is_a_frame(self) -> None:
        assert parse('[4,"1","Oops","",{}]') == CallError("1", "Oops", "", {})
