"""Headless Chromium for tests, in a thread of its own so that it meets no other event loop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)

T = TypeVar("T")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
INSTALL = (
    "these tests need Chromium; install it: `apt-get install chromium` (make test does), "
    "or put google-chrome on the PATH"
)


@dataclass(frozen=True)
class Reader:
    """Who looks at a page, and with what."""

    width: int = 1200
    scheme: Literal["light", "dark"] = "light"
    script: bool = True


PHONE = Reader(360, "dark", script=False)


def _complaint(address: str, said: ConsoleMessage) -> list[str]:
    return [f"{address}: {said.text}"] if said.type in {"error", "warning"} else []


class Chromium:
    """One browser; what tests do with a page runs in its thread."""

    def __init__(self) -> None:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        if found is None:
            pytest.fail(INSTALL)
        self._path = found
        self._thread = ThreadPoolExecutor(1)
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        self._thread.submit(self._start).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def see(self, look: Callable[[Page], T], reader: Reader = Reader(), *, but: str = "\0") -> T:
        """Do something with a new page; whatever the page complains of fails the test.

        Args:
            look: what to do.
            reader: who does it.
            but: complaints with this text are expected.
        """
        return self._thread.submit(self._see, look, reader, but).result()

    def _see(self, look: Callable[[Page], T], reader: Reader, but: str) -> T:
        complaints: list[str] = []
        with self._context(reader) as context:
            page = context.new_page()
            page.on("console", lambda m: complaints.extend(_complaint(page.url, m)))
            page.on("pageerror", lambda e: complaints.append(f"{page.url}: {e}"))
            page.on("dialog", lambda d: complaints.append(f"{page.url}: dialog {d.message}"))
            seen = look(page)
        unexpected = [each for each in complaints if but not in each]
        assert not unexpected, unexpected
        return seen

    @contextmanager
    def _context(self, reader: Reader) -> Iterator[BrowserContext]:
        assert self._browser is not None
        context = self._browser.new_context(
            viewport={"width": reader.width, "height": 780},
            color_scheme=reader.scheme,
            java_script_enabled=reader.script,
        )
        context.set_default_timeout(60_000)
        try:
            yield context
        finally:
            context.close()

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=self._path, args=list(ARGUMENTS)
        )

    def _stop(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
