"""M03: the DUT lists what is installed, by type, by several types, or all of it."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import absent
from vdoc.cases import certificate_states
from vdoc.cases.certificate_states import (
    CSMS_ROOT,
    MANUFACTURER,
    MANUFACTURER_ROOT,
    MO_ROOT,
    Certificate,
)
from vdoc.cases.registry import case


@case("TC_M_12_CS")
async def csms_root_listed(bench: Bench) -> None:
    """The DUT lists a CSMS root that was installed (M03.FR.01, M03.FR.03, M03.FR.04).

    Part 6: TC_M_12_CS. Errata: none.
    """
    installed = await _csms_root_installed(bench)
    await certificate_states.certificates_listed(bench, installed)  # Main 1


@case("TC_M_13_CS")
async def manufacturer_root_listed(bench: Bench) -> None:
    """The DUT lists a manufacturer root that was installed (M03.FR.01, M03.FR.03, M03.FR.04).

    Part 6: TC_M_13_CS. Errata: none.
    """
    installed = await _manufacturer_root_installed(bench)
    await certificate_states.certificates_listed(bench, installed)  # Main 1


@case("TC_M_17_CS")
async def both_roots_listed(bench: Bench) -> None:
    """The DUT lists the roots of two types in one answer (M03.FR.01, M03.FR.03, M03.FR.04).

    Part 6: TC_M_17_CS. Errata: none. One request names both types.
    """
    csms = await _csms_root_installed(bench)
    manufacturer = await _manufacturer_root_installed(bench)
    await certificate_states.certificates_listed(bench, csms, manufacturer)  # Main 1


@case("TC_M_18_CS")
async def everything_listed(bench: Bench) -> None:
    """Asked for no type, the DUT lists all of them (M03.FR.01, M03.FR.03, M03.FR.04).

    Part 6: TC_M_18_CS. Errata: none.
    """
    csms = await _csms_root_installed(bench)
    manufacturer = await _manufacturer_root_installed(bench)

    bench.step(2, "M03.FR.04")
    found = await certificate_states.listed(bench)  # 1
    bench.require(found.answer["status"], "Accepted", "M03.FR.03")
    found.answer.need("certificateHashDataChain")
    for each in (csms, manufacturer):
        bench.check(found.fact(each.kind), certificate_states.holding(each))


@case("TC_M_19_CS")
async def nothing_to_list(bench: Bench) -> None:
    """The DUT says so when it has no certificate of a type (M03.FR.01, M03.FR.02).

    Part 6: TC_M_19_CS. Errata: none. MO roots that are there are deleted first.
    """
    with bench.before():
        for name in (await certificate_states.listed(bench, MO_ROOT)).of(MO_ROOT):
            answer = await certificate_states.delete(bench, name)
            bench.require(answer["status"], "Accepted", "M04.FR.02")

    bench.step(2, "M03.FR.02")
    found = await certificate_states.listed(bench, MO_ROOT)  # 1
    bench.check(found.answer["status"], "NotFound")
    bench.check(found.answer["certificateHashDataChain"], absent())


async def _csms_root_installed(bench: Bench) -> Certificate:
    with bench.before():
        root = await certificate_states.further_root(bench)
        return await certificate_states.certificate_installed(bench, CSMS_ROOT, root)


async def _manufacturer_root_installed(bench: Bench) -> Certificate:
    with bench.before():
        return await certificate_states.certificate_installed(
            bench, MANUFACTURER_ROOT, MANUFACTURER
        )
