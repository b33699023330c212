"""Use case B02, cold boot of a station that is kept Pending."""

from __future__ import annotations

from typing import Any

from vdoc.automation.actions import Reboot
from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.answers import boot
from vdoc.bench.expect import equals, one_of
from vdoc.cases import booting, configuration, connectors, reports
from vdoc.cases.b_provisioning import registering
from vdoc.cases.registry import case

_THRESHOLD = configuration.OFFLINE_THRESHOLD
_VALUE = "300"  # what Part 6 has OfflineThreshold set to, in seconds


@case("TC_B_02_CS")
async def cold_boot_pending(bench: Bench) -> None:
    """A DUT kept Pending obeys, but sends nothing unasked (B02.FR.01, 02, 04 to 06, 08, F06.FR.17).

    Part 6: TC_B_02_CS. Errata: none. What the requirements say of Pending beyond the steps
    (B02.FR.02, 04, 06) is judged over everything from the connection to the BootNotification that
    is accepted; for that the DUT is left alone for half of what is left of its interval.
    """
    values = bench.settings.values
    bench.answer("BootNotification", boot("Pending", values.boot_retry_interval_s))
    unasked = bench.collect(*(a for a in registering.OTHER_REQUESTS if a != "NotifyReport"))
    await bench.act(Reboot())  # Manual Action
    bench.step(1, "B01.FR.01")
    opened = await bench.connection.opened(what="the DUT reconnects after its restart")
    boots = [await booting.boot_notification(bench)]  # 1, 2
    repeated = bench.collect("BootNotification")
    await _obeys(bench)  # 3 to 12

    bench.step(13, "B02.FR.04")
    await _left_alone(bench, (repeated or boots)[-1])
    registering.judge_intervals(bench, boots + repeated, values.boot_retry_interval_s, "B02.FR.04")
    bench.step(14, "F06.FR.17")
    bench.answer("BootNotification", boot("Accepted", values.heartbeat_interval_s))
    answer = await bench.call("TriggerMessage", requestedMessage="BootNotification")  # 13
    bench.require(answer["status"], one_of("Accepted", "NotImplemented"))
    accepted = await _accepted_boot(bench, triggered=answer.get("status") == "Accepted")  # 15, 16
    registering.judge_silence(bench, unasked, opened, accepted, "B02.FR.02")
    _same_connection(bench, opened, accepted)
    bench.step(17, "B01.FR.05")
    await connectors.all_notified(bench, "Available", connectors.all_places(bench))  # 17, 18


async def _obeys(bench: Bench) -> None:
    """Steps 3 to 12: variables and reports work, a remote start does not."""
    bench.step(4, "B02.FR.01")
    answer = await configuration.change(bench, _THRESHOLD, _VALUE)  # 3
    bench.check(answer["setVariableResult.0.attributeStatus"], "Accepted")
    bench.step(6, "B02.FR.01")
    answer = await configuration.get(bench, _THRESHOLD)  # 5
    bench.check(answer["getVariableResult.0.attributeStatus"], "Accepted")
    bench.check(answer["getVariableResult.0.attributeValue"], _VALUE, "B06.FR.10")
    bench.step(8, "B02.FR.01")
    await reports.base_report(bench, "FullInventory")  # 7 to 10
    bench.step(12, "B02.FR.05")
    answer = await bench.call("RequestStartTransaction", **_remote_start(bench))  # 11
    bench.check(answer["status"], "Rejected")


async def _left_alone(bench: Bench, last: Message) -> None:
    values = bench.settings.values
    left_s = (values.boot_retry_interval_s - bench.elapsed_s(last)) / 2
    if left_s > 0:
        window_s = min(values.message_timeout_s, left_s)
        await bench.wait(window_s, "a DUT that nobody asks anything")


async def _accepted_boot(bench: Bench, *, triggered: bool) -> Message:
    """Steps 15 and 16: at once when triggered, else when the interval has passed."""
    values = bench.settings.values
    bench.step(15, "F06.FR.04" if triggered else "B02.FR.08")
    waited_s = 0.0 if triggered else values.boot_retry_interval_s
    message = await bench.receive("BootNotification", within_s=waited_s + values.message_timeout_s)
    if triggered:
        bench.check(message["reason"], "Triggered", "B01.FR.09")
    return message


def _remote_start(bench: Bench) -> dict[str, Any]:
    """Return the payload of a RequestStartTransaction that an accepted DUT could take."""
    tokens = bench.settings.tokens.valid
    remote = [token for token in tokens if token.type in bench.pics.remote_options]
    token = (remote or list(tokens))[0]
    return {
        "idToken": {"idToken": token.idToken, "type": token.type},
        "remoteStartId": bench.fresh_int(),
        "evseId": bench.settings.dut.evse,
    }


def _same_connection(bench: Bench, opened: Event, message: Message) -> None:
    fact = Fact(f"connection of {message.name}", message.connection, message.n)
    bench.check(fact, equals(opened.get("connection")), "B02.FR.06")
