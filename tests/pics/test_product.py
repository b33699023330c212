from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

ProblemsOf = Callable[[Mapping[str, Any]], dict[str, str]]


@pytest.mark.parametrize(
    ("key", "bad", "good"),
    [
        ("product.vendor", "v" * 51, "v" * 50),
        ("product.vendor", "", "v"),
        ("product.firmware_version", "1" * 51, "1" * 50),
        ("product.firmware_version", 1, "1"),
        ("product.firmware_image_sha256", "A" * 64, "a" * 64),
        ("product.representative.certificate_number", None, "N1"),
        ("limits.display_messages", 0, 1),
        ("limits.file_transfer_protocols", ["GOPHER"], ["FTP", "SFTP"]),
    ],
)
def test_a_field_is_checked(key: str, bad: object, good: object, problems_of: ProblemsOf) -> None:
    assert any(item.startswith(key) for item in problems_of({key: bad}))
    assert problems_of({key: good}) == {}


@pytest.mark.parametrize(
    "evse",
    [
        {"id": 1, "connectors": []},
        {"id": 0, "connectors": [{"id": 1, "connectorType": "sType2"}]},
        {"id": 1, "connectors": [{"id": 1}]},
        {"id": 1, "connectors": [{"id": 1, "connectorType": "sType2"}], "supply_phases": 4},
        {"id": 1, "connectors": [{"id": 1, "connectorType": "sType2"}], "max_power_w": 0},
        {"id": 1, "connectors": [{"id": 1, "connectorType": "sType2", "colour": "red"}]},
    ],
)
def test_an_evse_is_checked(evse: dict[str, Any], problems_of: ProblemsOf) -> None:
    problems = problems_of({"hardware.evse": [evse]})
    assert problems
    assert all(item.startswith("hardware.evse[0]") for item in problems)
