"""A small but genuine run: fake cases, played line by line into real evidence, then declared.

`Station` is what the DUT does in each case; tests change one thing in it, or in what is declared,
and so get a bundle with that single flaw.
"""

from __future__ import annotations

import gzip
import io
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import vdoc.declaration.bundle
from tests.verify.challenger import RUN_BEGAN, Challenger
from tests.verify.fake_cases import FACTS, FUNCTIONS, IMAGE, IMAGE_SHA256, LOCATION
from vdoc.bench import (
    CaseStart,
    Verdict,
)
from vdoc.bench.context import RunContext, begin_case
from vdoc.bench.start import OpenConnection, starting_state
from vdoc.bench.timeline import Timeline
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.declaration import RunRecord, RunVerdict, container, make_bundle
from vdoc.declaration.stamps import Stamping
from vdoc.digest import digest, sha256_hex
from vdoc.evidence import EvidenceWriter, Kind, Line
from vdoc.evidence.merkle import Tree
from vdoc.pics import BenchSettings, Pics, load_pics, load_settings
from vdoc.plan import Plan, make_plan
from vdoc.rejudge import rejudge
from vdoc.rejudge.leftovers import Leftovers
from vdoc.signing import (
    SigningKey,
    Trust,
    new_key,
    sign,
)
from vdoc.tls.csr import csr_facts
from vdoc.verify import EvidenceFile, MadeWith, Verification, record_of, verify_bundle
from vdoc.verify.evidence import Examination
from vdoc.verify.findings import Findings

PICS = Path(__file__).parents[2] / "pics"
SETTINGS = PICS / "bench-example.toml"
SALT = b"0123456789abcdef0123456789abcdef"
IDS = ("TC_L_01_CS", "TC_B_06_CS", "TC_C_06_CS")


# --- playing ---


@dataclass
class Clocks:
    """Both clocks of the evidence, moved by hand."""

    wall: int = 1_800_000_000_000_000_000
    mono: int = 5_000_000_000

    def wall_ns(self) -> int:
        return self.wall

    def mono_ns(self) -> int:
        return self.mono

    def go(self, seconds: float, *, wall_s: float | None = None) -> None:
        self.mono += round(seconds * 1e9)
        self.wall += round((seconds if wall_s is None else wall_s) * 1e9)


Observations = list[tuple[Kind, dict[str, Any]]]


def says(action: str, payload: dict[str, Any], identity: str = "s1") -> tuple[Kind, dict[str, Any]]:
    frame = json.dumps([2, identity, action, payload])
    return Kind.RECEIVED, {"connection": 1, "frame": frame}


def boots(pics: Pics, **changes: Any) -> tuple[Kind, dict[str, Any]]:
    station = {
        "vendorName": pics.product.vendor,
        "model": pics.product.model,
        "firmwareVersion": pics.product.firmware_version,
        "serialNumber": "SN1",
    }
    reason, identity = changes.pop("reason", "PowerUp"), changes.pop("identity", "b1")
    return says(
        "BootNotification", {"reason": reason, "chargingStation": {**station, **changes}}, identity
    )


def serves(sha256: str = IMAGE_SHA256, *, complete: bool = True) -> tuple[Kind, dict[str, Any]]:
    served = {"what": "file_served", "location": LOCATION, "sha256": sha256, "complete": complete}
    return Kind.MADE, served


def opens(settings: BenchSettings, profile: int = 1, number: int = 1) -> dict[str, Any]:
    identity = settings.dut.identity
    return {
        "connection": number, "endpoint": 1, "profile": profile, "root": None,
        "identity": identity, "tls": None,
        "authorization": {"scheme": "Basic", "user": identity, "password_name": "initial"},
    }  # fmt: skip


ACCEPTS: tuple[Kind, dict[str, Any]] = (Kind.RECEIVED, {"answers": {"status": "Accepted"}})
INSTALLED = says("FirmwareStatusNotification", {"status": "Installed", "requestId": 1}, "f1")
TRANSFERS = says("DataTransfer", {"vendorId": "acme"})


