from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_clients.action_address import Bearer
from api_clients.action_errors import (
    ActionError,
    ConfigurationError,
    CredentialsError,
    FaultError,
    NoReplyError,
    TlsError,
    UnreachableError,
    UnsupportedError,
)
from api_clients.action_http import ActionHttp

Serve: TypeAlias = Callable[[bytes | None], Awaitable[tuple[str, list[str]]]]


def answering(status: int, body: bytes = b"") -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, content=body))


class TestRequest:
    async def test_is_a_post_without_body_and_with_an_encoded_query(self, serve: Serve) -> None:
        url, heads = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        async with ActionHttp(url + "/prefix/") as api:
            accepted = await api.call("authorize", [("id", "A +&=ü/?#"), ("type", "Local")])
        line, *headers = heads[0].split("\r\n")
        target = "/prefix/api/v1/authorize?id=A%20%2B%26%3D%C3%BC%2F%3F%23&type=Local"
        assert line == f"POST {target} HTTP/1.1"
        assert "content-length: 0" in [header.lower() for header in headers]
        assert not any(header.lower().startswith("authorization") for header in headers)
        assert (accepted.sent, accepted.http_status) == (f"POST {url}{target}", 200)

    async def test_carries_the_token_in_the_header_only(self, serve: Serve) -> None:
        url, heads = await serve(b"HTTP/1.1 200 OK\r\n\r\n")
        async with ActionHttp(url, credentials=Bearer("s3cret")) as api:
            accepted = await api.call("reboot")
            assert "s3cret" not in repr(api) + accepted.sent
        assert "Authorization: Bearer s3cret" in heads[0]

    async def test_each_call_has_its_own_connection(self, serve: Serve) -> None:
        url, heads = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        async with ActionHttp(url) as api:
            await api.call("reboot")
            await api.call("plugin")  # on the connection left over it would hang or break
        assert len(heads) == 2

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
    def test_any_text_arrives_as_it_was(self, text: str) -> None:
        seen: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request.url.params["id"])
            return httpx.Response(200)

        async def call() -> None:
            async with ActionHttp("http://h", transport=httpx.MockTransport(answer)) as api:
                await api.call("authorize", [("id", text)])

        asyncio.run(call())
        assert seen == [text]


class TestReply:
    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    async def test_any_2xx_is_accepted_whatever_the_body(self, status: int) -> None:
        async with ActionHttp("http://h", transport=answering(status, b'{"x":')) as api:
            assert (await api.call("plugin")).http_status == status

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, ConfigurationError),
            (422, ConfigurationError),
            (401, CredentialsError),
            (403, CredentialsError),
            (404, UnsupportedError),
            (405, UnsupportedError),
            (501, UnsupportedError),
            (302, FaultError),
            (307, FaultError),
            (409, FaultError),
            (500, FaultError),
            (503, FaultError),
        ],
    )
    async def test_each_refusal_is_an_error_of_its_own(
        self, status: int, kind: type[ActionError]
    ) -> None:
        async with ActionHttp("http://h", transport=answering(status, b"no\n such ")) as api:
            with pytest.raises(ActionError) as refusal:
                await api.call("plugin", [("evse_id", "1")])
        error = refusal.value
        assert type(error) is kind
        assert error.http_status == status
        assert f'answered {status} saying "no such".' in str(error)
        assert "plugin?evse_id=1" in str(error)
        assert "Remedy: " in str(error)

    async def test_a_redirect_is_not_followed(self, serve: Serve) -> None:
        goal, followed = await serve(b"HTTP/1.1 200 OK\r\n\r\n")
        url, _ = await serve(f"HTTP/1.1 307 T\r\nLocation: {goal}/\r\n\r\n".encode())
        async with ActionHttp(url) as api:
            with pytest.raises(FaultError, match="final address"):
                await api.call("reboot")
        assert followed == []

    async def test_an_endless_body_of_an_accepted_call_is_no_matter(self, serve: Serve) -> None:
        url, _ = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 500)
        async with ActionHttp(url) as api:
            assert (await api.call("plugin")).http_status == 200


class TestNoReply:
    async def test_a_hanging_server_is_a_timeout_with_unknown_effect(self, serve: Serve) -> None:
        url, _ = await serve(None)
        async with ActionHttp(url) as api:
            with pytest.raises(NoReplyError, match=r"no reply within 0\.05 s.*unknown"):
                await api.call("plugin", limit_s=0.05)

    async def test_a_closed_port_is_unreachable_and_refused(self, closed_url: str) -> None:
        async with ActionHttp(closed_url) as api:
            with pytest.raises(UnreachableError, match="start the action API") as failure:
                await api.call("plugin")
        assert failure.value.refused

    async def test_an_unknown_host_is_unreachable_but_not_refused(self) -> None:
        async with ActionHttp("http://no-such-host.invalid") as api:
            with pytest.raises(UnreachableError) as failure:
                await api.call("plugin")
        assert not failure.value.refused

    async def test_no_connection_in_time_is_unreachable(self) -> None:
        def late(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectTimeout("", request=request)

        async with ActionHttp("http://h", transport=httpx.MockTransport(late)) as api:
            with pytest.raises(UnreachableError, match="no connection within 5 s"):
                await api.call("plugin")

    @pytest.mark.parametrize("reply", [b"SSH-2.0-x\r\n", b"", b"HTTP/1.1 200"])
    async def test_garbage_or_a_broken_reply_is_a_fault(self, serve: Serve, reply: bytes) -> None:
        url, _ = await serve(reply)
        async with ActionHttp(url) as api:
            with pytest.raises(FaultError, match="broken off or is not HTTP"):
                await api.call("plugin")

    async def test_a_certificate_without_trust_is_a_tls_failure(self, tls_url: str) -> None:
        async with ActionHttp(tls_url) as api:
            with pytest.raises(TlsError, match=r"CERTIFICATE_VERIFY_FAILED.*CA certificate"):
                await api.call("plugin")

    async def test_a_trusted_certificate_is_accepted(self, tls_url: str, certificate: Path) -> None:
        tls = ssl.create_default_context(cafile=certificate)
        async with ActionHttp(tls_url, tls=tls) as api:
            assert (await api.call("plugin")).http_status == 200

    async def test_a_call_can_be_cancelled(self) -> None:
        asked = asyncio.Event()

        async def hang(_request: httpx.Request) -> httpx.Response:
            asked.set()
            return await asyncio.Future()

        async with ActionHttp("http://h", transport=httpx.MockTransport(hang)) as api:
            call = asyncio.create_task(api.call("plugin"))
            await asked.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
