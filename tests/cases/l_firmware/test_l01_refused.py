"""Requests for updates that nobody who is trusted has signed."""

from __future__ import annotations

import pytest

from tests.cases.restarting import Quirks, run_case

EVENT = "InvalidFirmwareSigningCertificate"


class TestTcL05:
    @pytest.mark.parametrize("answer", ["InvalidCertificate", "RevokedCertificate"])
    def test_the_certificate_is_found_out(self, answer: str) -> None:
        quirks = Quirks(update_answers=(answer,), pattern=(EVENT,))
        assert run_case("TC_L_05_CS", quirks=quirks).verdict == "pass"

    @pytest.mark.parametrize("answer", ["Accepted", "Rejected"])
    def test_the_certificate_passes_for_another(self, answer: str) -> None:
        run = run_case("TC_L_05_CS", quirks=Quirks(update_answers=(answer,), pattern=(EVENT,)))
        assert (run.verdict, run.failed) == ("fail", [("2", "L01.FR.22")])

    def test_no_security_event_tells_of_it(self) -> None:
        quirks = Quirks(update_answers=("InvalidCertificate",), pattern=())
        run = run_case("TC_L_05_CS", quirks=quirks)
        assert (run.verdict, run.failed) == ("fail", [("3", "L01.FR.02")])


class TestTcL18:
    @pytest.mark.parametrize("answer", ["InvalidCertificate", "Rejected"])
    def test_unsigned_firmware_is_refused(self, answer: str) -> None:
        quirks = Quirks(update_answers=(answer,), pattern=())
        assert run_case("TC_L_18_CS", quirks=quirks).verdict == "pass"

    def test_unsigned_firmware_is_accepted(self) -> None:
        run = run_case("TC_L_18_CS", quirks=Quirks(pattern=()))
        assert (run.verdict, run.failed) == ("fail", [("2", "L01.FR.21")])
