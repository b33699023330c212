"""The 64 actions of OCPP 2.0.1 and who may send each as a CALL (Part 2, messages).

The direction is a fact of the specification, not of a PICS: what a station supports is judged
elsewhere. Only DataTransfer goes both ways.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Role = Literal["csms", "station"]


class Action(StrEnum):
    """An action as it stands in a CALL: the message name without "Request" (Part 4, 4.1.6)."""

    AUTHORIZE = "Authorize"
    BOOT_NOTIFICATION = "BootNotification"
    CANCEL_RESERVATION = "CancelReservation"
    CERTIFICATE_SIGNED = "CertificateSigned"
    CHANGE_AVAILABILITY = "ChangeAvailability"
    CLEAR_CACHE = "ClearCache"
    CLEAR_CHARGING_PROFILE = "ClearChargingProfile"
    CLEAR_DISPLAY_MESSAGE = "ClearDisplayMessage"
    CLEAR_VARIABLE_MONITORING = "ClearVariableMonitoring"
    CLEARED_CHARGING_LIMIT = "ClearedChargingLimit"
    COST_UPDATED = "CostUpdated"
    CUSTOMER_INFORMATION = "CustomerInformation"
    DATA_TRANSFER = "DataTransfer"
    DELETE_CERTIFICATE = "DeleteCertificate"
    FIRMWARE_STATUS_NOTIFICATION = "FirmwareStatusNotification"
    GET_15118_EV_CERTIFICATE = "Get15118EVCertificate"
    GET_BASE_REPORT = "GetBaseReport"
    GET_CERTIFICATE_STATUS = "GetCertificateStatus"
    GET_CHARGING_PROFILES = "GetChargingProfiles"
    GET_COMPOSITE_SCHEDULE = "GetCompositeSchedule"
    GET_DISPLAY_MESSAGES = "GetDisplayMessages"
    GET_INSTALLED_CERTIFICATE_IDS = "GetInstalledCertificateIds"
    GET_LOCAL_LIST_VERSION = "GetLocalListVersion"
    GET_LOG = "GetLog"
    GET_MONITORING_REPORT = "GetMonitoringReport"
    GET_REPORT = "GetReport"
    GET_TRANSACTION_STATUS = "GetTransactionStatus"
    GET_VARIABLES = "GetVariables"
    HEARTBEAT = "Heartbeat"
    INSTALL_CERTIFICATE = "InstallCertificate"
    LOG_STATUS_NOTIFICATION = "LogStatusNotification"
    METER_VALUES = "MeterValues"
    NOTIFY_CHARGING_LIMIT = "NotifyChargingLimit"
    NOTIFY_CUSTOMER_INFORMATION = "NotifyCustomerInformation"
    NOTIFY_DISPLAY_MESSAGES = "NotifyDisplayMessages"
    NOTIFY_EV_CHARGING_NEEDS = "NotifyEVChargingNeeds"
    NOTIFY_EV_CHARGING_SCHEDULE = "NotifyEVChargingSchedule"
    NOTIFY_EVENT = "NotifyEvent"
    NOTIFY_MONITORING_REPORT = "NotifyMonitoringReport"
    NOTIFY_REPORT = "NotifyReport"
    PUBLISH_FIRMWARE = "PublishFirmware"
    PUBLISH_FIRMWARE_STATUS_NOTIFICATION = "PublishFirmwareStatusNotification"
    REPORT_CHARGING_PROFILES = "ReportChargingProfiles"
    REQUEST_START_TRANSACTION = "RequestStartTransaction"
    REQUEST_STOP_TRANSACTION = "RequestStopTransaction"
    RESERVATION_STATUS_UPDATE = "ReservationStatusUpdate"
    RESERVE_NOW = "ReserveNow"
    RESET = "Reset"
    SECURITY_EVENT_NOTIFICATION = "SecurityEventNotification"
    SEND_LOCAL_LIST = "SendLocalList"
    SET_CHARGING_PROFILE = "SetChargingProfile"
    SET_DISPLAY_MESSAGE = "SetDisplayMessage"
    SET_MONITORING_BASE = "SetMonitoringBase"
    SET_MONITORING_LEVEL = "SetMonitoringLevel"
    SET_NETWORK_PROFILE = "SetNetworkProfile"
    SET_VARIABLE_MONITORING = "SetVariableMonitoring"
    SET_VARIABLES = "SetVariables"
    SIGN_CERTIFICATE = "SignCertificate"
    STATUS_NOTIFICATION = "StatusNotification"
    TRANSACTION_EVENT = "TransactionEvent"
    TRIGGER_MESSAGE = "TriggerMessage"
    UNLOCK_CONNECTOR = "UnlockConnector"
    UNPUBLISH_FIRMWARE = "UnpublishFirmware"
    UPDATE_FIRMWARE = "UpdateFirmware"


ACTIONS: frozenset[str] = frozenset(Action)
"""Every action of OCPP 2.0.1, as plain text comparable with a CALL's action."""

STATION_ACTIONS: frozenset[str] = frozenset(
    {
        Action.AUTHORIZE,
        Action.BOOT_NOTIFICATION,
        Action.CLEARED_CHARGING_LIMIT,
        Action.DATA_TRANSFER,
        Action.FIRMWARE_STATUS_NOTIFICATION,
        Action.GET_15118_EV_CERTIFICATE,
        Action.GET_CERTIFICATE_STATUS,
        Action.HEARTBEAT,
        Action.LOG_STATUS_NOTIFICATION,
        Action.METER_VALUES,
        Action.NOTIFY_CHARGING_LIMIT,
        Action.NOTIFY_CUSTOMER_INFORMATION,
        Action.NOTIFY_DISPLAY_MESSAGES,
        Action.NOTIFY_EV_CHARGING_NEEDS,
        Action.NOTIFY_EV_CHARGING_SCHEDULE,
        Action.NOTIFY_EVENT,
        Action.NOTIFY_MONITORING_REPORT,
        Action.NOTIFY_REPORT,
        Action.PUBLISH_FIRMWARE_STATUS_NOTIFICATION,
        Action.REPORT_CHARGING_PROFILES,
        Action.RESERVATION_STATUS_UPDATE,
        Action.SECURITY_EVENT_NOTIFICATION,
        Action.SIGN_CERTIFICATE,
        Action.STATUS_NOTIFICATION,
        Action.TRANSACTION_EVENT,
    }
)
"""Actions whose CALL a station sends."""

CSMS_ACTIONS: frozenset[str] = (ACTIONS - STATION_ACTIONS) | {Action.DATA_TRANSFER}
"""Actions whose CALL a CSMS sends."""

SENDERS: dict[Role, frozenset[str]] = {"csms": CSMS_ACTIONS, "station": STATION_ACTIONS}
"""The actions that each role may send a CALL of."""

PEER: dict[Role, Role] = {"csms": "station", "station": "csms"}
"""The other end of a connection."""
