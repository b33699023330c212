"""M05: stations that install what they may, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case
from tests.cases.roaming import MO, Habits, roam

Make = Callable[..., Any]

LIST = "GetInstalledCertificateIdsResponse"
ENTRY = "certificateHashDataChain.0"


def strict(**habits: Any) -> Habits:
    return Habits(profile=2, replaces_roots=True, **habits)


@pytest.mark.parametrize("habits", [Habits(), Habits(installed=()), Habits(profile=2)])
@pytest.mark.parametrize("case", ["TC_M_02_CS", "TC_M_07_CS"])
def test_a_sound_station(case: str, habits: Habits) -> None:
    assert roam(case, habits=habits).verdict == "pass"


@pytest.mark.parametrize("case", ["TC_M_02_CS", "TC_M_09_CS", "TC_M_30_CS", "TC_M_31_CS"])
def test_a_sound_station_that_keeps_one_root(case: str) -> None:
    assert roam(case, habits=Habits(profile=2, replaces_roots=True)).verdict == "pass"


@pytest.mark.parametrize("case", ["TC_M_02_CS"])
@pytest.mark.parametrize(
    ("changes", "requirement"),
    [
        ({"status": "NotFound"}, "M03.FR.03"),
        ({"certificateHashDataChain.0.certificateType": MO}, "M03.FR.04"),
        ({"certificateHashDataChain": ...}, "M03.FR.04"),
    ],
)
def test_a_listing_that_is_wrong(
    alter: Make, case: str, changes: dict[str, Any], requirement: str
) -> None:
    spoil = alter(LIST, {}, changes)
    run = roam(case, spoil=spoil, habits=Habits(installed=()))
    assert run.verdict == "fail"
    assert ("GetInstalledCertificates.2", requirement) in run.failed


class TestTcM01:
    @pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
    def test_the_root_is_listed_by_any_hash(self, algorithm: str) -> None:
        run = run_case("TC_M_01_CS", quirks=Quirks(algorithm=algorithm))
        assert run.verdict == "pass"
        assert run.timeline.value.roots_installed == ("root2",)

    @pytest.mark.parametrize(
        ("message", "changes", "failed"),
        [
            (
                "InstallCertificateResponse",
                {"status": "Failed"},
                ("CertificateInstalled.2", "M05.FR.02"),
            ),
            (LIST, {"status": "NotFound"}, ("GetInstalledCertificates.2", "M03.FR.03")),
            (
                LIST,
                {f"{ENTRY}.certificateType": "ManufacturerRootCertificate"},
                ("GetInstalledCertificates.2", "M03.FR.04"),
            ),
            *(
                (
                    LIST,
                    {f"{ENTRY}.certificateHashData.{field}": value},
                    ("GetInstalledCertificates.2", "M03.FR.04"),
                )
                for field, value in (
                    ("hashAlgorithm", "SHA512"),
                    ("issuerNameHash", "00"),
                    ("issuerKeyHash", "00"),
                    ("serialNumber", "00"),
                )
            ),
        ],
    )
    def test_a_wrong_word(
        self, alter: Make, message: str, changes: dict[str, Any], failed: tuple[str, str]
    ) -> None:
        run = run_case("TC_M_01_CS", spoil=alter(message, {}, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_nothing_is_listed(self, alter: Make) -> None:
        spoil = alter(LIST, {}, {"certificateHashDataChain": ...})
        assert run_case("TC_M_01_CS", spoil=spoil).verdict == "fail"

    def test_a_station_that_keeps_one_root_gets_one_that_it_signed(self) -> None:
        run = run_case("TC_M_01_CS", quirks=Quirks(additional_root_check=True))
        asked = [line.data["arguments"] for line in run.lines if line.kind.value == "ask"]
        assert asked[0] == {"root": "root2", "form": "by-predecessor"}
        assert asked[1] == {"root": "root1", "form": "self-signed"}


class TestTcM07:
    def test_a_station_that_keeps_one_root_is_spared(self) -> None:
        assert roam("TC_M_07_CS", habits=strict()).verdict == "not_applicable"

    def test_it_is_installed(self) -> None:
        run = roam("TC_M_07_CS", habits=Habits(installs_anything=True))
        assert (run.verdict, run.failed) == ("fail", [("2", "M05.FR.07"), ("4", "M05.FR.07")])

    def test_it_is_rejected_in_words_only(self, alter: Make) -> None:
        spoil = alter("InstallCertificateResponse", {}, {"status": "Rejected"})
        run = roam("TC_M_07_CS", spoil=spoil, habits=Habits(installs_anything=True))
        assert (run.verdict, run.failed) == ("fail", [("4", "M05.FR.07")])


class TestTcM09:
    def test_it_is_installed(self) -> None:
        run = roam("TC_M_09_CS", habits=strict(installs_anything=True))
        assert (run.verdict, run.failed) == ("fail", [("2", "M05.FR.11"), ("4", "M05.FR.11")])

    def test_the_present_root_is_gone(self, alter: Make) -> None:
        spoil = alter(LIST, {}, {f"{ENTRY}.certificateHashData.serialNumber": "00"})
        run = roam("TC_M_09_CS", spoil=spoil, habits=strict())
        assert (run.verdict, run.failed) == ("fail", [("4", "M05.FR.11")])


class TestTcM30:
    def test_the_new_root_is_in_use_from_then_on(self) -> None:
        assert roam("TC_M_30_CS", habits=strict()).timeline.value.root == "root2"

    def test_in_profile_3_the_new_root_signs_the_station_as_well(self) -> None:
        run = roam("TC_M_30_CS", habits=Habits(profile=3, replaces_roots=True))
        asked = [line.data for line in run.lines if line.kind.value == "ask"]
        signed = [each["arguments"]["issuer"] for each in asked if each["what"] == "sign_csr"]
        assert (run.verdict, signed) == ("pass", ["root2"])

    @pytest.mark.parametrize(
        ("habits", "step"),
        [(strict(keeps_former_root=True), "7"), (strict(trusts_oldest_only=True), "4")],
    )
    def test_the_former_root_lives_on(self, habits: Habits, step: str) -> None:
        run = roam("TC_M_30_CS", habits=habits)
        assert (run.verdict, run.failed) == ("fail", [(step, "M05.FR.13")])


class TestTcM31:
    def test_a_failed_handshake_need_not_be_seen(self) -> None:
        assert roam("TC_M_31_CS", habits=strict(looks_again_silently=True)).verdict == "pass"

    def test_the_former_root_is_not_tried(self) -> None:
        run = roam("TC_M_31_CS", habits=strict(falls_back=frozenset()))
        assert (run.verdict, run.failed) == ("fail", [("5", "M05.FR.14")])
