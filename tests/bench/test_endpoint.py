"""What an end point makes of bytes, on real sockets; the `bench` fixture replays every case."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.frames import Frame, Opcode

from vdoc.bench import Bench, Fact, Verdict
from vdoc.evidence import Kind

NOT_LET_IN = (OSError, EOFError, ConnectionClosed, InvalidMessage)
HEARTBEAT = '[2,"h1","Heartbeat",{}]'


async def connects(bench: Bench) -> None:
    opened = await bench.connection.opened(within_s=5)
    bench.check(opened["connection"], 1)


async def is_refused(bench: Bench) -> None:
    refused = await bench.connection.refused(within_s=5)
    bench.check(Fact("why", bool(refused.get("why")), refused.n), True)


async def fails_tls(bench: Bench) -> None:
    event = await bench.connection.handshake(within_s=5)
    bench.check(event["outcome"], "failed")


async def beats(bench: Bench) -> None:
    message = await bench.receive("Heartbeat", within_s=5)
    bench.check(Fact("payload", message.payload, message.n), {})


async def breach(bench: Bench) -> None:
    bench.check(Fact("begun", 1, None), 1)
    await bench.connection.closed(within_s=5)


async def answer(station: ClientConnection) -> Any:
    return json.loads(await station.recv())


def distrust(port: int) -> None:
    """A station without roots; asyncio would not send the alert, so it is a thread."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with socket.create_connection(("127.0.0.1", port)) as plain:
        context.wrap_socket(plain, server_hostname="csms.example.com")


class TestUpgrade:
    async def test_the_right_password_is_let_in(self, bench: Any) -> None:
        case = bench.begin(connects)
        async with bench.connect() as station:
            assert station.subprotocol == "ocpp2.0.1"
            assert (await case).verdict is Verdict.PASS
        [opened] = bench.of(Kind.OPENED)
        assert (opened["identity"], opened["profile"], opened["tls"]) == ("CS-1", 1, None)

    @pytest.mark.parametrize("password", ["wrong", "fedcba9876543210", None])
    async def test_any_other_password_is_401(self, bench: Any, password: str | None) -> None:
        case = bench.begin(is_refused)
        with pytest.raises(InvalidStatus) as refused:
            await bench.connect(password=password)
        assert refused.value.response.status_code == 401
        assert refused.value.response.headers["WWW-Authenticate"] == 'Basic realm="OCPP"'
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.REFUSED)[0]["why"] == "user name or password is wrong"

    @pytest.mark.parametrize("identity", ["CS-2", "", "CS-1/x", "../CS-1"])
    async def test_another_identity_is_404(self, bench: Any, identity: str) -> None:
        case = bench.begin(is_refused)
        with pytest.raises(InvalidStatus) as refused:
            await bench.connect(url=bench.url(identity))
        assert refused.value.response.status_code == 404
        assert (await case).verdict is Verdict.PASS

    @pytest.mark.parametrize("offered", [["ocpp1.6"], None])
    async def test_no_common_subprotocol_is_upgraded_then_closed(
        self, bench: Any, offered: list[str] | None
    ) -> None:
        case = bench.begin(is_refused)
        async with bench.connect(subprotocols=offered) as station:
            assert station.subprotocol is None
            with pytest.raises(ConnectionClosed):
                await station.recv()
        assert (await case).verdict is Verdict.PASS
        [refused] = bench.of(Kind.REFUSED)
        assert refused["why"] == "no common subprotocol"
        assert refused["offered"] == (offered or [])
        assert not bench.of(Kind.OPENED)

    async def test_what_is_no_websocket_is_refused(self, bench: Any) -> None:
        case = bench.begin(is_refused)
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.endpoints[0].port)
        writer.write(b"GET /ocpp/CS-1 HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.read()
        writer.close()
        assert (await case).verdict is Verdict.PASS

    async def test_one_that_never_speaks_is_refused_when_it_leaves(self, bench: Any) -> None:
        case = bench.begin(is_refused)
        _, writer = await asyncio.open_connection("127.0.0.1", bench.endpoints[0].port)
        writer.close()
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.REFUSED)[0]["why"] == "gone before the HTTP upgrade"

    async def test_the_gate_of_the_other_end_point_is_shut(self, bench: Any) -> None:
        case = bench.begin(is_refused)
        with pytest.raises(NOT_LET_IN):
            await bench.connect(url=bench.url(endpoint=2), open_timeout=None)
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.REFUSED) == [{"endpoint": 2, "why": "gate"}]


