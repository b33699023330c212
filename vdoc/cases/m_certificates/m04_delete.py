"""M04: the DUT deletes a certificate that it has, and says so when it has none such."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import one_of
from vdoc.cases import certificate_states, station_certificate
from vdoc.cases.certificate_states import CSMS_ROOT, OTHER
from vdoc.cases.registry import case


@case("TC_M_20_CS")
async def root_deleted(bench: Bench) -> None:
    """A CSMS root is deleted, and listed no more (M04.FR.01, M04.FR.02).

    Part 6: TC_M_20_CS. Errata: none. Before has a root installed when none is there. It is here
    also when the only one is that in use: deleting it may be refused (M04.FR.03) and would cut the
    DUT off. What is deleted is the further one, by the name that the DUT itself gave it; the other
    roots stay, unless the DUT keeps but one of them.
    """
    with bench.before():
        root = await certificate_states.further_root(bench)
        further = await certificate_states.certificate_installed(bench, CSMS_ROOT, root)

    found = await certificate_states.certificates_listed(bench, further)  # 1
    bench.step(1, "M03.FR.04")
    bench.require(found.fact(CSMS_ROOT), certificate_states.holding(further))
    name = found.find(further) or further.names[0]
    bench.step(3, "M04.FR.02")
    answer = await certificate_states.delete(bench, name)  # 2
    bench.require(answer["status"], "Accepted")
    bench.step(4, "M04.FR.02")
    left = await certificate_states.listed(bench, CSMS_ROOT)  # 4
    bench.check(left.fact(CSMS_ROOT), certificate_states.without(further))
    others = [each for each in found.of(CSMS_ROOT) if not further.is_named(each)]
    if others and not certificate_states.replaces_roots(bench):
        bench.check(left.answer["status"], "Accepted", "M03.FR.03")
        bench.check(left.fact(CSMS_ROOT), certificate_states.holding_all(others), "M03.FR.04")


@case("TC_M_22_CS")
async def unknown_certificate_not_deleted(bench: Bench) -> None:
    """The DUT cannot delete a certificate that it does not have (M04.FR.01, M04.FR.04).

    Part 6: TC_M_22_CS. Errata: none. Step 1 needs a CSMS root that is known: it is installed when
    there is none, as TC_M_20_CS does. The unknown one is named by the hash algorithm that the DUT
    uses in its list (M04.FR.07).
    """
    with bench.before():
        present = await certificate_states.csms_root_present(bench)
        unknown = await certificate_states.certificate(bench, CSMS_ROOT, OTHER)

    found = await certificate_states.certificates_listed(bench, present)  # 1
    bench.step(3, "M04.FR.04")
    name = unknown.named_like(found.find(present))
    answer = await certificate_states.delete(bench, name)  # 2
    bench.check(answer["status"], "NotFound")


@case("TC_M_23_CS")
async def station_certificate_not_deleted(bench: Bench) -> None:
    """The certificate of the DUT itself cannot be deleted (M04.FR.01, M04.FR.06).

    Part 6: TC_M_23_CS. Errata: 6.2.122 and 6.2.123 by way of RenewChargingStationCertificate. It
    is named by the hash algorithm that the DUT uses in its list.
    """
    with bench.before():
        present = await certificate_states.csms_root_present(bench)
        chain = await station_certificate.renewed(bench)
        own = await station_certificate.named(bench, chain)

    found = await certificate_states.certificates_listed(bench)  # 1
    bench.check(found.fact(CSMS_ROOT), certificate_states.holding(present), "M03.FR.04")
    name = own.named_like(found.find(present))
    bench.step(3, "M04.FR.06")
    answer = await certificate_states.delete(bench, name)  # 2
    bench.check(answer["status"], one_of("NotFound", "Failed"))
