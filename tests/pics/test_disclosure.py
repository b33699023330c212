from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.digest import canonical
from vdoc.errors import InputError
from vdoc.pics import BenchSettings, commitment, public_digest

SALT = bytes(range(32))
Path = tuple[str | int, ...]


@pytest.fixture
def public(bench: BenchSettings) -> dict[str, Any]:
    """A public copy as it comes back from a bundle."""
    copied: dict[str, Any] = json.loads(json.dumps(bench.public(SALT)))
    return copied


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))
    else:
        yield path


def at(value: Any, path: Path) -> Any:  # JSON
    for part in path:
        value = value[part]
    return value


def test_the_digest_is_recomputed_from_the_public_copy(
    bench: BenchSettings, public: dict[str, Any]
) -> None:
    assert public_digest(public) == bench.digest(SALT)


def test_the_digest_depends_on_the_salt(bench: BenchSettings) -> None:
    assert bench.digest(SALT) != bench.digest(SALT[::-1])


def test_a_secret_is_committed_to_under_its_own_salt(public: dict[str, Any]) -> None:
    own = hmac.new(SALT, b"/password/initial", hashlib.sha256).digest()
    expected = hashlib.sha256(own + canonical("Example-password-0001")).hexdigest()
    assert public["settings"]["password"]["initial"] == {"withheld": expected}
    assert commitment("/password/initial", "Example-password-0001", SALT) == expected
    assert "/password/initial" not in public["salts"]


def test_every_altered_field_changes_the_digest(public: dict[str, Any]) -> None:
    digest = public_digest(public)
    paths = list(leaves(public["settings"]))
    assert len(paths) > 100
    for path in paths:
        altered = copy.deepcopy(public)
        at(altered["settings"], path[:-1])[path[-1]] = (
            "f" * 64 if path[-1] == "withheld" else "altered"
        )
        assert public_digest(altered) != digest, path


def test_every_missing_or_added_field_is_noticed(public: dict[str, Any]) -> None:
    digest = public_digest(public)
    for path in leaves(public["settings"]):
        altered = copy.deepcopy(public)
        at(altered["settings"], path[:-1]).pop(path[-1])
        try:
            noticed = public_digest(altered) != digest
        except InputError:
            noticed = True
        assert noticed, path


def test_an_altered_salt_changes_the_digest(public: dict[str, Any]) -> None:
    digest = public_digest(public)
    public["salts"]["/dut/evse"] = "0" * 64
    assert public_digest(public) != digest


@pytest.mark.parametrize(
    "alter",
    [
        lambda public: public["salts"].pop("/dut/evse"),
        lambda public: public["salts"].update({"/dut/extra": "0" * 64}),
        lambda public: public["salts"].update({"/dut/evse": "short"}),
        lambda public: public.update(format="other"),
        lambda public: public.update(extra=1),
        lambda public: public.pop("settings"),
    ],
)
def test_a_malformed_copy_is_refused(alter: Any, public: dict[str, Any]) -> None:
    alter(public)
    with pytest.raises(InputError):
        public_digest(public)


def test_settings_from_a_public_copy_give_the_same_copy(
    bench: BenchSettings, public: dict[str, Any]
) -> None:
    again = BenchSettings.from_public(public)
    assert again.public(SALT) == public
    assert again.values == bench.values
    assert again.password.initial.withheld
    assert repr(again.password) == "Password(initial=Secret(withheld))"


def test_a_public_copy_with_a_secret_in_it_is_refused(public: dict[str, Any]) -> None:
    public["settings"]["password"]["initial"] = "Example-password-0001"
    with pytest.raises(InputError, match=r"password\.initial"):
        BenchSettings.from_public(public)


def test_a_short_salt_is_refused(bench: BenchSettings) -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        bench.public(b"short")


@given(st.text(), st.text(), st.binary(min_size=16, max_size=32))
def test_commitments_of_different_fields_differ(first: str, second: str, salt: bytes) -> None:
    same = commitment(first, 1, salt) == commitment(second, 1, salt)
    assert same == (first == second)
