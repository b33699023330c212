"""Every product from its PICS to a verified bundle: `python tests/matrix/products.py [PICS…]`.

Each product is run for those of its profiles of which every case is implemented; the table says
which. Products run side by side, in processes of their own, since they mostly wait.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from tests.reference_runs import PICS_FILES, ROOT
from vdoc.bench import Verdict
from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue
from vdoc.cli.demo import demonstrate
from vdoc.cli.output import console
from vdoc.errors import InputError
from vdoc.pics import load_pics
from vdoc.verify.findings import Finding

AT_ONCE = 2
OUT = ROOT / "out" / "products"


@dataclass(frozen=True)
class Row:
    """What the run of a product came to."""

    pics: str
    profiles: tuple[str, ...]
    cases: int
    runs: int
    expected_s: float
    measured_s: float
    verdict: str
    verified: str
    failed: tuple[str, ...]

    def __str__(self) -> str:
        cells = (
            self.pics, "+".join(self.profiles), self.cases, self.runs, f"{self.expected_s:.0f} s",
            f"{self.measured_s:.0f} s", self.verdict, self.verified, " ".join(self.failed),
        )  # fmt: skip
        return "\t".join(map(str, cells))


HEAD = "PICS\tprofiles\tcases\truns\tleast expected\tmeasured\tverdict\tvdoc verify\tnot passed"


def whole_profiles() -> frozenset[str]:
    """Return the profiles of which every case is implemented."""
    known = case_functions()
    rows = [(row.profile, case.id) for case in load_catalogue().cases for row in case.rows]
    return frozenset(p for p, _ in rows) - {p for p, case in rows if case not in known}


def for_whole_profiles(pics_file: Path, place: Path) -> tuple[Path, tuple[str, ...]]:
    """Write the PICS as claimed for the whole profiles alone; return its file and those.

    Items that only make sense with another profile are withdrawn: those that `vdoc pics check`
    then calls a contradiction.
    """
    document = tomlkit.parse(pics_file.read_text(encoding="utf-8"))
    whole = whole_profiles()
    profiles = tuple(p for p in document["profiles"] if p in whole)
    document["profiles"] = list(profiles)
    place.mkdir(parents=True, exist_ok=True)
    file = place / pics_file.name
    while True:
        file.write_text(tomlkit.dumps(document), encoding="utf-8")
        try:
            load_pics(file)
        except InputError as error:
            if not _withdrawn(document, {problem.item for problem in error.problems}):
                raise
        else:
            return file, profiles


def _withdrawn(document: tomlkit.TOMLDocument, items: set[str]) -> bool:
    """Take items out of the tables that hold them; tell whether any was there."""
    tables = [table for table in document.values() if isinstance(table, dict)]
    found = [
        (table, key)
        for table in tables
        for key in table
        if key.split(".")[0] in items or key in items
    ]
    for table, key in found:
        del table[key]
    return bool(found)


def make(pics: str) -> Row:
    """Run a product in its own directory and verify what was signed."""
    place = _fresh(OUT / Path(pics).stem)
    console.file = (place / "progress.txt").open("w", encoding="utf-8")
    file, profiles = for_whole_profiles(ROOT / pics, place)
    shown = demonstrate(place, file, seed=1)
    record, verification = shown.record, shown.verified()
    if verification is None:
        verified = "no bundle"
    else:
        verified = "ok" if verification.ok else _words(verification.findings)
    good = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    return Row(
        pics,
        profiles,
        cases=len({entry.case for entry in record.plan.entries}),
        runs=len(record.plan.entries),
        expected_s=record.plan.expected_seconds,
        measured_s=0.0 if record.window is None else record.window.seconds,
        verdict=record.verdict.value,
        verified=verified,
        failed=tuple(f"{r.case}[{r.variant}]" for r in record.results if r.verdict not in good),
    )


def _words(findings: Iterable[Finding]) -> str:
    return "refused: " + ", ".join(finding.code for finding in findings)


def _fresh(directory: Path) -> Path:
    number = 1
    while (directory / f"{number:03d}").exists():
        number += 1
    place = directory / f"{number:03d}"
    place.mkdir(parents=True)
    return place


def main(products: list[str]) -> int:
    """Print the table; return 1 when a product came to no verified bundle."""
    print(HEAD)  # noqa: T201
    good = True
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, mp_context=context) as pool:
        for row in pool.map(make, products or PICS_FILES):
            print(row, flush=True)  # noqa: T201
            good &= row.verified == "ok"
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
