"""Steps of the cases in which the local authorization list tells what a token is worth.

Owns the configuration that has a station use its list, online and offline, and a list that holds
a refused token.
"""

from __future__ import annotations

from typing import Any, Literal

from vdoc.bench import Bench
from vdoc.cases import configuration, memory
from vdoc.cases.c_authorization.knowing import STATUS
from vdoc.cases.configuration import Name
from vdoc.cases.tokens import default_mode, special_token
from vdoc.cases.transaction_rules import IdToken

DISABLE_POST_AUTHORIZE = Name("LocalAuthListCtrlr", "DisablePostAuthorize")


async def local_list_in_use(bench: Bench) -> None:
    """LocalAuthListCtrlr.Enabled and AuthCtrlr.LocalPreAuthorize true (if implemented).

    That tokens which are not listed are asked for at the CSMS is our interpretation.
    """
    await configuration.authorization_by_csms(bench)
    for name in (configuration.LOCAL_LIST_ENABLED, configuration.LOCAL_PRE_AUTHORIZE):
        await configuration.ensure_if_implemented(bench, name, "true")


async def listed_refusals_asked_for(bench: Bench) -> None:
    """LocalAuthListCtrlr.DisablePostAuthorize false (if implemented)."""
    await configuration.ensure_if_implemented(bench, DISABLE_POST_AUTHORIZE, "false")


async def offline_by_list(bench: Bench, *, unknown_allowed: bool) -> None:
    """Offline the list is used; OfflineTxForUnknownIdEnabled (if implemented) as given."""
    await local_list_in_use(bench)
    allowed = str(unknown_allowed).lower()
    name = configuration.OFFLINE_TX_FOR_UNKNOWN_ID
    await configuration.ensure_if_implemented(bench, name, allowed)
    await configuration.ensure(bench, configuration.LOCAL_AUTHORIZE_OFFLINE, "true")


async def reconnects_late(bench: Bench) -> None:
    """The back-off is as long as the manual deeds take, and OfflineThreshold longer still."""
    back_off_s = bench.settings.values.retry_back_off_offline_s
    for name, value in (
        (configuration.OFFLINE_THRESHOLD, str(back_off_s + 60)),
        (configuration.RETRY_WAIT_MINIMUM, str(back_off_s)),
        (configuration.RETRY_RANDOM_RANGE, "0"),
    ):
        await configuration.ensure(bench, name, value)


async def refused_token_listed(
    bench: Bench, role: Literal["invalid", "blocked", "expired"]
) -> IdToken:
    """Have the local list say of the token of a role what the role says; return the token."""
    token = special_token(bench, role, default_mode(bench))
    await memory.local_auth_list(bench, {token: {"status": STATUS[role]}})
    return token


def group_of_tokens(bench: Bench) -> dict[str, Any]:
    """What idTokenInfo says of tokens of the configured group (C09.FR.02)."""
    return {"groupIdToken": {"idToken": bench.settings.tokens.group, "type": "Central"}}
