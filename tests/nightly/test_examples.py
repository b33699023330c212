"""Examples ready to copy: whole, correct, and about a `vdoc` that there is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from vdoc.cli.app import app
from vdoc.nightly.config import NightlyConfig, load_config
from vdoc.nightly.install import TEMPLATE, WATCH, Installed

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "nightly"
DOCS = (ROOT / "docs" / "nightly.md", ROOT / "README.md")
SERVED = Path("/srv/vdoc")
INSTALLED = Installed(("/srv/vdoc/.venv/bin/vdoc",), SERVED / "nightly.toml", "system", "vdoc")
_COMMAND = re.compile(r"(?:^|[\s/`])vdoc ((?:nightly [a-z]|run\b)[^`#\n]*)", re.MULTILINE)
_PLACEHOLDER = re.compile(r"[\[\]…]")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NightlyConfig:
    directory = tmp_path_factory.mktemp("srv")
    shutil.copy(EXAMPLES / "nightly.toml", directory)
    (directory / "notify.url").write_text("json://localhost/")
    return load_config(directory / "nightly.toml")


class TestUnits:
    def test_are_what_install_writes(self, config: NightlyConfig) -> None:
        for way in ("watch", "timer"):
            for name, text in INSTALLED.units(config, way).items():
                assert (EXAMPLES / name).read_text() == text, name

    def test_cron_lines_are_those_of_install(self, config: NightlyConfig) -> None:
        lines = (EXAMPLES / "crontab").read_text().splitlines()
        assert tuple(x for x in lines if not x.startswith("#")) == INSTALLED.cron(config)

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
    def test_systemd_understands_them(self, config: NightlyConfig, tmp_path: Path) -> None:
        program = tmp_path / "a $strange% path" / "vdoc"  # it must be there, and may be called so
        program.parent.mkdir()
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        for scope in ("system", "user"):
            installed = Installed((str(program),), tmp_path / "n.toml", scope, "root")
            units = {**installed.units(config, "watch"), **installed.units(config, "timer")}
            place = tmp_path / scope
            place.mkdir()
            for name, text in units.items():
                (place / name).write_text(text)
            files = [str(place / name) for name in units]
            words = ["systemd-analyze", "verify", f"--{scope}", *files]
            environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
            done = subprocess.run(
                words, check=False, capture_output=True, text=True, env=environment
            )
            assert (done.returncode, done.stderr) == (0, ""), scope


class TestContinuousIntegration:
    def test_github_actions(self) -> None:
        steps = loaded("github-actions.yml")["jobs"]["nightly"]["steps"]
        assert "vdoc nightly run" in steps[0]["run"]
        assert all(step["if"] == "always()" for step in steps[1:])
        assert all("run" in step or "uses" in step for step in steps)

    def test_gitlab(self) -> None:
        job = loaded("gitlab-ci.yml")["nightly"]
        assert "vdoc nightly run" in job["script"][-1]
        assert job["artifacts"]["when"] == "always"
        assert job["artifacts"]["reports"] == {"junit": "junit.xml"}

    def test_docker(self) -> None:
        subprocess.run(["/bin/sh", "-n", str(EXAMPLES / "docker.sh")], check=True)


def loaded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((EXAMPLES / name).read_text("utf-8"))
    return found


def commands() -> Iterator[tuple[str, str]]:
    for file in (*DOCS, *sorted(EXAMPLES.iterdir())):
        for match in _COMMAND.finditer(file.read_text("utf-8")):
            yield file.name, match[1]


@pytest.mark.parametrize(("file", "words"), sorted(set(commands())))
def test_commands_and_options_exist(file: str, words: str) -> None:
    command: Any = typer.main.get_command(app)
    rest = shlex.split(_PLACEHOLDER.sub(" ", words.split(" >", maxsplit=1)[0].replace("|", " | ")))
    context = command.context_class(command)
    while rest and hasattr(command, "commands") and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
        context = command.context_class(command, parent=context)
    assert not hasattr(command, "commands") or not rest, f"{file}: vdoc {words}"
    command.make_parser(context).parse_args(rest)  # refuses options that there are not


def test_every_example_is_told_of() -> None:
    text = DOCS[0].read_text("utf-8")
    names = {file.name for file in EXAMPLES.iterdir()}
    assert {WATCH, TEMPLATE} <= names
    assert {name for name in names if name not in text} == set()
