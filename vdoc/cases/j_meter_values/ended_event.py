"""The Ended event of a transaction: the samples that were collected for it, and their signatures.

Owns how long a transaction lasts so that intervals show: two of them. How many samples there must
be, the tables leave unvalidated, and a DUT low on memory may drop some (E06.FR.12, J02.FR.20); that
two of so short a transaction are there is our interpretation, since spacing needs two.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import Expectation, at_least, containing, equals, present, that
from vdoc.cases import configuration, states
from vdoc.cases.j_meter_values.measuring import PUBLIC_KEY
from vdoc.cases.j_meter_values.samples import REGISTER, Sample, measurand_of, samples
from vdoc.cases.session import Session

LEAST = 2
"""Samples that show an interval."""


async def ended(session: Session, interval_s: int) -> Message:
    """Let the transaction last for two intervals, end it, and return its Ended event.

    Step 1 of the cases: ParkingBayUnoccupied, which waits for the transaction duration itself.

    Raises:
        StepFailedError: it did not end, or without meter values.
    """
    bench = session.bench
    values = bench.settings.values
    bench.step(1, "E06.FR.11")
    least_s = LEAST * interval_s + values.max_time_deviation_s - values.transaction_duration_s
    if least_s > 0:
        await bench.wait(least_s, "with the transaction duration, two intervals")
    await states.parking_bay_unoccupied(session)
    await session.conclude()
    events = session.events
    found = [event for event in events if event.get("eventType") == "Ended"]
    bench.step("post", "E06.FR.11")
    last = max((event.n for event in events), default=None)
    bench.require(Fact("Ended events", len(found), last), at_least(1))
    bench.require(found[-1]["meterValue"], present())
    return found[-1]


# --- signatures ---


async def public_key_policy(bench: Bench) -> str | None:
    """Return PublicKeyWithSignedMeterValue in force; None where it is not implemented."""
    if not configuration.implemented(bench, PUBLIC_KEY):
        return None
    return (await configuration.read(bench, PUBLIC_KEY)).value


def judge_signed(
    bench: Bench, taken: Sequence[Sample], wanted: frozenset[str], requirement: str, what: str
) -> None:
    """Check that the values of one moment are signed: the register, where it is measured.

    Meters sign their register; that a value of anything else is signed no clause demands, as only
    components that support it are asked (J01.FR.21, J02.FR.21).
    """
    signed = sorted(
        {measurand_of(value) for s in taken for value in s.values if "signedMeterValue" in value}
    )
    fact = Fact("measurands that are signed", signed, taken[-1].message.n)
    some = that("at least one", bool)
    expected = containing(REGISTER) if REGISTER in wanted else some
    bench.check(fact, expected, requirement, what=what)


def judge_keys(
    session: Session, taken: Sequence[Sample], policy: str | None, requirement: str
) -> None:
    """Check the public key of each signed value (Part 2 §2.7.17).

    Which form a key has no clause says, but that it is base64 (Part 2 §2.46).
    """
    bench = session.bench
    expected = _KEYS.get(policy or "", _EITHER)
    for key in _keys(taken):
        bench.check(key, expected, requirement, what=f"with {policy}" if policy else "")
    if policy == "OncePerTransaction":
        told = [key for key in _keys(samples(*session.events)) if key.value]
        last = max(event.n for event in session.events)
        fact = Fact("public keys in the transaction", len(told), last)
        bench.check(fact, at_least(1), requirement)


def _keys(taken: Sequence[Sample]) -> Iterator[Fact]:
    for sample in taken:
        for number, value in enumerate(sample.values):
            if "signedMeterValue" in value:
                place = f"meterValue.{sample.index}.sampledValue.{number}"
                yield sample.message[f"{place}.signedMeterValue.publicKey"]


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) > 0
    except binascii.Error:
        return False


_KEY = that("a public key in base64", _is_base64)
_EITHER = that("'' or a public key in base64", lambda text: text == "" or _is_base64(text))
_KEYS: dict[str, Expectation] = {"Never": equals(""), "EveryMeterValue": _KEY}
