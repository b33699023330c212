"""A02: stations that ask for a certificate, and stations that do it wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import Payload, Spoil, settings
from tests.cases.restarting import Quirks, Run, run_case

WAIT_S = settings().values.cert_signing_wait_minimum_s
SHORT = {"key": {"type": "RSA", "size_bits": 1024}, "signature_valid": True}
REJECTED: Payload = {"status": "Rejected"}
SILENT: Payload = {}


def run(case: str, **quirks: Any) -> Run:
    spoil = quirks.pop("spoil", None)
    return run_case(case, spoil=spoil, quirks=Quirks(profile=3, **quirks))


def instead(what: str, payload: Payload) -> Spoil:
    """Say this instead of what would be said; nothing when it is empty."""
    return lambda said, real: (payload or None) if said == what else real


class TestTcA11:
    @pytest.mark.parametrize("reconnects", [True, False])
    def test_a_certificate_is_used(self, *, reconnects: bool) -> None:
        assert run("TC_A_11_CS", reconnects_with_certificate=reconnects).verdict == "pass"

    def test_a_certificate_is_refused(self) -> None:
        made = run("TC_A_11_CS", spoil=instead("CertificateSignedResponse", REJECTED))
        assert made.failed == [("RenewChargingStationCertificate.6", "A02.FR.06")]

    def test_the_key_is_short(self) -> None:
        made = run("TC_A_11_CS", spoil=instead("made csr_facts", SHORT))
        assert made.failed == [("RenewChargingStationCertificate.3", "A00.FR.502, A00.FR.503")]


class TestTcA14:
    @staticmethod
    def rejects(said: str, payload: Payload) -> Payload | None:
        return REJECTED if said == "CertificateSignedResponse" else payload

    def test_it_is_taken(self) -> None:
        assert run("TC_A_14_CS").failed[0] == ("6", "A02.FR.07")

    def test_it_is_rejected_in_silence(self) -> None:
        assert run("TC_A_14_CS", spoil=self.rejects).failed == [("7", "A02.FR.07")]

    def test_what_is_given_is_signed_by_a_stranger(self) -> None:
        made = run("TC_A_14_CS", spoil=self.rejects)
        asked = [line.data for line in made.lines if line.data.get("what") == "sign_csr"]
        assert asked[0]["arguments"]["issuer"] == "other_root"

    @pytest.mark.parametrize(("waits", "failed"), [((), []), ((5,), [("post", "A02.FR.20")])])
    def test_it_must_not_ask_again(self, waits: tuple[int, ...], failed: list[Any]) -> None:
        made = run("TC_A_14_CS", rejects_certificate=True, signing_waits=waits)
        assert made.failed == failed


class TestTcA15:
    def test_it_asks(self) -> None:
        made = run("TC_A_15_CS")
        assert made.verdict == "pass"
        assert [frame[2] for frame in made.sent if frame[0] == 3] == [REJECTED]

    def test_it_does_not_ask(self) -> None:
        made = run("TC_A_15_CS", spoil=instead("SignCertificate", SILENT))
        assert made.failed == [("3", "A02.FR.03")]


class TestTcA23:
    @pytest.mark.parametrize("late_s", [0, 5])
    def test_it_waits_and_then_twice_as_long(self, late_s: float) -> None:
        waits = (WAIT_S + late_s, 2 * WAIT_S + late_s)
        assert run("TC_A_23_CS", signing_waits=waits).verdict == "pass"

    @pytest.mark.parametrize(
        ("waits", "step"),
        [
            ((WAIT_S / 2, 2 * WAIT_S), "5"),
            ((WAIT_S, WAIT_S), "8"),
            ((2 * WAIT_S, 4 * WAIT_S), "5"),
        ],
    )
    def test_it_waits_for_another_time(self, waits: tuple[float, ...], step: str) -> None:
        made = run("TC_A_23_CS", signing_waits=waits)
        assert made.failed[0] == (step, "A02.FR.17, A02.FR.18")

    def test_it_asks_once_more(self) -> None:
        made = run("TC_A_23_CS", signing_waits=(WAIT_S, 2 * WAIT_S, 0.3))
        assert made.failed == [("post", "A02.FR.19")]

    def test_it_never_asks_again(self) -> None:
        assert run("TC_A_23_CS").failed == [("6", "A02.FR.17")]

    def test_one_certificate_of_three_will_do(self) -> None:
        answers = iter(("Rejected", "Accepted", "Rejected"))

        def spoil(said: str, payload: Payload) -> Payload | None:
            return {"status": next(answers)} if said == "CertificateSignedResponse" else payload

        waits = (WAIT_S, 2 * WAIT_S)
        assert run("TC_A_23_CS", signing_waits=waits, spoil=spoil).verdict == "pass"

    def test_no_certificate_is_taken(self) -> None:
        made = run(
            "TC_A_23_CS",
            signing_waits=(WAIT_S, 2 * WAIT_S),
            spoil=instead("CertificateSignedResponse", REJECTED),
        )
        assert made.failed == [("16", "A02.FR.06")]
