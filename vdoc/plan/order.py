"""The order inside a stage: shuffled by the seed, as far as the precedence graph leaves it open.

The shuffle ranks entries by a hash of seed, case and variant and not by a generator, so that any
program in any language can recompute it.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from vdoc.catalogue import Precedence
from vdoc.digest import sha256_hex
from vdoc.plan.model import Entry


def ordered(entries: Sequence[Entry], precedence: Precedence, seed: int) -> tuple[Entry, ...]:
    """The entries, stages ascending, each stage shuffled by `seed` under `precedence`."""
    stages = sorted({entry.stage for entry in entries})
    return tuple(
        entry
        for stage in stages
        for entry in _stage([entry for entry in entries if entry.stage == stage], precedence, seed)
    )


def predecessors(precedence: Precedence, cases: frozenset[str]) -> dict[str, frozenset[str]]:
    """For each of `cases` those of them that must come before it in the same stage."""
    before: dict[str, set[str]] = defaultdict(set)
    for edge in precedence.before:
        for later in edge.later:
            before[later].add(edge.case)
    for case in cases - {precedence.first}:
        before[case].add(precedence.first)
    before[precedence.stage_change] |= cases - {precedence.stage_change}
    return {case: frozenset(before[case] & cases) for case in cases}


def _stage(entries: Sequence[Entry], precedence: Precedence, seed: int) -> Iterator[Entry]:
    """Kahn's algorithm over cases, taking the free entry of least rank."""
    left = Counter(entry.case for entry in entries)
    waiting_for = predecessors(precedence, frozenset(left))
    ready = [(_rank(entry, seed), index) for index, entry in enumerate(entries)]
    free = [item for item in ready if not waiting_for[entries[item[1]].case]]
    held = [item for item in ready if waiting_for[entries[item[1]].case]]
    heapq.heapify(free)
    done: set[str] = set()
    while free:
        entry = entries[heapq.heappop(free)[1]]
        yield entry
        left[entry.case] -= 1
        if left[entry.case]:
            continue
        done.add(entry.case)
        for item in [item for item in held if waiting_for[entries[item[1]].case] <= done]:
            held.remove(item)
            heapq.heappush(free, item)
    if held:
        stuck = sorted({entries[index].case for _, index in held})
        raise ValueError(f"the precedence graph has a cycle among {', '.join(stuck)}")


def _rank(entry: Entry, seed: int) -> str:
    return sha256_hex(f"{seed}\n{entry.case}\n{entry.variant.id}".encode())
