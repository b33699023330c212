"""Shares of variants: each keeps every case, all of them together keep every variant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.catalogue import Catalogue
from vdoc.errors import InputError
from vdoc.pics import BenchSettings, Pics
from vdoc.plan import Share, make_plan


@given(st.integers(1, 40), st.integers(1, 12))
def test_all_shares_together_have_every_variant_and_each_has_one(variants: int, of: int) -> None:
    picked = [[n for n, _ in Share(k, of).pick(range(variants))] for k in range(of)]
    assert all(picked)
    assert {n for each in picked for n in each} == set(range(variants))
    assert max(map(len, picked)) <= -(-variants // of)


def test_one_is_the_base_variant() -> None:
    assert list(Share(0, 0).pick("abc")) == [(0, "a")]
    assert list(Share(0, 0).pick("")) == []


@pytest.mark.parametrize("text", ["one", "1/5", "5/5"])
def test_it_is_read_as_it_is_written(text: str) -> None:
    assert str(Share.parse(text)) == text


@pytest.mark.parametrize("text", ["", "0/5", "6/5", "1/0", "some", "1/5 "])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="variants"):
        Share.parse(text)


def test_all_is_no_share() -> None:
    assert Share.parse("all") is None


def test_a_plan_of_a_share_is_partial_and_keeps_every_case(
    everything: Pics, settings: BenchSettings, catalogue: Catalogue
) -> None:
    whole = make_plan(everything, settings, catalogue, catalogue.ids, 1)
    shares = [
        make_plan(everything, settings, catalogue, catalogue.ids, 1, share=Share(k, 4))
        for k in range(4)
    ]
    keys = [{(e.case, e.variant.id, e.stage) for e in plan.entries} for plan in (whole, *shares)]
    assert set().union(*keys[1:]) == keys[0]
    for plan in shares:
        assert plan.partial
        assert len(plan.entries) < len(whole.entries)
        assert {(e.case, e.stage) for e in plan.entries} == {
            (e.case, e.stage) for e in whole.entries
        }
