"""What can be asked for."""

from __future__ import annotations

import httpx
import pytest

from vdoc.nightly.history import History
from vdoc.nightly.pages.rendering import short
from vdoc.nightly.pages.server import application
from vdoc.nightly.stored import StoredRun


def client(history: History) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(history.path, None))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


class TestPages:
    async def test_fleet_run_and_every_case(self, history: History, failed_run: StoredRun) -> None:
        run = f"/run/{short(failed_run.id)}"
        async with client(history) as reader:
            assert "Stations and nights" in (await reader.get("/")).text
            assert f"{short(failed_run.id)}/0.html" in (await reader.get(f"{run}.html")).text
            assert "Exchange" in (await reader.get(f"{run}/0.html")).text

    async def test_search(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            assert short(failed_run.id) in (await reader.get("/search?q=aCME")).text
            assert short(failed_run.id) not in (await reader.get("/search?q=other")).text
            assert "&lt;b&gt;" in (await reader.get("/search?q=<b>")).text
            assert "0 runs and 0 cases have" in (await reader.get("/search?q=nowhere")).text
            assert (await reader.get("/search")).status_code == 200
            assert (await reader.get(f"/search?q={'x ' * 5000}")).status_code == 200

    async def test_comparison(self, full_history: History) -> None:
        now, before = (short(run.id) for run in full_history.runs("pole")[::3][:2])
        async with client(full_history) as reader:
            answer = await reader.get("/compare", params={"now": now, "before": before})
            assert f'href="run/{before}.html"' in answer.text
            assert (await reader.get(f"/compare?now={now}")).status_code == 404

    @pytest.mark.parametrize(
        "path", ["/run/0000.html", "/run/0000/1.html", "/dut/nobody.html", "/etc/passwd"]
    )
    async def test_what_is_not_there(self, history: History, path: str) -> None:
        async with client(history) as reader:
            assert (await reader.get(path)).status_code == 404

    async def test_a_case_that_is_not_there(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            assert (await reader.get(f"/run/{failed_run.id}/9.html")).status_code == 404

    async def test_nothing_can_be_changed(self, history: History, failed_run: StoredRun) -> None:
        async with client(history) as reader:
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                for path in ("/", "/search", f"/run/{short(failed_run.id)}.html"):
                    assert (await reader.request(method, path)).status_code == 405
        assert history.runs() == (failed_run,)
