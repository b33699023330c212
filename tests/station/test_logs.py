"""Log uploads against a CSMS and a file server on loopback (N01)."""

from typing import Any

import pytest

from vdoc.station import logs
from vdoc.station.styles import Style


async def begin(csms: Any, run: Any, *defects: str, **changes: Any) -> None:
    await csms.open()
    await run(csms.url(), *defects, **changes)
    await csms.receive("BootNotification")


async def ask(csms: Any, url: str, request_id: int = 7, **changes: Any) -> dict[str, Any]:
    payload = {
        "logType": "DiagnosticsLog",
        "requestId": request_id,
        "log": {"remoteLocation": url},
        **changes,
    }
    return dict(await csms.call("GetLog", payload))


async def told(csms: Any) -> dict[str, Any]:
    return dict(await csms.receive("LogStatusNotification"))


class TestUpload:
    @pytest.mark.parametrize("method", ["PUT", "POST"])
    async def test_success(self, csms: Any, file_server: Any, run: Any, method: Any) -> None:
        await begin(csms, run, style=Style(upload_method=method))
        answer = await ask(csms, f"{file_server.url}/logs/")
        assert answer["status"] == "Accepted"
        assert answer["filename"]
        assert await told(csms) == {"status": "Uploading", "requestId": 7}
        assert await told(csms) == {"status": "Uploaded", "requestId": 7}
        (upload,) = file_server.uploads
        assert upload.method == method
        assert b"diagnostics of CS 1" in upload.body

    async def test_security_log_holds_the_events(
        self, csms: Any, file_server: Any, run: Any
    ) -> None:
        await begin(csms, run)
        await csms.receive("SecurityEventNotification", type="StartupOfTheDevice")
        await ask(csms, f"{file_server.url}/", logType="SecurityLog")
        await csms.receive("LogStatusNotification", status="Uploaded")
        assert b"StartupOfTheDevice" in file_server.uploads[0].body

    async def test_passwords_stay_in_the_station(
        self, csms: Any, file_server: Any, run: Any
    ) -> None:
        await begin(csms, run)
        await csms.set("SecurityCtrlr", "BasicAuthPassword", "another-password-0")
        await csms.next_connection(2)
        for kind in ("DiagnosticsLog", "SecurityLog"):
            await ask(csms, f"{file_server.url}/", logType=kind)
            await csms.receive("LogStatusNotification", status="Uploaded")
        assert not any(b"another-password-0" in upload.body for upload in file_server.uploads)

    async def test_gives_up_after_its_retries(self, csms: Any, file_server: Any, run: Any) -> None:
        file_server.status = 500
        await begin(csms, run)
        await ask(csms, file_server.url, retries=2, retryInterval=0)
        await csms.receive("LogStatusNotification", status="UploadFailure")
        assert file_server.requests == 3

    async def test_tells_each_attempt_by_style(self, csms: Any, file_server: Any, run: Any) -> None:
        file_server.status = 500
        await begin(csms, run, style=Style(log_attempts_told=True))
        await ask(csms, file_server.url, retries=1, retryInterval=0)
        words = [(await told(csms))["status"] for _ in range(4)]
        assert words == ["Uploading", "UploadFailure"] * 2

    async def test_second_request_cancels_the_first(
        self, csms: Any, file_server: Any, run: Any
    ) -> None:
        await begin(csms, run)  # claims C-57
        file_server.status = 500
        await ask(csms, file_server.url, retries=3, retryInterval=30)
        await csms.receive("LogStatusNotification", status="Uploading")
        file_server.status = None
        assert (await ask(csms, file_server.url, 8))["status"] == "AcceptedCanceled"
        await csms.receive("LogStatusNotification", status="AcceptedCanceled", requestId=7)
        await csms.receive("LogStatusNotification", status="Uploaded", requestId=8)

    async def test_trigger_while_nothing_is_uploaded(self, csms: Any, run: Any) -> None:
        await begin(csms, run)
        await csms.call("TriggerMessage", {"requestedMessage": "LogStatusNotification"})
        assert await told(csms) == {"status": "Idle"}


