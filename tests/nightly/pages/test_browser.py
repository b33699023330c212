"""The pages in a browser: on a desk and on a phone, in light and dark, without a script."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pytest
import uvicorn
from playwright.sync_api import Page

from tests.nightly.pages.browser import PHONE, Chromium, Reader
from vdoc.nightly.history import History
from vdoc.nightly.pages.rendering import short
from vdoc.nightly.pages.server import application
from vdoc.nightly.stored import StoredRun

TOKEN = "0123456789abcdef"
DESK = Reader()
READERS = (DESK, PHONE)

FACTS = (Path(__file__).parent / "page_facts.js").read_text()


@contextmanager
def served(history: History, token: str | None = None) -> Iterator[str]:
    """Serve the pages as `vdoc nightly serve` does, and yield their address."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = application(history.path, token)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def all_pages(page: Page, first: str) -> dict[str, dict[str, Any]]:
    """Follow every link and return what each page is like."""
    found: dict[str, dict[str, Any]] = {}
    todo = [first]
    while todo:
        address = todo.pop()
        if address in found:
            continue
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, address
        found[address] = page.evaluate(FACTS)
        todo += [urldefrag(link).url for link in found[address]["links"]]
    return found


def without_fault(facts: dict[str, Any]) -> bool:
    levels = facts["headings"]
    in_order = levels[:1] == [1] and all(b - a <= 1 for a, b in pairwise(levels))
    return in_order and levels.count(1) == 1 and facts["faults"] == []


class TestEveryPage:
    @pytest.mark.parametrize("reader", READERS, ids=["desk", "phone"])
    def test_as_files(self, chromium: Chromium, site: Path, reader: Reader) -> None:
        first = (site / "index.html").as_uri()
        found = chromium.see(lambda page: all_pages(page, first), reader)
        assert {a: f for a, f in found.items() if not without_fault(f)} == {}
        assert len(found) == len(list(site.rglob("*.html")))

    @pytest.mark.parametrize("reader", READERS, ids=["desk", "phone"])
    def test_from_the_server(
        self, chromium: Chromium, full_history: History, reader: Reader
    ) -> None:
        with served(full_history) as address:
            found = chromium.see(lambda page: all_pages(page, f"{address}/"), reader)
        assert {a: f for a, f in found.items() if not without_fault(f)} == {}
        assert len(found) > 30


class TestSearch:
    @pytest.mark.parametrize("reader", READERS, ids=["script", "no script"])
    def test_by_the_server(self, chromium: Chromium, full_history: History, reader: Reader) -> None:
        def look(page: Page) -> list[str]:
            page.goto(address)
            page.get_by_role("searchbox").fill("authorize c01.fr.02 pole")
            page.get_by_role("button", name="Search").click()
            page.wait_for_url("**/search?q=*")
            return page.locator("table.found tbody tr td:first-child a").all_inner_texts()

        with served(full_history) as address:
            found = chromium.see(look, reader)
        assert found == ["TC_A_01_CS"] * 3

    def test_in_files_by_a_script(self, chromium: Chromium, site: Path) -> None:
        def look(page: Page) -> tuple[int, int, str]:
            page.goto((site / "search.html").as_uri())
            rows = page.locator("table.found tbody tr")
            every = rows.count()
            page.get_by_role("searchbox").fill("pole INCONC")
            shown = rows.filter(visible=True)
            shown.first.wait_for()
            return every, shown.count(), page.get_by_role("status").inner_text()

        every, shown, words = chromium.see(look)
        assert words == f"{shown} of {every}"
        assert 0 < shown < every

    def test_in_files_without_one_there_is_the_list(self, chromium: Chromium, site: Path) -> None:
        def look(page: Page) -> tuple[bool, int]:
            page.goto((site / "search.html").as_uri())
            rows = page.locator("table.found tbody tr").filter(visible=True)
            return page.get_by_role("searchbox").is_visible(), rows.count()

        field, rows = chromium.see(look, PHONE)
        assert not field
        assert rows > 10


class TestFailedCase:
    def test_the_fault_is_seen_at_once_and_the_rest_on_request(
        self, chromium: Chromium, site: Path, failed_run: StoredRun
    ) -> None:
        def look(page: Page) -> None:
            page.goto((site / "run" / short(failed_run.id) / "1.html").as_uri())
            assert page.locator("li.bad.to_bench mark").is_visible()
            assert "'FFFF'" in page.locator("li.bad.to_bench .failure").inner_text()
            assert page.locator("li.missing").is_visible()
            folded = page.get_by_text("Heartbeat", exact=True)
            assert not folded.first.is_visible()
            page.locator(".fold > summary").click()
            assert folded.first.is_visible()

        chromium.see(look, PHONE)

    def test_a_link_leads_to_the_message(
        self, chromium: Chromium, site: Path, failed_run: StoredRun
    ) -> None:
        def look(page: Page) -> str:
            page.goto((site / "run" / short(failed_run.id) / "1.html").as_uri())
            page.get_by_role("link", name="Shown by Authorize").click()
            return page.locator(":target .label summary").inner_text()

        assert "Authorize" in chromium.see(look, PHONE)


def test_two_runs_are_compared(chromium: Chromium, full_history: History) -> None:
    newest, _, before, *_ = full_history.runs("pole")

    def look(page: Page) -> tuple[str, dict[str, Any]]:
        page.goto(f"{address}/run/{short(newest.id)}.html")
        page.get_by_label("Hold against").select_option(short(before.id))
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare?*")
        words = page.get_by_text("Compared with").inner_text()
        return words, page.evaluate(FACTS)

    with served(full_history) as address:
        words, found = chromium.see(look, PHONE)
    assert f"Compared with {before.started:%Y-%m-%d}" in words
    assert without_fault(found), found["faults"]
    assert f"{address}/run/{short(before.id)}.html" in found["links"]


def test_what_has_the_focus_is_seen(chromium: Chromium, site: Path) -> None:
    def look(page: Page) -> list[str]:
        page.goto((site / "dut" / "pole.html").as_uri())
        unseen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            unseen += page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                const b = e.getBoundingClientRect();
                const seen = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2
                  && b.width > 0 && b.bottom > 0 && b.top < innerHeight && b.right > 0;
                return e === document.body || seen ? [] : [e.outerHTML.slice(0, 80)]; }"""
            )
        return unseen

    assert chromium.see(look) == []


class TestToken:
    def test_it_is_asked_for_and_stands_in_no_address(
        self, chromium: Chromium, full_history: History
    ) -> None:
        def look(page: Page) -> tuple[str, str, str]:
            page.goto(f"{address}/dut/pole.html", wait_until="commit")
            page.get_by_label("Token").fill("something else")
            page.get_by_role("button", name="Read").click()
            wrong = page.get_by_role("alert").inner_text()
            page.get_by_label("Token").fill(TOKEN)
            page.get_by_role("button", name="Read").click()
            page.wait_for_url("**/dut/pole.html")
            return wrong, page.get_by_role("heading", level=1).inner_text(), page.url

        with served(full_history, TOKEN) as address:
            wrong, heading, url = chromium.see(look, PHONE, but="401 (Unauthorized)")
        assert wrong == "This is not the token."
        assert heading == "pole"
        assert TOKEN not in url


def test_without_chromium_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        Chromium()
