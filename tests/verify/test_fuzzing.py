"""Bytes and values altered in the depth of a bundle: no crash, and no false acceptance.

Each test puts right what lies outside of the place that it alters (container, gzip, chain, tree,
seal, digests, signature), so that the layer meant is the one that must refuse. The codes that were
met are asserted, so that a fuzzer which gets stuck at an outer layer fails.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vdoc.declaration import container
from vdoc.digest import canonical

Lab = Any
Forger = Any
Lines = list[dict[str, Any]]

FUZZED = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,  # the codes that are met must not depend on luck
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
OBSERVED = {
    "received", "opened", "closed", "refused", "tls", "action_done", "made", "deadline",
}  # fmt: skip
"""What is taken as recorded: who holds the key may alter a value in it that nobody reads."""

WORDS = 11  # the step that looks at PDF and page
EDITS = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 3), st.binary(max_size=4))


def edited(data: bytes, edit: tuple[float, int, bytes]) -> bytes:
    """The data with a few bytes at a place replaced by others."""
    where, removed, put = edit
    place = int(where * len(data))
    return data[:place] + put + data[place + removed :]


def met(forger: Forger, path: Path, seen: Counter[str], *, worded: bool = False) -> bool:
    """Verify; remember the codes; return whether it was accepted.

    Args:
        forger: has the bundle.
        path: what he made of it.
        seen: takes the codes.
        worded: as if he had written report, PDF and page anew too, which anybody can.
    """
    found = forger.lab.verify(path).findings
    if worded:
        found = [each for each in found if each.step < WORDS and each.code != "report"]
    seen.update({finding.code for finding in found})
    return not found


@pytest.fixture
def seen() -> Counter[str]:
    return Counter()


class TestBytes:
    @pytest.mark.parametrize("name", container.REQUIRED)
    def test_of_a_member_in_a_sound_container(
        self, forger: Forger, name: str, seen: Counter[str]
    ) -> None:
        members = forger.members

        @FUZZED
        @given(EDITS)
        def fuzz(edit: tuple[float, int, bytes]) -> None:
            data = edited(members[name], edit)
            path = forger.file(container.pack({**members, name: data or b" "}))
            assert met(forger, path, seen) == (data == members[name])

        fuzz()
        assert not any(code.startswith("container") for code in seen)

    @pytest.mark.parametrize(
        "name", ["README.txt", "pics.json", "settings.json", "plan.json", "report.html"]
    )
    def test_of_a_member_that_is_signed_anew(
        self, forger: Forger, name: str, seen: Counter[str]
    ) -> None:
        members = forger.members

        @FUZZED
        @given(EDITS)
        def fuzz(edit: tuple[float, int, bytes]) -> None:
            data = edited(members[name], edit) or b" "
            copy = forger.lab.altered(forger.bundle, **{name.replace(".", "_"): data})
            assert met(forger, copy, seen) == (data == members[name])

        fuzz()
        assert not {"signature", "payload", "declared-enclosed"} & set(seen)

    def test_of_evidence_that_is_packed_and_signed_anew(
        self, forger: Forger, seen: Counter[str]
    ) -> None:
        whole = gzip.decompress(forger.members["evidence.jsonl.gz"])

        @FUZZED
        @given(EDITS)
        def fuzz(edit: tuple[float, int, bytes]) -> None:
            data = edited(whole, edit)
            copy = forger.raw(data.splitlines(keepends=True))
            assert met(forger, copy, seen, worded=True) == (data == whole)

        fuzz()
        assert {"evidence-chain", "evidence-malformed"} <= set(seen)
        assert not {"signature", "declared-enclosed", "evidence-gzip"} & set(seen)

    def test_of_what_an_envelope_signs(self, forger: Forger, seen: Counter[str]) -> None:
        members = forger.members
        envelope = json.loads(members["declaration.dsse.json"])

        @FUZZED
        @given(EDITS, st.sampled_from(["payload", "sig"]))
        def fuzz(edit: tuple[float, int, bytes], part: str) -> None:
            value = json.loads(json.dumps(envelope))
            place = value if part == "payload" else value["signatures"][0]
            before = b64decode(place[part])
            data = edited(before, edit)
            place[part] = b64encode(data).decode()
            changed = {"declaration.dsse.json": canonical(value)}
            if part == "payload":
                changed["declaration.json"] = data or b" "
            path = forger.file(container.pack({**members, **changed}))
            assert met(forger, path, seen) == (data == before)

        fuzz()
        assert "signature" in seen


# --- values ---


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += places(value[key])
    return found


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2**40), st.text(max_size=5), st.builds(dict),
    st.sampled_from(["pass", "1.2+", '[2,"a","BootNotification",{}]', '[3,"s1",{}]', "local=X"]),
)  # fmt: skip


class TestValues:
    def test_of_evidence_under_a_chain_and_tree_of_its_own(
        self, forger: Forger, seen: Counter[str]
    ) -> None:
        text = json.dumps(forger.lines)

        @FUZZED
        @given(st.data())
        def fuzz(data: st.DataObject) -> None:
            lines = json.loads(text)
            line = data.draw(st.sampled_from(lines[:-1]))
            inside, key = data.draw(st.sampled_from(places(line["data"]) or [(line, "data")]))
            before, inside[key] = inside[key], data.draw(VALUES)
            ok = met(forger, forger.run(lambda _: lines), seen, worded=True)
            same = json.dumps(before) == json.dumps(inside[key])
            assert ok or not same
            assert not ok or same or line["kind"] in OBSERVED, (line["kind"], key, inside)

        fuzz()
        assert not {"evidence-chain", "evidence-tree", "evidence-seal"} & set(seen)
        assert len(seen) > 15

    def test_of_lines_taken_out_doubled_and_moved(self, forger: Forger, seen: Counter[str]) -> None:
        text = json.dumps(forger.lines)
        last = len(forger.lines) - 2

        @FUZZED
        @given(st.sampled_from(["out", "twice", "moved"]), st.integers(0, last), st.floats(0, 1))
        def fuzz(how: str, one: int, where: float) -> None:
            lines: Lines = json.loads(text)
            line, other = lines[one], int(where * (last - 1))
            if how != "twice":
                del lines[one]
            if how != "out":
                clocks = {name: lines[other][name] for name in ("at", "mono")}
                lines.insert(other, {**line, **clocks})
            ok = met(forger, forger.run(lambda _: lines), seen, worded=True)
            left = [(each["kind"], each["data"]) for each in lines]
            assert not ok or left == [(each["kind"], each["data"]) for each in forger.lines]

        fuzz()
        assert not {"evidence-chain", "evidence-tree", "evidence-sequence"} & set(seen)
        assert len(seen) > 10
