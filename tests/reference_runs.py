"""Runs of the runner against the reference station, in one process and without a sleep.

`ReferenceRuns(directory)(pics, only=…, defects=…, style=…, seed=…)` makes a run and returns what it
came to and where its evidence is; tests get one per session as the fixture `reference_run`. PKI and
firmware are made once per session and copied; a run that was asked for before is not made again.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import tomlkit

from vdoc.bench import CaseFunction, CaseResult
from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue
from vdoc.cli.reference_bench import SHORT_VALUES, ReferenceBench
from vdoc.declaration.record import RunRecord
from vdoc.evidence import Line, open_evidence
from vdoc.pics import BenchSettings, Pics, load_pics, load_settings
from vdoc.plan import Entry, make_plan
from vdoc.rejudge import Rejudged, rejudge
from vdoc.run.runner import Inputs, Run
from vdoc.run.stamping import stamp_plan
from vdoc.station.action_api import ActionApi
from vdoc.station.config import StationConfig, Timings
from vdoc.station.machine import Machine
from vdoc.station.process import Listening, serving
from vdoc.station.provision import Provisioning, provision
from vdoc.station.styles import STYLES
from vdoc.tls.pki import BenchPki

ROOT = Path(__file__).parents[1]
PICS_FILES = (
    "pics/ac-pole-keycode.toml",
    "pics/ac-wallbox-detachable.toml",
    "pics/dc-fast-charger.toml",
    "pics/covering/1-all-profiles-ac.toml",
    "pics/covering/2-core-cable-lock.toml",
    "pics/covering/3-iso15118-dc.toml",
    "tests/matrix/two-connectors.toml",
)
_SALT = bytes(range(16))
_NOWHERE = "ws://127.0.0.1:9"  # where a station looks for its CSMS before it is provisioned


@dataclass(frozen=True)
class RunRequest:
    """What a run is made of.

    Attributes:
        pics_file: relative to the repository.
        only: the cases to plan; empty for all that apply.
        defects: of the station.
        style: of the station, by name.
        seed: of the plan.
        values: settings that differ from those of `vdoc demo`.
        timings: of the station's hardware that differ from the default.
        mode: how transactions are started and stopped where a product allows both.
        functions: the case functions; None = those of the package.
        late_defects: the defects begin with the first case, so that intake sees a sound station.
    """

    pics_file: str
    only: tuple[str, ...] = ()
    defects: frozenset[str] = frozenset()
    style: str = "plain"
    seed: int = 1
    values: tuple[tuple[str, float], ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    mode: Literal["local", "remote"] | None = None
    functions: Mapping[str, CaseFunction] | None = field(default=None, compare=False)
    late_defects: bool = False


@dataclass(frozen=True)
class RunOutcome:
    """A run that was made."""

    request: RunRequest
    record: RunRecord
    directory: Path

    @property
    def evidence(self) -> Path:
        return self.record.evidence

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(open_evidence(self.evidence))

    @property
    def results(self) -> tuple[CaseResult, ...]:
        return self.record.results

    def result(self, case: str, variant: str | None = None) -> CaseResult:
        """The result of a case; of its first run unless a variant is named."""
        return next(
            r for r in self.results if r.case == case and (variant is None or r.variant == variant)
        )

    def rejudged(self) -> Rejudged:
        return rejudge(self.lines)


@dataclass
class _Silent:
    """Tells nobody; lets late defects begin with the first case."""

    machine: Machine
    defects: frozenset[str]

    def said(self, text: str) -> None: ...

    def began(self, entry: Entry, number: int, count: int) -> None:
        del entry, number, count
        station = self.machine.station
        station.config = replace(station.config, defects=self.defects)
        self.machine.config = station.config

    def ended(self, entry: Entry, result: CaseResult, seconds: float) -> None: ...


@dataclass
class ReferenceRuns:
    """Makes runs below a directory, each once."""

    directory: Path
    _made: dict[RunRequest, RunOutcome] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(
        self,
        pics_file: str,
        *,
        only: Iterable[str] = (),
        defects: Iterable[str] = (),
        style: str = "plain",
        seed: int = 1,
        values: Mapping[str, float] | None = None,
        timings: Mapping[str, float] | None = None,
    ) -> RunOutcome:
        request = RunRequest(
            pics_file,
            tuple(only),
            frozenset(defects),
            style,
            seed,
            tuple((values or {}).items()),
            tuple((timings or {}).items()),
        )
        if request not in self._made:
            self._made[request] = asyncio.run(self.make(request))
        return self._made[request]

    async def make(self, request: RunRequest) -> RunOutcome:
        """Make a run anew; for a test that has a loop of its own."""
        place = Path(tempfile.mkdtemp(prefix="run-", dir=self.directory))
        pics = load_pics(ROOT / request.pics_file)
        bench = ReferenceBench(place, pics, values={**SHORT_VALUES, **dict(request.values)})
        shutil.copytree(self._pki(), place / "pki")
        shutil.copytree(self._firmware(pics), place / "firmware")
        machine = Machine(_station(request, bench))
        async with serving(ActionApi(machine, timing="at-once", token=None), Listening()) as url:
            settings = load_settings(_settings_file(request, bench, url), pics)
            try:
                inputs = stamp_plan(_inputs(request, pics, settings), place / "out")
                commission = _commission(bench, machine)
                record = await Run(
                    inputs,
                    place / "out",
                    _Silent(machine, request.defects),
                    commission=commission,
                ).make()
            finally:
                await machine.power_off()
        return RunOutcome(request, record, place)

    def prepare(self) -> None:
        """Make what all runs share, before several are made at once."""
        self._pki()

    def _pki(self) -> Path:
        directory = self.directory / "pki"
        if not directory.exists():
            pki = BenchPki.create(directory)
            pki.server("localhost", key_type="RSA")
            pki.server("localhost", key_type="ECDSA")
        return directory

    def _firmware(self, pics: Pics) -> Path:
        product = pics.product
        place = self.directory / f"firmware-{product.vendor}-{product.firmware_version}"
        if not place.exists():
            ReferenceBench(place, pics).make_firmware()
        return place / "firmware"


def _station(request: RunRequest, bench: ReferenceBench) -> StationConfig:
    return StationConfig(
        pics=bench.pics,
        identity=bench.identity,
        csms_url=_NOWHERE,
        state_dir=bench.state,
        timings=Timings(**dict(request.timings)),
        defects=frozenset() if request.late_defects else request.defects,
        style=STYLES[request.style],
    )


def _settings_file(request: RunRequest, bench: ReferenceBench, url: str) -> Path:
    file = bench.write_settings(url, f"{url}/ev")
    if request.mode is not None:
        tree = tomlkit.parse(file.read_text("utf-8"))
        tree["dut"]["start_stop_mode"] = request.mode
        file.write_text(tomlkit.dumps(tree), "utf-8")
    return file


def _inputs(request: RunRequest, pics: Pics, settings: BenchSettings) -> Inputs:
    catalogue = load_catalogue()
    functions = case_functions() if request.functions is None else request.functions
    only = list(request.only) or None
    plan = make_plan(pics, settings, catalogue, frozenset(functions), request.seed, only=only)
    return Inputs(pics, settings, catalogue, plan, functions, _SALT)


Commission = Callable[[BenchSettings, Mapping[str, str]], Awaitable[bool]]


def _commission(bench: ReferenceBench, machine: Machine) -> Commission:
    """What the vendor's provision command does, on a machine in this process."""

    async def commission(settings: BenchSettings, environment: Mapping[str, str]) -> bool:
        starting = Provisioning(
            environment["VDOC_IDENTITY"],
            environment["VDOC_CSMS_URL"],
            int(environment["VDOC_SECURITY_PROFILE"]),
            settings.password.initial.reveal(),
            {
                "CSMSRootCertificate": [Path(environment["VDOC_ROOT_CERTIFICATE"])],
                "ManufacturerRootCertificate": [bench.vendor_root],
            },
            _client_files(bench, environment, machine),
        )
        provision(bench.state, starting)
        await machine.factory_reset()
        await machine.power_on()
        return True

    return commission


def _client_files(
    bench: ReferenceBench, environment: Mapping[str, str], machine: Machine
) -> tuple[Path, Path] | None:
    if "VDOC_CLIENT_CHAIN" in environment:
        return Path(environment["VDOC_CLIENT_CHAIN"]), Path(environment["VDOC_CLIENT_KEY"])
    if environment["VDOC_SECURITY_PROFILE"] != "3":
        return None
    client = BenchPki.load(bench.directory / "pki").client(machine.config.serial_number)
    return client.certificate_file, client.key_file
