"""A Merkle tree over evidence lines, so that one case can be shown to belong to a run.

Owns the hashes of RFC 6962 §2.1 over the lines before the seal, each without its LF. `Tree` grows
with the file and holds one hash for each bit of the count, so sealing costs nothing at the end.
A `proof` is that of several leaves at once: the hashes of the largest subtrees that hold none of
them, from left to right; for a single leaf it is the audit path of §2.1.1 in that order. It knows
nothing of what a line says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY = sha256().digest()
"""The hash of a tree without leaves."""

_LEAF = sha256(b"\x00")
_NODE = sha256(b"\x01")


class ProofError(ValueError):
    """A proof does not have the form that its leaves demand."""


def leaf_hash(line: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 §2.1): of a zero byte and the line."""
    hashed = _LEAF.copy()
    hashed.update(line)
    return hashed.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node (RFC 6962 §2.1): of a one byte and its two halves."""
    hashed = _NODE.copy()
    hashed.update(left)
    hashed.update(right)
    return hashed.digest()


class Tree:
    """A tree that grows by one leaf at a time; holds the hashes of its complete subtrees."""

    __slots__ = ("_peaks", "count")

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[bytes] = []

    def append(self, line: bytes) -> None:
        """Take the next line, without its LF."""
        node = leaf_hash(line)
        full, peaks = self.count, self._peaks
        while full & 1:
            both = _NODE.copy()  # node_hash, spelled out: this runs for every line of a run
            both.update(peaks.pop())
            both.update(node)
            node = both.digest()
            full >>= 1
        peaks.append(node)
        self.count += 1

    @property
    def root(self) -> bytes:
        """The Merkle Tree Hash of the lines so far."""
        if not self._peaks:
            return EMPTY
        *rest, root = self._peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def prove(leaves: bytes, chosen: Sequence[int]) -> list[bytes]:
    """Return the proof that the chosen leaves belong to a tree.

    Args:
        leaves: the hashes of all leaves, one after the other.
        chosen: their positions, ascending.

    Raises:
        ValueError: none is chosen, or one that the tree does not have.
    """
    size = len(leaves) // HASH_BYTES
    _check_chosen(size, chosen)
    return [_subtree(leaves, start, end) for start, end in _others(0, size, chosen)]


def root_of(size: int, chosen: Mapping[int, bytes], proof: Sequence[bytes]) -> bytes:
    """Return the root that leaves and their proof lead to.

    Args:
        size: how many leaves the tree has.
        chosen: the hashes of the leaves that are shown, by position.
        proof: as `prove` returns it.

    Raises:
        ProofError: the proof has another count or length of hashes than these leaves need.
    """
    positions = sorted(chosen)
    try:
        _check_chosen(size, positions)
    except ValueError as error:
        raise ProofError(str(error)) from error
    if any(len(each) != HASH_BYTES for each in proof):
        raise ProofError(f"a hash of the proof has not {HASH_BYTES} bytes")
    left = list(reversed(proof))
    root = _rebuilt(0, size, positions, chosen, left)
    if left:
        raise ProofError(f"the proof holds {len(left)} hashes too many")
    return root


def _check_chosen(size: int, chosen: Sequence[int]) -> None:
    if not chosen or list(chosen) != sorted(set(chosen)):
        raise ValueError("a proof needs leaves, each once, in ascending order")
    if chosen[0] < 0 or chosen[-1] >= size:
        raise ValueError(f"a tree of {size} leaves has no leaf {chosen[-1]}")


def _others(start: int, end: int, chosen: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the largest subtrees without a chosen leaf, from left to right."""
    if not _holds(start, end, chosen):
        yield start, end
    elif end - start > 1:
        middle = start + _split(end - start)
        yield from _others(start, middle, chosen)
        yield from _others(middle, end, chosen)


def _rebuilt(
    start: int, end: int, positions: Sequence[int], chosen: Mapping[int, bytes], left: list[bytes]
) -> bytes:
    if not _holds(start, end, positions):
        if not left:
            raise ProofError("the proof holds too few hashes")
        return left.pop()
    if end - start == 1:
        return chosen[start]
    middle = start + _split(end - start)
    first = _rebuilt(start, middle, positions, chosen, left)
    return node_hash(first, _rebuilt(middle, end, positions, chosen, left))


def _holds(start: int, end: int, chosen: Sequence[int]) -> bool:
    at = bisect_left(chosen, start)
    return at < len(chosen) and chosen[at] < end


def _split(size: int) -> int:
    """Return the largest power of two below a size (RFC 6962 §2.1)."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(leaves: bytes, start: int, end: int) -> bytes:
    row = [leaves[n * HASH_BYTES : (n + 1) * HASH_BYTES] for n in range(start, end)]
    while len(row) > 1:  # pairs from the left; an odd one goes up as it is
        paired = [node_hash(*row[n : n + 2]) for n in range(0, len(row) - 1, 2)]
        row = [*paired, *row[len(row) & ~1 :]]
    return row[0]
