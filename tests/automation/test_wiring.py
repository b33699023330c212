from __future__ import annotations

import ssl
import tomllib
from pathlib import Path
from typing import Any

import pytest

from api_clients.action_address import Basic, Bearer
from api_clients.action_errors import ConfigurationError
from vdoc.automation.wiring import RelayWiring, Wiring, credentials_of, wiring_of
from vdoc.pics import BenchSettings

EXAMPLE = Path(__file__).parents[2] / "pics" / "bench-example.toml"


def settings(**action_api: Any) -> BenchSettings:
    raw = tomllib.loads(EXAMPLE.read_text("utf-8"))
    raw["action_api"] |= action_api
    return BenchSettings.model_validate(raw)


def test_the_settings_are_read() -> None:
    wiring = wiring_of(settings(token="s3cret", path="/api"))
    assert (wiring.transport, wiring.path, wiring.token) == ("http", "/api", "s3cret")
    assert wiring.limit_s == 60
    assert wiring.ev_of((1, 1)) is wiring.evs["emulator"]
    assert wiring.relay is None


def test_no_token_is_in_a_repr() -> None:
    assert "s3cret" not in repr(wiring_of(settings(token="s3cret")))


def test_a_relay_listens_where_its_url_says() -> None:
    relay = {"transport": "relay-can", "url": "ws://0.0.0.0:9000/ws_api", "token": "t"}
    wiring = wiring_of(settings(**relay, forward_url="http://agent:1"))
    assert wiring.relay == RelayWiring("0.0.0.0", 9000, "/ws_api")  # noqa: S104
    assert wiring.url == "http://agent:1"


def test_a_secure_relay_needs_a_certificate() -> None:
    secure = settings(transport="relay-mo", url="wss://0.0.0.0/", token="t")
    with pytest.raises(ConfigurationError, match="vdoc keys pki"):
        wiring_of(secure)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    relay = wiring_of(secure, relay_tls=context).relay
    assert relay is not None
    assert (relay.port, relay.tls) == (443, context)


def test_a_relay_without_a_token_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="token"):
        wiring_of(settings(transport="relay-mo", url="ws://0.0.0.0:9000"))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_an_unreadable_certificate_names_its_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"ca\.pem is no certificate"):
        wiring_of(settings(ca_certificate=str(path)))


def test_an_outlet_with_an_unknown_ev_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\[ev_api.car\]"):
        Wiring(url="http://h", outlets={(1, 1): "car"})


def test_tokens_name_their_scheme() -> None:
    assert credentials_of(None) is None
    assert credentials_of("abc") == credentials_of("Bearer abc") == Bearer("abc")
    assert credentials_of("Basic user:pa:ss") == Basic("user", "pa:ss")
