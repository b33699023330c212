"""Functional block P, DataTransfer and CustomData: what OCPP does not cover."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import absent_or, equals, one_of
from vdoc.cases import configuration
from vdoc.cases.registry import case

_VENDOR_ID = "org.openchargealliance.octt"  # Part 6 TC_P_01_CS step 1
_MESSAGE_ID = "vdoc.unused"
_CUSTOM_DATA = {"vendorId": _VENDOR_ID, "vdoc": {"unknown": True}}
_THRESHOLD_S = "200"  # Part 6 TC_P_03_CS step 1


@case("TC_P_01_CS")
async def data_transfer_not_implemented(bench: Bench) -> None:
    """A DataTransfer that the DUT does not know is refused, not failed (P01.FR.05, P01.FR.06).

    Part 6: TC_P_01_CS. Errata: none.
    """
    bench.step(2, "P01.FR.05, P01.FR.06")
    answer = await bench.call("DataTransfer", vendorId=_VENDOR_ID, messageId=_MESSAGE_ID)  # 1
    bench.check(answer["status"], one_of("UnknownVendorId", "UnknownMessageId", "Rejected"))


@case("TC_P_03_CS")
async def custom_data_received(bench: Bench) -> None:
    """Custom data of a vendor that the DUT does not know leaves a request as it is (Part 4, 4.1).

    Part 6: TC_P_03_CS. Errata: none. The table says what is set and read but not where the custom
    data stands, of which its purpose speaks: in both requests and in the element that is set, as in
    TC_P_03_CSMS and TC_P_04_CS; our interpretation.
    """
    name = configuration.OFFLINE_THRESHOLD.as_json()
    item = {**name, "attributeType": "Actual"}
    bench.step(2, "B05.FR.10")
    changed = await bench.call(
        "SetVariables",
        customData=_CUSTOM_DATA,
        setVariableData=[{**item, "attributeValue": _THRESHOLD_S, "customData": _CUSTOM_DATA}],
    )  # 1
    bench.check(changed["setVariableResult.0.attributeStatus"], "Accepted")
    bench.step(4, "B06.FR.10")
    read = await bench.call("GetVariables", customData=_CUSTOM_DATA, getVariableData=[item])  # 3
    result = "getVariableResult.0"
    bench.check(read[f"{result}.attributeStatus"], "Accepted")
    bench.check(read[f"{result}.attributeType"], absent_or(equals("Actual")))
    bench.check(read[f"{result}.attributeValue"], _THRESHOLD_S)
