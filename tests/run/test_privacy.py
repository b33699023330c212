"""No lasting secret reaches evidence or a bundle, whatever field of the settings it stands in."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import stat
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from unittest import mock
from urllib.parse import quote

import pytest
import tomlkit
from pydantic import BaseModel

from tests.reference_runs import _SALT, ReferenceRuns, RunOutcome, RunRequest
from tests.run.leaks import leaks, private_keys
from tests.run.test_bundle import PICS, functions
from vdoc.cases.registry import case_functions
from vdoc.declaration import make_bundle
from vdoc.pics import BenchSettings, Secret, load_settings
from vdoc.run.journal import Journal
from vdoc.signing import KeyType, load_signing_key, new_key
from vdoc.station.link import PASSWORD
from vdoc.station.storage import FileStorage

PASSPHRASE = "open/sesame+%20=of the vendor"
REAL = ("TC_A_01_CS", "TC_A_11_CS", "TC_B_09_CS", "TC_M_01_CS", "TC_N_25_CS")
Path_ = tuple[str, ...]


def secret_fields(kind: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where a model can hold a secret, by type; `*` stands for any entry of a table or list."""
    if kind is Secret:
        yield path
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from secret_fields(field.annotation, (*path, name))
    elif get_args(kind):
        union = isinstance(kind, types.UnionType)
        for each in get_args(kind):
            yield from secret_fields(each, path if union else (*path, "*"))


def filled(table: Any, path: Path_, secret: str) -> int:
    """Write a secret into every place of a settings file that a path names; return how many."""
    name, *below = path
    if not below:
        table[name] = secret
        return 1
    found = [each for key, each in _entries(table) if name in ("*", key)]
    return sum(filled(each, tuple(below), f"{secret}.{n}") for n, each in enumerate(found))


def _entries(table: Any) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, Mapping) else [("", each) for each in table]


def held(value: object) -> Iterator[str]:
    """The text of every secret in loaded settings."""
    match value:
        case Secret():
            yield value.reveal()
        case BaseModel():
            yield from (text for _, each in value for text in held(each))
        case Mapping():
            yield from (text for each in value.values() for text in held(each))
        case tuple() | list():
            yield from (text for each in value for text in held(each))


FIELDS = [*dict.fromkeys(secret_fields(BenchSettings))]


class TestTheSearch:
    """It finds what it looks for, in every form."""

    @pytest.mark.parametrize("before", ["", "x", "xx"])
    @pytest.mark.parametrize("secret", [PASSPHRASE.encode(), bytes(range(200, 232))])
    def test_finds_every_form(self, before: str, secret: bytes) -> None:
        lead = before.encode()
        words = base64.b64encode(lead + secret + b"!")
        split = b"\n".join(words[n : n + 20] for n in range(0, len(words), 20))
        shown = [secret, secret.hex().encode(), words, base64.urlsafe_b64encode(secret), split]
        shown.append(json.dumps({"pem": split.decode()}).encode())
        shown += [gzip.compress(each) for each in shown]
        for each in shown:
            assert leaks(lead + each if each[:2] != b"\x1f\x8b" else each, {"it": secret})
        assert not leaks(b"nothing" * 1000, {"it": secret})

    def test_finds_what_is_quoted(self) -> None:
        secret = PASSPHRASE + '"\\'
        frame = json.dumps([2, {"url": f"ftp://u:{quote(secret, safe='')}@h", "text": secret}])
        assert leaks(json.dumps({"frame": frame}).encode(), {"it": secret.encode()})

    def test_knows_every_secret_of_the_settings(self) -> None:
        assert {("password", "initial"), ("action_api", "token")} < set(FIELDS)
        assert ("ev_api", "*", "token") in FIELDS


