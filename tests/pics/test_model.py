from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from vdoc.pics import Pics, load_pics, template

Build = Callable[[Mapping[str, Any]], Pics]
RSA = ["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"]
ECDSA = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
EXAMPLES = sorted((Path(__file__).parents[2] / "pics").glob("a*.toml")) + sorted(
    (Path(__file__).parents[2] / "pics").glob("d*.toml")
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (2,)),
        ({"C-61": True}, (1, 2)),
        ({"profile.AdvancedSecurity": True}, (2, 3)),
        ({"C-61": True, "profile.AdvancedSecurity": True}, (1, 2, 3)),
    ],
)
def test_security_profiles(
    changes: Mapping[str, Any], expected: tuple[int, ...], build: Build
) -> None:
    assert build(changes).security_profiles == expected


@pytest.mark.parametrize(
    ("suites", "expected"),
    [(RSA, ("RSA",)), (ECDSA, ("ECDSA",)), (ECDSA + RSA, ("RSA", "ECDSA"))],
)
def test_tls_key_types_are_whole_pairs(
    suites: list[str], expected: tuple[str, ...], build: Build
) -> None:
    assert build({"C-41": suites}).tls_key_types == expected
    assert build({"C-41": [*suites, "TLS_AES_128_GCM_SHA256"]}).tls_key_types == expected


def test_options_are_literals_in_the_order_of_their_items(build: Build) -> None:
    pics = build({"C-32": True, "C-35": True, "C-39": True, "C-38": True})
    assert pics.local_options == ("ISO14443", "KeyCode", "NoAuthorization")
    assert pics.remote_options == ("ISO14443", "Central", "NoAuthorization")


def test_start_and_stop_points_are_literals(build: Build) -> None:
    pics = build({"C-09.6": True, "C-10.1": True})
    assert pics.tx_start_points == ("Authorized", "ParkingBayOccupancy")
    assert pics.tx_stop_points == ("EVConnected", "Authorized")


def test_values_have_the_kind_of_their_item(build: Build) -> None:
    pics = build({})
    assert pics.value("HFS-8") == 1
    assert pics.value("C-23") == ("Heartbeat",)
    assert pics.value("HFS-9") == ""
    assert pics.value("profile.Core") is True
    assert pics.values_of("C-54") == ()


def test_an_unknown_item_is_a_key_error(build: Build) -> None:
    with pytest.raises(KeyError):
        build({}).claims("C-99")
    with pytest.raises(TypeError, match="C-30 is no list"):
        build({}).values_of("C-30")


def test_phases_are_the_most_claimed(build: Build) -> None:
    assert build({}).max_phases == 3
    assert build({"HFS-7": None}).max_phases == 1


def test_a_pics_cannot_be_changed(wallbox: Pics) -> None:
    with pytest.raises(ValidationError):
        wallbox.limits = wallbox.limits  # type: ignore[misc]


class TestDigest:
    def test_it_does_not_depend_on_how_a_claim_is_written(
        self, build: Build, tmp_path: Path
    ) -> None:
        path = tmp_path / "p.toml"
        path.write_text(template().replace("C-30 = true", '"C-30" = true\nC-31 = false'), "utf-8")
        assert load_pics(path).digest == build({}).digest

    @pytest.mark.parametrize(
        "changes",
        [
            {"C-31": True},
            {"product.firmware_version": "2"},
            {"limits.display_messages": 3},
            {"HFS-9": "LTE"},
            {"hardware.evse": [{"id": 1, "connectors": [{"id": 1, "connectorType": "sType3"}]}]},
            {"product.firmware_image_sha256": "0" * 64},
        ],
    )
    def test_it_depends_on_every_claim(self, changes: Mapping[str, Any], build: Build) -> None:
        assert build(changes).digest != build({}).digest


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_survives_json(path: Path) -> None:
    pics = load_pics(path)
    again = Pics.from_json(json.loads(json.dumps(pics.to_json())))
    assert again == pics
    assert again.digest == pics.digest


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3
