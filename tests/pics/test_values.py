from __future__ import annotations

import pytest
from pydantic import ValidationError

from vdoc.pics import Values


def test_the_defaults_are_those_of_the_settings_table() -> None:
    values = Values()
    assert values.message_timeout_s == 30
    assert values.long_operation_timeout_s == 450
    assert values.max_time_deviation_s == 4
    assert values.delta_monitor.trigger_value == 1
    assert values.transaction_update_measurands == ("Energy.Active.Import.Register",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("message_timeout_s", 0),
        ("message_timeout_s", float("inf")),
        ("max_time_deviation_s", -1),
        ("heartbeat_interval_s", 1.5),
        ("message_attempts", 2),
        ("local_list_version", 1),
        ("monitor_severity", 10),
        ("charging_rate_unit", "kW"),
        ("external_charging_limit", "10 A"),
        ("number_phases", 4),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Values.model_validate({name: value})


def test_what_only_the_tester_waits_may_be_a_fraction() -> None:
    assert Values(message_timeout_s=0.5).message_timeout_s == 0.5
