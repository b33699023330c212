"""The night's firmware: fetched by a command, overlaid on PICS and settings."""

from __future__ import annotations

import json
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vdoc.digest import sha256_hex
from vdoc.errors import BenchError, InputError
from vdoc.nightly.config import DutTable
from vdoc.nightly.fetched import fetched_sha256, files_of_the_night
from vdoc.nightly.locks import is_held, locked
from vdoc.nightly.supervised import Around, StoppedError

GOOD = {"image": "i", "signature": "s", "signing_certificate": "c", "version": "4.0.0"}
MAKE = "from pathlib import Path; [Path(n).write_text(n) for n in 'isc']; "
SHA = sha256_hex(b"i")


def a_dut(tmp_path: Path, program: str | None, timeout_s: float = 60) -> DutTable:
    (tmp_path / "p.toml").write_text('[product]\nmodel = "Wall"\nfirmware_version = "3.2.1"\n')
    (tmp_path / "b.toml").write_text('[pki]\ndirectory = "pki"\n[firmware]\nversion = "3.2.1"\n')
    table = {"name": "wall", "pics": str(tmp_path / "p.toml"), "bench": str(tmp_path / "b.toml")}
    command = [sys.executable, "-c", program]
    fetch = {"fetch": {"command": command, "timeout_s": timeout_s}} if program else {}
    return DutTable.model_validate({**table, **fetch})


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    with locked(tmp_path / "lock") as lock:
        assert lock is not None
        yield Around(lock, threading.Event())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "night").mkdir()
    return tmp_path / "night"


class TestFetch:
    def test_without_a_command_the_files_are_the_users(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, None)
        files = files_of_the_night(dut, directory, around)
        assert (files.pics, files.bench) == (dut.pics, dut.bench)
        assert fetched_sha256(directory) == ""

    def test_pics_and_settings_are_overlaid(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, MAKE + f"print({json.dumps(GOOD)!r})")
        files = files_of_the_night(dut, directory, around)
        product = tomllib.loads(files.pics.read_text())["product"]
        assert product == {
            "model": "Wall", "firmware_version": "4.0.0", "firmware_image_sha256": SHA,
        }  # fmt: skip
        bench = tomllib.loads(files.bench.read_text())
        assert bench["firmware"]["image"] == str(directory / "i")
        assert (bench["firmware"]["version"], bench["pki"]) == ("4.0.0", {"directory": "pki"})
        assert files.bench.parent == dut.bench.parent
        assert files.bench.stat().st_mode & 0o077 == 0
        assert fetched_sha256(directory) == SHA

    def test_the_users_files_stay_as_they_are(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, MAKE + f"print({json.dumps(GOOD)!r})")
        before = dut.pics.read_text(), dut.bench.read_text()
        files_of_the_night(dut, directory, around)
        files_of_the_night(dut, directory, around)
        assert (dut.pics.read_text(), dut.bench.read_text()) == before

    def test_the_command_knows_the_station(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, "import os, sys; sys.exit(os.environ['VDOC_DUT'])")
        with pytest.raises(BenchError, match=r"ended with 1: wall"):
            files_of_the_night(dut, directory, around)

    def test_of_all_that_it_says_the_last_line_is_told(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, "raise ValueError('no build tonight')")
        words = r"^fetch ended with 1: ValueError: no build tonight; all that it wrote: .+"
        with pytest.raises(BenchError, match=words):
            files_of_the_night(dut, directory, around)


class TestRefusals:
    @pytest.mark.parametrize("printed", ["", "[]", "{}", json.dumps({**GOOD, "version": 4})])
    def test_what_it_prints_is_no_such_object(
        self, tmp_path: Path, directory: Path, printed: str, around: Around
    ) -> None:
        with pytest.raises(InputError, match="something else"):
            files_of_the_night(a_dut(tmp_path, MAKE + f"print({printed!r})"), directory, around)

    def test_it_names_no_file(self, tmp_path: Path, directory: Path, around: Around) -> None:
        with pytest.raises(InputError, match="names i, which is no file"):
            files_of_the_night(a_dut(tmp_path, f"print({json.dumps(GOOD)!r})"), directory, around)

    def test_it_does_not_end(self, tmp_path: Path, directory: Path, around: Around) -> None:
        dut = a_dut(tmp_path, "import time; time.sleep(60)", timeout_s=0.2)
        with pytest.raises(BenchError, match=r"did not end within 0\.2 s"):
            files_of_the_night(dut, directory, around)

    def test_it_cannot_be_started(self, tmp_path: Path, directory: Path, around: Around) -> None:
        dut = a_dut(tmp_path, None)
        table = {**dut.model_dump(mode="json"), "fetch": {"command": ["/no/such"]}}
        with pytest.raises(BenchError, match="cannot start"):
            files_of_the_night(DutTable.model_validate(table), directory, around)

    def test_it_ends_with_the_scheduler(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        dut = a_dut(tmp_path, "import time; time.sleep(60)")
        around.stop.set()
        with pytest.raises(StoppedError):
            files_of_the_night(dut, directory, around)

    def test_it_holds_the_lock_of_the_night_while_it_lives(
        self, tmp_path: Path, directory: Path, around: Around
    ) -> None:
        program = f"import os; os.fstat({around.lock}); print({json.dumps(GOOD)!r})"
        files_of_the_night(a_dut(tmp_path, MAKE + program), directory, around)
        assert is_held(tmp_path / "lock")
