"""Which certificates an attempt is made with, and what a success confirms."""

from pathlib import Path

import pytest

from vdoc.station.network import CLIENT_CREDENTIALS, NetworkProfiles, Profile, provisioned
from vdoc.station.storage import FileStorage
from vdoc.station.trials import (
    FALLBACK_ABROAD,
    IGNORES_NEW_ROOT,
    KEEPS_FORMER_ROOT,
    NO_FALLBACK_ROOT,
    PREVIOUS_CREDENTIALS,
    Trials,
)
from vdoc.tls import authority as build

URL = "wss://csms.example.com"
HOME = Profile(1, URL, 3, 30)
AWAY = Profile(2, "wss://other.example.com", 3, 30)


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    """Connected in slot 1 before; two roots, two client certificates."""
    storage = FileStorage(tmp_path)
    storage.put("network", provisioned(URL, 3) | {"last_successful": 1})
    for name in ("old", "new"):
        key = build.new_key("ECDSA")
        subject = build.distinguished_name(name)
        root = build.authority_certificate(subject, key, signer=None)
        storage.add_certificate("CSMSRootCertificate", [root])
    storage.put_credentials(CLIENT_CREDENTIALS, b"new", b"new")
    storage.put_credentials(PREVIOUS_CREDENTIALS, b"old", b"old")
    return storage


def trials(storage: FileStorage, *defects: str, replaces_roots: bool) -> Trials:
    profiles = NetworkProfiles(storage, (1, 2, 3), lambda _: False)
    return Trials(storage, profiles, replaces_roots=replaces_roots, has=defects.__contains__)


def names(
    storage: FileStorage, profile: Profile, *defects: str, replaces_roots: bool
) -> list[list[str]]:
    made = trials(storage, *defects, replaces_roots=replaces_roots).of(profile, alternate=False)
    return [
        [root.subject.rfc4514_string().partition("CN=")[2].partition(",")[0] for root in t.anchors]
        for t in made
    ]


class TestRoots:
    def test_all_at_once_without_the_check(self, storage: FileStorage) -> None:
        assert names(storage, HOME, replaces_roots=False) == [["old", "new"]]

    def test_new_then_old_where_it_was_before(self, storage: FileStorage) -> None:
        assert names(storage, HOME, replaces_roots=True) == [["new"], ["old"]]

    def test_only_the_new_one_elsewhere(self, storage: FileStorage) -> None:
        assert names(storage, AWAY, replaces_roots=True) == [["new"]]

    @pytest.mark.parametrize(("chosen", "left"), [(0, 1), (1, 2)])
    def test_old_one_goes_when_the_new_one_worked(
        self, storage: FileStorage, chosen: int, left: int
    ) -> None:
        made = trials(storage, replaces_roots=True)
        made.succeeded(made.of(HOME, alternate=False)[chosen])
        assert len(storage.certificates("CSMSRootCertificate")) == left

    def test_a_connection_without_tls_proves_nothing(self, storage: FileStorage) -> None:
        made = trials(storage, replaces_roots=True)
        made.succeeded(made.of(Profile(1, "ws://csms.example.com", 1, 30), alternate=False)[0])
        assert len(storage.certificates("CSMSRootCertificate")) == 2

    @pytest.mark.parametrize(
        ("defect", "profile", "found"),
        [
            (NO_FALLBACK_ROOT, HOME, [["new"]]),
            (FALLBACK_ABROAD, AWAY, [["new"], ["old"]]),
            (IGNORES_NEW_ROOT, HOME, [["old"]]),
        ],
    )
    def test_defects_of_the_choice(
        self, storage: FileStorage, defect: str, profile: Profile, found: list[list[str]]
    ) -> None:
        assert names(storage, profile, defect, replaces_roots=True) == found

    def test_defect_keeps_the_old_one(self, storage: FileStorage) -> None:
        made = trials(storage, KEEPS_FORMER_ROOT, replaces_roots=True)
        made.succeeded(made.of(HOME, alternate=False)[0])
        assert len(storage.certificates("CSMSRootCertificate")) == 2


class TestClientCertificates:
    @pytest.mark.parametrize(("alternate", "kept"), [(False, b"new"), (True, b"old")])
    def test_the_one_that_worked_is_kept(
        self, storage: FileStorage, alternate: bool, kept: bytes
    ) -> None:
        made = trials(storage, replaces_roots=False)
        (trial,) = made.of(HOME, alternate=alternate)
        shown = made.client(trial)
        assert shown is not None
        assert shown.chain.read_bytes() == kept
        assert made.succeeded(trial) is alternate
        found = storage.credentials(CLIENT_CREDENTIALS)
        assert found is not None
        assert found.chain.read_bytes() == kept
        assert storage.credentials(PREVIOUS_CREDENTIALS) is None

    def test_none_is_shown_below_profile_3(self, storage: FileStorage) -> None:
        made = trials(storage, replaces_roots=False)
        (trial,) = made.of(Profile(1, URL, 2, 30), alternate=False)
        assert made.client(trial) is None
