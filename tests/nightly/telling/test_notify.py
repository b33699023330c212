"""Notifications through apprise to a receiver on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.nightly.telling import News, NotifyWhen, notify

# apprise looks through all its services at first use; one of them imports a deprecated module
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@dataclass
class Receiver:
    """What arrived at the webhook."""

    port: int = 0
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"json://user:s3cret@127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.bodies.append(json.loads(body))
            self.send_response(received.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


class TestNotify:
    def test_the_summary_arrives(self, bad: News, receiver: Receiver) -> None:
        assert notify(bad, [receiver.url]) == ()
        (body,) = receiver.bodies
        assert body["title"] == f"vdoc nightly {bad.headline}"
        assert body["type"] == "failure"
        assert body["message"].startswith("wall FAIL: 2 of 5 passed, firmware 3.2.1 as before")
        assert "  Newly failing: TC_A step 2 [C01.FR.02] idToken" in body["message"]
        assert len(body["message"].splitlines()) <= 24
        assert "<script>@all" not in body["message"]

    def test_why_there_is_no_result_stands_in_the_title(
        self, void: News, receiver: Receiver
    ) -> None:
        notify(replace(void, comparisons=()), [receiver.url])
        assert receiver.bodies[0]["title"] == (
            "vdoc nightly 2026-11-24 pole: not run: its action API was in use for 9 h"
        )

    def test_the_kind_follows_the_night(
        self, all_good: News, void: News, receiver: Receiver
    ) -> None:
        notify(all_good, [receiver.url])
        notify(void, [receiver.url])
        assert [body["type"] for body in receiver.bodies] == ["success", "warning"]

    def test_who_cannot_be_told_is_named_without_the_secret(
        self,
        bad: News,
        receiver: Receiver,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        receiver.status = 500
        urls = [receiver.url, f"{receiver.url}/s3cret-path?+X-Token=s3cret"]
        first, second = notify(bad, urls)
        assert first.startswith("could not notify number 1 of notify.urls (JSON)")
        assert second.startswith("could not notify number 2")
        assert "s3cret" not in first + second + caplog.text + "".join(capfd.readouterr())

    @pytest.mark.parametrize(
        "url",
        ["nonsense://s3cret", "s3cret", "json://", "mailto://me:s3cret@", "tgram://s3cret/", "://"],
    )
    def test_a_url_that_is_none_is_refused_without_the_secret(
        self,
        bad: News,
        receiver: Receiver,
        url: str,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        with pytest.raises(InputError, match="number 2") as refused:
            notify(bad, [receiver.url, url])
        assert "s3cret" not in f"{refused.value}{caplog.text}" + "".join(capfd.readouterr())
        assert receiver.bodies == []


@pytest.mark.parametrize(
    ("when", "good", "failed"),
    [
        (NotifyWhen.ALWAYS, True, True),
        (NotifyWhen.NOT_PASSED, False, True),
        (NotifyWhen.CHANGED, False, True),
    ],
)
def test_when(when: NotifyWhen, all_good: News, bad: News, *, good: bool, failed: bool) -> None:
    assert (when.wanted(all_good), when.wanted(bad)) == (good, failed)
    assert when.wanted(replace(all_good, removed=("evidence of a night that failed",)))
