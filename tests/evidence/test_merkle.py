"""The tree of RFC 6962, against the definition itself and against known hashes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.evidence.merkle import EMPTY, ProofError, Tree, leaf_hash, prove, root_of


def lines_of(count: int) -> list[bytes]:
    return [f"line {n}".encode() for n in range(count)]


def defined(lines: list[bytes]) -> bytes:
    """The Merkle Tree Hash as §2.1 writes it down."""
    if not lines:
        return hashlib.sha256().digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    half = 1
    while half * 2 < len(lines):
        half *= 2
    return hashlib.sha256(b"\x01" + defined(lines[:half]) + defined(lines[half:])).digest()


def path(n: int, lines: list[bytes]) -> list[bytes]:
    """The audit path as §2.1.1 writes it down, from the leaf upwards."""
    if len(lines) == 1:
        return []
    half = 1
    while half * 2 < len(lines):
        half *= 2
    if n < half:
        return [*path(n, lines[:half]), defined(lines[half:])]
    return [*path(n - half, lines[half:]), defined(lines[:half])]


def tree_of(lines: list[bytes]) -> Tree:
    tree = Tree()
    for line in lines:
        tree.append(line)
    return tree


def leaves_of(lines: list[bytes]) -> bytes:
    return b"".join(map(leaf_hash, lines))


class TestTree:
    @pytest.mark.parametrize("count", [*range(1, 35), 1000])
    def test_has_the_root_that_is_defined(self, count: int) -> None:
        assert tree_of(lines_of(count)).root == defined(lines_of(count))

    def test_without_leaves_is_the_hash_of_nothing(self) -> None:
        assert Tree().root == EMPTY == defined([])

    def test_holds_no_more_than_one_hash_for_each_bit_of_the_count(self) -> None:
        tree = tree_of([b"line"] * 100_000)
        assert len(tree._peaks) == (100_000).bit_count()

    def test_agrees_with_the_test_vectors_of_certificate_transparency(self) -> None:
        leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                  "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
        root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        assert tree_of([bytes.fromhex(leaf) for leaf in leaves]).root.hex() == root


chosen_of = st.integers(1, 70).flatmap(
    lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1), min_size=1).map(sorted))
)


class TestProof:
    @given(chosen_of)
    def test_leads_to_the_root(self, of: tuple[int, list[int]]) -> None:
        lines = lines_of(of[0])
        proof = prove(leaves_of(lines), of[1])
        assert root_of(of[0], {n: leaf_hash(lines[n]) for n in of[1]}, proof) == defined(lines)

    @given(chosen_of, st.data())
    def test_of_another_line_leads_elsewhere(
        self, of: tuple[int, list[int]], data: st.DataObject
    ) -> None:
        lines = lines_of(of[0])
        proof = prove(leaves_of(lines), of[1])
        shown = {n: leaf_hash(lines[n]) for n in of[1]}
        shown[data.draw(st.sampled_from(of[1]))] = leaf_hash(b"another")
        assert root_of(of[0], shown, proof) != defined(lines)

    @pytest.mark.parametrize("n", range(13))
    def test_of_one_line_is_its_audit_path(self, n: int) -> None:
        lines = lines_of(13)
        assert sorted(prove(leaves_of(lines), [n])) == sorted(path(n, lines))

    def test_of_a_case_among_a_million_lines_is_short(self) -> None:
        leaves = bytes(32) * 100_000
        assert len(prove(leaves, [0, *range(5000, 6000), 99_999])) < 60

    @pytest.mark.parametrize("chosen", [[], [3], [-1], [1, 1], [1, 0]])
    def test_of_leaves_that_are_none_is_refused(self, chosen: list[int]) -> None:
        with pytest.raises(ValueError, match=r"leaf|leaves"):
            prove(leaves_of(lines_of(3)), chosen)

    @pytest.mark.parametrize(
        ("size", "proof"),
        [(4, []), (4, [bytes(32)] * 3), (4, [bytes(31)] * 2), (1, [])],
    )
    def test_of_another_form_is_refused(self, size: int, proof: list[bytes]) -> None:
        with pytest.raises(ProofError):
            root_of(size, {1: bytes(32)}, proof)

    def test_of_nothing_is_refused(self) -> None:
        with pytest.raises(ProofError):
            root_of(4, {}, [bytes(32)])
