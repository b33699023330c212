"""nightly.toml: what it may hold, and every problem with its line."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.nightly.config import CaseChoice, NightlyConfig, load_config
from vdoc.nightly.retention import Retention
from vdoc.nightly.telling import NotifyWhen

LEAST = '[[dut]]\nname = "wall"\npics = "pics/wall.toml"\nbench = "bench/wall.toml"\n'


def loaded(tmp_path: Path, text: str) -> NightlyConfig:
    file = tmp_path / "nightly.toml"
    file.write_text(text, "utf-8")
    return load_config(file)


class TestWhatItHolds:
    def test_the_least(self, tmp_path: Path) -> None:
        config = loaded(tmp_path, LEAST)
        assert config.history == tmp_path / "history.sqlite"
        assert config.runs == tmp_path / "runs"
        assert config.retention.policy() == Retention()
        (dut,) = config.dut
        assert (dut.pics, dut.at, dut.seed) == (tmp_path / "pics" / "wall.toml", time(2), 1)
        assert dut.select.cases is CaseChoice.ALL

    def test_everything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHAT", "json://secret@host")
        config = loaded(
            tmp_path,
            'metrics = "vdoc.prom"\n[retention]\nevidence_days = 30\n[notify]\nwhen = "always"\n'
            'urls = [{ env = "CHAT" }]\n' + LEAST + 'at = "23:30"\nlongest_h = 12\n[dut.select]\n'
            'cases = "failed"\nprofiles = ["Core"]\nbudget_h = 2.5\n',
        )
        assert config.notify.urls[0].reveal() == "json://secret@host"
        assert config.notify.when is NotifyWhen.ALWAYS
        assert config.dut[0].at == time(23, 30)
        assert (config.dut[0].select.budget_h, config.retention.evidence_days) == (2.5, 30)

    def test_stations_are_chosen_by_name(self, tmp_path: Path) -> None:
        config = loaded(tmp_path, LEAST + LEAST.replace("wall", "pole"))
        assert [dut.name for dut in config.chosen(("pole",))] == ["pole"]
        assert len(config.chosen(())) == 2
        with pytest.raises(KeyError):
            config.chosen(("other",))


@pytest.mark.parametrize(
    ("text", "item", "line"),
    [
        (LEAST + "fetched = 1\n", r"dut\[0\].fetched", 5),
        (LEAST + 'at = "25:00"\n', r"dut\[0\].at", 5),
        (LEAST + "longest_h = 25\n", r"dut\[0\].longest_h", 5),
        (LEAST.replace("wall", "../wall", 1), r"dut\[0\].name", 2),
        (LEAST + LEAST, "the same name", None),
        ("runs = 'x'\n", "dut", None),
        ('[notify]\nurls = [{ env = "NOT_SET" }]\n' + LEAST, r"urls\[0\]", 2),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, item: str, line: int | None) -> None:
    with pytest.raises(InputError, match=item) as refused:
        loaded(tmp_path, text)
    assert line in {None, refused.value.problems[0].line}
