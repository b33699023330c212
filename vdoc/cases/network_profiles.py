"""Network connection profiles: slots, their priority, and moving the DUT to the other end point.

Owns how a case changes where the DUT connects (errata 6.2.17, 6.2.18): the inactive slot is
written, never the active one; the other end point is served; a Reset is always sent. What changes
is journalled before it is sent. It knows nothing of why a case moves.
"""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, DutState, Event, Fact, InconclusiveError, Message
from vdoc.bench.expect import one_of, that
from vdoc.cases import configuration
from vdoc.cases.b_provisioning.results import Results
from vdoc.cases.configuration import Name
from vdoc.pics.product import KeyType

ACTIVE_PROFILE = Name("OCPPCommCtrlr", "ActiveNetworkProfile")
PRIORITY = Name("OCPPCommCtrlr", "NetworkConfigurationPriority")
ATTEMPTS = Name("OCPPCommCtrlr", "NetworkProfileConnectionAttempts")

_IN_TLS = that("in TLS", lambda tls: tls is not None)
_IN_THE_CLEAR = that("without TLS", lambda tls: tls is None)


async def only_active_profile(bench: Bench, *, attempts: int | None = None) -> None:
    """See to it that the DUT has no other profile to turn to (errata 6.2.3, 6.2.8)."""
    active = await configuration.need(bench, ACTIVE_PROFILE)
    await configuration.ensure(bench, PRIORITY, str(active.value))
    if attempts is not None:
        await configuration.ensure(bench, ATTEMPTS, str(attempts))


async def inactive_slot(bench: Bench) -> tuple[int, int]:
    """Return the configuration slots: the active one, as the DUT tells it, and the other.

    Raises:
        InconclusiveError: the DUT says that neither slot of the settings is active.
    """
    slots = (bench.state.slot, bench.state.spare_slot)
    told = (await configuration.need(bench, ACTIVE_PROFILE)).value
    for active, other in (slots, slots[::-1]):
        if told == str(active):
            return active, other
    raise InconclusiveError(f"ActiveNetworkProfile is {told}, the settings have slots {slots}")


async def elsewhere(bench: Bench, **changes: Any) -> DutState:  # noqa: ANN401  # fields
    """Return the state of the DUT once it uses its inactive slot and the other end point.

    Args:
        bench: the bench.
        changes: further fields of the state that differ there, such as `root`.
    """
    active, other = await inactive_slot(bench)
    moved = {
        "slot": other,
        "spare_slot": active,
        "endpoint": other_endpoint(bench.state.endpoint),
    }
    return bench.state.model_copy(update={**moved, **changes})


async def set_profile(bench: Bench, target: DutState) -> Message:
    """Ask the DUT to write the connection of `target` into its slot, and return the answer."""
    dut, values = bench.settings.dut, bench.settings.values
    url = await bench.ask("csms_url", endpoint=target.endpoint, profile=target.profile)
    return await bench.call(
        "SetNetworkProfile",
        configurationSlot=target.slot,
        connectionData={
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": url,
            "messageTimeout": values.network_profile_message_timeout_s,
            "securityProfile": target.profile,
            "ocppInterface": dut.ocpp_interface,
        },
    )


async def prefer(bench: Bench, target: DutState) -> Fact:
    """Ask to put the slot of `target` before the active one, and return the attributeStatus.

    Where the DUT may turn to is journalled beforehand; a new root was when it was installed.
    """
    await bench.ask(
        "journal",
        profile=target.profile,
        slot=target.slot,
        spare_slot=target.spare_slot,
        endpoint=target.endpoint,
    )
    order = f"{target.slot},{target.spare_slot}"
    answer = await configuration.change(bench, PRIORITY, order)
    results = Results(bench, answer, "B05")
    results.check_names(results.only(), PRIORITY)
    return answer["setVariableResult.0.attributeStatus"]


