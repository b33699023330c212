from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vdoc.errors import InputError
from vdoc.signing import AllOf, AnyOf, SignedBy, SigningKey, Trust, read_envelope, sign

Make = Callable[..., SigningKey]


def test_signed_by_names_who_has_not(key: Make) -> None:
    acme, other = key("acme"), key("other")
    signed = read_envelope(sign(b"{}", [acme]))
    assert SignedBy(acme.public).refusals(signed) == ()
    (words,) = SignedBy(other.public).refusals(signed)
    assert other.public.key_id in words
    assert acme.public.key_id in words


def test_any_of_needs_one_all_of_each(key: Make) -> None:
    acme, other = SignedBy((one := key("acme")).public), SignedBy(key("other").public)
    signed = read_envelope(sign(b"{}", [one]))
    assert AnyOf(other, acme).refusals(signed) == ()
    assert len(AllOf(other, acme).refusals(signed)) == 1
    assert AllOf(acme, AnyOf(other, acme)).refusals(signed) == ()


def test_a_policy_about_nobody_is_refused() -> None:
    for policy in (AnyOf, AllOf, Trust):
        with pytest.raises(ValueError, match="nobody"):
            policy()


def test_trust_is_a_directory_of_public_keys(key: Make, tmp_path: Path) -> None:
    acme, other = key("acme"), key("other")
    (tmp_path / "acme.pub.pem").write_bytes(acme.public.pem)
    trust = Trust.load(tmp_path)
    assert [each.key_id for each in trust.keys] == [acme.public.key_id]
    assert trust.refusals(read_envelope(sign(b"{}", [acme]))) == ()
    assert trust.refusals(read_envelope(sign(b"{}", [other])))


def test_empty_trust_is_refused(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="nobody would be trusted"):
            Trust.load(directory)


def test_everything_wrong_in_a_trust_directory_is_reported(tmp_path: Path) -> None:
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_text("no key")
    with pytest.raises(InputError) as caught:
        Trust.load(tmp_path)
    assert len(caught.value.problems) == 2


def test_a_signature_that_does_not_fit_is_told_from_one_that_is_missing(key: Make) -> None:
    acme = key("acme")
    signed = read_envelope(sign(b"{}", [acme]))
    signed._envelope.payload = b"[]"
    (words,) = SignedBy(acme.public).refusals(signed)
    assert "does not fit" in words
