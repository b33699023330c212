"""What holds for every page: escaping, and that nothing unseen is in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from tests.nightly.pages.conftest import EVIL
from vdoc.nightly.pages.rendering import ASSETS, POLICY, asset, render, visible


def login(after: str) -> str:
    return render("login", title=after, root="/", served=True, after=after, wrong=True)


class TestEscaping:
    @settings(deadline=None)
    @given(st.text())
    def test_whatever_is_put_in_stays_text(self, text: str) -> None:
        page = login(text)
        assert page.count("<") == login("").count("<")
        assert page.count('"') == login("").count('"')
        page.encode()  # also with half a surrogate pair

    def test_what_cannot_be_seen_is_replaced(self) -> None:
        assert visible("a\u202eb\x07c\ud800d\ne") == "a\ufffdb\ufffdc\ufffdd\ne"
        assert visible(Markup("<b>\u202e")) == "<b>\u202e"  # our own is left alone
        assert visible(5) == 5
        assert visible("1\u00a0000\u202fé") == "1\u00a0000\u202fé"

    def test_the_attack_of_the_other_tests_is_one(self) -> None:
        assert visible(EVIL) != EVIL


class TestPolicy:
    def test_nothing_inline_runs(self) -> None:
        assert "unsafe" not in POLICY
        page = login("")
        assert POLICY.replace("'", "&#39;") in page
        assert not re.search(r"<script(?! src)|<style| style=| on\w+=", page)

    @pytest.mark.parametrize("name", ASSETS)
    def test_assets_load_nothing(self, name: str) -> None:
        assert not re.search(rb"https?:|url\(|@import|fetch|innerHTML", asset(name))
