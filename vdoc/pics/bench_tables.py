"""The tables of bench settings, each valid in itself.

Bind addresses are what the bench listens on; advertised ones are what the DUT is told.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from vdoc.pics.product import FileTransferProtocol, Frozen, Text, TokenType
from vdoc.pics.secret import LocalPath, Secret

_PASSWORD = re.compile(r"^[A-Za-z0-9*\-_=:+|@.]{16,40}$")
Port = Annotated[int, Field(ge=0, le=65535)]
AdvertisedPort = Annotated[int, Field(ge=1, le=65535)]
Wait = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Interface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3"
]
Command = Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)  # its ValueError says what is wrong with the host or port
    if not parts.scheme or not parts.hostname:
        raise ValueError("expected a URL with scheme and host")
    if "@" in parts.netloc:
        raise ValueError("a URL must not hold credentials; put them in token")
    return url


Url = Annotated[str, AfterValidator(_without_credentials)]


class Dut(Frozen):
    """The station under test, and which of its parts the cases use."""

    identity: str = Field(
        pattern=r"^[A-Za-z0-9*\-_=+|@.]{1,48}$",
        description="Charging station identity: last part of the URL, Basic user name.",
    )
    evse: int = Field(1, ge=1, description="evseId under test.")
    connector: int = Field(1, ge=1, description="connectorId under test.")
    second_evse: int | None = Field(None, ge=1, description="EVSE of two-transaction cases.")
    second_connector: int | None = Field(None, ge=1, description="Connector on the second EVSE.")
    configuration_slot: int = Field(1, ge=0, description="Slot of the network profile in use.")
    configuration_slot2: int = Field(2, ge=0, description="Slot for the other end point.")
    ocpp_interface: Interface = Field("Wired0", description="OCPPInterfaceEnumType.")
    ocpp_interface2: Interface | None = Field(None, description="Absent: as ocpp_interface.")
    start_stop_mode: Literal["local", "remote"] | None = Field(
        None, description="Default variant; absent: local when the PICS has a local option."
    )
    start_button: bool = Field(False, description="Local start by button, use case C02.")
    authorization_method: Literal["EIM", "PnC"] = Field(
        "EIM", description="Variant of Authorized15118."
    )

    @model_validator(mode="after")
    def _two_slots(self) -> Self:
        if self.configuration_slot == self.configuration_slot2:
            raise ValueError("configuration_slot and configuration_slot2 must differ")
        if (self.second_evse, self.second_connector) == (self.evse, self.connector):
            raise ValueError("the second EVSE and connector must differ from the first")
        return self


class Endpoint(Frozen):
    """One of the two places at which the bench is the CSMS."""

    bind_host: Text = Field(description="Address to listen on.")
    bind_port: Port = Field(description="Port to listen on; 0: the system chooses.")
    advertised_port: AdvertisedPort | None = Field(None, description="Absent: the bound port.")
    path: str = Field("/", pattern="^/", description="Path before the identity.")


class Csms(Frozen):
    """How the DUT finds the bench."""

    advertised_host: Text = Field(description="Host name that the DUT is given; in certificates.")
    endpoint: tuple[Endpoint, ...] = Field(
        strict=False, description="Exactly two: the one in use, and the one to switch to."
    )

    @model_validator(mode="after")
    def _two_endpoints(self) -> Self:
        if len(self.endpoint) != 2:  # noqa: PLR2004  # Part 6 needs the active and the other one
            raise ValueError(f"expected exactly two [[csms.endpoint]], got {len(self.endpoint)}")
        first, second = self.endpoint
        if first.bind_port and (first.bind_host, first.bind_port) == (
            second.bind_host,
            second.bind_port,
        ):
            raise ValueError("the two end points listen on the same address and port")
        return self


class FileServer(Frozen):
    """A server of ours for firmware downloads and log uploads."""

    protocol: FileTransferProtocol
    bind_host: Text = Field(description="Address to listen on.")
    bind_port: Port = Field(description="Port to listen on; 0: the system chooses.")
    advertised_host: Text | None = Field(None, description="Absent: as for the CSMS.")
    advertised_port: AdvertisedPort | None = Field(None, description="Absent: the bound port.")
    username: str | None = Field(
        None,
        pattern="^[^:]+$",
        description="Absent: no credentials are asked for. The password is made for each run.",
    )
    passive_ports: tuple[AdvertisedPort, AdvertisedPort] | None = Field(
        None, strict=False, description="FTP: first and last data port; absent: any."
    )


class Pki(Frozen):
    """The persistent test PKI."""

    directory: LocalPath = Field(description="Where `vdoc keys pki` keeps roots and keys.")


class Password(Frozen):
    """The Basic password that the DUT starts with."""

    initial: Secret = Field(description="BasicAuthPassword: a passwordString of 16 to 40 signs.")

    @model_validator(mode="after")
    def _password_string(self) -> Self:
        if self.initial.withheld is None and not _PASSWORD.match(self.initial.reveal()):
            raise ValueError("initial is no passwordString of 16 to 40 signs")
        return self


class Outlet(Frozen):
    """A connector that the action API reaches, and the EV plugged into it."""

    evse: int = Field(ge=1)
    connector: int = Field(ge=1)
    ev_api: Text | None = Field(None, description="Name of its [ev_api.NAME]; absent: none.")


class ActionApi(Frozen):
    """The station action API."""

    transport: Literal["http", "relay-mo", "relay-can"] = "http"
    url: Url = Field(description="Base URL; for a relay a ws or wss URL.")
    token: Secret | None = Field(None, description="Bearer token, or Basic user:password.")
    timeout_s: Wait = Field(60, description="Longest wait for one action.")
    path: str = Field("/api/v1", description="Appended to the base URL unless it ends so.")
    ca_certificate: LocalPath | None = Field(None, description="Trust for https; else system.")
    forward_url: Url | None = Field(None, description="relay-can: base URL behind the agent.")
    outlet: tuple[Outlet, ...] = Field(
        min_length=1, strict=False, description="Every connector that can be driven."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        schemes = ("http", "https") if self.transport == "http" else ("ws", "wss")
        if urlsplit(self.url).scheme not in schemes:
            raise ValueError(f"transport {self.transport} needs a URL of {' or '.join(schemes)}")
        places = [(outlet.evse, outlet.connector) for outlet in self.outlet]
        if len(set(places)) != len(places):
            raise ValueError("an outlet is listed twice")
        return self


class EvApi(Frozen):
    """An EV side API."""

    url: Url = Field(description="Base URL.")
    token: Secret | None = Field(None, description="Bearer token, or Basic user:password.")
    path: str = Field("/api/v1", description="Appended to the base URL unless it ends so.")
    iso15118: dict[str, str] = Field({}, description="Operation of the EV API per ISO 15118 deed.")


class Observe(Frozen):
    """Who looks at the display in cases that need somebody to."""

    command: Command = Field(description="Program and arguments; see docs/bench-settings.md.")
    timeout_s: Wait = 60


class Provision(Frozen):
    """What returns the DUT to its starting state, outside OCPP and before the window."""

    command: Command = Field(description="Program and arguments.")
    timeout_s: Wait = 600


class Token(Frozen):
    """An idToken of a test."""

    idToken: str = Field(  # noqa: N815  # the specification's name
        pattern=r"^[A-Za-z0-9*\-_=:+|@.]{1,36}$", description="identifierString of 1 to 36 signs."
    )
    type: TokenType

    @property
    def key(self) -> tuple[str, str]:
        """What tells tokens apart: idTokens compare without regard to case."""
        return self.type, self.idToken.casefold()


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, dict) else value


TokenList = Annotated[
    tuple[Token, ...],
    Field(min_length=1, strict=False),
    BeforeValidator(_one_or_more, json_schema_input_type=Token | list[Token]),
]


class Tokens(Frozen):
    """The idTokens of a run; where a type is missing, another type's text is presented as it."""

    valid: TokenList = Field(description="Accepted tokens, two or more of each claimed type.")
    invalid: TokenList = Field(description="Tokens that the CSMS answers Invalid.")
    blocked: TokenList = Field(description="Tokens that the CSMS answers Blocked.")
    expired: TokenList = Field(description="Tokens that the CSMS answers Expired.")
    master_pass: TokenList = Field(description="Tokens of the master pass group.")
    contract: TokenList | None = Field(None, description="eMAIDs of the EV's contracts.")
    master_pass_group: str = Field("MasterPassGroup", min_length=1, max_length=36)
    group: str = Field("Group1", min_length=1, max_length=36)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        keys = [token.key for token in (*self.valid, *self.invalid, *self.master_pass)]
        if len(set(keys)) != len(keys):
            raise ValueError(
                "valid, invalid and master_pass tokens must all differ, upper or lower case aside"
            )
        return self

    def valid_of(self, kind: TokenType) -> tuple[Token, ...]:
        """Return the accepted tokens of one type, in the order of the settings."""
        return tuple(token for token in self.valid if token.type == kind)

    def special(
        self, role: Literal["invalid", "blocked", "expired", "master_pass"], kind: TokenType
    ) -> Token:
        """Return the token of a role for a type; for want of one, another's text as this type."""
        tokens: tuple[Token, ...] = getattr(self, role)
        for token in tokens:
            if token.type == kind:
                return token
        return Token(idToken=tokens[0].idToken, type=kind)


