"""Passwords: what may stand in evidence and what may not."""

from __future__ import annotations

import re

import pytest

from vdoc.bench.start import INITIAL
from vdoc.run.passwords import PasswordBook


def test_the_initial_password_is_never_shown() -> None:
    book = PasswordBook("Secret-of-the-owner-1")
    shown = book.shown("Secret-of-the-owner-1")
    assert shown == {"password_name": INITIAL, "withheld": True, "characters": 21}


def test_one_made_for_the_run_is_shown() -> None:
    book = PasswordBook("Secret-of-the-owner-1")
    made = book.new()
    assert book.shown(made.text or "") == {"password_name": made.name, "password": made.text}


@pytest.mark.parametrize("given", [0, 2])
def test_what_is_none_of_this_run_is_not_shown(given: int) -> None:
    book = PasswordBook("Secret-of-the-owner-1")
    for _ in range(given):
        book.new()
    assert book.shown("factory1") == {"password_name": None, "withheld": True, "characters": 8}


def test_a_made_password_is_a_password_string() -> None:
    made = PasswordBook(None).new()
    assert re.fullmatch(r"[A-Za-z0-9*\-_=:+|@.]{16,40}", made.text or "")


def test_a_password_can_be_made_too_short() -> None:
    book = PasswordBook(None)
    made = book.new(characters=15)
    assert len(made.text or "") == 15
    assert book.name_of(made.text or "") == made.name


def test_names_and_texts_all_differ() -> None:
    book = PasswordBook("Secret-of-the-owner-1")
    made = [book.new() for _ in range(20)]
    assert len({p.name for p in made}) == len({p.text for p in made}) == 20


def test_an_unknown_password_has_no_name() -> None:
    assert PasswordBook("Secret-of-the-owner-1").name_of("something else") is None


def test_a_password_that_is_no_text_is_unknown() -> None:
    assert PasswordBook("Secret-of-the-owner-1").name_of("\udcff") is None