def with_secrets(_request: RunRequest, bench: Any, url: str) -> Path:
    """The settings file of a run, with a secret of its own in every field that can hold one."""
    file: Path = bench.write_settings(url, f"{url}/ev")
    tree = tomlkit.parse(file.read_text("utf-8"))
    for number, path in enumerate(FIELDS):
        assert filled(tree, path, f"Lasting-secret=of|{number}.") > 0, path
    file.write_text(tomlkit.dumps(tree), "utf-8")
    return file


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    """A whole run, cases among it that show passwords, sign CSRs, install roots and fetch logs."""
    runs = ReferenceRuns(tmp_path_factory.mktemp("privacy"))
    real = {case: case_functions()[case] for case in REAL}
    request = RunRequest(PICS, functions={**functions(), **real})
    with mock.patch("tests.reference_runs._settings_file", with_secrets):
        return asyncio.run(runs.make(request))


@pytest.fixture(scope="module")
def secrets(outcome: RunOutcome) -> dict[str, bytes]:
    """Everything that must stay on the bench, by name."""
    bench = outcome.directory
    settings = load_settings(bench / "bench.toml", outcome.record.pics)
    texts = {f"settings {n}": text.encode() for n, text in enumerate(held(settings))}
    assert len(texts) >= len(FIELDS)
    keys = private_keys(bench / "pki") | private_keys(bench / "station")
    assert len(keys) > 5
    return {**texts, **keys, "salt": _SALT, "passphrase": PASSPHRASE.encode()}


def test_the_run_is_worth_looking_at(outcome: RunOutcome) -> None:
    data = outcome.evidence.read_bytes()
    assert outcome.record.verdict == "pass", outcome.record.void_because
    assert all(
        each in data for each in (b"BasicAuthPassword", b"-----BEGIN CERTIFICATE", b"GetLog")
    )
    journal = Journal(next(outcome.directory.glob("pki/journal-*.jsonl")))
    disposable = {name: text.encode() for name, text in enumerate(journal.passwords())}
    assert leaks(data, {str(name): text for name, text in disposable.items()})


def test_no_lasting_secret_is_in_its_evidence(
    outcome: RunOutcome, secrets: dict[str, bytes]
) -> None:
    assert leaks(outcome.evidence.read_bytes(), secrets) == set()


@pytest.mark.parametrize("kind", KeyType)
def test_none_is_in_its_bundle_nor_is_the_key_that_signed(
    outcome: RunOutcome, secrets: dict[str, bytes], kind: KeyType, tmp_path: Path
) -> None:
    bare = new_key(tmp_path, "bare", kind)
    signing = load_signing_key(bare.private)
    closed = new_key(tmp_path, "closed", kind, passphrase=PASSPHRASE.encode())
    too = load_signing_key(closed.private, lambda _what, _of: PASSPHRASE)
    make_bundle(outcome.record, [signing, too], tmp_path / "declaration.zip")
    everything = secrets | private_keys(tmp_path, PASSPHRASE.encode())
    assert len(everything) == len(secrets) + 2
    assert leaks((tmp_path / "declaration.zip").read_bytes(), everything) == set()


class TestFarewell:
    """After the seal the DUT gets a password that stands in the journal alone."""

    @pytest.fixture
    def run(self, reference_run: ReferenceRuns) -> RunOutcome:
        return reference_run(PICS, only=["TC_B_06_CS"])

    def test_it_is_the_one_that_the_dut_has(self, run: RunOutcome) -> None:
        journal = Journal(next(run.directory.glob("pki/journal-*.jsonl")))
        assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
        last = journal.passwords()[-1]
        assert FileStorage(run.directory / "station").secret(PASSWORD) == last

    def test_it_is_in_no_evidence(self, run: RunOutcome) -> None:
        journal = Journal(next(run.directory.glob("pki/journal-*.jsonl")))
        *others, last = journal.passwords()
        data = run.evidence.read_bytes()
        assert leaks(data, {"of the run": others[0].encode(), "final": last.encode()}) == {
            "of the run"
        }
        assert run.lines[-1].kind == "seal"
