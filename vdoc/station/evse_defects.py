"""What may be wrong with how an EVSE starts, tells and ends transactions (E01 to E10, F01, F02)."""

from __future__ import annotations

from vdoc.station.defects import declare

REMOTE_TRIGGER = declare(
    "remote-start-wrong-trigger",
    "a remote start is reported with triggerReason Authorized",
    "F01.FR.19",
    "TC_E_13_CS",
    "TC_F_01_CS",
)
CHARGING_UNREPORTED = declare(
    "charging-unreported",
    "no TransactionEvent when energy starts to flow",
    "E01.FR.18",
    "TC_E_01_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_10_CS",
    "TC_E_11_CS",
    "TC_E_12_CS",
    "TC_E_13_CS",
    "TC_E_38_CS",
    "TC_F_01_CS",
)
CHARGING_STATE_WRONG = declare(
    "charging-reported-suspended",
    "chargingState is SuspendedEV while energy flows",
    "E02.FR.13",
    "TC_E_01_CS",
    "TC_E_02_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
)
STOP_UPDATES = declare(
    "stop-keeps-transaction",
    "the transaction goes on after the driver stopped it, whatever TxStopPoint says",
    "E06.FR.03",
    "TC_E_07_CS",
    "TC_E_15_CS",
    "TC_E_21_CS",
    "TC_E_35_CS",
    "TC_F_08_CS",
)
TIMEOUT_IGNORED = declare(
    "ev-connect-timeout-ignored",
    "waits for the cable for ever, whatever EVConnectionTimeOut says",
    "E03.FR.05",
    "TC_E_05_CS",
    "TC_E_27_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)
TIMEOUT_EARLY = declare(
    "ev-connect-timeout-early",
    "gives up on the cable after a quarter of EVConnectionTimeOut",
    "E03.FR.05",
    "TC_E_05_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)
TIMEOUT_UPDATES = declare(
    "ev-connect-timeout-keeps-transaction",
    "the transaction goes on when EVConnectionTimeOut has passed, whatever TxStopPoint says",
    "E03.FR.05",
    "TC_E_05_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)
TIMEOUT_HOLDS_EVSE = declare(
    "ev-connect-timeout-holds-evse",
    "no other session can begin after EVConnectionTimeOut has passed",
    "F02.FR.07",
    "TC_E_05_CS",
    "TC_E_39_CS",
    "TC_F_04_CS",
)
EV_SIDE_KEEPS = declare(
    "ev-side-disconnect-keeps-authorization",
    "a cable pulled out of the EV leaves it authorized, whatever StopTxOnEVSideDisconnect says",
    "E09.FR.01",
    "TC_E_17_CS",
)
EV_SIDE_DEAUTHORIZES = declare(
    "ev-side-disconnect-always-deauthorizes",
    "a cable pulled out of the EV ends the authorization, whatever StopTxOnEVSideDisconnect says",
    "E10.FR.01",
    "TC_E_26_CS",
    "TC_E_27_CS",
)
RECONNECTED_TRIGGER = declare(
    "ev-reconnected-wrong-trigger",
    "an EV that comes back during a transaction is reported with triggerReason EVDetected",
    "E02.FR.17",
    "TC_E_26_CS",
)
SUSPENSION_UNREPORTED = declare(
    "suspension-unreported",
    "no TransactionEvent when the EV takes no more energy",
    "E01.FR.19",
    "TC_E_22_CS",
)
