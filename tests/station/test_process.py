"""The station as a process: its arguments, its ready line, its end."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from vdoc.errors import InputError
from vdoc.station.process import config_of, list_defects, parser
from vdoc.station.provision import Provisioning, provision, reset

PICS = Path(__file__).parents[2] / "pics" / "ac-wallbox-detachable.toml"


def config(tmp_path: Path, *words: str) -> Any:
    argv = ["--pics", str(PICS), "--state", str(tmp_path), *words]
    return config_of(parser().parse_args(argv))


class TestArguments:
    def test_all_of_them(self, tmp_path: Path) -> None:
        made = config(
            tmp_path,
            *("--csms", "ws://c", "--identity", "CS-1", "--style", "terse"),
            *("--defect", "accepts-unknown-vendor", "--defect", "log-empty"),
            *("--timings", "boot_s=0", "plug_s=1.5", "--action-timing", "after-effect"),
        )
        assert made.defects == {"accepts-unknown-vendor", "log-empty"}
        assert (made.timings.boot_s, made.timings.plug_s) == (0.0, 1.5)
        assert made.action_timing == "after-effect"

    def test_identity_and_csms_as_provisioned(self, tmp_path: Path) -> None:
        provision(tmp_path, Provisioning("CS-9", "ws://c", 1, "sixteen-letters-0"))
        reset(tmp_path)
        assert config(tmp_path).identity == "CS-9"

    def test_every_problem_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as caught:
            config(tmp_path, "--defect", "no-such", "--timings", "boot_s=-1", "warp=9")
        assert [problem.item for problem in caught.value.problems] == [
            *("--csms", "--defect", "--timings", "--timings")
        ]

    def test_identity_must_come_from_somewhere(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="--identity"):
            config(tmp_path, "--csms", "ws://c")


def test_defects_are_listed_with_their_cases() -> None:
    listed = {each["name"]: each for each in json.loads(list_defects(as_json=True))}
    assert "TC_P_01_CS" in listed["accepts-unknown-vendor"]["cases"]
    assert "accepts-unknown-vendor: " in list_defects(as_json=False)


async def test_runs_until_sigterm(csms: Any, tmp_path: Path) -> None:
    await csms.open()
    words = ["--pics", PICS, "--state", tmp_path, "--csms", csms.url(), "--identity", "CS-1"]
    code = "import sys; from vdoc.station.process import main; sys.exit(main(sys.argv[1:]))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *map(str, words), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    assert ready["pid"] == process.pid
    await csms.receive("BootNotification")
    async with httpx.AsyncClient(base_url=ready["action_api"], trust_env=False) as client:
        assert (await client.get("/admin/state")).json()["power"] is True
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
