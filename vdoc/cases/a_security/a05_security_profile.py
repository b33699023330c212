"""A05: the security profile rises, on the conditions of Part 2, and never falls."""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, DutState, InconclusiveError
from vdoc.bench.expect import lacking, one_of
from vdoc.cases import (
    booting,
    certificate_states,
    configuration,
    network_profiles,
    station_certificate,
)
from vdoc.cases.certificate_states import CSMS_ROOT
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case

_STATUS = "getVariableResult.0.attributeStatus"
_VALUE = "getVariableResult.0.attributeValue"


@case("TC_A_19_CS")
async def security_profile_upgraded(bench: Bench) -> DutState:
    """The DUT moves to the next security profile and never goes back (A05.FR.04 to 06).

    Part 6: TC_A_19_CS. Errata: 6.2.6, 6.2.7 (numbering), 6.2.17, 6.2.18: the inactive slot and the
    end point that is not in use, and a Reset in any case. From profile 1 the DUT must stay away
    for a whole long operation time-out while profile 1 is served at both end points.
    """
    old = bench.state
    with bench.before():
        ready = await _ready_for_next_profile(bench)
        new = await network_profiles.elsewhere(bench, profile=old.profile + 1, **ready)

    await network_profiles.prepared(bench, new, priority="A05.FR.04")  # 1 to 4
    network_profiles.serve(bench, new)  # 7
    await network_profiles.reset(bench)  # 5, 6
    bench.step(8, "A05.FR.05")
    opened = await network_profiles.arrived(bench, new)  # 8, 9
    with bench.within_state("Booted"):
        await booting.started_up(bench, opened)  # 10
    bench.step(12, "A05.FR.06")
    result = await configuration.read(bench, Name("SecurityCtrlr", "SecurityProfile"))  # 11
    bench.check(result.answer[_STATUS], "Accepted")
    bench.check(result.answer[_VALUE], str(new.profile))
    bench.step(14, "A05.FR.06")
    result = await configuration.read(bench, network_profiles.PRIORITY)  # 13
    bench.check(result.answer[_STATUS], "Accepted")
    bench.check(result.answer[_VALUE], lacking(str(new.spare_slot)))
    if old.profile == 1:
        bench.step(16, "A05.FR.06")
        await network_profiles.no_way_back(bench, new)  # 15, 16
        bench.step(18, "A05.FR.05")
        await network_profiles.arrived(bench, new, within_s=network_profiles.patience_s(bench))
    return new


@case("TC_A_20_CS")
async def upgrade_without_csms_root(bench: Bench) -> None:
    """Without a CSMS root the DUT rejects a profile that needs one (A05.FR.02).

    Part 6: TC_A_20_CS. Errata: 6.2.8 (only the active slot in the priority to begin with), 6.2.9
    (the profile itself may be rejected already). The prerequisite, no CSMS root installed, is
    brought about: every one is deleted, as AQ-1 of the case's condition says it can be. That the
    DUT does not go there all the same, as A05.FR.02 adds, is watched for a message time-out. The
    root of the bench, if it was there, is put back: a file server of a later case may need it.
    """
    with bench.before():
        await network_profiles.only_active_profile(bench)
        in_use = certificate_states.root_in_use(bench)
        mine = await certificate_states.certificate(bench, CSMS_ROOT, in_use)
        had = (await certificate_states.listed(bench, CSMS_ROOT)).find(mine) is not None
        await _no_csms_root(bench)
        new = await network_profiles.elsewhere(bench, profile=2)

    bench.step(2, "B09.FR.01")
    answer = await network_profiles.set_profile(bench, new)  # 1
    bench.check(answer["status"], one_of("Accepted", "Rejected"))
    bench.step(4, "A05.FR.02")
    bench.check(await network_profiles.prefer(bench, new), "Rejected")  # 3
    await network_profiles.stays_away(bench, new)
    if had:
        await bench.call_optional(  # upkeep, which nothing is judged by
            "InstallCertificate", certificateType=CSMS_ROOT, certificate=mine.pem
        )


@case("TC_A_21_CS")
async def upgrade_without_station_certificate(bench: Bench) -> None:
    """Without a certificate of its own the DUT rejects security profile 3 (A05.FR.03).

    Part 6: TC_A_21_CS. Errata: 6.2.10: security profile 3 in any case. That a CSMS root is
    installed is shown by the connection in profile 2. Whether the DUT has a certificate of its own
    cannot be asked; the prerequisite is unmet once the bench has signed one.
    """
    with bench.before():
        if bench.state.client_certificate:
            raise InconclusiveError("the DUT has a ChargingStationCertificate of the bench")
        new = await network_profiles.elsewhere(bench, profile=3)

    bench.step(2, "B09.FR.01")
    answer = await network_profiles.set_profile(bench, new)  # 1
    bench.check(answer["status"], "Accepted")
    bench.step(4, "A05.FR.03")
    bench.check(await network_profiles.prefer(bench, new), "Rejected")  # 3


@case("TC_A_22_CS")
async def downgrade_rejected(bench: Bench) -> None:
    """The DUT rejects a profile with security profile 1 once it has a higher one (B09.FR.04).

    Part 6: TC_A_22_CS. Errata: 6.2.11: security profile 1, whatever the present one is. The slot
    is the inactive one, as in erratum 6.2.17.
    """
    with bench.before():
        lower = await network_profiles.elsewhere(bench, profile=1)

    bench.step(2, "B09.FR.04")
    answer = await network_profiles.set_profile(bench, lower)  # 1
    bench.check(answer["status"], "Rejected")


async def _ready_for_next_profile(bench: Bench) -> dict[str, Any]:
    """Memory states of TC_A_19_CS: a CSMS root for profile 2, a client certificate for 3.

    The root is the one that leads to the server certificates in use; a DUT that keeps one root
    only gets the next one, signed by the one it has (M05.FR.10), and is served accordingly.

    Returns:
        What is different in the state of the DUT.
    """
    state = bench.state
    if state.profile > 1:
        await station_certificate.renewed(bench)
        return {"client_certificate": True}
    root = certificate_states.Root(state.root)
    if certificate_states.replaces_roots(bench):
        root = await certificate_states.further_root(bench)
    await certificate_states.certificate_installed(bench, CSMS_ROOT, root)
    installed = tuple(dict.fromkeys((*state.roots_installed, root.name)))
    return {"root": root.name, "roots_installed": installed}


async def _no_csms_root(bench: Bench) -> None:
    """Delete every CSMS root, and see that none is left (M04.FR.02, M03.FR.02)."""
    for name in (await certificate_states.listed(bench, CSMS_ROOT)).of(CSMS_ROOT):
        answer = await certificate_states.delete(bench, name)
        bench.require(answer["status"], "Accepted", "M04.FR.02")
    left = await certificate_states.listed(bench, CSMS_ROOT)
    bench.require(left.answer["status"], "NotFound", "M03.FR.02")
