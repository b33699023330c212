"""Who may read, and what a browser may do."""

from __future__ import annotations

import httpx
import pytest

from vdoc.errors import InputError
from vdoc.nightly.history import History
from vdoc.nightly.pages.guard import COOKIE, check_reach
from vdoc.nightly.pages.server import application

TOKEN = "0123456789abcdef"


def client(
    history: History, token: str | None = TOKEN, base: str = "http://bench.example"
) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(history.path, token))
    return httpx.AsyncClient(transport=transport, base_url=base)


class TestReach:
    @pytest.mark.parametrize(
        ("host", "token"),
        [("0.0.0.0", None), ("bench.example", None), ("::", None), ("127.0.0.1", "short")],  # noqa: S104
    )
    def test_beyond_the_machine_a_token_is_required(self, host: str, token: str | None) -> None:
        with pytest.raises(InputError, match="VDOC_TOKEN"):
            check_reach(host, token)

    @pytest.mark.parametrize(
        ("host", "token"),
        [("127.0.0.1", None), ("::1", None), ("localhost", None), ("0.0.0.0", TOKEN)],  # noqa: S104
    )
    def test_else_it_is_not(self, host: str, token: str | None) -> None:
        check_reach(host, token)


class TestWithoutToken:
    @pytest.mark.parametrize("host", ["127.0.0.1:8800", "localhost", "[::1]:8800", "127.0.0.2"])
    async def test_under_a_name_of_this_machine(self, history: History, host: str) -> None:
        async with client(history, None) as reader:
            assert (await reader.get("/", headers={"Host": host})).status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example:8800", "10.0.0.1", ""]
    )
    async def test_not_under_a_foreign_name(self, history: History, host: str) -> None:
        async with client(history, None) as reader:
            assert (await reader.get("/", headers={"Host": host})).status_code == 421


class TestToken:
    async def test_without_it_there_is_a_form_and_nothing_else(self, history: History) -> None:
        async with client(history) as reader:
            for path in ("/", "/run/0000.html", "/search?q=x", "/nowhere", f"/?token={TOKEN}"):
                answer = await reader.get(path)
                assert answer.status_code == 401
                assert 'type="password"' in answer.text
            assert (await reader.get("/style.css")).status_code == 200

    async def test_the_form_gives_a_cookie_that_is_not_the_token(self, history: History) -> None:
        async with client(history) as reader:
            answer = await reader.post("/login", data={"token": TOKEN, "next": "/search?q=a+b"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=a+b")
            assert "HttpOnly; Path=/; SameSite=strict" in answer.headers["set-cookie"]
            assert TOKEN not in str(answer.headers)
            assert (await reader.get("/")).status_code == 200

    async def test_a_wrong_one_gives_none(self, history: History) -> None:
        async with client(history) as reader:
            for token in ("", "wrong", TOKEN + "x", "é" * 16):
                answer = await reader.post("/login", data={"token": token})
                assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
            assert (await reader.post("/login", content=b"token=" + b"x" * 9999)).status_code == 401
            assert (
                await reader.get("/", headers={"Cookie": f"{COOKIE}={TOKEN}"})
            ).status_code == 401

    async def test_over_tls_the_cookie_stays_there(self, history: History) -> None:
        async with client(history, base="https://bench.example") as reader:
            answer = await reader.post("/login", data={"token": TOKEN})
            assert "Secure" in answer.headers["set-cookie"]

    @pytest.mark.parametrize(
        "after",
        ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", "", "x"],
    )
    async def test_it_leads_to_no_other_site(self, history: History, after: str) -> None:
        async with client(history) as reader:
            answer = await reader.post("/login", data={"token": TOKEN, "next": after})
            assert answer.headers["location"] == "/"

    @pytest.mark.parametrize(
        ("header", "status"),
        [(f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), ("Bearer x", 401), (TOKEN, 401)],
    )
    async def test_a_program_gives_it_in_a_header(
        self, history: History, header: str, status: int
    ) -> None:
        async with client(history) as reader:
            answer = await reader.get("/", headers={"Authorization": header})
            assert answer.status_code == status


@pytest.mark.parametrize("path", ["/", "/nowhere", "/style.css", "/run/0000.html"])
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_every_answer_keeps_to_itself(history: History, path: str, token: str | None) -> None:
    async with client(history, token, "http://127.0.0.1") as reader:
        headers = (await reader.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
