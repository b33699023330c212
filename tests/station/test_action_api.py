"""The action API over HTTP: what it accepts, and that the station feels it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from vdoc.station.action_api import ActionApi
from vdoc.station.process import Listening, serving


@pytest.fixture
async def api(csms: Any, run: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A running station with its action API; answers come after the effect."""
    await csms.open()
    machine = await run(csms.url())
    await csms.receive("BootNotification")
    made = ActionApi(machine, timing="after-effect", token=None)
    async with (
        serving(made, Listening()) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


class TestStationOperations:
    async def test_plug_in_and_out(self, api: httpx.AsyncClient, csms: Any) -> None:
        outlet = {"evse_id": 1, "connector_id": 1}
        assert (await api.post("/api/v1/plugin", params=outlet)).status_code == 200
        await csms.receive("StatusNotification", connectorStatus="Occupied")
        assert (await api.post("/api/v1/plugout", params=outlet)).status_code == 200
        await csms.receive("StatusNotification", connectorStatus="Available", evseId=1)

    async def test_authorize_asks_the_csms(self, api: httpx.AsyncClient, csms: Any) -> None:
        csms.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        token = {"id": "04A1B2C3", "type": "ISO14443", "evse_id": "1", "connector_id": "1"}
        assert (await api.post("/api/v1/authorize", params=token)).status_code == 200
        asked = await csms.receive("Authorize")
        assert asked["idToken"]["idToken"].upper() == "04A1B2C3"

    async def test_reboot_is_a_cold_boot(self, api: httpx.AsyncClient, csms: Any) -> None:
        assert (await api.post("/api/v1/reboot")).status_code == 200
        await csms.receive("BootNotification", reason="PowerUp")

    async def test_faulted_and_back(self, api: httpx.AsyncClient, csms: Any) -> None:
        await api.post("/api/v1/state", params={"faulted": "true", "evse_id": 1})
        await csms.receive("StatusNotification", connectorStatus="Faulted")
        await api.post("/api/v1/state", params={"faulted": "false", "evse_id": 1})
        await csms.receive("StatusNotification", connectorStatus="Available")

    @pytest.mark.parametrize(
        "path",
        [
            "authorize",
            "authorize?id=04A1&type=Unheard",
            "authorize?id=" + "4" * 37,
            "plugin?evse_id=99",
            "plugin?evse_id=1&connector_id=9",
            "plugin?evse_id=one",
            "plugin?halfway=perhaps",
            "parkingbay",
            "parkingbay?occupied=true&evse_id=99",
            "state?charging_limit=much",
        ],
    )
    async def test_bad_values(self, api: httpx.AsyncClient, path: str) -> None:
        assert (await api.post(f"/api/v1/{path}")).status_code == 400

    async def test_unknown_operation(self, api: httpx.AsyncClient) -> None:
        assert (await api.post("/api/v1/dance")).status_code == 404
        assert (await api.get("/api/v1/reboot")).status_code == 405


class TestEvOperations:
    @pytest.mark.parametrize("base", ["/ev/api/v1", "/ev/1/api/v1"])
    async def test_every_operation(self, api: httpx.AsyncClient, base: str) -> None:
        await api.post("/api/v1/plugin", params={"evse_id": 1, "connector_id": 1})
        for operation in ("end", "state?ready=true", "plugout", "plugin"):
            assert (await api.post(f"{base}/{operation}")).status_code == 200

    @pytest.mark.parametrize(
        ("path", "code"), [("/ev/api/v1/state", 400), ("/ev/9/api/v1/end", 400), ("/ev/x", 404)]
    )
    async def test_bad_calls(self, api: httpx.AsyncClient, path: str, code: int) -> None:
        assert (await api.post(path)).status_code == code


class TestAdmin:
    async def test_power_off_and_on(self, api: httpx.AsyncClient, csms: Any) -> None:
        assert (await api.post("/admin/power?on=false")).json()["power"] is False
        assert (await api.post("/api/v1/reboot")).status_code == 409
        assert (await api.post("/admin/power?on=true")).json()["power"] is True
        await csms.receive("BootNotification", reason="PowerUp")

    async def test_factory_reset_restores_the_sealed_state(
        self, api: httpx.AsyncClient, csms: Any
    ) -> None:
        assert (await api.post("/admin/factory-reset")).status_code == 200
        await csms.next_connection(2)

    async def test_state(self, api: httpx.AsyncClient) -> None:
        facts = (await api.get("/admin/state")).json()
        assert facts["identity"] == "CS 1"
        assert facts["security_profile"] == 1
        assert facts["action_failures"] == []


class TestTimings:
    async def test_at_once_answers_and_then_acts(self, csms: Any, run: Any) -> None:
        await csms.open()
        machine = await run(csms.url())
        await csms.receive("BootNotification")
        made = ActionApi(machine, timing="at-once", token="secret")
        async with (
            serving(made, Listening()) as address,
            httpx.AsyncClient(base_url=address, trust_env=False) as client,
        ):
            assert (await client.post("/api/v1/reboot")).status_code == 401
            client.headers["Authorization"] = "Bearer secret"
            assert (await client.post("/api/v1/reboot")).status_code == 200
            await csms.receive("BootNotification", reason="PowerUp")
