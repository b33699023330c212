from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api_clients.octt_models import OcttAnswerError, ReportFilter
from api_clients.octt_rest import OcttCutError, OcttError, OcttRest, OcttTokenError

REPORT = {"testCaseName": "TC_B_06_CS", "verdict": "pass", "pics_mode": "false", "new": 1}


class Octt:
    """Answers with one reply and notes what it was asked."""

    def __init__(self, reply: object, status: int = 200) -> None:
        self.reply = reply
        self.status = status
        self.asked: list[tuple[str, str, str]] = []
        self.api = OcttRest("https://octt/", "t0ken", transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer t0ken"
        target = request.url.raw_path.decode().removeprefix("/api/v1")
        self.asked.append((request.method, target, request.content.decode()))
        if isinstance(self.reply, bytes):
            return httpx.Response(self.status, content=self.reply)
        return httpx.Response(self.status, json=self.reply)


async def test_session_and_configuration_calls() -> None:
    octt = Octt({"message": "ok", "configurations": ["lab a"]})
    assert await octt.api.configurations() == ("lab a",)
    await octt.api.start_session("lab a/b")
    await octt.api.stop_session()
    await octt.api.stop_case()
    await octt.api.put_configuration("x", {"max_timeout_period": "60", "offset": 5})
    await octt.api.delete_configuration("x")
    await octt.api.put_comment("x", "a.log", "fine")
    scope = "/ocpp2.0.1/CS"
    assert octt.asked == [
        ("GET", f"{scope}/configurations", ""),
        ("POST", f"{scope}/session/start/lab%20a%2Fb", ""),
        ("POST", "/session/stop", ""),
        ("GET", "/testcases/stop", ""),
        ("PUT", f"{scope}/configurations/x", '{"max_timeout_period":"60","offset":5}'),
        ("DELETE", f"{scope}/configurations/x", ""),
        ("PUT", f"{scope}/reports/x/comment?logfile_name=a.log", "comment=fine"),
    ]


async def test_a_configuration_keeps_the_types_of_its_values() -> None:
    values = {"max_timeout_period": "60", "offset": 5}
    octt = Octt({"fileName": "x", "octtCertificationMode": "true", "data": {"config": values}})
    read = await octt.api.configuration("x")
    assert (read.values, read.certification_mode) == (values, True)


async def test_versions_are_read() -> None:
    octt = Octt({"data": [{"id": "v2", "name": "ocpp2.0.1", "activated": True}]})
    assert [version.name for version in await octt.api.versions()] == ["ocpp2.0.1"]


@pytest.mark.parametrize("key", ["functional_block", "functionalBlock"])
async def test_both_spellings_of_the_block_are_read(key: str) -> None:
    case = {"testcase_name": "TC_B_06_CS", key: "B", "certification_profiles": ["Core"]}
    octt = Octt({"data": {"testcasesData": [{"header": "B", "data": [case]}]}})
    cases = await octt.api.test_cases("x")
    assert [(case.name, case.functional_block) for case in cases.cases] == [("TC_B_06_CS", "B")]


async def test_execute_returns_the_first_report() -> None:
    octt = Octt({"data": [{**REPORT, "category": "[Core]", "logfile": "dir\\sub/a.log"}, {}][:1]})
    report = await octt.api.execute("TC_B_06_CS")
    assert (report.verdict, report.profile, report.logfile_name, report.pics_mode) == (
        "pass",
        "Core",
        "a.log",
        False,
    )
    assert octt.asked == [("POST", "/testcases/TC_B_06_CS/execute", "")]


async def test_a_lost_station_is_recognised() -> None:
    octt = Octt({"data": [{**REPORT, "verdict": "error", "message": "SUT__DISCONNECTED"}]})
    assert (await octt.api.execute("TC_B_06_CS")).station_lost


async def test_reports_are_filtered() -> None:
    octt = Octt({"data": [REPORT]})
    wanted = ReportFilter(testcase_name=("TC_B_06_CS",), result=("fail", "error"))
    assert len(await octt.api.reports(wanted)) == 1
    body = json.loads(octt.asked[0][2])
    assert body == {"testcase_name": ["TC_B_06_CS"], "result": ["fail", "error"]}


async def test_a_download_is_bytes() -> None:
    octt = Octt(b"PK")
    assert await octt.api.download("x", logfile_name="a.log") == b"PK"
    query = "format=ZIP&configuration_name=x&logfile_name=a.log"
    assert octt.asked[0][1] == f"/ocpp2.0.1/CS/reports/download?{query}"


@pytest.mark.parametrize("reply", [{"isConnected": True}, {"data": {"isConnected": True}}])
async def test_the_connection_status_is_read_flat_or_nested(reply: dict[str, Any]) -> None:
    assert (await Octt(reply).api.connection_status()).connected


async def test_waiting_for_the_station_ends() -> None:
    pauses: list[float] = []

    async def sleep(duration_s: float) -> None:
        pauses.append(duration_s)

    octt = Octt({"isConnected": False})
    with pytest.raises(OcttError, match="did not connect"):
        await octt.api.await_station(tries=3, interval_s=2, sleep=sleep)
    assert pauses == [2, 2]


@pytest.mark.parametrize(
    ("status", "kind"), [(401, OcttTokenError), (504, OcttCutError), (409, OcttError)]
)
async def test_refusals_are_told_apart(status: int, kind: type[OcttError]) -> None:
    octt = Octt({"message": "already started"}, status)
    with pytest.raises(OcttError) as refusal:
        await octt.api.start_session("x")
    assert (type(refusal.value), refusal.value.http_status) == (kind, status)
    assert "t0ken" not in str(refusal.value) + repr(octt.api)
    assert status != 409 or "already started" in str(refusal.value)


async def test_a_cut_that_is_not_json_is_still_a_cut() -> None:
    with pytest.raises(OcttCutError, match="runs on"):
        await Octt(b"<html>", 504).api.execute("TC_B_06_CS")


@pytest.mark.parametrize("reply", [{"data": []}, b"<html>"])
async def test_a_missing_report_is_an_error(reply: object) -> None:
    with pytest.raises(OcttError, match="Remedy"):
        await Octt(reply).api.execute("TC_B_06_CS")


async def test_an_unknown_verdict_is_not_guessed_at() -> None:
    with pytest.raises(OcttAnswerError, match="verdict"):
        await Octt({"data": [{**REPORT, "verdict": "maybe"}]}).api.execute("TC_B_06_CS")


async def test_no_answer_is_said() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    api = OcttRest("https://octt/api/v1", "t", transport=httpx.MockTransport(lost))
    with pytest.raises(OcttError, match="stop the session first"):
        await api.stop_session()
    await api.close()
