"""What survives a power cycle, and what a factory reset brings back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.station.storage import FileStorage, files_of
from vdoc.tls import authority as build

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def root(name: str) -> build.Authority:
    key = build.new_key("ECDSA")
    subject = build.distinguished_name(name)
    return build.Authority(build.authority_certificate(subject, key, signer=None), key)


class TestDocuments:
    @given(document=JSON)
    def test_read_back_as_written(
        self, document: object, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        directory = tmp_path_factory.mktemp("state")
        FileStorage(directory).put("network", document)
        assert FileStorage(directory).get("network") == document

    def test_absent_is_none(self, tmp_path: Path) -> None:
        assert FileStorage(tmp_path).get("network") is None

    def test_readable_by_the_owner_only(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path / "state")
        storage.put("network", {})
        storage.put_secret("password", "p")
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
        assert modes == {0o600}

    def test_leaves_no_temporary_file(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        for value in range(3):
            storage.put("counter", value)
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["counter.json"]


class TestCertificates:
    def test_listed_in_order_of_installation(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        roots = [root("first").certificate, root("second").certificate]
        for certificate in roots:
            storage.add_certificate("CSMSRootCertificate", [certificate])
        found = FileStorage(tmp_path).certificates("CSMSRootCertificate")
        assert [entry.certificate for entry in found] == roots

    def test_removed_one_does_not_change_the_order(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        names = [root(name).certificate for name in ("a", "b", "c")]
        for certificate in names[:2]:
            storage.add_certificate("MORootCertificate", [certificate])
        storage.remove_certificate(storage.certificates("MORootCertificate")[0])
        storage.add_certificate("MORootCertificate", [names[2]])
        found = storage.certificates("MORootCertificate")
        assert [entry.certificate for entry in found] == names[1:]


class TestCredentials:
    def test_moved_ones_replace_what_was_there(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        storage.put_credentials("old", b"1", b"1")
        storage.put_credentials("new", b"2", b"2")
        storage.move_credentials("new", "old")
        found = storage.credentials("old")
        assert found is not None
        assert found.key.read_bytes() == b"2"
        assert storage.credentials("new") is None

    def test_moving_nothing_keeps_what_was_there(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        storage.put_credentials("old", b"1", b"1")
        storage.move_credentials("absent", "old")
        assert storage.credentials("old") is not None


class TestFactoryReset:
    def test_brings_back_the_sealed_state(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        storage.put_secret("password", "first")
        storage.seal_factory()
        storage.put_secret("password", "second")
        storage.put("availability", {})
        storage.factory_reset()
        assert storage.secret("password") == "first"
        assert storage.get("availability") is None

    def test_without_a_factory_state_everything_is_gone(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        storage.put("network", {})
        storage.factory_reset()
        assert storage.get("network") is None

    def test_may_be_repeated(self, tmp_path: Path) -> None:
        storage = FileStorage(tmp_path)
        storage.put("network", 1)
        storage.seal_factory()
        storage.factory_reset()
        storage.factory_reset()
        assert storage.get("network") == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "factory"]


def test_documents_alone_are_no_place_for_keys() -> None:
    class Memory:
        def get(self, name: str) -> object:
            return name

        def put(self, name: str, value: object) -> None: ...

    with pytest.raises(TypeError, match="FileStorage"):
        files_of(Memory())
