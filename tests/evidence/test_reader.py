"""Every way in which a file can be other than it was written is noticed; nothing raises."""

from __future__ import annotations

import gzip
import hashlib
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vdoc.evidence import FIRST_PREV, EvidenceReader, EvidenceWriter, Kind, Line, open_evidence
from vdoc.evidence.line import render

Reading = Callable[..., Any]


def chained(*texts: str) -> list[bytes]:
    """Raw lines with `%s` for the right prev."""
    raw, prev = [], FIRST_PREV
    for text in texts:
        line = text.replace("%s", prev).encode()
        raw.append(line + b"\n")
        prev = hashlib.sha256(line).hexdigest()
    return raw


def a_line(n: int = 0, **changes: Any) -> str:
    fields = {
        "n": n, "at": "2026-11-24T06:00:00.000000Z", "mono": 5, "case": "", "variant": "",
        "kind": "run", "data": {}, "prev": "%s",
    }  # fmt: skip
    return json.dumps({**fields, **changes}, separators=(",", ":"))


class TestSound:
    def test_what_was_written_has_no_flaw(self, sound: list[bytes], reading: Reading) -> None:
        found = reading(sound)
        assert (found.flaws, len(found.lines)) == ([], 7)
        assert found.lines[1].data["frame"] == '[2,"0","Heartbeat",{}]'

    def test_a_reader_that_knows_nothing_of_us_agrees(self, sound: list[bytes]) -> None:
        prev = "0" * 64
        for n, raw in enumerate(sound):
            line = json.loads(raw)
            assert (line["n"], line["prev"]) == (n, prev)
            prev = hashlib.sha256(raw.rstrip(b"\n")).hexdigest()

    def test_gzip_reads_the_same(self, sound: list[bytes], tmp_path: Path) -> None:
        path = tmp_path / "evidence.jsonl.gz"
        path.write_bytes(gzip.compress(b"".join(sound)))
        reader = open_evidence(path)
        assert (len(list(reader)), reader.flaws, reader.sealed) == (7, [], True)


class TestAltered:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_altered_byte_before_the_seal(
        self, data: st.DataObject, sound: list[bytes], reading: Reading
    ) -> None:
        whole = bytearray(b"".join(sound))
        at = data.draw(st.integers(0, len(whole) - len(sound[-1]) - 1))
        whole[at] ^= data.draw(st.integers(1, 255))
        assert reading(bytes(whole).splitlines(keepends=True)).flaws

    def test_the_seal_itself_is_held_by_the_head_that_is_declared(self, sound: list[bytes]) -> None:
        reader = EvidenceReader(sound)
        altered = EvidenceReader([*sound[:-1], sound[-1].replace(b'"void":false', b'"void":true')])
        assert len(list(reader)) == len(list(altered)) == 7
        assert (reader.flaws, altered.flaws) == ([], [])
        assert reader.head != altered.head

    @pytest.mark.parametrize("n", range(7))
    def test_any_removed_line(self, sound: list[bytes], reading: Reading, n: int) -> None:
        del sound[n]
        assert reading(sound).flaws

    @pytest.mark.parametrize("n", range(8))
    def test_any_line_put_in_twice(self, sound: list[bytes], reading: Reading, n: int) -> None:
        sound.insert(n, sound[max(0, n - 1)])
        assert reading(sound).codes & {"chain", "after-seal"}

    @pytest.mark.parametrize("n", range(6))
    def test_any_two_lines_in_the_other_order(
        self, sound: list[bytes], reading: Reading, n: int
    ) -> None:
        sound[n], sound[n + 1] = sound[n + 1], sound[n]
        assert "chain" in reading(sound).codes

    def test_an_end_cut_off_at_a_line(self, sound: list[bytes], reading: Reading) -> None:
        assert reading(sound[:-1]).codes == {"unsealed"}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_a_torn_last_line(
        self, data: st.DataObject, sound: list[bytes], reading: Reading
    ) -> None:
        keep = data.draw(st.integers(1, len(sound[-1]) - 1))
        found = reading([*sound[:-1], sound[-1][:keep]])
        assert (found.codes, len(found.lines)) == ({"torn"}, 6)
        assert found.torn == sound[-1][:keep]

    def test_a_chain_made_anew_under_the_old_seal(self, reading: Reading) -> None:
        head = hashlib.sha256(a_line().replace("%s", FIRST_PREV).encode()).hexdigest()
        seal = a_line(1, kind="seal", data={"lines": 1, "head": head})
        assert reading(chained(a_line(), seal)).flaws == []
        assert reading(chained(a_line(case="TC"), seal)).codes == {"seal"}

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"data":{', '"data":{"frame":"x",'),
            ('"data":{', '"data":{"frame" :"x",'),
            ('"data":{', '"data":{"frame"\t:"x",'),
            ('"data":{', '"data":{"a\\\\":1,"a\\\\":2,'),
            ('"data":{', '"data":{"deep":[{"b":[{"c":1,"c":1}]}],'),
            ('"kind":', '"kind":"note","kind":'),
        ],
    )
    def test_a_name_that_stands_twice(self, reading: Reading, old: str, new: str) -> None:
        line = a_line(data={"frame": '[2,"x","A",{"k":1, "k" : 2}]'})
        assert "ambiguous" not in reading(chained(line)).codes
        assert "ambiguous" in reading(chained(line.replace(old, new, 1))).codes

    def test_another_tree_under_the_seal(self, sound: list[bytes], reading: Reading) -> None:
        seal = json.loads(sound[-1])
        seal["data"]["tree"] = "0" * 64
        sound[-1] = json.dumps(seal, separators=(",", ":")).encode() + b"\n"
        assert reading(sound).codes == {"tree"}

    def test_an_altered_file_can_be_read_on_purpose(
        self, sound: list[bytes], reading: Reading
    ) -> None:
        del sound[2]
        found = reading(sound, check_chain=False)
        assert (found.flaws, len(found.lines)) == ([], 6)