@dataclass
class Station:
    """What happens in each case; `order` is of (case, variant, profile), None: as planned."""

    pics: Pics
    settings: BenchSettings = field(default_factory=lambda: load_settings(SETTINGS))
    plays: dict[str, Observations] = field(default_factory=dict)
    order: Callable[[list[tuple[str, str, int]]], list[tuple[str, str, int]]] = lambda order: order
    before_each: Callable[[Clocks, str], None] = lambda clocks, _case: clocks.go(10)
    start: dict[str, Any] = field(default_factory=dict)
    upkeep: bool = True
    restores: tuple[str, ...] = ("reached",)
    void: str = ""
    verdicts: dict[str, str] = field(default_factory=dict)
    torn: bool = False

    def play(self, case: str) -> Observations:
        usual: dict[str, Observations] = {
            "intake": [(Kind.OPENED, opens(self.settings)), boots(self.pics)],
            "TC_L_01_CS": self.updates(serves()),
            "TC_B_06_CS": [TRANSFERS],
            "TC_C_06_CS": [TRANSFERS],
        }
        return self.plays.get(case, usual.get(case, []))

    def updates(self, *served: tuple[Kind, dict[str, Any]]) -> Observations:
        """The course of an update of which the bench served this."""
        rebooted = boots(self.pics, reason="FirmwareUpdate", identity="b2")
        return [*served, ACCEPTS, INSTALLED, rebooted]


@dataclass
class Player:
    """Plays a station into evidence; the port of every Timeline."""

    writer: EvidenceWriter
    clocks: Clocks
    context: RunContext
    station: Station
    place: tuple[str, str] = ("", "")
    asked: str = ""
    wanted: list[dict[str, Any]] = field(default_factory=list)
    left: Leftovers = field(default_factory=Leftovers)
    state: str = "reached"

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        if kind is Kind.SENT and json.loads(data["frame"])[0] == 2:
            self.asked = json.loads(data["frame"])[1]
        elif kind is Kind.ASK:
            self.wanted.append(data)
        if "answers" in data:
            data = {"connection": 1, "frame": json.dumps([3, self.asked, data["answers"]])}
        line = self.writer.append(kind, data, case=self.place[0], variant=self.place[1])
        self.left.feed(line)
        return line

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        if kind is Kind.VERDICT:
            data = {**data, "verdict": self.station.verdicts.get(self.place[0], data["verdict"])}
        self.deed(kind, data)

    def case(self, start: CaseStart) -> None:
        self.station.before_each(self.clocks, start.case)
        self.place = (start.case, start.variant_id)
        line = self.deed(Kind.CASE, start.as_json())
        timeline: Timeline = begin_case(line, start, self, FUNCTIONS[start.case], self.context)
        self.make(timeline)
        for kind, data in self.station.play(start.case):
            self.clocks.go(0.5)
            timeline.feed(self.deed(kind, data))
        while timeline.result is None and timeline.deadline_ns is not None:
            self.clocks.go((timeline.deadline_ns - self.clocks.mono) / 1e9 + 0.001)
            timeline.feed(self.deed(Kind.DEADLINE, {}))
        if start.case == "restore":
            self.left.cleared()

    def make(self, timeline: Timeline) -> None:
        """Give the case what it has asked for."""
        while self.wanted:
            asked = self.wanted.pop()
            value: Any = self.state
            if asked["what"] == "csr_facts":
                value = csr_facts(asked["arguments"]["csr"])
            elif asked["what"] == "firmware":
                served = self.station.play("TC_L_01_CS")[:1]
                sha256 = served[0][1].get("sha256", IMAGE_SHA256) if served else IMAGE_SHA256
                value = {"location": LOCATION, "sha256": sha256}
            made = {"id": asked["id"], "what": asked["what"], "value": value}
            timeline.feed(self.deed(Kind.MADE, made))


