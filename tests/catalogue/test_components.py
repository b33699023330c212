"""Which variables a product owes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vdoc.catalogue.components import RequiredVariable, component_rows, required_variables
from vdoc.pics import Pics, load_pics
from vdoc.pics.items import item_list

PICS = Path(__file__).parents[2] / "pics"


@pytest.fixture(scope="module")
def wallbox() -> Pics:
    return load_pics(PICS / "ac-wallbox-detachable.toml")


def names(pics: Pics) -> set[str]:
    return {str(variable) for variable in required_variables(pics)}


def test_every_condition_speaks_of_known_items() -> None:
    used = {item for row in component_rows() for item in row.condition.items()}
    assert used <= set(item_list().items)


def test_every_row_names_its_source_and_need() -> None:
    assert all(row.source and row.required in {"M", "C", "O"} for row in component_rows())


def test_only_conditional_rows_have_a_condition() -> None:
    assert all((row.required == "C") != row.condition.mandatory for row in component_rows())


def test_mandatory_variables_of_core_are_owed(wallbox: Pics) -> None:
    assert {
        "OCPPCommCtrlr.OfflineThreshold",
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
        "OCPPCommCtrlr.ActiveNetworkProfile",
        "ChargingStation.AvailabilityState",
    } <= names(wallbox)


def test_a_condition_that_the_pics_does_not_meet_owes_nothing(wallbox: Pics) -> None:
    assert "AlignedDataCtrlr.SendDuringIdle" in names(wallbox)  # C-28 is claimed
    assert "TxCtrlr.MaxEnergyOnInvalidId" not in names(wallbox)  # C-03 is not


def test_a_profile_that_is_not_claimed_owes_nothing(wallbox: Pics) -> None:
    assert "LocalAuthListCtrlr.Entries" in names(wallbox)
    assert not any(name.startswith("SmartChargingCtrlr") for name in names(wallbox))


def test_connectors_and_evses_owe_theirs_each(wallbox: Pics) -> None:
    assert {"EVSE(1).Power", "Connector(1/1).ConnectorType"} <= names(wallbox)


def test_a_variable_of_two_profiles_comes_once(wallbox: Pics) -> None:
    variables = required_variables(wallbox)
    assert len(variables) == len(set(variables))
    assert sum(v.variable == "SecurityProfile" for v in variables) == 1


def test_a_variable_that_may_be_read_only_is_not_always_writable() -> None:
    either = RequiredVariable(
        component="TxCtrlr",
        variable="TxStartPoint",
        instance=None,
        evse=None,
        connector=None,
        mutability=("ReadOnly", "ReadWrite"),
        datatype="MemberList",
    )
    assert not either.always_writable
