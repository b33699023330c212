"""Commissioning: the starting state, and how a station returns to it."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.errors import BenchError, InputError
from vdoc.station.link import PASSWORD
from vdoc.station.network import NetworkProfiles
from vdoc.station.provision import Provisioning, identity_of, main, provision, reset_running
from vdoc.station.storage import FileStorage
from vdoc.tls import authority as build

PASSWORD_TEXT = "sixteen-letters-0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    key = build.new_key("ECDSA")
    subject = build.distinguished_name("root")
    certificate = build.authority_certificate(subject, key, signer=None)
    file = tmp_path / "root.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return file


def test_makes_the_factory_state(tmp_path: Path, root: Path) -> None:
    state = tmp_path / "state"
    argv = [
        *("--state", str(state), "--identity", "CS-1", "--csms", "wss://csms.example.com"),
        *("--security-profile", "2", "--password", PASSWORD_TEXT),
        *("--root", f"CSMSRootCertificate={root}", "--root", f"ManufacturerRootCertificate={root}"),
    ]
    assert main(argv) == 0
    storage = FileStorage(state)
    profiles = NetworkProfiles(storage, (2, 3), lambda _: False)
    assert identity_of(state) == "CS-1"
    assert storage.secret(PASSWORD) == PASSWORD_TEXT
    assert (profiles.priority_csv, profiles.security_profile) == ("1", 2)
    assert len(storage.certificates("CSMSRootCertificate", "ManufacturerRootCertificate")) == 2


def test_leaves_the_current_state_until_the_reset(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    storage.put_secret(PASSWORD, "current")
    provision(tmp_path, Provisioning("CS-1", "ws://csms.example.com", 1, PASSWORD_TEXT))
    assert storage.secret(PASSWORD) == "current"
    storage.factory_reset()
    assert storage.secret(PASSWORD) == PASSWORD_TEXT


@pytest.mark.parametrize(
    ("starting", "item"),
    [
        (Provisioning("CS-1", "wss://csms.example.com", 1, PASSWORD_TEXT), "csms"),
        (Provisioning("CS-1", "ws://csms.example.com", 1), "password"),
        (Provisioning("CS-1", "wss://csms.example.com", 2, PASSWORD_TEXT), "roots"),
        (Provisioning("CS-1", "wss://csms.example.com", 3), "client"),
    ],
)
def test_refuses_what_cannot_connect(tmp_path: Path, starting: Provisioning, item: str) -> None:
    with pytest.raises(InputError) as caught:
        provision(tmp_path, starting)
    assert item in {problem.item for problem in caught.value.problems}


def test_names_a_file_that_is_no_certificate(tmp_path: Path) -> None:
    file = tmp_path / "no.pem"
    file.write_text("nothing")
    starting = Provisioning("CS-1", "wss://c", 2, PASSWORD_TEXT, {"CSMSRootCertificate": [file]})
    with pytest.raises(InputError, match=r"no\.pem"):
        provision(tmp_path, starting)


def test_says_that_the_station_is_not_running() -> None:
    with pytest.raises(BenchError, match="running"):
        reset_running("http://127.0.0.1:1")


def test_a_program_says_in_a_line_what_is_wrong() -> None:
    words = [sys.executable, "-m", "vdoc.station.provision", "--state", "x", "--identity", "X",
             "--csms", "ws://h", "--security-profile", "1", "--root", "Nonsense=x"]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot use Nonsense=x" in done.stderr
    assert "Traceback" not in done.stderr
