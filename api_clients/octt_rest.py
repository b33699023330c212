"""The OCTT's test-automation REST API: sessions, cases, execution, reports.

octt-interfaces section D, rebuilt from other people's clients, so it is tolerant: unknown fields
are ignored, the two spellings of `functional_block` are one, flags may be text, `isConnected` may
stand under `data`. Rules it keeps: one session and one case at a time is the server's limit and the
caller's to respect; nothing is repeated silently; the token is in no text. Times of waiting are
passed in. Downloads give bytes; reading the archive is the caller's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import httpx

from api_clients.action_address import Bearer, authorization
from api_clients.octt_models import (
    Configuration,
    ConnectionStatus,
    OcppVersion,
    Report,
    ReportFilter,
    TestCases,
    received,
    reports_of,
    status_of,
)
from vdoc.errors import BenchError

Version: TypeAlias = Literal["ocpp1.6", "ocpp2.0.1"]
Role: TypeAlias = Literal["CS", "CSMS"]
Query: TypeAlias = Mapping[str, str]
DEFAULT_LIMIT_S = 30.0
EXECUTE_LIMIT_S = 25 * 60.0
_UNAUTHORIZED = 401
_CUT = 504


class OcttError(BenchError):
    """The OCTT did not do what was asked.

    Attributes:
        http_status: of the reply, None when there was none.
    """

    def __init__(self, text: str, *, http_status: int | None = None) -> None:
        super().__init__(text)
        self.http_status = http_status


class OcttTokenError(OcttError):
    """401: the token is bad or has expired; only the web UI makes a new one."""


class OcttCutError(OcttError):
    """504: the proxy gave up while the case runs on: restart the session, book `inconc`."""


class OcttRest:
    """One OCTT instance, for one OCPP version and role."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        version: Version = "ocpp2.0.1",
        role: Role = "CS",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: `https://<instance>`, with or without `/api/v1`.
            token: from the web UI.
            version: of OCPP, first part of most paths.
            role: of the system under test, second part.
            transport: another way to carry requests, for tests.

        Raises:
            ConfigurationError: the token holds a character that no header can carry.
        """
        base = url.rstrip("/").removesuffix("/api/v1") + "/api/v1"
        self._scope = f"/{version}/{role}"
        self._client = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": authorization(Bearer(token)), "Accept": "application/json"},
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"OcttRest({str(self._client.base_url)!r}, scope={self._scope!r})"

    async def close(self) -> None:
        """Release sockets."""
        await self._client.aclose()

    async def versions(self) -> tuple[OcppVersion, ...]:
        """The OCPP versions of the instance."""
        reply = await self._json("GET", "/ocpp_versions")
        return tuple(received(OcppVersion, item) for item in _listed(reply))

    async def configurations(self) -> tuple[str, ...]:
        """Names of all configurations."""
        reply = await self._json("GET", f"{self._scope}/configurations")
        return tuple(str(name) for name in reply.get("configurations", ()))

    async def configuration(self, name: str) -> Configuration:
        """One configuration with its values, their types kept."""
        reply = await self._json("GET", self._named("configurations", name))
        return received(Configuration, reply)

    async def put_configuration(self, name: str, values: Mapping[str, Any]) -> None:
        """Create or overwrite with the whole flat object; only while no session runs."""
        await self._json("PUT", self._named("configurations", name), json=dict(values))

    async def delete_configuration(self, name: str) -> None:
        """Delete one configuration."""
        await self._json("DELETE", self._named("configurations", name))

    async def start_session(self, configuration: str) -> None:
        """Start; fails while another session runs."""
        await self._json("POST", self._named("session/start", configuration))

    async def stop_session(self) -> None:
        """Stop the running session, and its case with it."""
        await self._json("POST", "/session/stop")

    async def connection_status(self) -> ConnectionStatus:
        """Whether the station is connected, and of which session."""
        return status_of(await self._json("GET", "/sut_connection_status"))

    async def await_station(
        self,
        *,
        tries: int = 30,
        interval_s: float = 1.0,
        sleep: Callable[[float], Awaitable[None]],
    ) -> ConnectionStatus:
        """Poll until the station is connected.

        Raises:
            OcttError: it was not after `tries` polls, `interval_s` seconds apart.
        """
        for attempt in range(tries):
            if attempt:
                await sleep(interval_s)
            status = await self.connection_status()
            if status.connected:
                return status
        raise OcttError(
            f"the station did not connect to the OCTT in {tries} polls of {interval_s:g} s."
            " Remedy: check the CSMS address in the station, then stop and start the session."
        )

    async def test_cases(self, configuration: str) -> TestCases:
        """All cases of a configuration; needs no session."""
        reply = await self._json("GET", self._named("testcases", configuration))
        return received(TestCases, reply.get("data", reply))

    async def execute(self, case_id: str, *, limit_s: float = EXECUTE_LIMIT_S) -> Report:
        """Run one case; answers only with its verdict, which may take `limit_s` seconds.

        Raises:
            OcttCutError: the proxy cut the wait at about ten minutes; the case runs on.
            OcttError: everything else, an answer without a report included.
        """
        path = f"/testcases/{quote(case_id, safe='')}/execute"
        reports = reports_of(await self._json("POST", path, limit_s=limit_s))
        if not reports:
            raise OcttError(
                f"the OCTT answered {case_id} without a report. Remedy: look in its reports."
            )
        return reports[0]

    async def stop_case(self) -> None:
        """Stop the running case (a GET, although it acts)."""
        await self._json("GET", "/testcases/stop")

    async def reports(self, wanted: ReportFilter | None = None) -> tuple[Report, ...]:
        """Reports that match, newest first; None = all."""
        body = {} if wanted is None else wanted.model_dump(exclude_none=True)
        return reports_of(await self._json("POST", f"{self._scope}/reports", json=body))

    async def download(
        self,
        configuration: str,
        *,
        kind: Literal["ZIP", "CSV", "XLS"] = "ZIP",
        logfile_name: str | None = None,
    ) -> bytes:
        """Reports as a file; with `logfile_name` it may be empty: then take the whole ZIP."""
        query = {"format": kind, "configuration_name": configuration}
        if logfile_name is not None:
            query["logfile_name"] = logfile_name
        response = await self._send(
            "GET",
            f"{self._scope}/reports/download",
            params=query,
            headers={"Accept": "application/octet-stream"},
        )
        return response.content

    async def comment(self, configuration: str, logfile_name: str) -> str:
        """The comment on one report."""
        path = self._named("reports", configuration) + "/comment"
        reply = await self._json("GET", path, params={"logfile_name": logfile_name})
        return str(reply.get("data", ""))

    async def put_comment(self, configuration: str, logfile_name: str, text: str) -> None:
        """Set the comment on one report."""
        path = self._named("reports", configuration) + "/comment"
        params = {"logfile_name": logfile_name}
        await self._json("PUT", path, params=params, data={"comment": text})

    def _named(self, what: str, name: str) -> str:
        return f"{self._scope}/{what}/{quote(name, safe='')}"

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own keywords
        response = await self._send(method, path, **request)
        try:
            value = response.json()
        except ValueError as error:
            raise OcttError(
                f"{method} {path}: the OCTT answered something that is not JSON."
                " Remedy: check the address; a login page or proxy may have answered.",
                http_status=response.status_code,
            ) from error
        return value if isinstance(value, dict) else {"data": value}

    async def _send(
        self,
        method: str,
        path: str,
        *,
        limit_s: float = DEFAULT_LIMIT_S,
        **request: Any,  # noqa: ANN401 - httpx's own keywords
    ) -> httpx.Response:
        try:
            response = await self._client.request(method, path, timeout=limit_s, **request)
        except httpx.HTTPError as error:
            raise OcttError(
                f"{method} {path}: no usable answer of the OCTT ({type(error).__name__}: {error})."
                " Remedy: check address and network; after a time-out stop the session first."
            ) from error
        if not response.is_success:
            raise _refusal(response, f"{method} {path}")
        return response


def _refusal(response: httpx.Response, asked: str) -> OcttError:
    status = response.status_code
    if status == _UNAUTHORIZED:
        return OcttTokenError(
            f"{asked}: the OCTT does not take the token. Remedy: make a new one in its web UI.",
            http_status=status,
        )
    if status == _CUT:
        return OcttCutError(
            f"{asked}: the OCTT's proxy stopped waiting; what was asked runs on."
            " Remedy: stop and start the session, book the case inconc, look in the reports.",
            http_status=status,
        )
    return OcttError(
        f"{asked}: the OCTT answered {status}: {_message(response)}", http_status=status
    )


def _message(response: httpx.Response) -> str:
    """The JSON `message`, or the start of whatever else came."""
    try:
        value = response.json()
    except ValueError:
        value = None
    if isinstance(value, dict) and "message" in value:
        return str(value["message"])[:400]
    return " ".join(response.text[:400].split()) or "(no text)"


def _listed(reply: Mapping[str, Any]) -> Sequence[Any]:
    data = reply.get("data", ())
    return data if isinstance(data, list) else ()
