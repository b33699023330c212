"""A00: stations that set up TLS as they should, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]

SECURED = Quirks(profile=2)
FLAVOURS = ["expired", "not_yet_valid", "other_root", "wrong_cn", "wildcard_cn"]


def only(**quirks: Any) -> Quirks:
    return Quirks(profile=2, **quirks)


class TestTcA04:
    @pytest.mark.parametrize("profile", [2, 3])
    @pytest.mark.parametrize("key", ["RSA", "ECDSA"])
    def test_a_sound_handshake(self, profile: int, key: str) -> None:
        run = run_case("TC_A_04_CS", variant={"key": key}, quirks=Quirks(profile=profile))
        assert run.verdict == "pass"
        assert run.lines[1].data["key"] == key

    @pytest.mark.parametrize(
        ("quirks", "failed"),
        [
            (only(versions=("TLSv1.1",)), ("2", "A00.FR.313")),
            (only(suites=("TLS_RSA_WITH_AES_128_GCM_SHA256",)), ("2", "A00.FR.319, A00.FR.422")),
            (
                only(
                    suites=(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    )
                ),
                ("2", "C-41"),
            ),
            (only(compression=(1,)), ("2", "A00.FR.321, A00.FR.424")),
        ],
    )
    def test_an_offer_that_is_not_sound(self, quirks: Quirks, failed: tuple[str, str]) -> None:
        run = run_case("TC_A_04_CS", variant={"key": "RSA"}, quirks=quirks)
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_compression_may_be_offered(self) -> None:
        assert run_case("TC_A_04_CS", quirks=only(compression=(1, 0))).verdict == "pass"

    @pytest.mark.parametrize(
        ("profile", "changes", "requirement"),
        [
            (2, {"tls": None}, "A00.FR.312"),
            (2, {"authorization": None}, "A00.FR.301"),
            (3, {"tls.peer_certificate": None}, "A00.FR.402"),
        ],
    )
    def test_an_upgrade_that_is_not_secured(
        self, alter: Make, profile: int, changes: dict[str, Any], requirement: str
    ) -> None:
        spoil = alter("opened", {}, changes)
        run = run_case("TC_A_04_CS", spoil=spoil, quirks=Quirks(profile=profile))
        assert (run.verdict, run.failed) == ("fail", [("5", requirement)])

    def test_a_reset_that_is_refused_is_inconclusive(self, alter: Make) -> None:
        spoil = alter("ResetResponse", {}, {"status": "Rejected"})
        assert run_case("TC_A_04_CS", spoil=spoil, quirks=SECURED).verdict == "inconc"


class TestTcA05:
    def test_every_kind_is_refused(self) -> None:
        run = run_case("TC_A_05_CS", variant={"key": "ECDSA"}, quirks=SECURED)
        assert run.verdict == "pass"
        served = [line.data["flavour"] for line in run.lines if line.kind.value == "gate"]
        assert [flavour for flavour in served if flavour != "valid"] == FLAVOURS

    def test_the_certificate_may_be_looked_at_after_the_handshake(self) -> None:
        quirks = only(late=frozenset({"wrong_cn", "wildcard_cn"}))
        assert run_case("TC_A_05_CS", quirks=quirks).verdict == "pass"

    @pytest.mark.parametrize("flavour", FLAVOURS)
    def test_a_kind_that_is_accepted(self, flavour: str) -> None:
        run = run_case("TC_A_05_CS", quirks=only(accepts=frozenset({flavour})))
        assert (run.verdict, run.failed) == ("fail", [("7", "A00.FR.311, A00.FR.414")])

    def test_no_security_event(self, drop: Make) -> None:
        spoil = drop("SecurityEventNotification", {"type": "InvalidCsmsCertificate"})
        run = run_case("TC_A_05_CS", spoil=spoil, quirks=SECURED)
        assert (run.verdict, run.failed) == ("fail", [("10", "A00.FR.310, A00.FR.413")])

    def test_a_security_event_of_long_ago(self, alter: Make) -> None:
        old = {"timestamp": "2020-01-01T00:00:00Z"}
        spoil = alter("SecurityEventNotification", {}, old)
        run = run_case("TC_A_05_CS", spoil=spoil, quirks=SECURED)
        assert (run.verdict, run.failed) == ("fail", [("10", "A00.FR.310, A00.FR.413")])


class TestTcA06:
    @pytest.mark.parametrize("profile", [2, 3])
    def test_it_breaks_off(self, profile: int) -> None:
        quirks = Quirks(profile=profile)
        assert run_case("TC_A_06_CS", variant={"key": "ECDSA"}, quirks=quirks).verdict == "pass"

    def test_the_security_event_is_optional(self, drop: Make) -> None:
        spoil = drop("SecurityEventNotification", {"type": "InvalidTLSVersion"})
        assert run_case("TC_A_06_CS", spoil=spoil, quirks=SECURED).verdict == "pass"

    def test_it_goes_on(self) -> None:
        run = run_case("TC_A_06_CS", quirks=only(accepts_old_tls=True))
        assert (run.verdict, run.failed) == ("fail", [("3", "A00.FR.316, A00.FR.419")])

    @pytest.mark.parametrize(
        ("action", "failed"),
        [
            ("BootNotification", ("10", "B01.FR.01")),
            ("StatusNotification", ("12", "B01.FR.05")),
            ("SecurityEventNotification", ("14", "A04.FR.01")),
        ],
    )
    def test_a_boot_that_is_not_whole(
        self, drop: Make, action: str, failed: tuple[str, str]
    ) -> None:
        run = run_case("TC_A_06_CS", spoil=drop(action, {}), quirks=SECURED)
        assert (run.verdict, run.failed) == ("fail", [failed])
