"""What an update leaves behind."""

from __future__ import annotations

import json

import pytest

from vdoc.rejudge.update_trail import FINAL, UpdateTrail

BOOT = {"reason": "FirmwareUpdate", "chargingStation": {"firmwareVersion": "1.0.0"}}


def trail(answer: str = "Accepted", *told: str) -> UpdateTrail:
    """An update that was answered so, after which this was told; `boot` is a BootNotification."""
    made = UpdateTrail()
    made.ours("u1", "UpdateFirmware")
    made.answer(json.dumps([3, "u1", {"status": answer}]))
    for word in told:
        action = "BootNotification" if word == "boot" else "FirmwareStatusNotification"
        made.theirs(action, BOOT if word == "boot" else {"status": word})
    return made


@pytest.mark.parametrize("answer", ["Rejected", "InvalidCertificate", "RevokedCertificate"])
def test_nothing_when_it_was_refused(answer: str) -> None:
    assert trail(answer).as_json() is None


def test_nothing_when_there_was_none() -> None:
    made = UpdateTrail()
    made.answer(json.dumps([3, "r1", {"status": "Accepted"}]))
    made.theirs("BootNotification", {})
    assert made.as_json() is None


@pytest.mark.parametrize("last", ["Downloading", "SignatureVerified", "Installing"])
def test_one_that_goes_on(last: str) -> None:
    assert trail("Accepted", last).as_json() == {"under_way": True, "version": None}


@pytest.mark.parametrize("last", sorted(FINAL))
def test_one_after_which_nothing_booted(last: str) -> None:
    assert trail("Accepted", last).as_json() == {"under_way": False, "version": None}


def test_one_whose_firmware_has_booted() -> None:
    for told in (("Installing", "boot", "Installed"), ("Installed", "boot")):
        left = {"under_way": False, "version": "1.0.0"}
        assert trail("AcceptedCanceled", *told).as_json() == left


def test_a_boot_that_tells_no_version() -> None:
    made = trail("Accepted", "Installing")
    made.theirs("BootNotification", {"reason": "FirmwareUpdate"})
    assert made.as_json() == {"under_way": True, "version": None}


def test_a_boot_before_installing_is_that_of_a_bootloader() -> None:
    told = ("InstallRebooting", "boot", "Installing", "Installed")
    assert trail("Accepted", *told).as_json() == {"under_way": False, "version": None}


def test_a_cancelled_one_that_failed_does_not_end_the_next() -> None:
    assert trail("Accepted", "DownloadFailed", "Downloading", "Idle").as_json() == {
        "under_way": True,
        "version": None,
    }