class TestDefects:
    async def test_of_the_answer(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.NO_FILENAME)
        assert "filename" not in await ask(csms, file_server.url)

    async def test_of_the_name(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.EMPTY_FILENAME)
        assert (await ask(csms, file_server.url))["filename"] == ""

    async def test_rejects(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.REJECTS_LOG)
        assert (await ask(csms, file_server.url))["status"] == "Rejected"

    async def test_request_id(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.WRONG_REQUEST)
        await ask(csms, file_server.url)
        assert (await told(csms))["requestId"] == 8

    async def test_no_request_id(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.NO_REQUEST)
        await ask(csms, file_server.url)
        assert "requestId" not in await told(csms)

    async def test_triggered_while_idle(self, csms: Any, run: Any) -> None:
        await begin(csms, run, logs.TRIGGERED_UPLOADED)
        await csms.call("TriggerMessage", {"requestedMessage": "LogStatusNotification"})
        assert (await told(csms))["status"] == "Uploaded"

    async def test_triggered_while_uploading(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.TRIGGERED_IDLE)
        await ask(csms, file_server.url)
        assert (await told(csms))["status"] == "Uploading"
        await csms.call("TriggerMessage", {"requestedMessage": "LogStatusNotification"})
        await csms.receive("LogStatusNotification", status="Idle")

    @pytest.mark.parametrize(
        ("defect", "requests"), [(logs.NEVER_RETRIES, 1), (logs.RETRIES_TOO_OFTEN, 4)]
    )
    async def test_of_the_attempts(
        self, csms: Any, file_server: Any, run: Any, defect: str, requests: int
    ) -> None:
        file_server.status = 500
        await begin(csms, run, defect)
        await ask(csms, file_server.url, retries=2, retryInterval=0)
        await csms.receive("LogStatusNotification", status="UploadFailure")
        assert file_server.requests == requests

    async def test_of_the_failure(self, csms: Any, file_server: Any, run: Any) -> None:
        file_server.status = 500
        await begin(csms, run, logs.FAILURE_UPLOADED)
        await ask(csms, file_server.url)
        await csms.receive("LogStatusNotification", status="Uploaded")

    @pytest.mark.parametrize(
        ("defect", "answered", "said"),
        [
            (logs.SECOND_REJECTED, "Rejected", None),
            (logs.SECOND_ACCEPTED, "Accepted", {"status": "AcceptedCanceled", "requestId": 7}),
            (logs.CANCEL_UNTOLD, "AcceptedCanceled", {"status": "Uploading", "requestId": 8}),
            (
                logs.CANCEL_UNDER_NEW_ID,
                "AcceptedCanceled",
                {"status": "AcceptedCanceled", "requestId": 8},
            ),
        ],
    )
    async def test_of_a_second_request(
        self,
        csms: Any,
        file_server: Any,
        run: Any,
        defect: str,
        answered: str,
        said: dict[str, Any] | None,
    ) -> None:
        file_server.status = 500
        await begin(csms, run, defect)
        await ask(csms, file_server.url, retries=3, retryInterval=30)
        await csms.receive("LogStatusNotification", status="Uploading")
        assert (await ask(csms, file_server.url, 8))["status"] == answered
        assert said is None or await told(csms) == said

    async def test_no_uploading(self, csms: Any, file_server: Any, run: Any) -> None:
        await begin(csms, run, logs.NO_UPLOADING)
        await ask(csms, file_server.url)
        assert (await told(csms))["status"] == "Uploaded"

    async def test_no_uploaded(
        self, csms: Any, file_server: Any, run: Any, eventually: Any
    ) -> None:
        await begin(csms, run, logs.NEVER_UPLOADED)
        await ask(csms, file_server.url)
        assert (await told(csms))["status"] == "Uploading"
        await eventually(lambda: bool(file_server.uploads))
        await csms.call("TriggerMessage", {"requestedMessage": "LogStatusNotification"})
        assert (await told(csms))["status"] == "Idle"

    @pytest.mark.parametrize(
        ("defect", "bodies"), [(logs.UPLOADS_NOTHING, []), (logs.UPLOADS_EMPTY, [b""])]
    )
    async def test_of_the_file(
        self, csms: Any, file_server: Any, run: Any, defect: str, bodies: list[bytes]
    ) -> None:
        await begin(csms, run, defect)
        await ask(csms, file_server.url)
        await csms.receive("LogStatusNotification", status="Uploaded")
        assert [upload.body for upload in file_server.uploads] == bodies
