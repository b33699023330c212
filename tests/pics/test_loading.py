from __future__ import annotations

from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.pics import Pics, check, check_settings, load_pics, load_settings

DIRECTORY = Path(__file__).parents[2] / "pics"


@pytest.mark.parametrize("name", ["ac-wallbox-detachable", "dc-fast-charger", "ac-pole-keycode"])
def test_examples_are_valid(name: str) -> None:
    assert check(DIRECTORY / f"{name}.toml") == ()


def test_example_settings_fit_their_product(wallbox: Pics) -> None:
    assert check_settings(DIRECTORY / "bench-example.toml", wallbox) == ()


def test_settings_that_do_not_fit_are_refused_with_lines() -> None:
    path = DIRECTORY / "bench-example.toml"
    with pytest.raises(InputError, match=r"bench-example\.toml:\d+: tokens\.valid: 0 tokens"):
        load_settings(path, load_pics(DIRECTORY / "ac-pole-keycode.toml"))


def test_settings_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    assert check_settings(tmp_path / "absent.toml")
    (tmp_path / "empty.toml").write_text("", "utf-8")
    items = {problem.item for problem in check_settings(tmp_path / "empty.toml")}
    assert {"dut", "csms", "pki", "password", "action_api", "tokens", "firmware"} == items