async def prepared(bench: Bench, target: DutState, *, priority: str = "B10.FR.01") -> None:
    """Steps 1 to 4 of every migration: the slot of `target` is written, then put first.

    Args:
        bench: the bench.
        target: where the DUT is to go.
        priority: requirement of step 4.
    """
    bench.step(2, "B09.FR.01")
    answer = await set_profile(bench, target)  # 1
    bench.require(answer["status"], "Accepted")
    bench.step(4, priority)
    status = await prefer(bench, target)  # 3
    bench.require(status, one_of("Accepted", "RebootRequired"))


async def reset(bench: Bench) -> None:
    """Steps 5 and 6 of every migration: a Reset, which is always sent (erratum 6.2.18)."""
    bench.step(6, "B11.FR.01")
    answer = await bench.call("Reset", type="OnIdle")  # 5
    bench.require(answer["status"], "Accepted")


def serve(bench: Bench, target: DutState) -> None:
    """Serve the end point of `target` as it needs it, and close the other."""
    bench.connection.refuse(other_endpoint(target.endpoint))
    bench.connection.accept(
        target.endpoint, profile=target.profile, root=target.root, key=served_key(bench)
    )


def served_key(bench: Bench) -> KeyType:
    """Return the key type of the server certificate: the variant's, if it has one."""
    return "ECDSA" if bench.variant.get("key", bench.state.key) == "ECDSA" else "RSA"


def other_endpoint(endpoint: int) -> int:
    """Return the end point that is not this one."""
    return 3 - endpoint


async def arrived(bench: Bench, target: DutState, *, within_s: float | None = None) -> Event:
    """Wait for the DUT at the end point of `target`, and check how it is secured there."""
    opened = await bench.connection.opened(what="the DUT connects", within_s=within_s)
    secured(bench, opened, target)
    return opened


def secured(bench: Bench, opened: Event, target: DutState) -> None:
    """Check that a connection is at the end point of `target`, secured by its profile."""
    bench.check(opened["endpoint"], target.endpoint)
    bench.check(opened["tls"], _IN_THE_CLEAR if target.profile == 1 else _IN_TLS)
    if target.profile == 3:  # noqa: PLR2004  # there it shows a certificate, else a password
        shown = that("shown", lambda certificate: certificate is not None)
        bench.check(opened["tls.peer_certificate"], shown, "A00.FR.402")
    else:
        requirement = "A00.FR.202" if target.profile == 1 else "A00.FR.301"
        bench.check(opened["authorization.scheme"], "Basic", requirement)


async def stays_away(bench: Bench, target: DutState) -> None:
    """Check that the DUT does not try the end point of `target`, which is closed, for a time-out.

    An attempt where it is connected already is no breach: its connection may have been lost.
    """
    limit_s = bench.settings.values.message_timeout_s
    tried = await bench.connection.optional(
        "refused", within_s=limit_s, where=lambda event: event.get("endpoint") == target.endpoint
    )
    found, line = ("none", None) if tried is None else ("one", tried.n)
    what = f"attempts at end point {target.endpoint} for {limit_s:g} s"
    bench.check(Fact(what, found, line), "none")


async def no_way_back(bench: Bench, target: DutState) -> None:
    """Security profile 1 is served everywhere; a DUT that has left it must stay away.

    A DUT without TLS on either end point shows itself by an upgrade request in the clear; attempts
    in TLS fail and are no breach.
    """
    for endpoint in (1, 2):
        bench.connection.accept(endpoint, profile=1)
    bench.connection.drop()
    limit_s = bench.settings.values.long_operation_timeout_s
    opened = await bench.connection.optional("opened", within_s=limit_s)
    number = None if opened is None else opened.n
    found = "none" if opened is None else f"one at end point {opened.get('endpoint')}"
    bench.require(Fact(f"connections with profile 1 for {limit_s:g} s", found, number), "none")
    serve(bench, target)


def patience_s(bench: Bench) -> float:
    """Return how long a DUT may take to come back after it was kept out for a long time-out.

    Its back-off doubles (Part 4 §5.3), so the next attempt is at most as far off as all the
    attempts that failed before, and a boot may take its own time, in seconds.
    """
    return 2 * bench.settings.values.long_operation_timeout_s
