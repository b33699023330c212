"""The cases of a small run: what each asks of the station, and what they find out of it."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.bench import Bench, CaseFunction, Facts, VariableFact
from vdoc.bench.answers import Fixed, Unanswered
from vdoc.bench.expect import equals
from vdoc.bench.outcome import Fact
from vdoc.cases.intake import Intake
from vdoc.digest import sha256_hex

IMAGE = b"firmware of the wallbox" * 100
IMAGE_SHA256 = sha256_hex(IMAGE)
LOCATION = "http://bench/image.bin"
CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    .public_bytes(Encoding.PEM)
    .decode()
)
FACTS = Facts(
    serial_number="SN1",
    variables=(
        VariableFact(component="ClockCtrlr", variable="DateTime", mutability="ReadOnly", value="x"),
        VariableFact(component="Acme", variable="Secret", value="y"),
    ),
)


async def intake(bench: Bench) -> Intake:
    await bench.connection.opened()
    boot = await bench.receive("BootNotification")
    bench.check(boot["chargingStation.serialNumber"], "SN1")
    return Intake(FACTS, bench.state)


async def upkeep(bench: Bench) -> None:
    bench.check(Fact("basic state", await bench.ask("basic_state"), None), "reached")


async def firmware_case(bench: Bench) -> None:
    bench.step(1, "L01.FR.01")
    await bench.ask("firmware", which="valid")
    await bench.ask("csr_facts", csr=CSR)
    served = await bench.made("file_served")
    bench.check(Fact("complete", served.data["complete"], served.n), equals(True))
    firmware = {"location": "http://bench", "retrieveDateTime": "2026-01-01T00:00:00Z"}
    await bench.call("UpdateFirmware", requestId=1, firmware=firmware)
    await bench.receive_optional("FirmwareStatusNotification")
    await bench.receive_optional("BootNotification")


async def transfer_case(bench: Bench) -> None:
    bench.answer("Heartbeat", Fixed(Unanswered()))
    bench.step(2, "P01.FR.01")
    message = await bench.receive("DataTransfer")
    bench.check(message["vendorId"], "acme")


async def quiet_case(bench: Bench) -> None:
    await transfer_case(bench)
    await bench.silence("Heartbeat", within_s=5)


FUNCTIONS: Mapping[str, CaseFunction] = {
    "intake": intake,
    "restore": upkeep,
    "closing": upkeep,
    "TC_L_01_CS": firmware_case,
    "TC_B_06_CS": quiet_case,
    "TC_C_06_CS": transfer_case,
}
