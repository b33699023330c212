from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.upgrade import (
    Credentials,
    Identity,
    read_authorization,
    read_identity,
    read_subprotocols,
    read_upgrade,
)


def basic(text: bytes) -> str:
    return "Basic " + b64encode(text).decode()


class TestIdentity:
    """3.1.1: end point path, slash, percent-encoded identity."""

    def test_the_examples_of_the_clause(self) -> None:
        assert read_identity("/ocpp/CS001", endpoint_path="/ocpp") == Identity("CS001")
        assert read_identity("/ocppj/RDAM%20123", endpoint_path="/ocppj/") == Identity("RDAM 123")

    def test_an_end_point_at_the_root(self) -> None:
        assert read_identity("/CS001") == Identity("CS001")

    def test_an_escaped_slash_belongs_to_the_identity(self) -> None:
        assert read_identity("/a%2Fb") == Identity("a/b")

    def test_the_query_does_not(self) -> None:
        assert read_identity("/CS001?x=1") == Identity("CS001")

    def test_48_characters_may_be(self) -> None:
        assert read_identity("/" + "x" * 48).problem is None

    @pytest.mark.parametrize(
        "target",
        [
            "/ocpp",
            "/ocpp/",
            "/ocpp//",
            "/other/CS001",
            "/ocpp/a/b",
            "/ocpp/a%2",
            "/ocpp/%ff",
            "/ocpp/a%3Ab",
            "/ocpp/a%00b",
            "/ocpp/" + "x" * 49,
            "",
        ],
    )
    def test_anything_else_has_a_problem(self, target: str) -> None:
        assert read_identity(target, endpoint_path="/ocpp").problem


class TestAuthorization:
    """A00.FR.203 to 205: user, colon, password, in UTF-8, in base64."""

    def test_user_and_password(self) -> None:
        assert read_authorization(basic(b"CS001:secret")) == Credentials("CS001", "secret")

    def test_the_first_colon_separates(self) -> None:
        assert read_authorization(basic(b"CS001:a:b")) == Credentials("CS001", "a:b")

    def test_the_scheme_is_written_in_any_case(self) -> None:
        assert read_authorization(basic(b"u:p").replace("Basic", "BASIC")) == Credentials("u", "p")

    def test_the_text_is_utf_8(self) -> None:
        assert read_authorization(basic("u:ä".encode())) == Credentials("u", "ä")

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "Basic",
            "Bearer dTpw",
            "Basic !!!",
            "Basic dTpw=",
            "Basic ä",
            basic(b"no colon"),
            basic(b"u:\xff"),
        ],
    )
    def test_anything_else_is_an_error_text(self, value: str) -> None:
        assert isinstance(read_authorization(value), str)

    @pytest.mark.parametrize("before", ["", "Basic,", "Basic ", "Bearer "])
    def test_which_repeats_no_credentials(self, before: str) -> None:
        secret = b64encode(b"CS001-without-a-colon").decode()
        problem = read_authorization(before + secret)
        assert isinstance(problem, str)
        assert secret not in problem
        assert "without-a-colon" not in problem

    @pytest.mark.parametrize("values", [(), ("Basic dTpw", "Basic dTpw")])
    def test_exactly_one_header_may_be(self, values: tuple[str, ...]) -> None:
        assert isinstance(read_authorization(*values), str)

    def test_the_password_is_not_in_the_repr(self) -> None:
        assert "secret" not in repr(Credentials("CS001", "secret"))


class TestSubprotocol:
    """3.1.2: the header alone decides."""

    def test_offers_keep_their_order_over_several_headers(self) -> None:
        offered = read_subprotocols(["ocpp1.6, ocpp2.0.1", "ocpp2.1"])
        assert offered == ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")

    def test_2_0_1_is_agreed_to_among_others(self) -> None:
        headers = [("Sec-WebSocket-Protocol", "ocpp1.6,ocpp2.0.1")]
        assert read_upgrade("/CS001", headers).subprotocol == "ocpp2.0.1"

    @pytest.mark.parametrize("value", ["ocpp1.6", "OCPP2.0.1", "ocpp2.0", ""])
    def test_nothing_else_is(self, value: str) -> None:
        headers = [("sec-websocket-protocol", value)]
        assert read_upgrade("/ocpp2.0.1/CS001", headers).subprotocol is None


class TestRequest:
    def test_all_facts_together(self) -> None:
        headers = [("AUTHORIZATION", basic(b"CS001:p")), ("SEC-WEBSOCKET-PROTOCOL", "ocpp2.0.1")]
        upgrade = read_upgrade("/ocpp/CS001", headers, endpoint_path="/ocpp")
        assert upgrade.identity == Identity("CS001")
        assert upgrade.authorization == Credentials("CS001", "p")
        assert upgrade.offered == ("ocpp2.0.1",)

    def test_no_authorization_is_none(self) -> None:
        assert read_upgrade("/CS001", []).authorization is None

    @given(st.text(), st.lists(st.tuples(st.sampled_from(["Authorization", "X"]), st.text())))
    def test_nothing_raises(self, target: str, headers: list[tuple[str, str]]) -> None:
        read_upgrade(target, headers)
