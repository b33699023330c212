"""M04: stations that delete what they are told to, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.roaming import CSMS, Habits, Installed, roam
from vdoc.tls.hash_data import HashAlgorithm

Make = Callable[..., Any]


@pytest.mark.parametrize("habits", [Habits(), Habits(installed=()), Habits(profile=2)])
@pytest.mark.parametrize("case", ["TC_M_20_CS", "TC_M_22_CS"])
def test_a_sound_station(case: str, habits: Habits) -> None:
    assert roam(case, habits=habits).verdict == "pass"


@pytest.mark.parametrize("case", ["TC_M_20_CS", "TC_M_22_CS"])
def test_a_sound_station_that_keeps_one_root(case: str) -> None:
    assert roam(case, habits=Habits(profile=2, replaces_roots=True)).verdict == "pass"


@pytest.mark.parametrize("algorithm", ["SHA384", "SHA512"])
@pytest.mark.parametrize("case", ["TC_M_20_CS", "TC_M_22_CS"])
def test_a_sound_station_with_one_hash_algorithm(case: str, algorithm: HashAlgorithm) -> None:
    assert roam(case, habits=Habits(algorithm=algorithm)).verdict == "pass"


class TestTcM20:
    def test_the_root_in_use_is_left_alone(self) -> None:
        run = roam("TC_M_20_CS")
        (call,) = run.calls("DeleteCertificate")
        assert call["certificateHashData"] == Installed(CSMS, "root2").named()

    def test_it_is_not_deleted(self, alter: Make) -> None:
        spoil = alter("DeleteCertificateResponse", {}, {"status": "Failed"})
        run = roam("TC_M_20_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("3", "M04.FR.02")])

    def test_it_is_still_there(self) -> None:
        run = roam("TC_M_20_CS", habits=Habits(keeps_deleted=True))
        assert (run.verdict, run.failed) == ("fail", [("4", "M04.FR.02")])

    def test_the_root_in_use_is_gone_too(self) -> None:
        run = roam("TC_M_20_CS", habits=Habits(deletes_all=True))
        assert (run.verdict, run.failed) == ("fail", [("4", "M03.FR.03"), ("4", "M03.FR.04")])


@pytest.mark.parametrize("status", ["Accepted", "Failed"])
def test_an_unknown_certificate_must_not_be_found(alter: Make, status: str) -> None:
    spoil = alter("DeleteCertificateResponse", {}, {"status": status})
    run = roam("TC_M_22_CS", spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("3", "M04.FR.04")])


class TestTcM23:
    def test_its_own_certificate_is_not_deleted(self) -> None:
        run = roam("TC_M_23_CS", habits=Habits(profile=3))
        assert run.verdict == "pass"
        (call,) = run.calls("DeleteCertificate")
        assert call["certificateHashData"] not in [r.named() for r in Habits().installed]

    def test_its_own_certificate_is_deleted(self, alter: Make) -> None:
        spoil = alter("DeleteCertificateResponse", {}, {"status": "Accepted"})
        run = roam("TC_M_23_CS", habits=Habits(profile=3), spoil=spoil)
        assert run.failed == [("3", "M04.FR.06")]
