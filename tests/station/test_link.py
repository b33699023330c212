"""Connecting to a CSMS: profiles, credentials, certificates, back-off, reconnecting."""

import asyncio
import base64
from typing import Any

import pytest

from vdoc.station import link as link_module
from vdoc.station import upgrade_request
from vdoc.station.network import CLIENT_CREDENTIALS, provisioned
from vdoc.station.storage import FileStorage
from vdoc.station.trials import PREVIOUS_CREDENTIALS
from vdoc.tls import ServerCredentials
from vdoc.tls.hello import parse_client_hello
from vdoc.tls.old_version import old_version_reply

PASSWORD = "a-password-of-tests"


def credentials(request: Any) -> tuple[str, str]:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    return scheme, base64.b64decode(token).decode()


def failures(machine: Any) -> int:
    """Connection attempts that failed in this boot."""
    return int(machine.station.link.failed_attempts) if machine.station.running else 0


class TestProfile1:
    async def test_connects_with_identity_and_password(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url())
        await csms.receive("BootNotification")
        (request,) = csms.requests
        assert request.path == "/ocpp/CS%201"
        assert credentials(request) == ("Basic", f"CS 1:{PASSWORD}")
        assert request.headers["Sec-WebSocket-Protocol"] == "ocpp2.0.1"

    @pytest.mark.parametrize(
        ("defect", "found"),
        [
            (upgrade_request.WRONG_USER, ("Basic", f"station:{PASSWORD}")),
            (upgrade_request.WRONG_SCHEME, ("Bearer", f"CS 1:{PASSWORD}")),
            (upgrade_request.CUT_PASSWORD, ("Basic", f"CS 1:{PASSWORD[:8]}")),
            (upgrade_request.HEX_PASSWORD, ("Basic", f"CS 1:{PASSWORD.encode().hex()}")),
        ],
    )
    async def test_defects_of_the_credentials(
        self, csms: Any, run: Any, defect: str, found: tuple[str, str]
    ) -> None:
        await csms.open()
        await run(csms.url(), defect)
        await csms.receive("BootNotification")
        assert credentials(csms.requests[0]) == found

    async def test_defects_of_the_request(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url(), upgrade_request.NO_CREDENTIALS, upgrade_request.OTHER_PATH)
        await csms.receive("BootNotification")
        assert "Authorization" not in csms.requests[0].headers
        assert csms.requests[0].path == "/ocpp/CS%201/ocpp"

    async def test_a_new_password_counts_at_once(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url())
        await csms.receive("BootNotification")
        new = "another-password-0"
        assert await csms.set("SecurityCtrlr", "BasicAuthPassword", new) == "Accepted"
        await csms.next_connection(2)
        assert credentials(csms.requests[1]) == ("Basic", f"CS 1:{new}")

    @pytest.mark.parametrize(
        ("defect", "status", "used"),
        [
            (None, "Rejected", PASSWORD),
            (upgrade_request.USES_REJECTED_PASSWORD, "Rejected", "short"),
            (upgrade_request.ACCEPTS_SHORT_PASSWORD, "Accepted", "short"),
        ],
    )
    async def test_a_short_password(
        self, csms: Any, run: Any, defect: str | None, status: str, used: str
    ) -> None:
        await csms.open()
        await run(csms.url(), *filter(None, [defect]))
        await csms.receive("BootNotification")
        assert await csms.set("SecurityCtrlr", "BasicAuthPassword", "short") == status
        if status == "Rejected":
            await csms.call("Reset", {"type": "Immediate"})
        await csms.next_connection(2)
        assert credentials(csms.requests[-1]) == ("Basic", f"CS 1:{used}")

    @pytest.mark.parametrize(
        ("defect", "status"),
        [
            (upgrade_request.KEEPS_OLD_PASSWORD, "Accepted"),
            (upgrade_request.REJECTS_PASSWORD, "Rejected"),
        ],
    )
    async def test_defects_of_a_new_password(
        self, csms: Any, run: Any, defect: str, status: str
    ) -> None:
        await csms.open()
        await run(csms.url(), defect)
        await csms.receive("BootNotification")
        new = "another-password-0"
        assert await csms.set("SecurityCtrlr", "BasicAuthPassword", new) == status
        if status == "Rejected":
            await csms.call("Reset", {"type": "Immediate"})
        await csms.next_connection(2)
        assert credentials(csms.requests[1]) == ("Basic", f"CS 1:{PASSWORD}")


