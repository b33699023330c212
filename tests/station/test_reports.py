"""Base reports and custom reports (B07, B08)."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vdoc.station import model_rows, reports

LISTS = {"OptionList", "MemberList", "SequenceList"}


async def ask(csms: Any, action: str, **payload: Any) -> str:
    answer = await csms.call(action, {"requestId": 5, **payload})
    if answer["status"] == "Accepted":
        parts = csms.of
        await csms.until(lambda: parts("NotifyReport") and not parts("NotifyReport")[-1]["tbc"])
    return str(answer["status"])


async def base(csms: Any, kind: str = "FullInventory") -> list[dict[str, Any]]:
    assert await ask(csms, "GetBaseReport", reportBase=kind) == "Accepted"
    return data(csms)


def data(csms: Any) -> list[dict[str, Any]]:
    return [item for part in csms.of("NotifyReport") for item in part["reportData"]]


def names(items: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(item["component"]["name"], item["variable"]["name"]) for item in items}


class TestFullInventory:
    async def test_parts_are_numbered(self, desk: Any) -> None:
        csms = await desk()
        await base(csms)
        parts = csms.of("NotifyReport")
        assert [part["seqNo"] for part in parts] == list(range(len(parts)))
        assert {part["requestId"] for part in parts} == {5}

    async def test_every_variable_is_characterised(self, desk: Any) -> None:
        for item in await base(await desk()):
            traits = item["variableCharacteristics"]
            assert ("valuesList" in traits) >= (traits["dataType"] in LISTS)

    async def test_passwords_have_no_value(self, desk: Any) -> None:
        items = await base(await desk())
        (secret,) = [i for i in items if i["variable"]["name"] == "BasicAuthPassword"]
        assert "value" not in secret["variableAttribute"][0]

    async def test_no_variable_twice(self, desk: Any) -> None:
        items = await base(await desk(name="dc-fast-charger"))
        keys = [repr((item["component"], item["variable"])) for item in items]
        assert len(set(keys)) == len(keys)

    @pytest.mark.parametrize(
        "name", ["ac-wallbox-detachable", "ac-pole-keycode", "dc-fast-charger"]
    )
    async def test_all_that_the_specification_requires(self, desk: Any, name: str) -> None:
        csms = await desk(name=name)
        assert required(csms.station.pics) <= names(await base(csms))

    async def test_in_small_parts(self, desk: Any) -> None:
        csms = await desk(style="small-reports")
        items = await base(csms)
        assert len(csms.of("NotifyReport")) == len(items)


def required(pics: Any) -> set[tuple[str, str]]:
    """The always mandatory variables of the claimed profiles, from the shared component list."""
    found = set()
    with Path("/work/shared/spec/components.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["required"] == "M" and pics.claims(f"profile.{row['profile']}"):
                found.add((row["component"], row["variable"]))
    return found


class TestOtherBases:
    async def test_configuration_can_be_set(self, desk: Any) -> None:
        items = await base(await desk(), "ConfigurationInventory")
        kinds = {item["variableAttribute"][0]["mutability"] for item in items}
        assert kinds == {"ReadWrite", "WriteOnly"}

    async def test_summary(self, desk: Any, claiming: Any) -> None:
        items = await base(await desk(pics=claiming({"C-56": True})), "SummaryInventory")
        assert names(items) == {
            (component, "AvailabilityState")
            for component in ("ChargingStation", "EVSE", "Connector")
        }

    async def test_summary_unsupported(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-56": False}))
        kind = "SummaryInventory"
        assert await ask(csms, "GetBaseReport", reportBase=kind) == "NotSupported"


class TestCustom:
    async def test_criteria(self, desk: Any) -> None:
        csms = await desk()
        await ask(csms, "GetReport", componentCriteria=["Enabled"])
        assert {item["variable"]["name"] for item in data(csms)} == {"Enabled"}

    async def test_all_instances(self, desk: Any) -> None:
        csms = await desk()
        wanted = {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}
        await ask(csms, "GetReport", componentVariable=[wanted])
        instances = [item["variable"]["instance"] for item in data(csms)]
        assert instances == ["GetReport", "GetVariables", "SetVariables"]

    async def test_all_evses(self, desk: Any) -> None:
        csms = await desk(name="dc-fast-charger")
        wanted = {"component": {"name": "EVSE"}, "variable": {"name": "AvailabilityState"}}
        await ask(csms, "GetReport", componentVariable=[wanted])
        assert len(data(csms)) == len(csms.station.site.spots)

    async def test_nothing(self, desk: Any) -> None:
        wanted = [{"component": {"name": "Nonesuch"}}]
        answer = await ask(await desk(), "GetReport", componentVariable=wanted)
        assert answer == "EmptyResultSet"


class TestDefects:
    async def first(self, desk: Any, defect: str) -> dict[str, Any]:
        csms = await desk(defect)
        await csms.call("GetBaseReport", {"requestId": 5, "reportBase": "ConfigurationInventory"})
        await csms.until(lambda: csms.of("NotifyReport"))
        return dict(csms.of("NotifyReport")[0])

    async def test_numbers_from_one(self, desk: Any) -> None:
        assert (await self.first(desk, reports.SEQ_FROM_ONE))["seqNo"] == 1

    async def test_other_request(self, desk: Any) -> None:
        assert (await self.first(desk, reports.OTHER_REQUEST))["requestId"] == 6

    async def test_old(self, desk: Any) -> None:
        sent = (await self.first(desk, reports.OLD))["generatedAt"]
        assert datetime.now(UTC) - datetime.fromisoformat(sent) > timedelta(hours=23)

    async def test_repeated_numbers(self, desk: Any) -> None:
        csms = await desk(reports.SEQ_REPEATED)
        await base(csms)
        assert {part["seqNo"] for part in csms.of("NotifyReport")} == {0}
        assert len(csms.of("NotifyReport")) > 1

    async def test_no_characteristics(self, desk: Any) -> None:
        sent = await self.first(desk, reports.NO_CHARACTERISTICS)
        assert "variableCharacteristics" not in sent["reportData"][0]

    async def test_no_values_list(self, desk: Any) -> None:
        items = await base(await desk(reports.NO_VALUES_LIST))
        assert not any("valuesList" in item["variableCharacteristics"] for item in items)

    async def test_read_only_in_the_configuration(self, desk: Any) -> None:
        items = await base(await desk(reports.READ_ONLY_TOO), "ConfigurationInventory")
        assert "ReadOnly" in {item["variableAttribute"][0]["mutability"] for item in items}

    @pytest.mark.parametrize(
        ("defect", "missing"),
        [
            (reports.NO_CONNECTORS, ("Connector", "AvailabilityState")),
            (model_rows.MISSING_MANDATORY, ("DeviceDataCtrlr", "BytesPerMessage")),
            (model_rows.MISSING_CONFIGURATION, ("OCPPCommCtrlr", "ResetRetries")),
        ],
    )
    async def test_missing(self, desk: Any, defect: Any, missing: tuple[str, str]) -> None:
        assert missing not in names(await base(await desk(defect)))

    async def test_refused(self, desk: Any) -> None:
        csms = await desk(reports.REFUSED)
        assert await ask(csms, "GetBaseReport", reportBase="FullInventory") == "NotSupported"