class TestFrames:
    async def test_a_ping_is_answered_and_not_recorded(self, bench: Any) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await (await station.ping())
            await station.send(HEARTBEAT)
            assert (await answer(station))[:2] == [3, "h1"]
            assert (await case).verdict is Verdict.PASS
        assert len(bench.of(Kind.RECEIVED)) == 1

    async def test_fragments_are_one_message(self, bench: Any) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await station.send([HEARTBEAT[:5], HEARTBEAT[5:9], HEARTBEAT[9:]])
            assert (await case).verdict is Verdict.PASS
        assert [data["frame"] for data in bench.of(Kind.RECEIVED)] == [HEARTBEAT]

    async def test_compressed_messages_are_recorded_as_text(self, bench: Any) -> None:
        case = bench.begin(beats)
        async with bench.connect(compression="deflate") as station:
            assert station.protocol.extensions
            await station.send(HEARTBEAT)
            assert (await answer(station))[:2] == [3, "h1"]
            assert (await case).verdict is Verdict.PASS
        assert [data["frame"] for data in bench.of(Kind.RECEIVED)] == [HEARTBEAT]

    async def test_a_megabyte_is_taken(self, bench: Any) -> None:
        async def takes(bench: Bench) -> None:
            message = await bench.receive("DataTransfer", within_s=30)
            bench.check(Fact("characters", len(message.need("data")), message.n), 1_000_000)

        case = bench.begin(takes)
        async with bench.connect() as station:
            transfer = {"vendorId": "v", "data": "x" * 1_000_000}
            await station.send(json.dumps([2, "d1", "DataTransfer", transfer]))
            assert await answer(station) == [3, "d1", {"status": "UnknownVendorId"}]
            assert (await case).verdict is Verdict.PASS

    async def test_a_binary_frame_is_read_like_a_text(self, bench: Any) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await station.send(HEARTBEAT.encode())
            assert (await case).verdict is Verdict.PASS

    async def test_what_is_no_utf8_is_kept_and_fails_the_case(self, bench: Any) -> None:
        case = bench.begin(breach)
        async with bench.connect() as station:
            await station.send(b'[2,"h1","Heartbeat",{"x":"\xff"}]', text=True)
            assert (await answer(station))[0] == 4
        assert (await case).verdict is Verdict.FAIL
        assert bench.of(Kind.RECEIVED)[0]["frame"] == '[2,"h1","Heartbeat",{"x":"\udcff"}]'

    @pytest.mark.parametrize("begin", ["[2,", " [ 2 ,"])
    async def test_two_calls_in_one_read_are_a_breach(self, bench: Any, begin: str) -> None:
        case = bench.begin(breach)
        async with bench.connect() as station:
            calls = (HEARTBEAT, HEARTBEAT.replace("h1", "h2").replace("[2,", begin))
            frames = (Frame(Opcode.TEXT, call.encode()) for call in calls)
            station.transport.write(b"".join(f.serialize(mask=True) for f in frames))
            assert [(await answer(station))[1], (await answer(station))[1]] == ["h1", "h2"]
        assert (await case).verdict is Verdict.FAIL
        assert [data.get("together") for data in bench.of(Kind.RECEIVED)] == [None, True]

    async def test_a_close_is_recorded_with_its_code(self, bench: Any) -> None:
        case = bench.begin(breach)
        async with bench.connect() as station:
            await station.close(1001, "going")
        await case
        [closed] = bench.of(Kind.CLOSED)
        assert (closed["connection"], closed["code"], closed["reason"]) == (1, 1001, "going")