def a_start(
    product: Product, case: str, variant: str, profile: int, *, facts: bool, **extra: Any
) -> CaseStart:
    connection = OpenConnection(1, opens(product.settings))
    return CaseStart(
        case=case,
        variant={} if variant == "-" else dict([variant.split("=")]),
        attempt=1,
        seed=product.plan.seed,
        state=starting_state(product.pics, product.settings, profile),
        facts=digest(FACTS.model_dump(mode="json")) if facts else None,
        connection=connection if facts else None,
        extra=extra,
    )


@dataclass(frozen=True)
class Product:
    """What a run is made with."""

    pics: Pics
    settings: BenchSettings
    catalogue: Catalogue
    plan: Plan


def record_evidence(product: Product, station: Station, path: Path) -> None:
    clocks = Clocks()
    writer = EvidenceWriter(path, clocks)
    context = RunContext(product.pics, product.settings, FACTS)
    player = Player(writer, clocks, context, station)
    start = {
        "what": "start",
        "format": 1,
        "runner": "0.1.0",
        "pics": product.pics.to_json(),
        "pics_digest": product.pics.digest,
        "settings": product.settings.public(SALT),
        "settings_digest": product.settings.digest(SALT),
        "catalogue": {"version": product.catalogue.version, "digest": product.catalogue.digest},
        "plan": product.plan.to_json(),
        "seed": product.plan.seed,
    }
    writer.append(Kind.RUN, {**start, **station.start})
    player.case(a_start(product, "intake", "-", 1, facts=False, passwords=["initial"]))
    value = FACTS.model_dump(mode="json")
    writer.append(Kind.RUN, {"what": "facts", "value": value, "digest": digest(value)})
    _play_cases(product, station, player)
    if station.void:
        writer.append(Kind.RUN, {"what": "void", "because": station.void})
    if station.torn:
        writer.close()
    else:
        writer.seal({"void": bool(station.void)})


def _play_cases(product: Product, station: Station, player: Player) -> None:
    planned = [(e.case, e.variant.id, e.stage) for e in product.plan.entries]
    later = partial(a_start, product, facts=True)
    for case, variant, profile in station.order(planned):
        if station.upkeep:
            for player.state in station.restores:
                player.case(later("restore", "-", profile, **player.left.extra()))
        player.case(later(case, variant, profile))
    if station.upkeep:
        player.state = "reached"
        player.case(later("closing", "-", 1))


def make_product(
    pics: Pics | None = None, settings: BenchSettings | None = None, **plan: Any
) -> Product:
    whole = load_catalogue()
    catalogue = replace(whole, cases=tuple(case for case in whole.cases if case.id in IDS))
    own_pics = pics or load_pics(PICS / "ac-wallbox-detachable.toml")
    own_settings = settings or load_settings(SETTINGS)
    implemented = plan.pop("implemented", set(FUNCTIONS))
    seed = plan.pop("seed", 7)
    made = make_plan(own_pics, own_settings, catalogue, implemented, seed, **plan)
    return Product(own_pics, own_settings, catalogue, made)


# --- declaring and verifying ---


