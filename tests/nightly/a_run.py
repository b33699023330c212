"""`python a_run.py KIND --out DIR`: leaves what a run of that kind leaves, then ends (or hangs)."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.nightly.made import RunDirectory  # after the path is known


def main(kind: str, directory: Path) -> None:
    """Leave a run."""
    if kind == "nothing":
        sys.exit("the station's PICS is no TOML")
    made = RunDirectory(directory)
    made.clock.wall = time.time_ns()
    made.start()
    made.begin("TC_B_06_CS")
    made.check(passed=kind != "fail")
    made.verdict("fail" if kind == "fail" else "pass")
    if kind == "hang":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        (directory / "hangs").touch()
        time.sleep(60)
    if kind == "killed":
        sys.exit(137)
    made.end("void" if kind == "void" else "fail" if kind == "fail" else "pass",
             void_because="unplugged" if kind == "void" else None)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]))
