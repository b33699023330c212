"""Connection URL and Basic credentials."""

import base64
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.station.network import Profile
from vdoc.station.upgrade_request import NO_CREDENTIALS, connection_url, credentials

SOUND = frozenset[str]().__contains__
TEXT = st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=1)


def profile(security_profile: int = 1, url: str = "ws://csms.example.com/ocpp") -> Profile:
    return Profile(1, url, security_profile, 30)


class TestUrl:
    @given(identity=TEXT)
    def test_ends_with_the_identity(self, identity: str) -> None:
        path = urlsplit(connection_url(profile(), identity, SOUND)).path
        assert path.startswith("/ocpp/")
        assert unquote(path.removeprefix("/ocpp/")) == identity

    def test_one_slash_between(self) -> None:
        url = connection_url(profile(url="ws://c/ocpp/"), "CS 1", SOUND)
        assert url == "ws://c/ocpp/CS%201"


class TestCredentials:
    @given(identity=TEXT, password=st.text(st.characters(codec="utf-8")))
    def test_read_back(self, identity: str, password: str) -> None:
        header = credentials(profile(), identity, password, SOUND)["Authorization"]
        scheme, _, token = header.partition(" ")
        user, _, shown = base64.b64decode(token).decode().partition(":")
        assert (scheme, user, shown) == ("Basic", identity, password)

    @pytest.mark.parametrize(("security_profile", "shown"), [(1, True), (2, True), (3, False)])
    def test_by_security_profile(self, security_profile: int, shown: bool) -> None:
        assert bool(credentials(profile(security_profile), "CS", "p", SOUND)) == shown

    def test_defect_shows_none(self) -> None:
        assert credentials(profile(), "CS", "p", {NO_CREDENTIALS}.__contains__) == {}
