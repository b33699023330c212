"""Certificates of the station itself: requests, repeats, what is accepted (A02)."""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from vdoc.station.network import CLIENT_CREDENTIALS, provisioned
from vdoc.station.storage import FileStorage
from vdoc.station.trials import PREVIOUS_CREDENTIALS

TRIGGER = {"requestedMessage": "SignChargingStationCertificate"}
SERIAL = "REF-0001"


def profile_3(csms: Any, kit: Any) -> Any:
    def prepare(storage: FileStorage) -> None:
        storage.add_certificate("CSMSRootCertificate", [kit.roots[0].certificate])
        storage.put_credentials(CLIENT_CREDENTIALS, *kit.client(SERIAL))
        storage.put("network", provisioned(csms.url("wss"), 3))

    return prepare


async def connected(csms: Any, kit: Any, run: Any, **variables: str) -> Any:
    csms.context = kit.server(client_root=0)
    await csms.open()
    machine = await run(csms.url("wss"), prepare=profile_3(csms, kit))
    await csms.receive("BootNotification")
    for name, value in variables.items():
        assert await csms.set("SecurityCtrlr", name, value) == "Accepted"
    return machine


async def requested(csms: Any) -> str:
    assert await csms.call("TriggerMessage", TRIGGER) == {"status": "Accepted"}
    request = await csms.receive("SignCertificate")
    assert request["certificateType"] == "ChargingStationCertificate"
    return str(request["csr"])


async def signed(csms: Any, chain: str) -> str:
    payload = {"certificateChain": chain, "certificateType": "ChargingStationCertificate"}
    return str((await csms.call("CertificateSigned", payload))["status"])


async def test_request_names_serial_number_and_organization(csms: Any, kit: Any, run: Any) -> None:
    await connected(csms, kit, run)
    csr = x509.load_pem_x509_csr((await requested(csms)).encode())
    (name,) = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == SERIAL
    assert csr.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert csr.is_signature_valid


async def test_connects_anew_with_the_signed_certificate(
    csms: Any, kit: Any, run: Any, eventually: Any
) -> None:
    machine = await connected(csms, kit, run)
    chain = kit.sign(await requested(csms))
    assert await signed(csms, chain) == "Accepted"
    await csms.next_connection(2)
    storage = machine.station.storage
    used = storage.credentials(CLIENT_CREDENTIALS)
    assert used is not None
    assert used.certificates[0] == x509.load_pem_x509_certificate(chain.encode())
    await eventually(lambda: storage.credentials(PREVIOUS_CREDENTIALS) is None)


async def test_rejects_what_it_did_not_ask_for(csms: Any, kit: Any, run: Any) -> None:
    await connected(csms, kit, run)
    await requested(csms)
    foreign, _ = kit.client(SERIAL)
    assert await signed(csms, foreign.decode()) == "Rejected"
    await csms.receive("SecurityEventNotification", type="InvalidChargingStationCertificate")


async def test_rejects_another_hierarchy(csms: Any, kit: Any, run: Any) -> None:
    await connected(csms, kit, run)
    assert await signed(csms, kit.sign(await requested(csms), root=2)) == "Rejected"


async def test_rejects_text(csms: Any, kit: Any, run: Any) -> None:
    await connected(csms, kit, run)
    await requested(csms)
    assert await signed(csms, "no certificate") == "Rejected"


async def test_repeats_until_signed(csms: Any, kit: Any, run: Any) -> None:
    """A02.FR.17 to FR.19: after 1 s and, doubled, 2 s."""
    await connected(csms, kit, run, CertSigningWaitMinimum="1", CertSigningRepeatTimes="0")
    first = await requested(csms)
    again = await csms.receive("SignCertificate")
    assert again["csr"] == first
    assert await signed(csms, kit.sign(first)) == "Accepted"


async def test_trigger_of_an_unsupported_certificate(csms: Any, kit: Any, run: Any) -> None:
    await connected(csms, kit, run)
    answer = await csms.call("TriggerMessage", {"requestedMessage": "SignV2GCertificate"})
    assert answer["status"] == "NotImplemented"
