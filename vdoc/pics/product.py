"""The parts of a PICS that are no items: the product, its hardware, and what else it declares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TokenType = Literal[
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
]
KeyType = Literal["RSA", "ECDSA"]
FileTransferProtocol = Literal["HTTP", "HTTPS", "FTP", "FTPS", "SFTP"]
Text = Annotated[str, Field(min_length=1)]

CONNECTOR_TYPES = frozenset(
    [
        "cCCS1",
        "cCCS2",
        "cG105",
        "cTesla",
        "cType1",
        "cType2",
        "s309-1P-16A",
        "s309-1P-32A",
        "s309-3P-16A",
        "s309-3P-32A",
        "sBS1361",
        "sCEE-7-7",
        "sType2",
        "sType3",
        "Other1PhMax16A",
        "Other1PhOver16A",
        "Other3Ph",
        "Pan",
        "wInductive",
        "wResonant",
        "Undetermined",
        "Unknown",
    ]
)
CIPHER_PAIRS: dict[KeyType, tuple[str, str]] = {
    "RSA": ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    "ECDSA": (
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ),
}


class Frozen(BaseModel):
    """A value of a PICS or settings file: immutable, strict, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Representative(Frozen):
    """The member of the family that a test laboratory certified."""

    model: Text = Field(description="Model of the certified member.")
    certificate_number: Text = Field(description="Number of its OCPP certificate.")


class Product(Frozen):
    """The product under test and the family that it belongs to."""

    vendor: Text = Field(max_length=50, description="vendorName of its BootNotification.")
    family: Text = Field(description="Name of the product family.")
    model: Text = Field(max_length=20, description="model of its BootNotification.")
    members: tuple[Text, ...] = Field(
        min_length=1, strict=False, description="Models of all members of the family."
    )
    representative: Representative = Field(description="The certified member of the family.")
    firmware_version: Text = Field(
        max_length=50, description="firmwareVersion of its BootNotification."
    )
    firmware_image_sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the firmware image, lower-case hex."
    )


class Connector(Frozen):
    """A connector of an EVSE."""

    id: int = Field(ge=1, description="connectorId, from 1 within the EVSE.")
    connectorType: Text = Field(  # noqa: N815  # the specification's name
        max_length=20, description="ConnectorEnumType literal, or another text if it has none."
    )


class Evse(Frozen):
    """An EVSE with its connectors."""

    id: int = Field(ge=1, description="evseId, from 1.")
    connectors: tuple[Connector, ...] = Field(
        min_length=1, strict=False, description="The connectors of this EVSE."
    )
    max_power_w: int | None = Field(None, gt=0, description="Largest power in watts.")
    supply_phases: int | None = Field(
        None, ge=0, le=3, description="EVSE.SupplyPhases: AC phases connected; 0 for DC."
    )


class Monitor(Frozen):
    """A variable monitor that the station has by itself (AQ-5, AQ-6)."""

    component: Text = Field(description="Component that is monitored.")
    variable: Text = Field(description="Variable that is monitored.")
    type: Literal["UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned"]
    evse: int | None = Field(None, ge=1, description="evseId of the component, if it has one.")
    connector: int | None = Field(None, ge=1, description="connectorId of the component.")
    id: int | None = Field(None, ge=0, description="variableMonitoringId, if it is fixed.")
    severity: int | None = Field(None, ge=0, le=9, description="Severity of its events.")
    value: float | None = Field(None, strict=False, description="Threshold, delta or interval.")


class Limits(Frozen):
    """What the station declares that no item asks for; absent: not declared."""

    file_transfer_protocols: tuple[FileTransferProtocol, ...] = Field(
        (), strict=False, description="OCPPCommCtrlr.FileTransferProtocols."
    )
    hardwired_monitor: Monitor | None = Field(None, description="The monitor to use for AQ-5.")
    preconfigured_monitor: Monitor | None = Field(None, description="The monitor for AQ-6.")
    local_auth_list_entries: int | None = Field(None, ge=1, description="LocalAuthListCtrlr.")
    local_auth_list_items_per_message: int | None = Field(
        None, ge=1, description="LocalAuthListCtrlr.ItemsPerMessage."
    )
    charging_profile_entries: int | None = Field(
        None, ge=1, description="SmartChargingCtrlr.Entries."
    )
    charging_profile_stack_level: int | None = Field(
        None, ge=0, description="SmartChargingCtrlr.ProfileStackLevel."
    )
    periods_per_schedule: int | None = Field(
        None, ge=1, description="SmartChargingCtrlr.PeriodsPerSchedule."
    )
    display_messages: int | None = Field(
        None, ge=1, description="Most messages that DisplayMessageCtrlr.DisplayMessages holds."
    )
    certificate_entries: int | None = Field(
        None, ge=1, description="SecurityCtrlr.CertificateEntries."
    )
