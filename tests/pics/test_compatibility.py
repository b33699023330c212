from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vdoc.pics import BenchSettings, Pics, check_against, missing_files

BenchWith = Callable[..., BenchSettings]
Build = Callable[[Mapping[str, Any]], Pics]


def fit(settings: BenchSettings, pics: Pics) -> set[str]:
    return {problem.item for problem in check_against(settings, pics)}


def test_the_example_settings_fit_the_example_product(bench: BenchSettings, wallbox: Pics) -> None:
    assert check_against(bench, wallbox) == ()


MISFITS = [
    ("tokens.valid", ("04A1B2C3D4E502", "04A1B2C3D4E502X"), {"C-31": True}),
    ("dut.evse", ("[csms]", "evse = 2\n[csms]"), {}),
    ("action_api", ("[csms]", "evse = 2\n[csms]"), {}),
    ("dut.second_evse", ("[csms]", "second_evse = 3\n[csms]"), {}),
    ("action_api.outlet[0]", ("connector = 1\n", "connector = 2\n"), {}),
    ("dut.start_stop_mode", ("[csms]", 'start_stop_mode = "local"\n[csms]'), {"C-30": None}),
    ("dut.start_button", ("[csms]", "start_button = true\n[csms]"), {}),
    ("values.charging_rate_unit", ("[values]", '[values]\ncharging_rate_unit = "A"'), {}),
    ("values.number_phases", ("[values]", "[values]\nnumber_phases = 3"), {"HFS-7": None}),
    (
        "values.reservation_connector_type",
        ("[values]", '[values]\nreservation_connector_type = "cCCS2"'),
        {},
    ),
    ("file_server", ('protocol = "HTTPS"', 'protocol = "FTP"'), {}),
    (
        "tokens.contract",
        ("[values]", "[values]"),
        {"profile.ISO15118Support": True, "SC-2.1": True},
    ),
]
FITS = [
    (("[csms]", 'start_stop_mode = "local"\n[csms]'), {}),
    (("[csms]", "start_button = true\n[csms]"), {"C-35": True}),
    (
        ("[values]", '[values]\ncharging_rate_unit = "A"'),
        {"profile.SmartCharging": True, "SC-2.1": True},
    ),
    (("[values]", "[values]\nnumber_phases = 3"), {}),
    (("[values]", '[values]\nreservation_connector_type = "sType2"'), {}),
    (
        ("[firmware]", 'contract = { idToken = "DE8AAA1B2C3D4E", type = "eMAID" }\n[firmware]'),
        {"profile.ISO15118Support": True, "SC-2.1": True},
    ),
]
VERSION = {"product.firmware_version": "3.2.1"}


@pytest.mark.parametrize(("item", "change", "claims"), MISFITS)
def test_settings_that_do_not_fit_are_reported(
    item: str,
    change: tuple[str, str],
    claims: Mapping[str, Any],
    bench_with: BenchWith,
    build: Build,
) -> None:
    assert item in fit(bench_with(change), build({**VERSION, **claims}))


@pytest.mark.parametrize(("change", "claims"), FITS)
def test_settings_that_fit_are_not(
    change: tuple[str, str], claims: Mapping[str, Any], bench_with: BenchWith, build: Build
) -> None:
    assert fit(bench_with(change), build({**VERSION, **claims})) == set()


def test_two_tokens_of_each_claimed_type_are_needed(bench: BenchSettings, build: Build) -> None:
    assert fit(bench, build({**VERSION, "C-38": True})) == set()
    assert fit(bench, build({**VERSION, "C-32": True})) == {"tokens.valid"}
    assert fit(bench, build({**VERSION, "C-35": True, "C-39": True})) == set()


def test_the_firmware_is_that_of_the_pics(bench: BenchSettings, build: Build) -> None:
    assert fit(bench, build({})) == {"firmware.version"}


IMAGES = ("nl-wall-3.2.1", "nl-wall-broken")


class TestFiles:
    @pytest.fixture
    def settings(self, bench_with: BenchWith, tmp_path: Path) -> BenchSettings:
        (tmp_path / "firmware").mkdir()
        image = [f"{name}.{ending}" for name in IMAGES for ending in ("bin", "sig")]
        for name in (*image, "signing.pem"):
            (tmp_path / "firmware" / name).write_bytes(b"image")
        return bench_with()

    def test_files_that_exist_are_fine(self, settings: BenchSettings, wallbox: Pics) -> None:
        assert missing_files(settings, wallbox) == ()

    def test_each_missing_file_is_named(self, bench: BenchSettings, wallbox: Pics) -> None:
        items = [problem.item for problem in missing_files(bench, wallbox)]
        names = ("image", "signature", "signing_certificate", "invalid_image", "invalid_signature")
        assert items == [f"firmware.{name}" for name in names]

    @pytest.mark.parametrize(("content", "problems"), [(b"image", 0), (b"other", 1)])
    def test_the_image_has_the_declared_digest(
        self, content: bytes, problems: int, settings: BenchSettings, build: Build
    ) -> None:
        declared = hashlib.sha256(content).hexdigest()
        pics = build({"product.firmware_image_sha256": declared})
        assert len(missing_files(settings, pics)) == problems
