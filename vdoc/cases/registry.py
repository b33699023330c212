"""Attaching case functions to catalogue ids.

Owns the decorator and the look-up. A catalogue row without a function is *not implemented*; nothing
here pretends otherwise.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from vdoc.bench import CaseFunction

MODULES = (
    "vdoc.cases.a_security.a00_client_certificate",
    "vdoc.cases.a_security.a00_server_certificate",
    "vdoc.cases.a_security.a01_password",
    "vdoc.cases.a_security.a02_station_certificate",
    "vdoc.cases.a_security.a05_security_profile",
    "vdoc.cases.b09_b10_network_profiles",
    "vdoc.cases.b_provisioning.b01_cold_boot",
    "vdoc.cases.b_provisioning.b02_boot_pending",
    "vdoc.cases.b_provisioning.b03_boot_rejected",
    "vdoc.cases.b_provisioning.b04_offline",
    "vdoc.cases.b_provisioning.b05_set_variables",
    "vdoc.cases.b_provisioning.b05_value_formats",
    "vdoc.cases.b_provisioning.b06_get_variables",
    "vdoc.cases.b_provisioning.b07_base_report",
    "vdoc.cases.b_provisioning.b11_reset",
    "vdoc.cases.b_provisioning.b12_reset_with_transaction",
    "vdoc.cases.c_authorization.c01_local_token",
    "vdoc.cases.c_authorization.c09_group_id",
    "vdoc.cases.c_authorization.c09_groups",
    "vdoc.cases.c_authorization.c10_cache",
    "vdoc.cases.c_authorization.c11_clear_cache",
    "vdoc.cases.c_authorization.c12_cache",
    "vdoc.cases.c_authorization.c12_refused_later",
    "vdoc.cases.c_authorization.c13_offline_list",
    "vdoc.cases.c_authorization.c14_local_list",
    "vdoc.cases.c_authorization.c15_unknown_id",
    "vdoc.cases.c_authorization.c16_master_pass",
    "vdoc.cases.d_local_list",
    "vdoc.cases.e_transactions.e01_start_points",
    "vdoc.cases.e_transactions.e02_e03_local_start",
    "vdoc.cases.e_transactions.e03_authorization_first",
    "vdoc.cases.e_transactions.e06_deauthorized",
    "vdoc.cases.e_transactions.e06_stop_points",
    "vdoc.cases.e_transactions.e07_local_stop",
    "vdoc.cases.e_transactions.e08_stop_offline",
    "vdoc.cases.e_transactions.e09_e10_ev_side_disconnect",
    "vdoc.cases.e_transactions.e11_e12_offline",
    "vdoc.cases.e_transactions.e13_retries",
    "vdoc.cases.e_transactions.e14_transaction_status",
    "vdoc.cases.f_remote_control.f01_remote_start",
    "vdoc.cases.f_remote_control.f02_remote_start_first",
    "vdoc.cases.f_remote_control.f03_remote_stop",
    "vdoc.cases.f_remote_control.f05_remote_unlock",
    "vdoc.cases.f_remote_control.f06_trigger_message",
    "vdoc.cases.f_remote_control.f06_trigger_progress",
    "vdoc.cases.g_availability.g01_status",
    "vdoc.cases.g_availability.g03_connector",
    "vdoc.cases.g_availability.g03_evse",
    "vdoc.cases.g_availability.g04_station",
    "vdoc.cases.j_meter_values.j01_clock_aligned",
    "vdoc.cases.j_meter_values.j01_ended",
    "vdoc.cases.j_meter_values.j02_begin",
    "vdoc.cases.j_meter_values.j02_ended",
    "vdoc.cases.j_meter_values.j02_updated",
    "vdoc.cases.k_smart_charging",
    "vdoc.cases.l_firmware.l01_failed",
    "vdoc.cases.l_firmware.l01_installed",
    "vdoc.cases.l_firmware.l01_refused",
    "vdoc.cases.l_firmware.l01_second_request",
    "vdoc.cases.l_firmware.l01_transactions",
    "vdoc.cases.m_certificates.m03_retrieve",
    "vdoc.cases.m_certificates.m04_delete",
    "vdoc.cases.m_certificates.m05_install",
    "vdoc.cases.n_diagnostics.n01_logs",
    "vdoc.cases.n_diagnostics.n09_n10_customer_information",
    "vdoc.cases.p_data_transfer",
)

_functions: dict[str, CaseFunction] = {}


def case(case_id: str) -> Callable[[CaseFunction], CaseFunction]:
    """Attach a function to the catalogue row `case_id`.

    Raises:
        ValueError: the id has a function already.
    """

    def attach(function: CaseFunction) -> CaseFunction:
        if case_id in _functions:
            raise ValueError(f"{case_id} is implemented twice")
        _functions[case_id] = function
        return function

    return attach


def case_functions() -> Mapping[str, CaseFunction]:
    """Return every implemented case by its id."""
    for module in MODULES:
        importlib.import_module(module)
    return MappingProxyType(_functions)