class TestMalformed:
    @pytest.mark.parametrize(
        "changes",
        [
            {"n": "0"}, {"n": True}, {"n": 0.0}, {"mono": None}, {"at": 5}, {"at": "today"},
            {"case": 1}, {"variant": []}, {"kind": "guess"}, {"kind": []}, {"data": []},
            {"prev": 1}, {"more": 1},
        ],
    )  # fmt: skip
    def test_a_field_of_another_type(self, reading: Reading, changes: dict[str, Any]) -> None:
        assert "malformed" in reading(chained(a_line(**changes))).codes

    def test_fields_in_another_order(self, reading: Reading) -> None:
        line = json.dumps(dict(reversed(json.loads(a_line()).items())))
        assert "malformed" in reading(chained(line)).codes

    def test_reading_goes_on_behind_it(self, reading: Reading) -> None:
        found = reading(chained(a_line(), "{}", a_line(2)))
        assert ([line.n for line in found.lines], found.codes) == (
            [0, 2], {"malformed", "unsealed"},
        )  # fmt: skip

    @pytest.mark.parametrize("field", ["mono", "at"])
    def test_a_stamp_that_decreases(self, reading: Reading, field: str) -> None:
        earlier = {"mono": 4, "at": "2026-11-24T05:59:59.999999Z"}[field]
        found = reading(chained(a_line(), a_line(1, **{field: earlier})))
        assert found.codes == {"time", "unsealed"}

    def test_packed_data_that_breaks_off(self, sound: list[bytes], tmp_path: Path) -> None:
        path = tmp_path / "evidence.jsonl.gz"
        path.write_bytes(gzip.compress(b"".join(sound))[:-20])
        reader = open_evidence(path)
        list(reader)
        assert reader.flaws[0].code == "gzip"

    @given(st.lists(st.binary().map(lambda raw: raw + b"\n")))
    def test_no_bytes_raise(self, source: list[bytes]) -> None:
        reader = EvidenceReader(source)
        assert list(reader) == []
        assert reader.flaws

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
    def test_no_json_raises(self, value: Any) -> None:
        for field in ("n", "at", "mono", "case", "variant", "kind", "data", "prev"):
            reader = EvidenceReader(chained(a_line(**{field: value})))
            assert len(list(reader)) <= 1

    @pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"n":' + b"9" * 5000 + b"}", b"\xff\xfe"])
    def test_no_monster_raises(self, raw: bytes) -> None:
        reader = EvidenceReader([raw + b"\n"])
        assert list(reader) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
lines = st.builds(
    Line,
    n=st.just(0),
    at_ns=st.integers(0, 2**62).map(lambda ns: ns // 1000 * 1000),
    mono_ns=st.integers(0, 2**62),
    case=st.from_regex(r"(TC_[A-Z]_\d\d_CS)?", fullmatch=True),
    variant=st.sampled_from(["-", "local=ISO14443,key=RSA", ""]),
    kind=st.sampled_from([kind for kind in Kind if kind is not Kind.SEAL]),
    data=st.dictionaries(st.text(), json_values, max_size=4),
)


@given(lines)
def test_what_is_written_is_what_is_read(line: Line) -> None:
    reader = EvidenceReader([render(line, FIRST_PREV) + b"\n"])
    assert list(reader) == [line]
    assert [flaw.code for flaw in reader.flaws] == ["unsealed"]


def test_thousands_of_lines_need_no_memory(writer: EvidenceWriter) -> None:
    for n in range(5000):
        writer.append(
            Kind.RECEIVED, {"connection": 1, "frame": f"{n:0500}"}, case="TC", variant="-"
        )
    writer.seal({})
    tracemalloc.start()
    count = sum(1 for _ in open_evidence(writer.path))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 5001
    assert peak_bytes < 500_000 < writer.path.stat().st_size


def test_lines_are_read_as_they_are_asked_for(sound: list[bytes]) -> None:
    taken: list[int] = []

    def source() -> Iterator[bytes]:
        for n, raw in enumerate(sound):
            taken.append(n)
            yield raw

    next(iter(EvidenceReader(source())))
    assert taken == [0]
