"""The waits and test values of a run, with the defaults that Part 6 and laboratories suggest.

Durations that only the tester waits may be fractions; what is written to the DUT is whole. Which
values a declaration allows is the catalogue's business, see `BenchSettings.declaration_problems`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vdoc.pics.product import Frozen, Text

Wait = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Annotated[int, Field(gt=0)]
Level = Annotated[int, Field(ge=0)]


class MonitoredVariable(Frozen):
    """A component variable that monitors are set on, with values that do and do not trigger."""

    component: Text = "EVSE"
    variable: Text = "Power"
    trigger_value: float = Field(100, description="A value that sets off a threshold or delta.")
    no_trigger_value: float = Field(10, description="A value that does not.")
    beyond_limit_value: float | None = Field(
        None, description="A value above the variable's maxLimit, for TC_N_13_CS."
    )


class Values(Frozen):
    """What Part 6 calls configured values; the names in brackets are those of its placeholders."""

    message_timeout_s: Wait = Field(
        30, description="Longest wait for an expected message, and each negative window."
    )
    long_operation_timeout_s: Wait = Field(
        450, description="The same for reboots, firmware and end point switches."
    )
    max_time_deviation_s: float = Field(
        4, ge=0, allow_inf_nan=False, description="Tolerance of every time comparison."
    )
    settling_s: Wait = Field(
        5, description="Time the DUT gets to act on what was done, where no message tells that."
    )
    stall_tolerance_s: Wait = Field(
        0.5, description="How late the bench itself may be at a deadline before a case is an error."
    )
    transaction_duration_s: Wait = Field(20, description="Energy transfer before the tester acts.")
    ev_connection_timeout_s: Seconds = Field(30, description="TxCtrlr.EVConnectionTimeOut.")
    heartbeat_interval_s: Seconds = Field(
        300, description="interval of an accepted BootNotificationResponse."
    )
    boot_retry_interval_s: Seconds = Field(
        30, description="interval of a Pending or Rejected BootNotificationResponse."
    )
    offline_threshold_s: Seconds = Field(20, description="OCPPCommCtrlr.OfflineThreshold.")
    retry_back_off_wait_minimum_s: Seconds = Field(
        10, description="OCPPCommCtrlr.RetryBackOffWaitMinimum in reconnect cases."
    )
    retry_back_off_offline_s: Seconds = Field(
        15, description="Back-off that covers the actions of offline cases [..._duration]."
    )
    cert_signing_wait_minimum_s: Seconds = Field(
        15, description="SecurityCtrlr.CertSigningWaitMinimum."
    )
    message_attempts: Annotated[int, Field(gt=2)] = Field(
        3, description="OCPPCommCtrlr.MessageAttempts[TransactionEvent]; TC_E_42_CS needs 3."
    )
    message_attempt_interval_s: Seconds = Field(
        10, description="OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]."
    )
    network_profile_message_timeout_s: Seconds = Field(
        30, description="messageTimeout of the NetworkConnectionProfile."
    )
    clock_aligned_interval_s: Seconds = Field(60, description="AlignedDataCtrlr.Interval.")
    tx_ended_aligned_interval_s: Seconds = Field(60, description="AlignedDataCtrlr.TxEndedInterval")
    sampled_updated_interval_s: Seconds = Field(
        10, description="SampledDataCtrlr.TxUpdatedInterval in block J."
    )
    tx_ended_sampled_interval_s: Seconds = Field(10, description="SampledDataCtrlr.TxEndedInterval")
    transaction_update_interval_s: Seconds = Field(
        10, description="SampledDataCtrlr.TxUpdatedInterval in the queueing cases of block E."
    )
    transaction_update_measurands: tuple[Text, ...] = Field(
        ("Energy.Active.Import.Register",), min_length=1, strict=False
    )
    download_offset_s: Seconds = Field(60, description="retrieveDateTime is now plus this.")
    install_offset_s: Seconds = Field(60, description="installDateTime is now plus this.")
    install_wait_s: Wait = Field(
        45, description="What a DUT gets that installs during a transaction, before it is stopped."
    )
    retry_interval_s: Seconds = Field(
        30, description="retryInterval of GetLog; longer than one attempt to upload."
    )
    display_start_offset_s: Seconds = Field(60, description="startDateTime of a display message.")
    display_end_offset_s: Seconds = Field(60, description="endDateTime of a display message.")
    reservation_expiry_s: Seconds = Field(600, description="expiryDateTime is now plus this.")
    offline_window_s: Wait = Field(90, description="How long TC_K_56_CS stays offline.")
    schedule_duration_s: Seconds = Field(300, description="duration of a charging schedule.")

    charging_rate_unit: Literal["A", "W"] | None = Field(
        None, description="Unit of limits; absent: A when the PICS claims it, else W."
    )
    number_phases: Annotated[int, Field(ge=1, le=3)] | None = Field(
        None, description="numberPhases of schedules; absent: the most that the PICS claims."
    )
    charging_profile_id: int = Field(1, ge=1)
    charging_profile_purpose: Literal[
        "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"
    ] = "TxDefaultProfile"
    stack_level: Level = 0
    stack_level2: Level = 1
    recurrency_kind: Literal["Daily", "Weekly"] = "Daily"
    charging_limit_source: Literal["EMS", "Other", "SO", "CSO"] = "CSO"
    charging_limit_source2: Literal["EMS", "Other", "SO", "CSO"] = Field(
        "Other", description="A source without charging profiles."
    )
    external_charging_limit: str = Field(
        "10A", pattern=r"^\d+(\.\d+)?[AW]$", description="Limit set outside OCPP (TC_K_52_CS)."
    )
    local_list_version: Annotated[int, Field(gt=1)] = Field(
        2, description="versionNumber of the local list; TC_D_06_CS needs more than 1."
    )
    monitor_severity: Annotated[int, Field(ge=0, le=9)] = 5
    threshold_monitor: MonitoredVariable = Field(default_factory=MonitoredVariable)
    delta_monitor: MonitoredVariable = Field(
        default_factory=lambda: MonitoredVariable(trigger_value=1, no_trigger_value=0)
    )
    text_delta_monitor: MonitoredVariable = Field(
        default_factory=lambda: MonitoredVariable(variable="AvailabilityState"),
        description="A variable that is no number and easy to change.",
    )
    log_type: Literal["DiagnosticsLog", "SecurityLog"] = "DiagnosticsLog"
    display_component: str | None = Field(None, description="message.display; absent: omitted.")
    display_priority: Literal["AlwaysFront", "InFront", "NormalCycle"] = "NormalCycle"
    display_priority2: Literal["AlwaysFront", "InFront", "NormalCycle"] = "InFront"
    display_state: Literal["Charging", "Faulted", "Idle", "Unavailable"] = "Idle"
    display_state2: Literal["Charging", "Faulted", "Idle", "Unavailable"] = "Charging"
    display_content: Text = "OCPP test"
    display_format: Literal["ASCII", "HTML", "URI", "UTF8"] = "UTF8"
    display_language: Text = "en"
    cost: float = Field(1.23, ge=0)
    cost2: float = Field(4.56, ge=0)
    customer_identifier: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="Identifier that the station holds by hand (TC_N_62_CS)."
    )
    reservation_connector_type: Text | None = Field(
        None, description="connectorType to reserve; absent: that of the connector under test."
    )
