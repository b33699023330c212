"""What makes the machine run the nights: texts, and nothing that is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from vdoc.nightly.config import NightlyConfig
from vdoc.nightly.install import TEMPLATE, WATCH, Installed, Scope

CONFIG = NightlyConfig.model_validate(
    {
        "history": "h.sqlite", "runs": "runs",
        "dut": [
            {"name": "wall", "pics": "p", "bench": "b", "at": "02:00"},
            {"name": "pole-2", "pics": "p", "bench": "b", "at": "23:15"},
        ],
    }
)  # fmt: skip


def installed(scope: Scope = "system", program: str = "/srv/vdoc/bin/vdoc") -> Installed:
    return Installed((program,), Path("/srv/vdoc/nightly.toml"), scope, "nightly")


class TestUnits:
    def test_one_service_that_watches(self) -> None:
        units = installed().units(CONFIG, "watch")
        assert list(units) == [WATCH]
        lines = units[WATCH].splitlines()
        assert "ExecStart=/srv/vdoc/bin/vdoc nightly watch --config /srv/vdoc/nightly.toml" in lines
        assert {"User=nightly", "Restart=always", "KillMode=mixed"} <= set(lines)
        assert lines[-1] == "WantedBy=multi-user.target"

    def test_of_a_user_alone(self) -> None:
        lines = installed("user").units(CONFIG, "watch")[WATCH].splitlines()
        assert not any(line.startswith(("User=", "After=")) for line in lines)
        assert lines[-1] == "WantedBy=default.target"

    def test_a_timer_for_each_station(self) -> None:
        units = installed().units(CONFIG, "timer")
        assert list(units) == [TEMPLATE, "vdoc-nightly-wall.timer", "vdoc-nightly-pole-2.timer"]
        assert "nightly run --scheduled --config /srv/vdoc/nightly.toml %i\n" in units[TEMPLATE]
        timer = units["vdoc-nightly-pole-2.timer"].splitlines()
        assert {"OnCalendar=*-*-* 23:15:00", "Persistent=true"} <= set(timer)
        assert "Unit=vdoc-nightly@pole-2.service" in timer

    def test_signs_that_mean_something_to_systemd_are_kept(self) -> None:
        text = installed(program="/opt/100% free/vdoc").units(CONFIG, "watch")[WATCH]
        assert 'ExecStart="/opt/100%% free/vdoc" nightly watch' in text


class TestStarting:
    @pytest.mark.parametrize(
        ("directory", "first"),
        [
            ("/etc/systemd/system", "systemctl daemon-reload"),
            ("/tmp/units", f"systemctl link /tmp/units/{WATCH}"),  # noqa: S108  # nothing is there
        ],
    )
    def test_makes_them_known_first(self, directory: str, first: str) -> None:
        units = installed().units(CONFIG, "watch")
        commands = installed().starting(units, Path(directory))
        assert commands == (first, f"systemctl enable --now {WATCH}")

    def test_timers_are_started_and_not_what_they_call(self) -> None:
        units = installed("user").units(CONFIG, "timer")
        _, enable, linger = installed("user").starting(units, Path("/x"))
        assert enable == (
            "systemctl --user enable --now vdoc-nightly-wall.timer vdoc-nightly-pole-2.timer"
        )
        assert linger == "loginctl enable-linger nightly"


def test_cron() -> None:
    wall, pole = installed(program="/opt/100% free/vdoc").cron(CONFIG)
    assert wall == (
        "0 2 * * * '/opt/100\\% free/vdoc' nightly run --scheduled --config /srv/vdoc/nightly.toml "
        "wall >> /srv/vdoc/nightly.log 2>&1"
    )
    assert pole.startswith("15 23 * * * ")