class Firmware(Frozen):
    """The firmware image of the declaration, as TC_L_01_CS installs it."""

    image: LocalPath = Field(description="The image.")
    signature: LocalPath = Field(description="Its signature, base64.")
    signing_certificate: LocalPath = Field(description="Certificate of the signature, PEM.")
    version: Text = Field(max_length=50, description="firmwareVersion after it is installed.")
    invalid_image: LocalPath | None = Field(
        None, description="An image that the DUT fails to install (TC_L_08_CS)."
    )
    invalid_signature: LocalPath | None = Field(
        None, description="The valid signature of invalid_image, base64."
    )
    invalid_signing_certificate: LocalPath | None = Field(
        None, description="Certificate of that signature, PEM; absent: signing_certificate."
    )

    @model_validator(mode="after")
    def _image_and_signature(self) -> Self:
        if (self.invalid_image is None) != (self.invalid_signature is None):
            raise ValueError("invalid_image and invalid_signature go together")
        return self


class Timestamps(Frozen):
    """The authority that stamps plan and declaration (RFC 3161)."""

    url: Url = Field(description="Of the time stamping authority, http or https.")
    timeout_s: Wait = Field(30, description="Longest wait for a stamp.")

    @field_validator("url")
    @classmethod
    def _over_http(cls, url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("a time stamping authority is asked over http or https")
        return url


class Expected(Frozen):
    """Measured durations of this DUT, for the plan's estimate only."""

    boot_s: Wait = 30
    firmware_s: Wait = 180
    restore_s: Wait = 10
    charging_start_s: Wait = 5
