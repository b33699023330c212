"""The renewal of the station certificate, as TC_A_19_CS asks for it (errata 6.2.122, 6.2.123)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]

PROFILE_2 = Quirks(profile=2)
STATE = "RenewChargingStationCertificate"


@pytest.mark.parametrize(
    ("message", "changes", "step"),
    [
        ("TriggerMessageResponse", {"status": "Rejected"}, "2"),
        ("SignCertificate", {"certificateType": "V2GCertificate"}, "3"),
        ("made csr_facts", {"key.size_bits": 1024}, "3"),
        ("made csr_facts", {"signature_valid": False}, "3"),
        ("made csr_facts", {"key": ...}, "3"),
        ("CertificateSignedResponse", {"status": "Rejected"}, "6"),
    ],
)
def test_a_renewal_that_goes_wrong_is_inconclusive(
    alter: Make, message: str, changes: dict[str, Any], step: str
) -> None:
    run = run_case("TC_A_19_CS", spoil=alter(message, {}, changes), quirks=PROFILE_2)
    assert run.verdict == "inconc"
    assert run.failed[0][0].endswith(f"{STATE}.{step}")


def test_a_certificate_request_that_does_not_come(drop: Make) -> None:
    run = run_case("TC_A_19_CS", spoil=drop("SignCertificate", {}), quirks=PROFILE_2)
    assert run.verdict == "inconc"


def test_the_certificate_is_journalled_before_it_is_sent() -> None:
    run = run_case("TC_A_19_CS", quirks=PROFILE_2)
    asked = [line for line in run.lines if line.kind.value == "ask"]
    journalled = next(line.n for line in asked if line.data["what"] == "journal")
    sent = next(line.n for line in run.lines if "CertificateSigned" in str(line.data.get("frame")))
    assert journalled < sent


def test_the_certificate_leads_to_the_root_that_the_station_trusts() -> None:
    run = run_case("TC_A_19_CS", quirks=PROFILE_2)
    asked = [line.data for line in run.lines if line.kind.value == "ask"]
    signed = next(each["arguments"] for each in asked if each["what"] == "sign_csr")
    assert signed["issuer"] == "root1"
