"""`vdoc bench check`: is everything there before a run starts?

Owns the questions of design §4, "Bench topology": what must be entered in the DUT, whether names
resolve, ports bind, the action API answers, the DUT connects (which proves reachability and trust)
and its clock is right. It changes nothing in the DUT.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from vdoc.automation.probe import Finding, probe
from vdoc.automation.wiring import wiring_of
from vdoc.bench import Bench, CaseStart, Facts, RunContext
from vdoc.bench.start import starting_state
from vdoc.cases.intake import clock_is_right
from vdoc.errors import VdocError
from vdoc.evidence import EvidenceWriter, SystemClock
from vdoc.pics import BenchSettings, Pics
from vdoc.rejudge import passed
from vdoc.run.assembly import Assembled, Wanted, assemble
from vdoc.run.stamping import CLOCKS_APART, asked
from vdoc.signing.timestamps import TsaError


def enter_in_dut(bench: Assembled, settings: BenchSettings, profile: int) -> dict[str, str]:
    """Return what has to be entered in the DUT: URL, identity, password, root certificate."""
    entries = {
        "CSMS URL": bench.workshop.csms_url(1, profile),
        "second CSMS URL": bench.workshop.csms_url(2, max(profile, 2)),
        "identity": settings.dut.identity,
        "security profile": str(profile),
        "password": "as [password] initial of the settings",
    }
    if profile > 1:
        entries["CSMS root certificate"] = str(bench.pki.certificate_file("root1"))
    return entries


async def check_bench(
    pics: Pics, settings: BenchSettings, *, wait_s: float, told: object = None
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Look at everything; returns what to enter in the DUT, and what was found.

    Args:
        pics: the product.
        settings: of the bench.
        wait_s: how long the DUT has to connect, in seconds; 0 does not wait for it.
        told: called with what to enter in the DUT, as soon as it is known.

    Raises:
        InputError: settings that cannot be used.
        BenchError: a port cannot be bound.
    """
    findings = [*_names(settings), *_protocols(pics, settings), *await _actions(settings)]
    findings += await authority_findings(settings)
    profile = min(pics.security_profiles)
    with tempfile.TemporaryDirectory(prefix="vdoc-check-") as directory:
        clock = SystemClock()
        writer = EvidenceWriter(Path(directory) / "evidence.jsonl", clock)
        try:
            async with AsyncExitStack() as stack:
                wanted = Wanted(pics, settings, session="check", first_profile=profile)
                bench = await assemble(stack, wanted, writer, clock)
                entries = enter_in_dut(bench, settings, profile)
                if callable(told):
                    told(entries)
                if wait_s > 0:
                    findings.append(await _dut(bench, pics, settings, profile, wait_s))
        finally:
            writer.close()
    return entries, tuple(findings)


def _names(settings: BenchSettings) -> list[Finding]:
    host = settings.csms.advertised_host
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        remedy = "correct csms.advertised_host or the name server; the DUT must resolve it too"
        return [Finding("error", "name", f"{host} does not resolve here: {error}", remedy)]
    words = ", ".join(sorted(str(address) for address in addresses))
    return [Finding("ok", "name", f"{host} is {words} here; the DUT must see the same")]


def _protocols(pics: Pics, settings: BenchSettings) -> list[Finding]:
    return [
        Finding(
            "warning",
            "file server",
            f"there is none for {protocol}, which the PICS declares",
            "add a [[file_server]] for it, or it stays untested",
        )
        for protocol in pics.limits.file_transfer_protocols
        if settings.file_server_for(protocol) is None
    ]


async def _actions(settings: BenchSettings) -> list[Finding]:
    try:
        found = await probe(wiring_of(settings), clock=lambda: datetime.now(UTC), session="check")
    except VdocError as error:
        return [Finding("error", "action API", str(error), "correct [action_api]")]
    return list(found)


async def authority_findings(settings: BenchSettings) -> list[Finding]:
    """Try the time stamping authority of the settings; nothing is found when they name none."""
    if settings.timestamps is None:
        return []
    url = settings.timestamps.url
    try:
        _, apart = await asyncio.to_thread(asked, settings.timestamps, b"vdoc bench check")
    except TsaError as error:
        remedy = "correct [timestamps]; without a stamp of its plan no run begins"
        return [Finding("error", "time stamps", str(error), remedy)]
    if apart > CLOCKS_APART:
        words = f"the clocks of {url} and of this bench are {apart.total_seconds():.0f} s apart"
        return [Finding("error", "time stamps", words, "correct the clock of the bench")]
    return [Finding("ok", "time stamps", f"{url} stamps, its clock and this one agree")]


async def _dut(
    bench: Assembled, pics: Pics, settings: BenchSettings, profile: int, wait_s: float
) -> Finding:
    async def connects(case: Bench) -> None:
        case.connection.accept()
        await case.connection.opened(within_s=wait_s, what="the DUT connects")
        await case.receive_optional("BootNotification")
        await clock_is_right(case)

    start = CaseStart("bench-check", {}, 1, 0, starting_state(pics, settings, profile))
    run = await bench.live.run_case(start, connects, RunContext(pics, settings, Facts()))
    if passed(run.result):
        return Finding("ok", "DUT", "connected with the right identity and trust, clock is right")
    failures = "; ".join(
        f"{f.what}: expected {f.expected}, got {f.actual}" for f in run.result.failures
    )
    remedy = "compare what is entered in the DUT with the list above; see refused connections"
    return Finding("error", "DUT", failures or run.result.because, remedy)
