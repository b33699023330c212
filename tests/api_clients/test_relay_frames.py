from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest

from api_clients.action_errors import ConfigurationError, FaultError
from api_clients.relay_frames import Dialect, RelayRequest

REQUEST = RelayRequest(
    id="r-17",
    operation="authorize",
    query=(("id", "T 1"), ("type", "ISO14443")),
    side="sut",
    url="http://bench/api/v1",
    at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
)


def test_a_request_holds_the_union_of_both_forms() -> None:
    assert json.loads(REQUEST.frame("mos")) == {
        "id": "r-17",
        "time": "2026-01-05T09:00:00Z",
        "type": "sut",
        "operation": "authorize",
        "params": [{"key": "id", "value": "T 1"}, {"key": "type", "value": "ISO14443"}],
        "url": "http://bench/api/v1/",
        "method": "POST",
    }


def test_a_can_agent_that_joins_url_and_operation_gets_the_whole_address() -> None:
    frame = json.loads(REQUEST.frame("can"))
    joined = urljoin(frame["url"], frame["operation"])
    assert joined == "http://bench/api/v1/authorize?id=T%201&type=ISO14443"


@pytest.mark.parametrize("dialect", ["mos", "can"])
def test_an_operation_without_parameters_stays_a_bare_name(dialect: Dialect) -> None:
    bare = RelayRequest("r-1", "reboot", (), "sut", "", datetime.now(UTC))
    assert json.loads(bare.frame(dialect))["operation"] == "reboot"


@pytest.mark.parametrize("status", ["Ok", "OK", "ok"])
def test_ok_is_read_in_any_letter_case(status: str) -> None:
    accepted = REQUEST.judge({"status": status})
    assert accepted.http_status is None
    assert accepted.sent == "relay sut authorize?id=T%201&type=ISO14443"


@pytest.mark.parametrize("status", ["Nok", "NOK"])
def test_nok_is_a_refusal_without_a_reason(status: str) -> None:
    with pytest.raises(ConfigurationError, match="agent"):
        REQUEST.judge({"status": status})


@pytest.mark.parametrize("answer", [{}, {"status": None}, {"status": "done"}, {"status": 1}])
def test_another_status_is_a_fault(answer: dict[str, object]) -> None:
    with pytest.raises(FaultError, match="not Ok or Nok"):
        REQUEST.judge(answer)
