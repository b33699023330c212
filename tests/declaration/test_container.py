from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import pytest

from vdoc.declaration import container
from vdoc.declaration.container import MEMBERS, OPTIONAL, REQUIRED
from vdoc.errors import InputError

SOUND = {name: name.encode() for name in MEMBERS}


def _zip(
    path: Path, names: list[str], compression: int = zipfile.ZIP_STORED, data: bytes = b"x"
) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of a name that comes twice
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name in names:
                archive.writestr(name, data)
    return path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    container.write(tmp_path / "b.zip", SOUND)
    assert container.read(tmp_path / "b.zip") == SOUND
    assert container.pack(SOUND) == (tmp_path / "b.zip").read_bytes()


def test_it_is_never_overwritten_and_leaves_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    with pytest.raises(InputError, match="cannot be written"):
        container.write(tmp_path / "b.zip", SOUND)
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


@pytest.mark.parametrize("absent", [*sorted(OPTIONAL), ""])
def test_optional_members_may_be_absent(tmp_path: Path, absent: str) -> None:
    members = {name: data for name, data in SOUND.items() if name != absent}
    container.write(tmp_path / "b.zip", members)
    read = container.read(tmp_path / "b.zip")
    assert list(read) == [name for name in MEMBERS if name != absent]


@pytest.mark.parametrize("changes", [{"more": b"x"}, {"plan.json": b""}, {"plan.tsr": b""}])
def test_only_the_known_members_are_written(changes: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="no others"):
        container.pack(SOUND | changes)


@pytest.mark.parametrize("absent", REQUIRED)
def test_required_members_must_be_there(absent: str) -> None:
    with pytest.raises(ValueError, match=absent):
        container.pack({name: data for name, data in SOUND.items() if name != absent})


def test_the_declaration_holds_the_digests_of_all_but_itself() -> None:
    names = [name for name in MEMBERS if not name.startswith("declaration.")]
    assert list(container.enclosed(SOUND)) == names
    assert "plan.tsr" not in container.enclosed({"plan.json": b"x"})


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([*MEMBERS, MEMBERS[0]], "twice"),
        (list(MEMBERS[1:]), "lacks README.txt"),
        ([*MEMBERS, "../../etc/passwd"], "unknown member '../../etc/passwd'"),
        ([*MEMBERS, "/etc/passwd"], "unknown member"),
        (list(reversed(MEMBERS)), "one form"),
    ],
)
def test_other_members_are_refused(tmp_path: Path, names: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        container.read(_zip(tmp_path / "b.zip", names))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = _zip(tmp_path / "b.zip", list(MEMBERS), zipfile.ZIP_DEFLATED, b"\0" * 1_000_000)
    with pytest.raises(InputError, match="compressed"):
        container.read(bomb)


def test_bytes_around_the_zip_are_refused(tmp_path: Path) -> None:
    for data in (b"before" + container.pack(SOUND), container.pack(SOUND) + b"after"):
        (tmp_path / "b.zip").write_bytes(data)
        with pytest.raises(InputError):
            container.read(tmp_path / "b.zip")


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MAX_BUNDLE_BYTES", 100)
    container.write(tmp_path / "b.zip", SOUND)
    with pytest.raises(InputError, match="at most 100"):
        container.read(tmp_path / "b.zip")


def test_no_zip_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"PK", b"not a zip" * 100):
        (tmp_path / "b.zip").write_bytes(data)
        with pytest.raises(InputError, match="no readable bundle"):
            container.read(tmp_path / "b.zip")
    assert zipfile.is_zipfile(io.BytesIO(container.pack(SOUND)))
