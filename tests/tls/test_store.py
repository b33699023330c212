import stat
from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.tls import store
from vdoc.tls.authority import new_key


def test_writes_once_and_never_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert store.write_new(file, b"first", mode=0o600)
    assert not store.write_new(file, b"second", mode=0o600)
    assert file.read_bytes() == b"first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_is_no_directory_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        store.write_new(tmp_path / "absent" / "file", b"", mode=0o600)


def test_a_key_comes_back_as_written(tmp_path: Path) -> None:
    key = new_key("ECDSA")
    store.write_key(tmp_path / "key", key)
    assert store.read_key(tmp_path / "key").public_key() == key.public_key()


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    store.write_key(tmp_path / "key", new_key("ECDSA"))
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        store.read_key(tmp_path / "key")