@dataclass
class Laboratory:
    """Makes bundles and verifies them."""

    product: Product
    directory: Path
    key: SigningKey
    trust: Trust
    count: int = 0

    def _path(self, ending: str) -> Path:
        self.count += 1
        return self.directory / f"{self.count}{ending}"

    def station(self, **changes: Any) -> Station:
        """What the DUT does, with one thing changed."""
        return Station(self.product.pics, **changes)

    def boots(self, **changes: Any) -> tuple[Kind, dict[str, Any]]:
        return boots(self.product.pics, **changes)

    serves = staticmethod(serves)
    says = staticmethod(says)
    transfers = TRANSFERS

    @property
    def opened(self) -> tuple[Kind, dict[str, Any]]:
        """The DUT connects."""
        return Kind.OPENED, opens(self.product.settings)

    image = IMAGE
    product_with = staticmethod(make_product)
    functions = FUNCTIONS

    def record(self, station: Station | None = None, product: Product | None = None) -> RunRecord:
        made = product or self.product
        path = self._path(".jsonl")
        record_evidence(made, station or self.station(), path)
        packed = vdoc.declaration.bundle.packed_evidence(path)
        course = Examination(packed, Findings()).finish()
        with path.open("rb") as raw:
            lines = vdoc.evidence.EvidenceReader(raw)
            judged = rejudge(lines, functions=FUNCTIONS)
        made_with = MadeWith(
            made.pics, made.settings, made.settings.public(SALT), made.settings.digest(SALT),
            made.catalogue, made.plan,
        )  # fmt: skip
        file = EvidenceFile(path, course.head, course.lines, course.served)
        return record_of(made_with, file, judged)

    def declare(self, record: RunRecord, stamping: Stamping | None = None) -> Path:
        path = self._path(".zip")
        make_bundle(record, [self.key], path, stamping, at=RUN_BEGAN)
        return path

    def altered(
        self,
        path: Path,
        *,
        predicate: Mapping[str, Any] | None = None,
        statement: Mapping[str, Any] | None = None,
        signed_again: bool = True,
        **members: bytes,
    ) -> Path:
        """A copy with other members (`pics_json=…`) and another statement, signed by the vendor."""
        held = container.read(path)
        held |= {name.replace("_", "."): data for name, data in members.items()}
        value = json.loads(held["declaration.json"])
        enclosed = container.enclosed(held)
        value["predicate"] |= {"enclosed": enclosed, **(predicate or {})}
        value |= statement or {}
        if signed_again:
            held["declaration.json"] = vdoc.digest.canonical(value)
            held["declaration.dsse.json"] = sign(held["declaration.json"], [self.key])
        copy = self._path(".zip")
        container.write(copy, held)
        return copy

    def verify(self, path: Path, **given: Any) -> Verification:
        return verify_bundle(
            path, self.trust, catalogue=self.product.catalogue, functions=FUNCTIONS, **given
        )

    def codes(self, path: Path, **given: Any) -> set[str]:
        return {finding.code for finding in self.verify(path, **given).findings}

    def said(self, path: Path, **given: Any) -> str:
        return "\n".join(map(str, self.verify(path, **given).findings))


@pytest.fixture(scope="session")
def product() -> Product:
    return make_product()


@pytest.fixture
def lab(product: Product, tmp_path: Path) -> Laboratory:
    files = new_key(tmp_path / "keys", "vendor")
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / files.public.name).write_bytes(files.public.read_bytes())
    trust = Trust.load(tmp_path / "trust")
    return Laboratory(product, tmp_path, SigningKey.load(files.private), trust)


@pytest.fixture
def bundle(lab: Laboratory) -> Path:
    """A sound bundle."""
    return lab.declare(lab.record())


@pytest.fixture
def flawed(lab: Laboratory, patched_vendor: None) -> Callable[..., set[str]]:  # noqa: ARG001
    """The findings about a run in which the station, or the record of it, has one flaw."""

    def codes(*, lying: bool = False, product: Product | None = None, **station: Any) -> set[str]:
        record = lab.record(lab.station(**station), product)
        if lying:
            results = tuple(replace(r, verdict=Verdict.PASS, because="") for r in record.results)
            record = replace(
                record, results=results, verdict=RunVerdict.PASS, void_because="", crashes=()
            )
        if record.firmware_sha256 is None:
            record = replace(record, firmware_sha256=IMAGE_SHA256)
        return lab.codes(lab.declare(record))

    return codes


