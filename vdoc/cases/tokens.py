"""Which token a case presents, and how.

Owns the choice by variant, settings and PICS: the type that the variant names, the accepted or
refused token of that type, local or remote where a case leaves it open (Part 6, Authorized).
"""

from __future__ import annotations

from typing import Literal, cast

from vdoc.automation.action_fields import IdTokenType
from vdoc.bench import Bench, InconclusiveError
from vdoc.cases.standing import Mode
from vdoc.cases.transaction_rules import IdToken

NO_TOKEN = IdToken("", "NoAuthorization")
"""What stands for no token at all: the start button, a remote start for anybody (C02.FR.01)."""


def default_mode(bench: Bench) -> Mode:
    """Return how a session is authorized where the case leaves it open (Part 6, Authorized)."""
    if "local" in bench.variant:
        return "local"
    if "remote" in bench.variant:
        return "remote"
    if bench.settings.dut.start_stop_mode is not None:
        return bench.settings.dut.start_stop_mode
    return "local" if bench.pics.local_options else "remote"


def token_of_variant(bench: Bench, mode: Mode) -> IdToken:
    """Return the accepted token of the type that the variant names.

    Raises:
        InconclusiveError: the settings have none of that type.
    """
    kind = type_of_variant(bench, mode)
    if kind == "NoAuthorization":
        return NO_TOKEN
    tokens = bench.settings.tokens
    found = (tokens.contract or ()) if kind == "eMAID" else tokens.valid
    for token in found:
        if token.type == kind:
            return IdToken(token.idToken, token.type)
    raise InconclusiveError(f"tokens.valid has no token of type {kind}")


def special_token(
    bench: Bench,
    role: Literal["invalid", "blocked", "expired", "master_pass"],
    mode: Mode = "local",
) -> IdToken:
    """Return the token of a role, of the type that the variant presents."""
    kind = type_of_variant(bench, mode)
    token = bench.settings.tokens.special(role, cast("IdTokenType", kind))
    return IdToken(token.idToken, token.type)


def second_token(bench: Bench, first: IdToken) -> IdToken:
    """Return another accepted token of the same type.

    Raises:
        InconclusiveError: the settings have none.
    """
    for token in bench.settings.tokens.valid:
        if token.type == first.type and token.idToken.casefold() != first.text.casefold():
            return IdToken(token.idToken, token.type)
    raise InconclusiveError(f"tokens.valid has but one token of type {first.type}")


def listed_token(bench: Bench) -> IdToken:
    """Return the accepted token that goes into a local list: of the type that is presented first.

    A station that reads no token gets the first of the settings.
    """
    kinds = (type_of_variant(bench, "local"), type_of_variant(bench, "remote"))
    valid = bench.settings.tokens.valid
    found = next((token for kind in kinds for token in valid if token.type == kind), valid[0])
    return IdToken(found.idToken, found.type)


def type_of_variant(bench: Bench, mode: Mode) -> str:
    """Return the IdTokenEnumType literal of the variant, else the first that the PICS claims."""
    options = bench.pics.local_options if mode == "local" else bench.pics.remote_options
    claimed = options[0] if options else "ISO14443"
    return bench.variant.get(mode, claimed)


def reported(bench: Bench, token: IdToken) -> IdToken:
    """Return a token as the reader of this station reports it, which intake has learned."""
    return IdToken(bench.facts.readers_report.get(token.text, token.text), token.type)
