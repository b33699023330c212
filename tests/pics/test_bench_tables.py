from __future__ import annotations

from collections.abc import Callable

import pytest

from vdoc.errors import InputError
from vdoc.pics import BenchSettings, Token

BenchWith = Callable[..., BenchSettings]
ENDPOINT = '\n[[csms.endpoint]]\nbind_host = "h"\nbind_port = 0\n'
OUTLET = "\n[[action_api.outlet]]\nevse = 1\nconnector = 1\n"

REFUSED = [
    ("dut.identity", ('"NL-0001"\n', '"NL:0001"\n')),
    ("dut", ("configuration_slot2 = 2", "configuration_slot2 = 1")),
    ("dut", ("[csms]", "second_evse = 1\nsecond_connector = 1\n[csms]")),
    ("csms", ("[[file_server]]", f"{ENDPOINT}[[file_server]]")),
    ("csms", ("bind_port = 8444", "bind_port = 8443")),
    ("csms.endpoint[1].bind_port", ("bind_port = 8444", "bind_port = 65536")),
    ("csms.endpoint[0].path", ("bind_port = 8443", 'bind_port = 8443\npath = "ocpp"')),
    ("file_server[0].protocol", ('protocol = "HTTPS"', 'protocol = "SCP"')),
    ("password", ("Example-password-0001", "fifteen-signs-0")),
    ("password", ("Example-password-0001", "x" * 41)),
    ("password", ("Example-password-0001", "sixteen signs or")),
    ("action_api.url", ('"http://192.0.2.20:8080/"', '"http://user:pass@192.0.2.20/"')),
    ("action_api.url", ('"http://192.0.2.20:8080/"', '"192.0.2.20"')),
    ("action_api", ('transport = "http"', 'transport = "relay-mo"')),
    ("action_api", ("[ev_api.emulator]", f"{OUTLET}[ev_api.emulator]")),
    ("action_api.timeout_s", ("timeout_s = 60\n", "timeout_s = 0\n")),
    ("provision.command", ('["/opt/bench/provision", "--station", "NL-0001"]', "[]")),
    ("tokens", ("04A1B2C3D4E503", "04a1b2c3d4e501")),
    ("tokens", ("central-0002", "CENTRAL-0001")),
    ("tokens.valid[2].type", ('"central-0001", type = "Central"', '"central-0001", type = "RFID"')),
    ("tokens.invalid[0].idToken", ("04A1B2C3D4E503", "0" * 37)),
]


@pytest.mark.parametrize(("item", "change"), REFUSED)
def test_a_table_that_is_not_valid_in_itself_is_refused(
    item: str, change: tuple[str, str], bench_with: BenchWith
) -> None:
    with pytest.raises(InputError) as caught:
        bench_with(change)
    assert item in {problem.item for problem in caught.value.problems}


ACCEPTED = [
    ("bind_port = 8444", "bind_port = 0"),
    ('"NL-0001"\n', '"' + "N" * 48 + '"\n'),
    ("Example-password-0001", "*-_=:+|@.*-_=:+|@.*-_=:+|@.*-_=:+|@.*-_="),
    ("Example-password-0001", "sixteen-signs-00"),
    ("bind_port = 8443", 'bind_port = 8443\npath = "/ocpp/"'),
    ("04A1B2C3D4E503", "0" * 36),
    (
        'transport = "http"\nurl = "http://192.0.2.20:8080/"',
        'transport = "relay-can"\nurl = "wss://192.0.2.20/ws"',
    ),
]


@pytest.mark.parametrize("change", ACCEPTED)
def test_a_table_at_the_edge_of_what_is_valid_is_taken(
    change: tuple[str, str], bench_with: BenchWith
) -> None:
    assert isinstance(bench_with(change), BenchSettings)


def test_exactly_two_end_points_are_needed(bench_text: str, bench_with: BenchWith) -> None:
    first, _, rest = bench_text.partition("[[csms.endpoint]]")
    one = rest[: rest.index("[[csms.endpoint]]")]
    with pytest.raises(InputError, match="expected exactly two"):
        bench_with((f"[[csms.endpoint]]{one}", ""))
    assert first


class TestTokens:
    def test_tokens_of_a_type_keep_their_order(self, bench: BenchSettings) -> None:
        tokens = [token.idToken for token in bench.tokens.valid_of("Central")]
        assert tokens == ["central-0001", "central-0002"]

    def test_a_role_has_a_token_of_the_type_if_there_is_one(self, bench: BenchSettings) -> None:
        token = bench.tokens.special("blocked", "ISO14443")
        assert token == Token(idToken="04A1B2C3D4E504", type="ISO14443")

    def test_else_another_token_is_presented_as_the_type(self, bench: BenchSettings) -> None:
        token = bench.tokens.special("invalid", "KeyCode")
        assert token == Token(idToken="04A1B2C3D4E503", type="KeyCode")

    def test_case_does_not_tell_tokens_apart(self) -> None:
        assert Token(idToken="AB", type="Local").key == Token(idToken="ab", type="Local").key
        assert Token(idToken="AB", type="Local").key != Token(idToken="AB", type="KeyCode").key
