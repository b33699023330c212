"""Slots, priority and security profile: B09, B10, A05."""

from pathlib import Path
from typing import Any

import pytest

from vdoc.station.network import (
    ACCEPTS_LOWER,
    CLIENT_CREDENTIALS,
    FALLS_BACK,
    IGNORES_PRIORITY,
    KEEPS_LOWER_SLOT,
    KEEPS_SECURITY_PROFILE,
    NEEDS_NO_ROOT,
    REJECTS_PRIORITY,
    REJECTS_PROFILE,
    UNKNOWN_SLOT,
    NetworkProfiles,
    Profile,
    provisioned,
)
from vdoc.station.storage import FileStorage
from vdoc.tls import authority as build

URL = {1: "ws://csms.example.com", 2: "wss://csms.example.com", 3: "wss://csms.example.com"}


def data(security_profile: int, **changes: object) -> dict[str, Any]:
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": URL[security_profile],
        "messageTimeout": 30,
        "securityProfile": security_profile,
        "ocppInterface": "Wired0",
        **changes,
    }


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    """A station commissioned with profile 1, holding a root and a client certificate."""
    storage = FileStorage(tmp_path)
    storage.put("network", provisioned(URL[1], 1))
    key = build.new_key("ECDSA")
    root = build.authority_certificate(build.distinguished_name("root"), key, signer=None)
    storage.add_certificate("CSMSRootCertificate", [root])
    storage.put_credentials(CLIENT_CREDENTIALS, b"chain", b"key")
    return storage


def profiles(storage: FileStorage, *defects: str) -> NetworkProfiles:
    return NetworkProfiles(storage, (1, 2, 3), defects.__contains__)


def upgraded(storage: FileStorage, *defects: str) -> NetworkProfiles:
    """A station that has connected with slot 2 after its security profile was raised to 2."""
    network = profiles(storage, *defects)
    network.set_profile(2, data(2))
    network.set_priority("2,1")
    slot = network.profile(2)
    assert slot is not None
    first = network.profile(1)
    assert first is not None
    network.connected(first)
    network.connected(slot)
    return network


class TestSetNetworkProfile:
    def test_stored_when_valid(self, storage: FileStorage) -> None:
        assert profiles(storage).set_profile(2, data(2)) == ("Accepted", None)
        assert profiles(storage).profile(2) == Profile(2, URL[2], 2, 30)

    @pytest.mark.parametrize(
        ("slot", "content", "reason"),
        [
            (9, data(1), "InvalidConfSlot"),
            (2, data(1, ocppTransport="SOAP"), "InvalidNetworkConf"),
            (2, data(1, ocppVersion="OCPP16"), "InvalidNetworkConf"),
            (2, data(2, ocppCsmsUrl="ws://csms.example.com"), "InvalidNetworkConf"),
            (2, data(1, securityProfile=0), "InvalidNetworkConf"),
        ],
    )
    def test_rejected_when_not(
        self, storage: FileStorage, slot: int, content: dict[str, Any], reason: str
    ) -> None:
        assert profiles(storage).set_profile(slot, content) == ("Rejected", reason)

    def test_never_lowers_the_security_profile(self, storage: FileStorage) -> None:
        network = upgraded(storage)
        assert network.set_profile(3, data(1)) == ("Rejected", "NoSecurityDowngrade")

    def test_defect_lowers_it(self, storage: FileStorage) -> None:
        assert upgraded(storage, ACCEPTS_LOWER).set_profile(3, data(1))[0] == "Accepted"

    def test_defect_accepts_an_unknown_slot(self, storage: FileStorage) -> None:
        network = profiles(storage, UNKNOWN_SLOT)
        assert network.set_profile(999, data(1))[0] == "Accepted"
        assert network.profile(999) is None

    def test_defect_rejects(self, storage: FileStorage) -> None:
        network = profiles(storage, REJECTS_PROFILE)
        assert network.set_profile(2, data(2))[0] == "Rejected"


class TestPriority:
    def test_accepted_when_all_slots_are_set(self, storage: FileStorage) -> None:
        network = profiles(storage)
        network.set_profile(2, data(2))
        assert network.check_priority("2,1") is None

    @pytest.mark.parametrize("csv", ["", "1,1", "one", "2", "1,9", "1;2"])
    def test_rejected_when_a_slot_is_not(self, storage: FileStorage, csv: str) -> None:
        assert profiles(storage).check_priority(csv) is not None

    def test_tls_needs_a_root(self, storage: FileStorage) -> None:
        network = profiles(storage)
        network.set_profile(2, data(2))
        storage.remove_certificate(storage.certificates("CSMSRootCertificate")[0])
        assert network.check_priority("2,1") == "InvalidNetworkConf"
        assert profiles(storage, NEEDS_NO_ROOT).check_priority("2,1") is None

    def test_profile_3_needs_a_client_certificate(self, storage: FileStorage) -> None:
        network = profiles(storage)
        network.set_profile(2, data(3))
        assert network.check_priority("2,1") is None
        storage.drop_credentials(CLIENT_CREDENTIALS)
        assert network.check_priority("2,1") == "InvalidNetworkConf"

    def test_counts_at_the_next_boot(self, storage: FileStorage) -> None:
        network = profiles(storage)
        network.set_profile(2, data(2))
        network.set_priority("2,1")
        assert [profile.slot for profile in network.boot_order()] == [2, 1]
        assert network.active_slot == 1

    def test_defects(self, storage: FileStorage) -> None:
        assert profiles(storage, REJECTS_PRIORITY).check_priority("1") is not None
        network = profiles(storage, IGNORES_PRIORITY)
        network.set_profile(2, data(2))
        network.set_priority("2,1")
        assert [profile.slot for profile in network.boot_order()] == [1]


class TestUpgrade:
    def test_raises_the_profile_and_forgets_lower_slots(self, storage: FileStorage) -> None:
        network = upgraded(storage)
        assert network.security_profile == 2
        assert network.priority_csv == "2"
        assert network.active_slot == 2
        assert network.profile(1) is None

    def test_reconnects_where_it_is(self, storage: FileStorage) -> None:
        network = upgraded(storage)
        assert network.fallback() == network.profile(2)

    def test_an_equal_profile_keeps_both_slots(self, storage: FileStorage) -> None:
        network = profiles(storage)
        network.set_profile(2, data(1))
        network.set_priority("2,1")
        second = network.profile(2)
        assert second is not None
        assert network.connected(second) == second
        assert network.priority_csv == "2,1"

    def test_defects(self, storage: FileStorage) -> None:
        assert "1" in upgraded(storage, KEEPS_LOWER_SLOT).priority_csv

    def test_defect_keeps_the_variable(self, storage: FileStorage) -> None:
        assert upgraded(storage, KEEPS_SECURITY_PROFILE).security_profile == 1

    def test_defect_goes_home_to_the_lower_profile(self, storage: FileStorage) -> None:
        network = profiles(storage, FALLS_BACK)
        first = network.profile(1)
        assert first is not None
        network.connected(first)
        network.set_profile(2, data(2))
        second = network.profile(2)
        assert second is not None
        assert network.connected(second) == first