class TestReconnecting:
    async def test_comes_back_without_a_boot(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url())
        await csms.receive("BootNotification")
        await csms.drop()
        await csms.next_connection(2)
        assert await csms.get("OCPPCommCtrlr", "ActiveNetworkProfile") == "1"
        assert [action for action, _ in csms.calls].count("BootNotification") == 1

    async def test_comes_back_after_refusals(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url())
        await csms.receive("BootNotification")
        await csms.close()
        await csms.open()
        await csms.next_connection(2)

    async def test_waits_for_a_csms_that_is_not_there_yet(self, csms: Any, run: Any) -> None:
        await csms.open()
        await csms.close()
        await run(csms.url())
        await csms.open()
        await csms.receive("BootNotification", reason="PowerUp")


def trusting(kit: Any, *roots: int) -> Any:
    def prepare(storage: FileStorage) -> None:
        for root in roots:
            storage.add_certificate("CSMSRootCertificate", [kit.roots[root].certificate])

    return prepare


class TestProfile2:
    async def test_connects_when_the_root_is_installed(self, csms: Any, kit: Any, run: Any) -> None:
        csms.context = kit.server()
        await csms.open()
        await run(csms.url("wss"), prepare=trusting(kit, 0))
        await csms.receive("BootNotification")
        assert credentials(csms.requests[0])[0] == "Basic"
        assert await csms.get("SecurityCtrlr", "SecurityProfile") == "2"

    @pytest.mark.parametrize("defect", [None, link_module.NO_CERTIFICATE_EVENT])
    async def test_reports_an_invalid_certificate_once_connected(
        self, csms: Any, kit: Any, run: Any, eventually: Any, defect: str | None
    ) -> None:
        csms.context = kit.server(name="elsewhere")
        await csms.open()
        machine = await run(csms.url("wss"), *filter(None, [defect]), prepare=trusting(kit, 0))
        await eventually(lambda: failures(machine) > 1)
        await csms.close()
        csms.context = kit.server()
        await csms.open()
        await csms.receive("BootNotification")
        await csms.receive("SecurityEventNotification", type="StartupOfTheDevice")
        events = [payload["type"] for action, payload in csms.calls if "SecurityEvent" in action]
        assert events.count("InvalidCsmsCertificate") == (0 if defect else 1)


