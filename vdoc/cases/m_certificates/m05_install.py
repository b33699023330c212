"""M05: roots are installed or refused, and a new CSMS root takes the place of the former one."""

from __future__ import annotations

from vdoc.bench import Bench, DutState
from vdoc.cases import (
    booting,
    certificate_states,
    configuration,
    network_profiles,
    station_certificate,
)
from vdoc.cases.certificate_states import (
    CSMS_ROOT,
    EXPIRED,
    MANUFACTURER,
    MANUFACTURER_ROOT,
    OTHER,
    Certificate,
)
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case

_ROOT_CHECK = Name("SecurityCtrlr", "AdditionalRootCertificateCheck")
_MUTUAL_PROFILE = 3


@case("TC_M_01_CS")
async def install_csms_root(bench: Bench) -> DutState:
    """A further CSMS root is installed, and listed thereafter (M05.FR.01, M05.FR.02, M03.FR.04).

    Part 6: TC_M_01_CS. Errata: none. A DUT with AdditionalRootCertificateCheck gets a root signed
    by the one it has (note of step 1); it keeps that one to fall back on (M05.FR.12), so the bench
    goes on serving certificates that lead to it.
    """
    with bench.before():
        root = await certificate_states.further_root(bench)
    installed = await certificate_states.certificate_installed(bench, CSMS_ROOT, root)  # 1
    await certificate_states.certificates_listed(bench, installed)  # 2
    names = dict.fromkeys((*bench.state.roots_installed, root.name))
    return bench.state.model_copy(update={"roots_installed": tuple(names)})


@case("TC_M_02_CS")
async def install_manufacturer_root(bench: Bench) -> None:
    """A manufacturer root is installed, and listed thereafter (M05.FR.01, M05.FR.02, M03.FR.04).

    Part 6: TC_M_02_CS. Errata: none.
    """
    installed = await certificate_states.certificate_installed(
        bench, MANUFACTURER_ROOT, MANUFACTURER
    )  # 1
    await certificate_states.certificates_listed(bench, installed)  # 2


@case("TC_M_07_CS")
async def expired_root_rejected(bench: Bench) -> None:
    """An expired root is rejected, and not listed thereafter (M05.FR.01, M05.FR.07).

    Part 6: TC_M_07_CS. Errata: none. What must not be listed is the certificate that was rejected;
    that the answer of step 4 is Accepted needs another CSMS root, which is installed when none is.
    """
    await _without_root_check(bench)
    with bench.before():
        await certificate_states.csms_root_present(bench)
        expired = await certificate_states.certificate(bench, CSMS_ROOT, EXPIRED)

    bench.step(2, "M05.FR.07")
    answer = await certificate_states.install(bench, expired)  # 1
    bench.check(answer["status"], "Rejected")
    bench.step(4, "M05.FR.07")
    found = await certificate_states.listed(bench, CSMS_ROOT)  # 3
    bench.check(found.answer["status"], "Accepted", "M03.FR.03")
    bench.check(found.fact(CSMS_ROOT), certificate_states.without(expired))


@case("TC_M_09_CS")
async def unsigned_root_rejected(bench: Bench) -> None:
    """A root that the present one has not signed is rejected (M05.FR.10, M05.FR.11).

    Part 6: TC_M_09_CS. Errata: none. The one entry of step 4 is that of the present root; the
    rejected one must not be there either.
    """
    with bench.before():
        old = await _root_in_use(bench)
        other = await certificate_states.certificate(bench, CSMS_ROOT, OTHER)

    bench.step(2, "M05.FR.11")
    answer = await certificate_states.install(bench, other)  # 1
    bench.check(answer["status"], "Rejected")
    bench.step(4, "M05.FR.11")
    found = await certificate_states.listed(bench, CSMS_ROOT)  # 3
    bench.check(found.answer["status"], "Accepted", "M03.FR.03")
    bench.check(found.fact(CSMS_ROOT), certificate_states.holding(old))
    bench.check(found.fact(CSMS_ROOT), certificate_states.without(other))


@case("TC_M_30_CS")
async def reconnected_with_new_root(bench: Bench) -> DutState:
    """Once connected by the new root the DUT forgets the former one (M05.FR.13).

    Part 6: TC_M_30_CS. Errata: 6.2.122, 6.2.123 by way of RenewChargingStationCertificate, whose
    certificate the new root signs, since the DUT will have no other.
    """
    with bench.before():
        old = await _root_in_use(bench)
        root = await certificate_states.further_root(bench)
        await certificate_states.certificate_installed(bench, CSMS_ROOT, root)
        if bench.state.profile == _MUTUAL_PROFILE:
            await station_certificate.renewed(bench, issuer=root.name)
    new = bench.state.model_copy(update={"root": root.name})

    bench.step(2, "B11.FR.01")
    network_profiles.serve(bench, new)  # 3
    answer = await bench.call("Reset", type="OnIdle")  # 1
    bench.require(answer["status"], "Accepted")
    bench.step(4, "M05.FR.13")
    opened = await network_profiles.arrived(bench, new)  # 3, 4
    with bench.within_state("Booted"):
        await booting.started_up(bench, opened)  # 5
    bench.step(7, "M05.FR.13")
    found = await certificate_states.listed(bench, CSMS_ROOT)  # 6
    bench.check(found.answer["status"], "Accepted", "M03.FR.03")
    bench.check(found.fact(CSMS_ROOT), certificate_states.without(old))
    return new


@case("TC_M_31_CS")
async def reconnected_with_former_root(bench: Bench) -> None:
    """When the new root does not do, the DUT uses the former one and keeps it (M05.FR.12, 14).

    Part 6: TC_M_31_CS. Errata: none. How the DUT looks at the certificate again is its own affair:
    in a further handshake, or in the same, so that a failed one need not be seen.
    """
    with bench.before():
        old = await _root_in_use(bench)
        root = await certificate_states.further_root(bench)
        await certificate_states.certificate_installed(bench, CSMS_ROOT, root)

    bench.step(2, "B11.FR.01")
    network_profiles.serve(bench, bench.state)  # 3
    answer = await bench.call("Reset", type="OnIdle")  # 1
    bench.require(answer["status"], "Accepted")
    bench.step(5, "M05.FR.14")
    opened = await network_profiles.arrived(bench, bench.state)  # 4, 5
    with bench.within_state("Booted"):
        await booting.started_up(bench, opened)  # 6
    bench.step(8, "M05.FR.12")
    found = await certificate_states.listed(bench, CSMS_ROOT)  # 7
    bench.check(found.answer["status"], "Accepted", "M03.FR.03")
    bench.check(found.fact(CSMS_ROOT), certificate_states.holding(old))


async def _root_in_use(bench: Bench) -> Certificate:
    root = certificate_states.root_in_use(bench)
    return await certificate_states.certificate(bench, CSMS_ROOT, root)


async def _without_root_check(bench: Bench) -> None:
    """Prerequisite: AdditionalRootCertificateCheck is not implemented, or not true."""
    if certificate_states.replaces_roots(bench):
        found = await configuration.read(bench, _ROOT_CHECK)
        bench.require(found.answer["getVariableResult.0.attributeValue"], "true", "B06.FR.10")
        bench.not_applicable("AdditionalRootCertificateCheck is true", found.answer)
