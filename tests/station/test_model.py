"""The device model of the example products."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.station.model import Component, DeviceModel, Variable, members
from vdoc.station.storage import FileStorage


@pytest.fixture
def model(product: Any, tmp_path: Path) -> DeviceModel:
    return DeviceModel(product("ac-wallbox-detachable"), FileStorage(tmp_path), lambda _: False)


def number(low: float | None, high: float | None) -> Variable:
    return Variable(
        Component("C"), "V", None, "ReadWrite", "integer", "s", low, high, None, value="0"
    )


class TestValidation:
    @given(st.integers(-1000, 1000))
    def test_limits_hold(self, value: int) -> None:
        assert (number(0, 100).refusal(str(value)) is None) is (0 <= value <= 100)

    @given(st.text(max_size=20))
    def test_texts_that_are_no_number_are_refused(self, text: str) -> None:
        variable = number(None, None)
        if variable.refusal(text) is None:
            assert isinstance(int(text), int)

    @pytest.mark.parametrize(
        ("value", "fits"),
        [("EVConnected", True), ("EVConnected,Authorized", True), ("", True), ("Nonesuch", False)],
    )
    def test_member_lists(self, model: DeviceModel, value: str, fits: bool) -> None:
        assert (model.variable("TxCtrlr", "TxStartPoint").refusal(value) is None) is fits

    def test_no_member_twice(self, model: DeviceModel) -> None:
        variable = model.variable("TxCtrlr", "TxStartPoint")
        assert variable.refusal("EVConnected,EVConnected") == "InvalidValue"

    def test_own_values_are_valid(self, model: DeviceModel) -> None:
        for variable in model:
            if variable.mutability == "ReadWrite":
                assert variable.refusal(variable.value) is None, variable.key


class TestValues:
    def test_absent_variables_read_as_nothing(self, model: DeviceModel) -> None:
        assert model.text("Nonesuch", "X") == ""
        assert model.integer("Nonesuch", "X") == 0
        assert model.boolean("Nonesuch", "X", default=True)
        with pytest.raises(KeyError):
            model.variable("Nonesuch", "X")

    def test_watchers_hear_of_changes(self, model: DeviceModel) -> None:
        heard: list[int] = []
        model.watch(lambda: heard.append(1))
        model.set(model.variable("TxCtrlr", "EVConnectionTimeOut"), "7")
        assert heard == [1]

    def test_bound_guarded_and_applied(self, model: DeviceModel) -> None:
        model.bind("TxCtrlr", "EVConnectionTimeOut", lambda: "9")
        model.guard("TxCtrlr", "EVConnectionTimeOut", lambda _: "NotEnabled")
        model.on_set("TxCtrlr", "EVConnectionTimeOut", lambda _: "RebootRequired")
        variable = model.variable("TxCtrlr", "EVConnectionTimeOut")
        assert variable.actual == "9"
        assert variable.refusal("9") == "NotEnabled"
        assert model.set(variable, "9") == "RebootRequired"

    def test_fixed_points_are_the_whole_claim(self, claiming: Any, tmp_path: Path) -> None:
        pics = claiming({"C-51": False})
        fixed = DeviceModel(pics, FileStorage(tmp_path), lambda _: False)
        assert set(fixed.members("TxCtrlr", "TxStartPoint")) == set(pics.tx_start_points)

    def test_file_transfer_protocols_are_those_of_the_product(
        self, product: Any, tmp_path: Path
    ) -> None:
        own = DeviceModel(product("dc-fast-charger"), FileStorage(tmp_path), lambda _: False)
        assert own.text("OCPPCommCtrlr", "FileTransferProtocols") == "HTTPS,SFTP"

    def test_members(self) -> None:
        assert members("a, b,,c ") == ("a", "b", "c")
