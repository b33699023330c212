"""Where a server is, and who may come in."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.run.file_server import Address, Credentials

SIGNS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


class TestLocation:
    @given(username=SIGNS, password=SIGNS)
    def test_holds_the_credentials_whatever_their_signs(self, username: str, password: str) -> None:
        own = Credentials(username, password)
        address = Address("ftp", "0.0.0.0", 21, "bench", credentials=own)  # noqa: S104
        parts = urlsplit(address.location("files/a b"))
        assert (unquote(parts.username or ""), unquote(parts.password or "")) == (
            username,
            password,
        )
        assert (parts.hostname, parts.port, parts.path) == ("bench", 21, "/files/a%20b")

    def test_names_the_advertised_port(self) -> None:
        address = Address("https", "127.0.0.1", 8443, "bench", advertised_port=443)
        assert address.location("/x") == "https://bench:443/x"


@pytest.mark.parametrize(
    ("username", "password", "fits"),
    [("u", "p", True), ("u", "q", False), ("v", "p", False), ("", "", False), ("u\0p", "", False)],
)
def test_who_may_come_in(username: str, password: str, *, fits: bool) -> None:
    assert Credentials("u", "p").fit(username, password) is fits
