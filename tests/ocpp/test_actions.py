from __future__ import annotations

from importlib import resources

from vdoc.ocpp.actions import ACTIONS, CSMS_ACTIONS, STATION_ACTIONS, Action


class TestActions:
    def test_there_are_64_and_each_has_both_schemas(self) -> None:
        files = {file.name for file in (resources.files("ocpp.v201") / "schemas").iterdir()}
        assert len(ACTIONS) == 64
        assert {f"{a}{kind}.json" for a in ACTIONS for kind in ("Request", "Response")} == files

    def test_an_action_compares_as_text(self) -> None:
        assert Action.GET_15118_EV_CERTIFICATE in {"Get15118EVCertificate"}


class TestDirections:
    def test_each_action_has_a_sender(self) -> None:
        assert STATION_ACTIONS | CSMS_ACTIONS == ACTIONS

    def test_only_data_transfer_goes_both_ways(self) -> None:
        assert set(STATION_ACTIONS & CSMS_ACTIONS) == {Action.DATA_TRANSFER}

    def test_25_are_a_stations(self) -> None:
        assert len(STATION_ACTIONS) == 25
