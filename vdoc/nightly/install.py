"""What makes the machine run the nights: systemd units and cron lines, as text.

Owns the texts. Two ways: `watch` is one service that runs all the time (missed starts are noticed,
nothing but it keeps the time); `timer` is a timer for each station, which runs
`vdoc nightly run --scheduled`. Nothing is started or enabled here.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vdoc.errors import ExitCode
from vdoc.nightly.config import DutTable, NightlyConfig

Way = Literal["watch", "timer"]
Scope = Literal["system", "user"]
WATCH, TEMPLATE = "vdoc-nightly.service", "vdoc-nightly@.service"
_SEARCHED = (Path("/etc/systemd/system"), Path("~/.config/systemd/user").expanduser())
_END_S = 120  # a run seals its evidence within a minute


@dataclass(frozen=True, slots=True)
class Installed:
    """How vdoc is called, and for whom.

    Attributes:
        program: the words that call `vdoc`, absolute.
        config: the nightly.toml, absolute.
        scope: whether systemd runs it for the machine or for the user who is logged in.
        user: whom a service of the machine runs as.
    """

    program: Sequence[str]
    config: Path
    scope: Scope
    user: str

    def units(self, config: NightlyConfig, way: Way) -> Mapping[str, str]:
        """Return the texts of the units by the names of their files."""
        if way == "watch":
            return {WATCH: self._watching()}
        timers = {f"vdoc-nightly-{dut.name}.timer": _timer(dut) for dut in config.dut}
        return {TEMPLATE: self._once(), **timers}

    def starting(self, units: Mapping[str, str], directory: Path) -> tuple[str, ...]:
        """Return the commands that put units which are in `directory` to work."""
        ctl = "systemctl --user" if self.scope == "user" else "systemctl"
        files = " ".join(shlex.quote(str(directory / name)) for name in units)
        known = f"{ctl} daemon-reload" if directory in _SEARCHED else f"{ctl} link {files}"
        begun = " ".join(name for name in units if name != TEMPLATE)
        linger = (f"loginctl enable-linger {self.user}",) if self.scope == "user" else ()
        return (known, f"{ctl} enable --now {begun}", *linger)

    def cron(self, config: NightlyConfig) -> tuple[str, ...]:
        """Return the lines of a crontab that do the same as the timers."""
        return tuple(self._cron_line(dut) for dut in config.dut)

    def _cron_line(self, dut: DutTable) -> str:
        words = shlex.join(self._run(dut.name)).replace("%", "\\%")
        log = shlex.quote(str(self.config.parent / "nightly.log")).replace("%", "\\%")
        return f"{dut.at.minute} {dut.at.hour} * * * {words} >> {log} 2>&1"

    def _run(self, name: str) -> list[str]:
        return [*self.program, "nightly", "run", "--scheduled", "--config", str(self.config), name]

    def _watching(self) -> str:
        words = [*self.program, "nightly", "watch", "--config", str(self.config)]
        wanted_by = "default.target" if self.scope == "user" else "multi-user.target"
        return _unit(
            ("Unit", self._described("vdoc: nightly regression of charging stations")),
            ("Service", (
                "Type=exec", *self._service(words), "Restart=always", "RestartSec=30",
                f"RestartPreventExitStatus={ExitCode.BAD_INPUT.value}",
            )),
            ("Install", (f"WantedBy={wanted_by}",)),
        )  # fmt: skip

    def _once(self) -> str:
        return _unit(
            ("Unit", self._described("vdoc: nightly regression of %i")),
            ("Service", ("Type=oneshot", *self._service(self._run("%i"), specifiers=1))),
        )

    def _described(self, words: str) -> tuple[str, ...]:
        if self.scope == "user":  # the manager of a user does not see these targets
            return (f"Description={words}",)
        targets = "network-online.target time-sync.target"
        return (f"Description={words}", "Wants=network-online.target", f"After={targets}")

    def _service(self, words: Sequence[str], *, specifiers: int = 0) -> Iterator[str]:
        """Yield what both services have; the last `specifiers` words are systemd's to fill in."""
        plain = words[: len(words) - specifiers]
        program = _quoted(plain[0]).replace("$$", "$")  # no variable is looked for there
        filled = [program, *map(_quoted, plain[1:]), *words[len(words) - specifiers :]]
        if self.scope == "system":
            yield f"User={self.user}"
        yield f"WorkingDirectory={str(self.config.parent).replace('%', '%%')}"
        yield f"ExecStart={' '.join(filled)}"
        yield "KillMode=mixed"
        yield f"TimeoutStopSec={_END_S}"


def _timer(dut: DutTable) -> str:
    return _unit(
        ("Unit", (f"Description=vdoc: when {dut.name} is due",)),
        ("Timer", (
            f"OnCalendar=*-*-* {dut.at:%H:%M:%S}", "AccuracySec=1s", "Persistent=true",
            f"Unit=vdoc-nightly@{dut.name}.service",
        )),
        ("Install", ("WantedBy=timers.target",)),
    )  # fmt: skip


def _unit(*sections: tuple[str, Sequence[str]]) -> str:
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines)
                     for name, lines in sections)  # fmt: skip


def _quoted(word: str) -> str:
    """Write a word so that systemd takes it as it is."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if set(word) & set(" \t'\"\\;") else word
