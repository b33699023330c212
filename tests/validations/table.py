"""Prints what came of every mutation: `python tests/validations/table.py EVIDENCE…`.

Without evidence it makes runs against the reference station first (`--style`, `--pics`, `--only`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # as a script: tests are no package

from tests.reference_runs import PICS_FILES, ReferenceRuns
from tests.validations.assessment import DEMANDED, Assessed, assess_run, summary
from tests.validations.entries import load_validations
from vdoc.cases.registry import case_functions
from vdoc.evidence import Line, open_evidence
from vdoc.station.styles import STYLES

_SHORT = 110


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and the summary; 1 when a demanded entry was not noticed."""
    arguments = _parser().parse_args(argv)
    assessed: list[Assessed] = []
    for name, lines in _evidence(arguments):
        assessed += assess_run(load_validations(), lines, case_functions(), name)
    for one in assessed:
        if not arguments.open or (one.finding in DEMANDED and not one.excuse):
            _print(_row(one))
    for case, counts in sorted(summary(assessed).items()):
        _print(f"{case}: " + ", ".join(f"{n} {finding}" for finding, n in sorted(counts.items())))
    total = Counter(one.finding for one in assessed)
    _print("all: " + ", ".join(f"{n} {finding}" for finding, n in sorted(total.items())))
    untabled = set(case_functions()) - {entry.case for entry in load_validations()}
    _print(f"implemented, but in no table: {', '.join(sorted(untabled)) or 'none'}")
    return int(any(one.open for one in assessed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Mutate recorded runs and judge them again.")
    parser.add_argument("evidence", nargs="*", type=Path)
    parser.add_argument("--pics", action="append", choices=PICS_FILES)
    parser.add_argument("--style", action="append", choices=sorted(STYLES))
    parser.add_argument("--only", action="append", default=[], metavar="CASE")
    parser.add_argument("--open", action="store_true", help="only what was not noticed")
    return parser


def _evidence(arguments: argparse.Namespace) -> Iterator[tuple[str, Sequence[Line]]]:
    for path in arguments.evidence:
        yield path.name, tuple(open_evidence(path))
    if arguments.evidence:
        return
    with tempfile.TemporaryDirectory(prefix="vdoc-validations-") as directory:
        run = ReferenceRuns(Path(directory))
        for pics in arguments.pics or PICS_FILES:
            for style in arguments.style or ("plain", "notify-event"):
                made = run(
                    pics, style=style, only=arguments.only, values={"max_time_deviation_s": 0.7}
                )
                yield f"{pics} {style}", made.lines


def _row(one: Assessed) -> str:
    place = f"{one.entry.id} [{one.variant}]"
    advisory = " (advisory)" if one.entry.advisory else " (excused)" if one.excuse else ""
    return " | ".join(
        (
            place,
            one.entry.mutation[:_SHORT],
            f"{one.finding}{advisory}",
            (one.excuse or one.because)[:_SHORT],
        )
    )


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
