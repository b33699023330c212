"""Use case B07, base reports."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import absent_or
from vdoc.cases import connectors, reports
from vdoc.cases.b_provisioning import registering
from vdoc.cases.registry import case
from vdoc.catalogue.components import required_variables


@case("TC_B_12_CS")
async def configuration_inventory(bench: Bench) -> None:
    """The DUT reports everything that can be set, and nothing else (B07.FR.01 to 04, 07, 10, 12).

    Part 6: TC_B_12_CS. Errata: none. A required variable counts here when Part 2 leaves no choice
    but one that can be set. The table has the required ones checked "as a minimum"; B07.FR.07 has
    all of them reported, which are those that can be set by what intake read.
    """
    bench.step("2+3", "B07.FR.03")
    report = await reports.base_report(bench, "ConfigurationInventory")  # 1 to 4
    reports.check_values_lists(bench, report)
    bench.step("post", "B07.FR.07")
    reports.check_characteristics(bench, report, "B07.FR.07")
    reports.check_writable(bench, report)
    reports.check_configurable(bench, report)
    writable = [each for each in required_variables(bench.pics) if each.always_writable]
    reports.check_required(bench, report, writable, "B07.FR.07")


@case("TC_B_13_CS")
async def full_inventory(bench: Bench) -> None:
    """The DUT reports its whole device model (B07.FR.01, 03, 04, 08, 10, 12).

    Part 6: TC_B_13_CS. Errata: none.
    """
    bench.step("2+3", "B07.FR.03")
    report = await reports.base_report(bench, "FullInventory")  # 1 to 4
    reports.check_values_lists(bench, report)
    bench.step("post", "B07.FR.08")
    reports.check_characteristics(bench, report, "B07.FR.08")
    reports.check_required(bench, report, required_variables(bench.pics), "B07.FR.08")


@case("TC_B_14_CS")
async def summary_inventory(bench: Bench) -> None:
    """The DUT reports how available it is (B07.FR.01, 03, 04, 09, 10, 12).

    Part 6: TC_B_14_CS. Errata: none. A connector need only be reported when its state differs from
    that of its EVSE, which it does not in an idle DUT; nothing of it is in an abnormal state.
    """
    bench.step("2+3", "B07.FR.03")
    report = await reports.base_report(bench, "SummaryInventory")  # 1 to 4
    bench.step("post", "B07.FR.09")
    reports.check_characteristics(bench, report, "B07.FR.09")
    reports.check_values_lists(bench, report, "B07.FR.09")
    evses = {place.evse for place in connectors.all_places(bench)}
    owed = reports.availability_states(sorted(evses))
    reports.check_required(bench, report, owed, "B07.FR.09")


@case("TC_B_15_CS")
async def summary_inventory_not_supported(bench: Bench) -> None:
    """A base report that the DUT does not know is refused, and none comes (B07.FR.02, FR.05).

    Part 6: TC_B_15_CS. Errata: none. Nothing else asks for a report here, so that none may come,
    whatever its requestId.
    """
    bench.step(2, "B07.FR.02")
    number = bench.fresh_int()
    sent = bench.collect("NotifyReport")
    answer = await bench.call("GetBaseReport", requestId=number, reportBase="SummaryInventory")  # 1
    bench.check(answer["status"], "NotSupported")
    bench.check(answer["statusInfo.reasonCode"], absent_or("UnsupportedParam"))
    bench.step("2, note", "B07.FR.05")
    registering.check_none(bench, "NotifyReportRequests with the answer", sent, "B07.FR.05")
    await bench.silence("NotifyReport")


@case("TC_B_53_CS")
async def mandatory_variables(bench: Bench) -> None:
    """The mandatory variables are there, with sound values (B07.FR.08, Part 2 §2 and §3).

    Part 6: TC_B_53_CS. Errata: 6.2.19: a standardized variable that can be read has a value, but
    EVSE.Power has a maxLimit only. Standardized is what Part 2 and Part 4 list for some profile;
    implemented correctly means with their data type and a mutability that they allow.
    """
    bench.step("2+3", "B07.FR.03")
    report = await reports.base_report(bench, "FullInventory")  # 1 to 4
    bench.step("post", "B07.FR.08")
    reports.check_required(bench, report, required_variables(bench.pics), "B07.FR.08")
    reports.check_values_lists(bench, report, "B07.FR.08")
    reports.check_listed_values(bench, report)
    reports.check_write_only(bench, report)
    reports.check_values_given(bench, report)
    reports.check_power_limits(bench, report)
    reports.check_mutability(bench, report)
    reports.check_data_types(bench, report)
