"""`python -m benchmarks`: measure everything, or what is named; one line for each figure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import (
    history,
    rejudging,
    share,
    stamping,
    sustained,
    throughput,
    transfers,
    verifying,
)
from benchmarks.figure import Figure

DEMO = Path("out/demo")
NAMES = (
    "throughput",
    "stamping",
    "rejudging",
    "share",
    "transfers",
    "history",
    "verifying",
    "sustained",
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement; medians count")
    parser.add_argument("--events", type=int, default=4000, help="TransactionEvents in a round")
    parser.add_argument("--seconds", type=float, default=60.0, help="of sustained: 3600 is an hour")
    parser.add_argument("--lines", type=int, default=rejudging.LINES, help="to judge again")
    parser.add_argument("--evidence", type=Path, help="for share; default: of the newest demo")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return arguments


def _share(evidence: Path | None) -> list[Figure]:
    of_demos = sorted(DEMO.glob("*/run/evidence.jsonl"))
    if evidence is None and not of_demos:
        print("     share: there is no evidence of a demo; run `make demo` or give --evidence")
        return []
    return share.run(evidence or of_demos[-1])


def main() -> int:
    """Measure and print.

    Returns:
        1 when a target was missed, else 0.
    """
    given = _arguments()
    benchmarks: dict[str, Callable[[], Iterable[Figure]]] = {
        "throughput": lambda: throughput.run(given.rounds, given.events),
        "stamping": lambda: stamping.run(given.rounds, given.events),
        "rejudging": lambda: rejudging.run(min(given.rounds, 3), given.lines),
        "verifying": lambda: verifying.run(min(given.rounds, 3), given.lines),
        "share": lambda: _share(given.evidence),
        "transfers": transfers.run,
        "history": lambda: history.run(given.rounds),
        "sustained": lambda: sustained.run(given.seconds),
    }
    missed = False
    for name in given.names or NAMES:
        for figure in benchmarks[name]():
            print(figure, flush=True)
            missed = missed or not figure.met
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
