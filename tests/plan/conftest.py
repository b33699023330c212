from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.pics import BenchSettings, Pics, load_pics

COVERING = Path(__file__).parents[2] / "pics" / "covering"
BENCH = """
[dut]
identity = "CS-1"
second_evse = 2
second_connector = 1
[csms]
advertised_host = "bench.example"
[[csms.endpoint]]
bind_host = "127.0.0.1"
bind_port = 0
[[csms.endpoint]]
bind_host = "127.0.0.1"
bind_port = 0
[pki]
directory = "pki"
[password]
initial = "0123456789abcdef"
[action_api]
url = "http://127.0.0.1:8080"
[[action_api.outlet]]
evse = 1
connector = 1
ev_api = "ev"
[[action_api.outlet]]
evse = 2
connector = 1
[ev_api.ev]
url = "http://127.0.0.1:8081"
[ev_api.ev.iso15118]
pnc = "pnc"
ev_renegotiate = "renegotiate"
ev_session_stop = "stop"
ev_cert_install = "install"
ev_cert_update = "update"
[observe]
command = ["look"]
[tokens]
valid = [{ idToken = "T1", type = "ISO14443" }, { idToken = "T2", type = "ISO14443" }]
invalid = { idToken = "T3", type = "ISO14443" }
blocked = { idToken = "T4", type = "ISO14443" }
expired = { idToken = "T5", type = "ISO14443" }
master_pass = { idToken = "T6", type = "ISO14443" }
[firmware]
image = "image.bin"
signature = "image.sig"
signing_certificate = "image.pem"
invalid_image = "broken.bin"
invalid_signature = "broken.sig"
version = "1.0.0"
"""


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def covering() -> dict[str, Pics]:
    """The products of pics/covering by the name of their file, ascending."""
    return {path.name: load_pics(path) for path in sorted(COVERING.glob("*.toml"))}


@pytest.fixture(scope="session")
def everything(covering: dict[str, Pics]) -> Pics:
    """The covering product with the most profiles, and security profiles 1 to 3."""
    return covering["1-all-profiles-ac.toml"]


@pytest.fixture(scope="session")
def bench() -> Callable[..., BenchSettings]:
    """Builds settings that bind every action; keywords replace whole tables or parts of them."""

    def build(**tables: dict[str, Any] | None) -> BenchSettings:
        raw = copy.deepcopy(tomllib.loads(BENCH))
        for name, table in tables.items():
            if table is None:
                del raw[name]
            else:
                raw[name] = {**raw.get(name, {}), **table}
        return BenchSettings.model_validate(raw)

    return build


@pytest.fixture(scope="session")
def settings(bench: Callable[..., BenchSettings]) -> BenchSettings:
    return bench()
