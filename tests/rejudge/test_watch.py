"""The rules of a run, from both sides."""

from __future__ import annotations

import json
from typing import Any

from vdoc.evidence import Kind, Line
from vdoc.rejudge.watch import Finding, Watch

PRODUCT = {"vendorName": "V", "model": "M", "firmwareVersion": "1"}
STATION = {**PRODUCT, "serialNumber": "S1"}
S = 1_000_000_000


class Run:
    def __init__(self) -> None:
        self.watch = Watch(PRODUCT, boot_window_s=60)
        self.n = 0

    def line(
        self, kind: Kind, data: dict[str, Any], at: float, wall: float | None = None
    ) -> list[Finding]:
        self.n += 1
        wall_ns = round((at if wall is None else wall) * S)
        return self.watch.feed(Line(self.n, wall_ns, round(at * S), "TC", "-", kind, data))

    def boot(self, at: float, reason: str = "PowerUp", **station: Any) -> list[Finding]:
        payload = {"reason": reason, "chargingStation": {**STATION, **station}}
        frame = json.dumps([2, "b", "BootNotification", payload])
        return self.line(Kind.RECEIVED, {"connection": 1, "frame": frame}, at)

    def call(self, at: float, action: str, **payload: Any) -> list[Finding]:
        frame = json.dumps([2, "c", action, payload]).replace("[2, ", "[2,")
        found = self.line(Kind.SENT, {"connection": 1, "frame": frame}, at)
        answer = '[3,"c",{"status":"Accepted"}]'
        return found + self.line(Kind.RECEIVED, {"connection": 1, "frame": answer}, at)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_the_first_boot_needs_no_reason() -> None:
    assert Run().boot(1) == []


def test_a_boot_after_a_reset_is_asked_for() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "Reset", type="Immediate")
    assert run.boot(30) == []


def test_a_refused_reset_asks_for_no_boot() -> None:
    run = Run()
    run.boot(1)
    frame = '[2,"c","Reset",{"type":"Immediate"}]'
    run.line(Kind.SENT, {"connection": 1, "frame": frame}, 2)
    refusal = {"connection": 1, "frame": '[3,"c",{"status":"Rejected"}]'}
    run.line(Kind.RECEIVED, refusal, 2)
    assert codes(run.boot(30)) == ["crash"]


def test_provisioning_again_asks_for_a_boot() -> None:
    run = Run()
    run.boot(1)
    run.line(Kind.RUN, {"what": "provision", "profile": 2}, 2)
    assert run.boot(30) == []


def test_one_reset_stands_for_one_boot() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "Reset", type="Immediate")
    run.boot(30)
    assert codes(run.boot(31)) == ["crash"]


def test_a_boot_long_after_a_reset_is_a_crash() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "Reset", type="Immediate")
    assert codes(run.boot(63)) == ["crash"]


def test_a_boot_that_nobody_asked_for_is_a_crash() -> None:
    run = Run()
    run.boot(1)
    finding = run.boot(30)[0]
    assert finding.severity == "crash"
    assert "nobody" in str(finding)


def test_a_reset_of_an_evse_asks_for_no_boot() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "Reset", type="Immediate", evseId=1)
    assert codes(run.boot(3)) == ["crash"]


def test_a_reboot_action_asks_for_a_boot() -> None:
    run = Run()
    run.boot(1)
    run.line(Kind.ACTION, {"id": "a", "action": {"operation": "reboot"}}, 2)
    assert run.boot(30) == []


def test_a_firmware_update_asks_for_boots() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "UpdateFirmware")
    assert run.boot(30) == []
    assert run.boot(50) == []


def test_a_triggered_boot_notification_is_no_boot() -> None:
    run = Run()
    run.boot(1)
    assert run.boot(30, "Triggered") == []


def test_a_boot_that_was_not_accepted_may_be_repeated() -> None:
    run = Run()
    run.boot(1)
    answer = {"connection": 1, "frame": '[3,"b",{"status":"Pending","interval":60}]'}
    run.line(Kind.SENT, answer, 1)
    assert run.boot(200) == []


