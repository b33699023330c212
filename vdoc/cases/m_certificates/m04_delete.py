"""M04: the DUT deletes a certificate that it has, and says so when it has none such."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import certificate_states
from vdoc.cases.certificate_states import CSMS_ROOT, OTHER
from vdoc.cases.registry import case


@case("TC_M_20_CS")
async def root_deleted(bench: Bench) -> None:
    """A CSMS root is deleted, and listed no more (M04.FR.01, M04.FR.02).

    Part 6: TC_M_20_CS. Errata: none. Before has a root installed when none is there. It is here
    also when the only one is that in use: deleting it may be refused (M04.FR.03) and would cut the
    DUT off. What is deleted is the further one, by the name that the DUT itself gave it.
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


@case("TC_M_22_CS")
async def unknown_certificate_not_deleted(bench: Bench) -> None:
    """The DUT cannot delete a certificate that it does not have (M04.FR.01, M04.FR.04).

    Part 6: TC_M_22_CS. Errata: none. Step 1 needs a CSMS root that is known: it is installed when
    there is none, as TC_M_20_CS does.
    """
    with bench.before():
        present = await certificate_states.csms_root_present(bench)
        unknown = await certificate_states.certificate(bench, CSMS_ROOT, OTHER)

    await certificate_states.certificates_listed(bench, present)  # 1
    bench.step(3, "M04.FR.04")
    answer = await certificate_states.delete(bench, unknown.names[0])  # 2
    bench.check(answer["status"], "NotFound")
