"""A run without a stamp of its plan does not begin, whatever it would be made against."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit

from tests.cli.test_app import WALLBOX
from tests.signing.tsa import Tsa, serving
from vdoc.cli.reference_bench import ReferenceBench
from vdoc.cli.running import Wanted, run_command
from vdoc.errors import ExitCode
from vdoc.pics import load_pics
from vdoc.signing.timestamps import TsaError


def settings(directory: Path, url: str, timeout_s: float = 10) -> Path:
    """Of a bench whose station cannot be reached."""
    bench = ReferenceBench(directory / "bench", load_pics(WALLBOX))
    bench.make_firmware()
    file = bench.write_settings("http://127.0.0.1:9", "http://127.0.0.1:9/ev")
    table = tomlkit.dumps({"timestamps": {"url": url, "timeout_s": timeout_s}})
    file.write_text(f"{file.read_text('utf-8')}\n{table}", "utf-8")
    return file


def test_an_authority_that_does_not_answer_stops_the_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serving(Tsa(), hang=True) as url:
        file = settings(tmp_path, url, timeout_s=0.1)
        with pytest.raises(TsaError, match="does not answer") as refused:
            run_command(WALLBOX, file, out, Wanted(only=["B_06"]))
    assert refused.value.exit_code is ExitCode.UNREACHABLE
    assert not out.exists()


def test_an_authority_that_refuses_stops_the_run(tmp_path: Path) -> None:
    with serving(Tsa(flaws={"status": "rejection"})) as url:
        file = settings(tmp_path, url)
        with pytest.raises(TsaError, match="status 2 not today"):
            run_command(WALLBOX, file, tmp_path / "out", Wanted(only=["B_06"]))
    assert not (tmp_path / "out").exists()
