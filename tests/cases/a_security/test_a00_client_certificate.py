"""A00: stations that show a certificate of their own, a wrong one, or none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.restarting import Quirks, Run, run_case


def run(*, serial_number: str | None = "Root", **quirks: Any) -> Run:
    made = Quirks(profile=3, **quirks)
    return run_case("TC_A_07_CS", quirks=made, serial_number=serial_number)


@pytest.mark.parametrize("serial_number", ["Root", None])
def test_a_certificate_of_its_own_name(serial_number: str | None) -> None:
    made = run(serial_number=serial_number)
    assert made.verdict == "pass"
    assert made.timeline.value.client_certificate


def test_a_certificate_of_another_name() -> None:
    assert run(serial_number="SN-1").failed == [("4", "A00.FR.511")]


def test_no_certificate() -> None:
    assert run(shows_no_certificate=True).failed == [("5", "A00.FR.402")]


def test_old_versions_only() -> None:
    failed = run(versions=("TLSv1.1",)).failed
    assert ("4", "A00.FR.415, A00.FR.416") in failed


def test_compression_only() -> None:
    assert ("4", "A00.FR.321, A00.FR.424") in run(compression=(1,)).failed


def test_half_a_pair_of_suites() -> None:
    failed = run(suites=("TLS_RSA_WITH_AES_128_GCM_SHA256",)).failed
    assert ("4", "A00.FR.319, A00.FR.422") in failed
