"""A station whose certificates are installed and listed by a CSMS (M03, M05)."""

from __future__ import annotations

from typing import Any

CSMS_ROOT = "CSMSRootCertificate"


async def connected(csms: Any, run: Any, *defects: str, **changes: Any) -> Any:
    await csms.open()
    machine = await run(csms.url(), *defects, **changes)
    await csms.receive("BootNotification")
    return machine


async def install(csms: Any, pem: str, kind: str = CSMS_ROOT) -> str:
    payload = {"certificateType": kind, "certificate": pem}
    return str((await csms.call("InstallCertificate", payload))["status"])


async def listed(csms: Any, *kinds: str) -> list[dict[str, Any]]:
    payload = {"certificateType": list(kinds)} if kinds else {}
    answer = await csms.call("GetInstalledCertificateIds", payload)
    assert answer["status"] == ("Accepted" if "certificateHashDataChain" in answer else "NotFound")
    return list(answer.get("certificateHashDataChain", []))
