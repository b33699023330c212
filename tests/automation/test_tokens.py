from __future__ import annotations

import csv
from pathlib import Path

import pytest

from vdoc.automation.tokens import Places, need, unbound
from vdoc.automation.wiring import EvWiring, Wiring

CASES = Path(__file__).parents[2] / "vdoc" / "catalogue" / "cases.tsv"
BARE = Wiring(url="http://h", outlets={(1, 1): None})
FULL = Wiring(
    url="http://h",
    outlets={(1, 1): "car"},
    evs={"car": EvWiring("http://e", iso15118={"pnc": "auth"})},
    program=("look",),
)
PLACES = Places((1, 1), second=(2, 1), every=((1, 1), (2, 1)))


def test_a_token_is_read_with_kind_alternatives_and_mark() -> None:
    assert need("authorize:invalid").alternatives == ("authorize",)
    assert need("reboot|ResetRequest").alternatives == ("reboot", "ResetRequest")
    assert need("net:drop+refuse").alternatives == ("net:drop+refuse",)
    assert need("parking_in?").optional


@pytest.mark.parametrize(("token", "place"), [("plugin@2?", "second"), ("plugout@all", "all")])
def test_a_token_says_where(token: str, place: str) -> None:
    assert need(token).place == place


@pytest.mark.parametrize("token", ["plugin|dance", "plugin@9", ""])
def test_an_unknown_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="known"):
        need(token)


@pytest.mark.parametrize(
    ("token", "bind"),
    [
        ("plugout_ev_side", "ev_api = NAME"),
        ("pnc", "pnc in [ev_api.NAME.iso15118]"),
        ("observe_display", "command in [observe]"),
        ("trigger_monitor?", "command in [observe]"),
    ],
)
def test_what_is_unbound_says_what_to_bind(token: str, bind: str) -> None:
    assert bind in str(unbound(token, BARE, PLACES))
    assert unbound(token, FULL, PLACES) is None


def test_an_unlisted_outlet_or_a_missing_api_is_unbound() -> None:
    assert "evse = 2, connector = 1" in str(unbound("plugin@2", BARE, PLACES))
    assert "url in [action_api]" in str(unbound("plugin", Wiring(), PLACES))


def test_every_outlet_that_a_token_means_must_be_bound() -> None:
    assert "evse = 2, connector = 1" in str(unbound("plugin@all", BARE, PLACES))
    assert "second_evse" in str(unbound("plugin@2", BARE, Places((1, 1))))
    assert unbound("plugin@all", Wiring(url="http://h"), PLACES) is None


def test_one_bound_alternative_suffices() -> None:
    assert unbound("reboot|ResetRequest", Wiring(), PLACES) is None
    assert unbound("authorize|pnc", BARE, PLACES) is None
    assert unbound("ev_renegotiate|pnc", BARE, PLACES) is not None


def test_the_tester_needs_nothing() -> None:
    assert unbound("tls:bad_cert", Wiring(), PLACES) is None


def test_every_token_of_the_catalogue_is_known() -> None:
    with CASES.open(encoding="utf-8", newline="") as file:
        cells = [row["actions"] for row in csv.DictReader(file, delimiter="\t")]
    tokens = {token for cell in cells for token in cell.split()}
    assert len(tokens) > 20
    for token in tokens:
        need(token)
