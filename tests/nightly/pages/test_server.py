"""Who may read, and what can be asked for."""

from __future__ import annotations

import httpx
import pytest

from vdoc.errors import InputError
from vdoc.nightly.history import History
from vdoc.nightly.pages.server import application, check_reach
from vdoc.nightly.stored import StoredRun

TOKEN = "0123456789abcdef"


def client(history: History, token: str | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(history.path, token))
    return httpx.AsyncClient(transport=transport, base_url="http://bench")


class TestPages:
    async def test_fleet_run_and_every_case(self, history: History, failed_run: StoredRun) -> None:
        run = f"/run/{failed_run.id[:16]}"
        async with client(history) as reader:
            assert "Stations and nights" in (await reader.get("/")).text
            assert f"{failed_run.id[:16]}/0.html" in (await reader.get(f"{run}.html")).text
            assert "<svg" in (await reader.get(f"{run}/0.html")).text

    async def test_search(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            assert failed_run.id[:16] in (await reader.get("/?q=aCME")).text
            assert failed_run.id[:16] not in (await reader.get("/?q=other")).text
            assert "&lt;b&gt;" in (await reader.get("/?q=<b>")).text

    @pytest.mark.parametrize("path", ["/run/0000.html", "/run/0000/1.html", "/etc/passwd"])
    async def test_what_is_not_there(self, history: History, path: str) -> None:
        async with client(history) as reader:
            assert (await reader.get(path)).status_code == 404

    async def test_a_case_that_is_not_there(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            assert (await reader.get(f"/run/{failed_run.id}/9.html")).status_code == 404

    async def test_nothing_can_be_changed(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            for method in ("POST", "PUT", "DELETE"):
                assert (await reader.request(method, "/")).status_code == 405
        assert history.runs() == (failed_run,)


class TestToken:
    async def test_it_is_asked_for_once(self, history: History) -> None:
        async with client(history, TOKEN) as reader:
            assert (await reader.get("/")).status_code == 401
            assert (await reader.get("/?token=wrong")).status_code == 401
            answer = await reader.get(f"/?token={TOKEN}")
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert "HttpOnly; Path=/; SameSite=strict" in answer.headers["set-cookie"]
            assert (await reader.get("/")).status_code == 200

    @pytest.mark.parametrize(
        ("host", "token"),
        [("0.0.0.0", None), ("bench.example", None), ("::", None), ("127.0.0.1", "short")],  # noqa: S104
    )
    def test_beyond_the_machine_it_is_required(self, host: str, token: str | None) -> None:
        with pytest.raises(InputError, match="VDOC_TOKEN"):
            check_reach(host, token)

    @pytest.mark.parametrize(
        ("host", "token"),
        [("127.0.0.1", None), ("::1", None), ("0.0.0.0", TOKEN)],  # noqa: S104
    )
    def test_else_it_is_not(self, host: str, token: str | None) -> None:
        check_reach(host, token)
