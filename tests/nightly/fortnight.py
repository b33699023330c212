"""A bench with a reference station, and its nights: `vdoc nightly run` as a user has it.

Everything is a process of its own: the scheduler, the run, the station, its provision command.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import tomlkit

from vdoc.cli.reference_bench import SHORT_VALUES, ReferenceBench
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.finished import EVIDENCE
from vdoc.nightly.history import History
from vdoc.nightly.locks import is_held
from vdoc.nightly.supervised import LOCK, PID
from vdoc.pics import load_pics

ROOT = Path(__file__).parents[2]
PICS = ROOT / "pics" / "ac-wallbox-detachable.toml"
DUT = "wallbox"
CASES = ("TC_B_06_CS", *(f"TC_D_{number:02}_CS" for number in (1, 2, 3, 4, 5, 6, 7, 8, 10)))
VDOC = (sys.executable, "-m", "vdoc.cli")
_LIMIT_S = 120.0
VALUES = {
    **SHORT_VALUES,
    "message_timeout_s": 10,
    "long_operation_timeout_s": 30,
    "settling_s": 0.3,
    "stall_tolerance_s": 30,
}  # as long as a loaded machine may stall


@dataclass
class Bench:
    """The vendor's bench, in a directory.

    Args:
        directory: for everything.
    """

    directory: Path

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.bench = ReferenceBench(self.directory, load_pics(PICS), values=dict(VALUES))
        self.bench.make_firmware()
        url = f"http://127.0.0.1:{self.port}"
        settings = self.bench.write_settings(url, f"{url}/ev")
        self.config = self.directory / "nightly.toml"
        dut = {
            "name": DUT, "pics": str(PICS), "bench": str(settings),
            "select": {"only": list(CASES), "variants": "one"},
            "fetch": {"command": ["cat", str(self.directory / "tonight.json")]},
        }  # fmt: skip
        self.config.write_text(tomlkit.dumps({"dut": [dut]}), "utf-8")

    def firmware(self, version: str) -> None:
        """Make what the night's fetch brings; the station will have it."""
        document = tomlkit.parse(PICS.read_text("utf-8"))
        document["product"]["firmware_version"] = version
        self.station_pics = self.directory / f"pics-{version}.toml"
        self.station_pics.write_text(tomlkit.dumps(document), "utf-8")
        place = self.directory / version
        if not place.exists():
            ReferenceBench(place, load_pics(self.station_pics)).make_firmware()
        files = {
            "image": "image.bin",
            "signature": "image.sig",
            "signing_certificate": "signing.pem",
        }
        paths = {name: str(place / "firmware" / file) for name, file in files.items()}
        text = json.dumps({**paths, "version": version})
        (self.directory / "tonight.json").write_text(text, "utf-8")

    @contextmanager
    def station(self, defects: Sequence[str], factory: Sequence[str]) -> Iterator[None]:
        """Have the station plugged in."""
        command = [
            *VDOC, "station", "--pics", str(self.station_pics), "--csms", "ws://localhost:9",
            "--identity", self.bench.identity, "--state", str(self.bench.state),
            "--action-port", str(self.port), "--action-timing", "after-effect",
            "--timings", "boot_s=0.1", *(word for name in defects for word in ("--defect", name)),
            *(f"--factory={each}" for each in factory),
        ]  # fmt: skip
        with (self.directory / "station.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "the station did not start: station.log"
            yield
        finally:
            process.terminate()
            process.wait(_LIMIT_S)
            if process.stdout is not None:
                process.stdout.close()

    def run(self, due: datetime, beside: Callable[[subprocess.Popen[bytes]], None]) -> Path:
        """Run the night's scheduler; return what it printed.

        Args:
            due: the night.
            beside: does something to the scheduler while it runs.
        """
        command = [*VDOC, "nightly", "run", "--config", str(self.config), "--due",
                   f"{due:%Y-%m-%dT%H:%M:%S}"]  # fmt: skip
        printed = self.directory / "nightly.log"
        with printed.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                beside(process)
            finally:
                process.wait(_LIMIT_S)
        return printed

    def place(self, due: datetime) -> Path:
        """Where the run of a night is."""
        return self.directory / "runs" / DUT / f"{due:%Y%m%dT%H%M%S}"

    def at_line(self, due: datetime, number: int) -> None:
        """Wait until the evidence of a night has so many lines."""
        evidence = self.place(due) / EVIDENCE
        wait_for(lambda: evidence.exists() and evidence.read_bytes().count(b"\n") >= number)

    def kill_run(self, due: datetime) -> None:
        """End a run as a reboot of the bench does."""
        os.killpg(int((self.place(due) / PID).read_text()), signal.SIGKILL)
        wait_for(lambda: not is_held(self.place(due) / LOCK))

    def attempt(self, due: datetime) -> Attempt:
        """What the history says of a night."""
        with History(self.directory / "history.sqlite") as history:
            found = history.attempts.find(DUT, due)
        assert found is not None
        return found


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + _LIMIT_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)
