"""The kinds of values that actions hold, each with its bounds, for pydantic to check."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

EvseId: TypeAlias = Annotated[int, Field(ge=0)]
"""0 is the whole station, as in OCPP; plugs and bays take 1 and up."""
OutletEvseId: TypeAlias = Annotated[int, Field(ge=1)]
ConnectorId: TypeAlias = Annotated[int, Field(ge=1)]
IdTokenText: TypeAlias = Annotated[str, Field(max_length=36)]
IdTokenType: TypeAlias = Literal[
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
]
Iso15118Deed: TypeAlias = Literal[
    "pnc", "eim", "ev_renegotiate", "ev_session_stop", "ev_cert_install", "ev_cert_update"
]
StimulusKind: TypeAlias = Literal[
    "ui_select", "trigger_monitor", "trigger_hardwired_monitor", "store_customer_identifier"
]
LimitText: TypeAlias = Annotated[str, Field(pattern=r"^\d+(\.\d+)?[AW]?$")]
Params: TypeAlias = tuple[tuple[str, str], ...]
"""Parameters as (name, value) pairs in a fixed order, so that an action stays hashable."""
