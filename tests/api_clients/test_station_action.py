from __future__ import annotations

from api_clients.action_http import Accepted, Query
from api_clients.station_action import Conditions, StationActionClient


class Noting:
    """A carrier that notes what it is given."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.closed = False

    async def call(self, operation: str, query: Query = (), *, limit_s: float = 1) -> Accepted:
        assert limit_s > 0
        self.calls.append((operation, "&".join(f"{name}={value}" for name, value in query)))
        return Accepted(operation, 200)

    async def close(self) -> None:
        self.closed = True


async def test_each_operation_has_its_exact_query() -> None:
    carrier = Noting()
    api = StationActionClient(carrier)
    await api.plugin(evse_id=1, connector_id=2)
    await api.plugin(evse_id=1, connector_id=2, halfway=True)
    await api.plugout(evse_id=1, connector_id=2)
    await api.authorize(id_token="T 1", token_type="ISO14443", evse_id=0, connector_id=1)
    await api.reboot()
    await api.parkingbay(occupied=True)
    await api.parkingbay(occupied=False)
    await api.parkingbay(occupied=True, evse_id=2)
    assert carrier.calls == [
        ("plugin", "evse_id=1&connector_id=2"),
        ("plugin", "halfway=true&evse_id=1&connector_id=2"),
        ("plugout", "evse_id=1&connector_id=2"),
        ("authorize", "id=T 1&type=ISO14443&evse_id=0&connector_id=1"),
        ("reboot", ""),
        ("parkingbay", "occupied=true"),
        ("parkingbay", "occupied=false"),
        ("parkingbay", "occupied=true&evse_id=2"),
    ]


async def test_conditions_are_sent_only_when_given() -> None:
    carrier = Noting()
    api = StationActionClient(carrier)
    await api.state(Conditions())
    await api.state(Conditions(faulted=False, evse_id=0))
    await api.state(Conditions(unlock_failed=True, refused_local_auth_list=True))
    await api.state(Conditions(charging_limit="", evse_id=1, connector_id=1))
    assert [query for _, query in carrier.calls] == [
        "",
        "faulted=false&evse_id=0",
        "unlock_failed=true&refused_local_auth_list=true",
        "charging_limit=&evse_id=1&connector_id=1",
    ]


async def test_closing_closes_the_carrier() -> None:
    carrier = Noting()
    await StationActionClient(carrier).close()
    assert carrier.closed