def test_a_boot_after_an_accepted_one_may_not() -> None:
    run = Run()
    run.boot(1)
    answer = {"connection": 1, "frame": '[3,"b",{"status":"Accepted","interval":60}]'}
    run.line(Kind.SENT, answer, 1)
    assert codes(run.boot(200)) == ["crash"]


def test_a_watchdog_is_a_crash_even_when_a_boot_was_asked_for() -> None:
    run = Run()
    run.boot(1)
    run.call(2, "Reset", type="Immediate")
    assert codes(run.boot(3, "Watchdog")) == ["crash"]


def test_another_serial_number_voids() -> None:
    run = Run()
    run.boot(1)
    assert codes(run.boot(2, "Triggered", serialNumber="S2")) == ["identity"]


def test_another_or_absent_firmware_version_voids() -> None:
    assert codes(Run().boot(1, firmwareVersion="2")) == ["identity"]
    assert codes(Run().boot(1, firmwareVersion=None)) == ["identity"]


def test_a_clock_step_voids() -> None:
    run = Run()
    run.line(Kind.DEADLINE, {}, 10, wall=10)
    assert codes(run.line(Kind.DEADLINE, {}, 20, wall=23)) == ["clock"]


def test_slew_does_not() -> None:
    run = Run()
    run.line(Kind.DEADLINE, {}, 0, wall=0)
    assert run.line(Kind.DEADLINE, {}, 10_000, wall=10_005) == []


def test_the_window_is_a_day() -> None:
    run = Run()
    run.line(Kind.OPENED, {"connection": 1}, 100)
    verdict = Line(9, 0, round((100 + 86_400) * S), "TC", "-", Kind.VERDICT, {})
    assert run.watch.over_window(verdict) is None
    late = Line(9, 0, round((101 + 86_400) * S), "TC", "-", Kind.VERDICT, {})
    assert run.watch.over_window(late) is not None


def test_frames_that_are_no_json_are_no_boot() -> None:
    run = Run()
    frame = {"connection": 1, "frame": '[2,"b","BootNotification",'}
    assert run.line(Kind.RECEIVED, frame, 1) == []


def test_a_name_written_in_numbers_is_read_too() -> None:
    run = Run()
    run.boot(1)
    payload = json.dumps({"reason": "Watchdog", "chargingStation": STATION})
    frame = f'[2,"b","BootNotificatio\\u006e",{payload}]'
    assert codes(run.line(Kind.RECEIVED, {"connection": 1, "frame": frame}, 2)) == ["crash"]


def test_an_escape_elsewhere_is_no_boot() -> None:
    run = Run()
    run.boot(1)
    frame = '[3,"c",{"status":"RebootRequired","info":"\\u00e9"}]'
    run.line(Kind.RECEIVED, {"connection": 1, "frame": frame}, 2)
    assert run.boot(3) == []


def test_a_serial_number_that_is_told_later_is_another() -> None:
    run = Run()
    run.boot(1, serialNumber=None)
    assert codes(run.boot(2, "Triggered")) == ["identity"]


def test_clocks_that_creep_apart_void_once_for_each_step() -> None:
    run = Run()
    lines = [run.line(Kind.NOTE, {}, at * 10, at * 10.6) for at in range(1, 5)]
    assert [codes(found) for found in lines] == [[], [], ["clock"], []]


def test_an_answer_may_hold_white_space() -> None:
    run = Run()
    run.boot(1)
    sent = '[2,"c","Reset",{"type":"Immediate"}]'
    run.line(Kind.SENT, {"connection": 1, "frame": sent}, 2)
    answer = ' [3, "c", {"status": "Accepted"}]'
    run.line(Kind.RECEIVED, {"connection": 1, "frame": answer}, 3)
    assert run.boot(4) == []


def test_a_report_that_names_a_reboot_asks_for_none() -> None:
    run = Run()
    run.boot(1)
    frame = '[2,"r","NotifyReport",{"valuesList":"Accepted,RebootRequired"}]'
    run.line(Kind.RECEIVED, {"connection": 1, "frame": frame}, 2)
    assert codes(run.boot(3)) == ["crash"]