class TestProfile3:
    async def test_shows_its_certificate_and_no_password(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        def prepare(storage: FileStorage) -> None:
            trusting(kit, 0)(storage)
            storage.put_credentials(CLIENT_CREDENTIALS, *kit.client("REF-0001"))
            storage.put("network", provisioned(csms.url("wss"), 3))

        csms.context = kit.server(client_root=0)
        await csms.open()
        await run(csms.url("wss"), prepare=prepare)
        await csms.receive("BootNotification")
        assert "Authorization" not in csms.requests[0].headers


class TestUpgrade:
    async def test_first_slot_of_the_priority_after_a_reset(
        self, csms: Any, secure_csms: Any, kit: Any, run: Any
    ) -> None:
        secure_csms.context = kit.server()
        await csms.open()
        await secure_csms.open()
        await run(csms.url(), prepare=trusting(kit, 0))
        await csms.receive("BootNotification")
        await self.prepare_slot_2(csms, secure_csms.url("wss"))
        assert await csms.call("Reset", {"type": "OnIdle"}) == {"status": "Accepted"}
        await secure_csms.receive("BootNotification", reason="RemoteReset")
        assert await secure_csms.get("SecurityCtrlr", "SecurityProfile") == "2"
        assert await secure_csms.get("OCPPCommCtrlr", "NetworkConfigurationPriority") == "2"
        assert await secure_csms.get("OCPPCommCtrlr", "ActiveNetworkProfile") == "2"

    async def test_back_to_the_former_slot_when_the_new_one_is_dead(
        self, csms: Any, secure_csms: Any, kit: Any, run: Any
    ) -> None:
        await csms.open()
        await secure_csms.open()
        await secure_csms.close()
        await run(csms.url(), prepare=trusting(kit, 0))
        await csms.receive("BootNotification")
        await self.prepare_slot_2(csms, secure_csms.url("wss"))
        await csms.call("Reset", {"type": "OnIdle"})
        await csms.receive("BootNotification", reason="RemoteReset")
        assert await csms.get("SecurityCtrlr", "SecurityProfile") == "1"
        assert await csms.get("OCPPCommCtrlr", "NetworkConfigurationPriority") == "2,1"

    async def prepare_slot_2(self, csms: Any, url: str) -> None:
        data = provisioned(url, 2)["slots"]["1"]
        asked = {"configurationSlot": 2, "connectionData": data}
        assert await csms.call("SetNetworkProfile", asked) == {"status": "Accepted"}
        status = await csms.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1")
        assert status == "RebootRequired"


class TestReplacedRoot:
    """AdditionalRootCertificateCheck: M05.FR.12 to FR.16."""

    async def test_old_root_goes_once_the_new_one_has_proved_itself(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        csms.context = kit.server(root=1)
        await csms.open()
        machine = await run(
            csms.url("wss"), name="covering/1-all-profiles-ac", prepare=trusting(kit, 0, 1)
        )
        await csms.receive("BootNotification")
        storage = machine.station.storage
        (entry,) = storage.certificates("CSMSRootCertificate")
        assert entry.certificate == kit.roots[1].certificate

    async def test_old_root_is_the_fallback_where_it_was_connected_before(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        def prepare(storage: FileStorage) -> None:
            trusting(kit, 0, 1)(storage)
            network = provisioned(csms.url("wss"), 2)
            storage.put("network", network | {"last_successful": 1})

        csms.context = kit.server(root=0)
        await csms.open()
        machine = await run(csms.url("wss"), name="covering/1-all-profiles-ac", prepare=prepare)
        await csms.receive("BootNotification")
        assert len(machine.station.storage.certificates("CSMSRootCertificate")) == 2


class TestOldTls:
    async def test_reported_once_however_often_it_failed(
        self, csms: Any, kit: Any, run: Any, eventually: Any
    ) -> None:
        context = kit.server()
        files = (kit.directory / "csms.pem", kit.directory / "csms.key")
        leaf = ServerCredentials("localhost", "ECDSA", "root1", "valid", *files)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            hello = parse_client_hello(await reader.read(4096))
            assert hello is not None
            writer.write(old_version_reply(hello, [leaf]))
            await writer.drain()
            await reader.read()
            writer.close()

        old = await asyncio.start_server(answer, "127.0.0.1", 0)
        csms.port = old.sockets[0].getsockname()[1]
        machine = await run(csms.url("wss"), prepare=trusting(kit, 0))
        await eventually(lambda: failures(machine) > 1)
        old.close()
        await old.wait_closed()
        csms.context = context
        await csms.open()
        await csms.receive("SecurityEventNotification", type="StartupOfTheDevice")
        kinds = [payload.get("type") for _, payload in csms.calls]
        assert kinds.count("InvalidTLSVersion") == 1


class TestRenewedClientCertificate:
    async def test_former_one_is_used_when_the_new_one_is_refused(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        """A02.FR.28, FR.10, FR.29."""
        former, renewed = kit.client("REF-0001"), kit.client("REF-0001", root=2)

        def prepare(storage: FileStorage) -> None:
            trusting(kit, 0)(storage)
            storage.put_credentials(CLIENT_CREDENTIALS, *renewed)
            storage.put_credentials(PREVIOUS_CREDENTIALS, *former)
            storage.put("network", provisioned(csms.url("wss"), 3))

        csms.context = kit.server(client_root=0)
        await csms.open()
        machine = await run(csms.url("wss"), prepare=prepare)
        await csms.receive("SecurityEventNotification", type="DiscardedRenewedClientCertificate")
        storage = machine.station.storage
        used = storage.credentials(CLIENT_CREDENTIALS)
        assert used is not None
        assert used.chain.read_bytes() == former[0]
        assert storage.credentials(PREVIOUS_CREDENTIALS) is None


class TestPing:
    async def test_a_silent_csms_is_left(self, csms: Any, run: Any) -> None:
        await csms.open()
        await run(csms.url())
        await csms.receive("BootNotification")
        assert await csms.set("OCPPCommCtrlr", "WebSocketPingInterval", "1") == "Accepted"
        csms.connection.transport.pause_reading()  # so no pong is sent
        await csms.next_connection(2)
