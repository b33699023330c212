"""Blocks that come in any order."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from vdoc.run.file_server.blocks import Blocks


class TestBlocks:
    @given(content=st.binary(min_size=1, max_size=200), data=st.data())
    def test_come_in_any_order_and_more_than_once(
        self, content: bytes, data: st.DataObject
    ) -> None:
        size = data.draw(st.integers(1, 20))
        parts = [(at, content[at : at + size]) for at in range(0, len(content), size)]
        order = data.draw(st.permutations([*parts, parts[0]]))
        blocks = Blocks()
        assert all(blocks.take(part, at) for at, part in order)
        digest = hashlib.sha256(content).hexdigest()
        assert blocks.as_json() == {"bytes": len(content), "sha256": digest}

    def test_too_far_ahead_cannot_be_kept(self) -> None:
        blocks = Blocks()
        assert blocks.take(bytes(32 * 1024 * 1024), 1)
        assert not blocks.take(b"more", 40 * 1024 * 1024)