@pytest.fixture
def patched_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor who has taken the refusal to declare out of his copy."""
    monkeypatch.setattr(vdoc.declaration.bundle, "eligible", lambda _record: ())


# --- forging ---

Lines = list[dict[str, Any]]


def sealed(lines: Lines, *, prev: str = "0" * 64) -> list[bytes]:
    """Lines in a chain, a tree and under a seal of their own, as somebody with our code makes."""
    tree, raw = Tree(), []
    for n, line in enumerate(lines):
        if line["kind"] == "seal":
            of_those = {"lines": n, "head": prev, "tree": tree.root.hex()}
            line = {**line, "data": {**line["data"], **of_those}}  # noqa: PLW2901
        text = json.dumps({**line, "n": n, "prev": prev}, separators=(",", ":")).encode()
        prev = sha256_hex(text)
        tree.append(text)
        raw.append(text + b"\n")
    return raw


@dataclass
class Forger:
    """A vendor with his own key who makes of a sound bundle what it is not."""

    lab: Laboratory
    bundle: Path

    @property
    def members(self) -> dict[str, bytes]:
        return container.read(self.bundle)

    @property
    def lines(self) -> Lines:
        raw = gzip.decompress(self.members["evidence.jsonl.gz"]).splitlines()
        return [json.loads(line) for line in raw]

    def file(self, data: bytes) -> Path:
        path = self.lab._path(".zip")
        path.write_bytes(data)
        return path

    def zip(self, *members: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> Path:
        """A zip of these members, in whatever form."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a name twice
            for name, data in members:
                archive.writestr(name, data)
        return self.file(buffer.getvalue())

    def raw(self, raw: list[bytes]) -> Path:
        """The bundle with these raw lines, head and count declared, signed by the vendor."""
        whole = b"".join(raw)
        head = sha256_hex(raw[-1].rstrip(b"\n")) if raw else "0" * 64
        evidence = {"format": 1, "head": head, "lines": len(raw)}
        packed = gzip.compress(whole, mtime=0)
        return self.lab.altered(
            self.bundle, predicate={"evidence": evidence}, evidence_jsonl_gz=packed
        )

    def run(self, change: Callable[[Lines], Lines]) -> Path:
        """The bundle with other evidence under a chain, tree and seal of its own."""
        return self.raw(sealed(change(self.lines)))

    def line(self, number: int, **data: Any) -> Path:
        """The same with other data in one line."""

        def change(lines: Lines) -> Lines:
            lines[number]["data"] |= data
            return lines

        return self.run(change)

    def place(self, kind: str, case: str) -> int:
        """The first line of a kind in a case."""
        return next(
            n for n, line in enumerate(self.lines) if (line["kind"], line["case"]) == (kind, case)
        )

    def declared(self, **predicate: Any) -> Path:
        """The bundle with something else declared."""
        return self.lab.altered(self.bundle, predicate=predicate)

    def member(self, name: str, change: Callable[[Any], None]) -> Path:
        """The bundle with another JSON member, signed."""
        value = json.loads(self.members[f"{name}.json"])
        change(value)
        members: dict[str, Any] = {f"{name}_json": vdoc.digest.canonical(value)}
        return self.lab.altered(self.bundle, **members)

    def played(
        self, product: Product | None = None, stamping: Stamping | None = None, **station: Any
    ) -> Path:
        """What a station with this flaw leads to, declared as if it had passed."""
        record = self.lab.record(self.lab.station(**station), product)
        results = tuple(replace(r, verdict=Verdict.PASS, because="") for r in record.results)
        lie = replace(record, results=results, verdict=RunVerdict.PASS, void_because="", crashes=())
        sha256 = record.firmware_sha256 or IMAGE_SHA256
        return self.lab.declare(replace(lie, firmware_sha256=sha256), stamping)


@pytest.fixture
def forger(lab: Laboratory, bundle: Path, patched_vendor: None) -> Forger:  # noqa: ARG001
    return Forger(lab, bundle)


# --- challenges ---


@pytest.fixture
def challenger(forger: Forger) -> Challenger:
    return Challenger.of(forger)