class TestTls:
    async def test_profile_2_serves_tls_and_basic(self, bench: Any) -> None:
        case = bench.begin(connects, profile=2)
        options = {"ssl": bench.trusting(), "server_hostname": "csms.example.com"}
        async with bench.connect(url=bench.url(scheme="wss"), **options):
            assert (await case).verdict is Verdict.PASS
        [tls], [opened] = bench.of(Kind.TLS), bench.of(Kind.OPENED)
        assert (tls["outcome"], tls["served"]["key"]) == ("completed", "RSA")
        assert opened["tls"]["version"] == "TLSv1.3"
        assert opened["tls"]["peer_certificate"] is None

    @pytest.mark.parametrize("key", ["RSA", "ECDSA"])
    async def test_the_key_type_of_the_state_is_served(self, bench: Any, key: str) -> None:
        case = bench.begin(connects, profile=2, key=key)
        options = {"ssl": bench.trusting(), "server_hostname": "csms.example.com"}
        async with bench.connect(url=bench.url(scheme="wss"), **options):
            assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.TLS)[0]["served"]["key"] == key

    async def test_a_long_answer_crosses_tls(self, bench: Any) -> None:
        async def calls(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            reply = await bench.call("DataTransfer", vendorId="v", data="y" * 200_000)
            bench.check(reply["status"], "Accepted")

        case = bench.begin(calls, profile=2)
        options = {"ssl": bench.trusting(), "server_hostname": "csms.example.com"}
        async with bench.connect(url=bench.url(scheme="wss"), **options) as station:
            _, identity, _, payload = await answer(station)
            assert len(payload["data"]) == 200_000
            await station.send(json.dumps([3, identity, {"status": "Accepted"}]))
            assert (await case).verdict is Verdict.PASS

    async def test_profile_3_wants_a_certificate_and_no_password(self, bench: Any) -> None:
        case = bench.begin(connects, profile=3)
        options = {"ssl": bench.trusting(client="CS-1"), "server_hostname": "csms.example.com"}
        async with bench.connect(url=bench.url(scheme="wss"), password=None, **options):
            assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.OPENED)[0]["tls"]["peer_certificate"]["subject"].startswith("CN=CS-1")

    async def test_profile_3_refuses_one_without_a_certificate(self, bench: Any) -> None:
        case = bench.begin(fails_tls, profile=3)
        options = {"ssl": bench.trusting(), "server_hostname": "csms.example.com"}
        with pytest.raises(NOT_LET_IN):
            async with bench.connect(url=bench.url(scheme="wss"), **options) as station:
                await station.recv()
        assert (await case).verdict is Verdict.PASS
        failure = bench.of(Kind.TLS)[0]["failure"]
        assert (failure["sent_by"], failure["kind"]) == ("bench", "alert")

    async def test_a_station_that_distrusts_the_root_is_recorded(self, bench: Any) -> None:
        case = bench.begin(fails_tls, profile=2)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(distrust, bench.endpoints[0].port)
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.TLS)[0]["failure"]["alert"] == "unknown_ca"

    async def test_plain_http_on_the_tls_port_is_no_tls(self, bench: Any) -> None:
        case = bench.begin(fails_tls, profile=2)
        with pytest.raises(NOT_LET_IN):
            await bench.connect(open_timeout=None)
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.TLS)[0]["failure"]["kind"] == "not_tls"

    async def test_half_a_hello_is_a_failed_handshake(self, bench: Any) -> None:
        case = bench.begin(fails_tls, profile=2)
        _, writer = await asyncio.open_connection("127.0.0.1", bench.endpoints[0].port)
        writer.write(b"\x16\x03\x01\x02\x00\x01")
        writer.close()
        assert (await case).verdict is Verdict.PASS
        assert bench.of(Kind.TLS)[0]["failure"]["kind"] == "closed"
