"""Which token a case presents: by variant, settings and claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]


@pytest.mark.parametrize("kind", ["ISO14443", "ISO15693", "KeyCode"])
def test_the_variant_names_the_type(play: Play, kind: str) -> None:
    run = play("TC_F_08_CS", variant={"remote": "ISO14443"})
    assert run.calls("RequestStartTransaction")[0]["idToken"]["type"] == "ISO14443"
    local = play("TC_E_04_CS", variant={"local": kind})
    asked = [line.data["action"] for line in local.lines if line.kind == "action"]
    assert (asked[0]["type"], asked[0]["id_token"]) == (kind, f"{kind[:5]}-1")


def test_no_authorization_has_no_text(play: Play) -> None:
    run = play("TC_F_01_CS", variant={"remote": "NoAuthorization"})
    token = run.calls("RequestStartTransaction")[0]["idToken"]
    assert (run.verdict, token) == ("pass", {"idToken": "", "type": "NoAuthorization"})


def test_a_refused_token_is_presented_as_the_type_of_the_variant(play: Play) -> None:
    run = play("TC_C_02_CS", variant={"local": "KeyCode"})
    presented = [line.data["action"] for line in run.lines if line.kind == "action"][-1]
    assert (presented["id_token"], presented["type"]) == ("invalid", "KeyCode")
