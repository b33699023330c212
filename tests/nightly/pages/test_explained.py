"""What a case is about."""

from __future__ import annotations

from vdoc.nightly.pages.explained import purpose, title


def test_title_and_purpose() -> None:
    assert title("TC_E_04_CS") == "Local start transaction - Authorization first - Success"
    assert purpose("TC_E_04_CS").startswith("A token first, then plugging in, leads to charging")


def test_an_unknown_case_has_neither() -> None:
    assert (title("TC_X_99_CS"), purpose("TC_X_99_CS")) == ("", "")
