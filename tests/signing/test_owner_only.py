from __future__ import annotations

from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.signing.owner_only import read_owner_only, read_secret_line


def secret(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.touch()
    path.chmod(mode)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_end_of_the_line_is_not_of_the_secret(tmp_path: Path, end: bytes) -> None:
    assert read_secret_line(secret(tmp_path / "pin", b"open sesame " + end), "PIN") == (
        "open sesame "
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610])
def test_what_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret(tmp_path / "pin", b"1234", mode)
    for read in (read_secret_line, lambda path, what: read_owner_only(path, what, "")):
        with pytest.raises(InputError, match=f"others may read this PIN.*chmod 600 {path}"):
            read(path, "PIN")


@pytest.mark.parametrize("data", [b"", b"\n", b"one\ntwo\n", b"\xff"])
def test_what_is_no_line_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match=r"is empty or has more|no UTF-8"):
        read_secret_line(secret(tmp_path / "pin", data), "PIN")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_secret_line(tmp_path / "none", "PIN")
