"""What a meter reads, and how that is told: measurands, units, phases, signatures.

Values are of the EVSE's outlet, so `location` keeps its default (J01.FR.09); only the state of
charge is the EV's (erratum 6.2.58). The meter signs its energy register and nothing else; whether
its key goes along is PublicKeyWithSignedMeterValue's to say.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vdoc.ocpp.values import render_datetime
from vdoc.station.defects import declare

if TYPE_CHECKING:
    from vdoc.station.site import Meter
    from vdoc.station.station import Station

SAMPLED, ALIGNED = "SampledDataCtrlr", "AlignedDataCtrlr"
REGISTER = "Energy.Active.Import.Register"

UNSIGNED_ALIGNED = declare(
    "aligned-unsigned",
    "clock-aligned values are not signed, whatever AlignedDataCtrlr.SignReadings says",
    "J01.FR.21",
    "TC_J_04_CS",
)
UNSIGNED_SAMPLED = declare(
    "ended-unsigned",
    "the values at the end of a transaction are not signed, whatever is configured",
    "J02.FR.21",
    "TC_J_11_CS",
)
UNSIGNED_AT_TIMES = declare(
    "periodic-unsigned-at-times",
    "every other of the values between start and end of a transaction is not signed",
    "J02.FR.21",
    "TC_J_11_CS",
)
KEY_ALWAYS = declare(
    "public-key-always",
    "signed values carry the public key, whatever PublicKeyWithSignedMeterValue says",
    "J01.FR.21",
    "TC_J_04_CS",
    "TC_J_11_CS",
)

_VOLTAGE = 230.0
_UNITS = {
    "Energy": "Wh",
    "Power": "W",
    "Current": "A",
    "Voltage": "V",
    "Frequency": "Hz",
    "SoC": "Percent",
    "Temperature": "Celsius",
}
_CONSTANT = {"Frequency": 50.0, "SoC": 55.0, "Temperature": 25.0, "Power.Factor": 1.0}
_REACTIVE = {"Energy.Reactive": "varh", "Power.Reactive": "var"}
_PER_PHASE = ("Current.Import", "Voltage")


@dataclass(frozen=True, slots=True)
class Reading:
    """One meter at one moment."""

    register_wh: float
    power_w: float
    phases: int
    offered_w: float

    @classmethod
    def of(cls, meter: Meter, phases: int, offered_w: float) -> Reading:
        """Read a meter."""
        return cls(meter.read_wh(), meter.power_w, max(phases, 1), offered_w)

    def value(self, measurand: str) -> float:
        """The value of a MeasurandEnumType literal."""
        if measurand == REGISTER:
            return round(self.register_wh, 3)
        if measurand in _CONSTANT:
            return _CONSTANT[measurand]
        by_name = {
            "Power.Active.Import": self.power_w,
            "Power.Offered": self.offered_w,
            "Current.Import": self.power_w / (_VOLTAGE * self.phases),
            "Current.Offered": self.offered_w / (_VOLTAGE * self.phases),
            "Voltage": _VOLTAGE,
        }
        return round(by_name.get(measurand, 0.0), 3)


def unit_of(measurand: str) -> str | None:
    """The unit in which a measurand is reported."""
    if measurand == "Power.Factor":
        return None
    for prefix, unit in _REACTIVE.items():
        if measurand.startswith(prefix):
            return unit
    return _UNITS.get(measurand.split(".", maxsplit=1)[0])


def substituted(value: dict[str, Any]) -> dict[str, Any]:
    """The same MeterValueType with nothing but a voltage: what a defect makes of it."""
    context = value["sampledValue"][0]["context"]
    told = {"value": _VOLTAGE, "context": context, "measurand": "Voltage"}
    return {**value, "sampledValue": [told]}


def recast(value: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """The same MeterValueType with `fields` in each of its values: what a defect makes of it."""
    return {**value, "sampledValue": [{**each, **fields} for each in value["sampledValue"]]}


class Readings:
    """Makes MeterValueTypes of meters."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._key_told: set[str] = set()
        self._periodic = 0

    def signs(self, controller: str) -> bool:
        """The values of a controller are signed (SignReadings)."""
        return self._station.software.model.boolean(controller, "SignReadings")

    def sample(
        self,
        meter: Meter,
        measurands: tuple[str, ...],
        context: str,
        at: datetime,
        controller: str,
        *,
        transaction_id: str | None = None,
    ) -> dict[str, Any] | None:
        """One MeterValueType, or None when nothing is configured."""
        if not measurands:
            return None
        reading = Reading.of(meter, self._station.pics.max_phases, self._station.config.power_w)
        values = [
            value for measurand in measurands for value in self._values(reading, measurand, context)
        ]
        if self._signed(context, controller):
            for value in values:
                if value.get("measurand", REGISTER) == REGISTER and "phase" not in value:
                    value["signedMeterValue"] = self._signature(value["value"], transaction_id)
        return {"timestamp": render_datetime(at), "sampledValue": values}

    def _values(self, reading: Reading, measurand: str, context: str) -> Iterator[dict[str, Any]]:
        value: dict[str, Any] = {"value": reading.value(measurand), "context": context}
        if measurand != REGISTER or self._station.style.register_measurand:
            value["measurand"] = measurand
        unit = unit_of(measurand)
        if unit is not None:
            value["unitOfMeasure"] = {"unit": unit}
        if measurand == "SoC":
            value["location"] = "EV"
        per_phase = measurand.startswith(_PER_PHASE)
        if not per_phase or reading.phases == 1:
            yield value
        if reading.phases == 1 or not (per_phase or self._register_by_phase(measurand)):
            return
        told = value["value"] if per_phase else round(value["value"] / reading.phases, 3)
        for number in range(1, reading.phases + 1):
            phase = f"L{number}" + ("-N" if measurand == "Voltage" else "")
            yield {**value, "value": told, "phase": phase}

    def _register_by_phase(self, measurand: str) -> bool:
        """RegisterValuesWithoutPhases (Part 2 §2.7.18): false or absent, phases are told too."""
        without = self._station.software.model.boolean(SAMPLED, "RegisterValuesWithoutPhases")
        return measurand == REGISTER and not without

    # ---- signatures ----------------------------------------------------------------------------

    def _signed(self, context: str, controller: str) -> bool:
        has = self._station.has
        if not self.signs(controller) or (controller == ALIGNED and has(UNSIGNED_ALIGNED)):
            return False
        if context == "Sample.Periodic" and has(UNSIGNED_AT_TIMES):
            self._periodic += 1
            return self._periodic % 2 == 0
        return not (context == "Transaction.End" and has(UNSIGNED_SAMPLED))

    def _signature(self, register_wh: float, transaction_id: str | None) -> dict[str, str]:
        return {
            "signedMeterData": base64.b64encode(f"sample:{register_wh}".encode()).decode(),
            "signingMethod": "",
            "encodingMethod": "OCMF",
            "publicKey": self._public_key(transaction_id),
        }

    def _public_key(self, transaction_id: str | None) -> str:
        """The meter's key, or "" where it is not to be sent (Part 2 §2.7.17)."""
        policy = self._station.software.model.text("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue")
        if self._station.has(KEY_ALWAYS) or policy == "EveryMeterValue":
            return _meter_key()
        if policy != "OncePerTransaction" or transaction_id is None:
            return ""
        if transaction_id in self._key_told:
            return ""
        self._key_told.add(transaction_id)
        return _meter_key()


@cache
def _meter_key() -> str:
    """The public key of the reference meter, base64 of its SubjectPublicKeyInfo."""
    key = ec.derive_private_key(2, ec.SECP256R1()).public_key()
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(encoded).decode()
