"""Spellings that mean the same."""

from __future__ import annotations

import pytest

from vdoc.catalogue.spelling import canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LocalPreAuthorize", "localpreauthorize"),
        ("LocalPreAuthorization", "LocalPreAuthorize"),
        ("LocalAuthorizationOffline", "LocalAuthorizeOffline"),
    ],
)
def test_they_compare_equal(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_others_do_not() -> None:
    assert canonical("LocalPreAuthorize") != canonical("LocalAuthorizeOffline")
