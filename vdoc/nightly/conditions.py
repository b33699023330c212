"""Under which conditions a run was made, and which of them differ between two runs.

Owns the answer to "was it the firmware?". PICS and bench settings are compared without the firmware
they name, since a new firmware changes both. What an older history does not know differs from
nothing.

A run that did not install the image (TC_L_01_CS was not selected) knows its version but not its
hash; it counts as the hash that the same version had in the runs around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from vdoc.nightly.stored import StoredRun

Conditions = tuple[str, int, str, str]
"""Firmware, seed, catalogue and PICS: under equal ones a verdict should not vary."""


class Condition(StrEnum):
    """What may differ between two runs, in the order of how much it explains."""

    STATION = "station"
    FIRMWARE = "firmware"
    PICS = "PICS"
    CATALOGUE = "catalogue"
    BENCH = "bench settings"
    SEED = "seed"
    RUNNER = "vdoc version"


def same_firmware(one: StoredRun, other: StoredRun) -> bool:
    """Tell whether two runs had the same firmware: by its hash when both know it."""
    if one.firmware_sha256 and other.firmware_sha256:
        return one.firmware_sha256 == other.firmware_sha256
    return one.firmware_version == other.firmware_version


def differing(before: StoredRun, now: StoredRun) -> tuple[Condition, ...]:
    """Return what was not the same in two runs."""
    values = {
        Condition.STATION: (before.dut, now.dut),
        Condition.PICS: (before.pics_claims, now.pics_claims),
        Condition.CATALOGUE: (before.catalogue_digest, now.catalogue_digest),
        Condition.BENCH: (before.bench_facts, now.bench_facts),
        Condition.SEED: (str(before.seed), str(now.seed)),
        Condition.RUNNER: (before.runner, now.runner),
    }
    found = {each for each, (old, new) in values.items() if old and new and old != new}
    if not same_firmware(before, now):
        found.add(Condition.FIRMWARE)
    return tuple(condition for condition in Condition if condition in found)


def conditions(runs: Sequence[StoredRun]) -> Mapping[str, Conditions]:
    """Return the conditions of runs by their ids.

    Args:
        runs: of one station, in the order of time.
    """
    hashes: dict[str, str] = {}
    for run in reversed(runs):
        hashes[run.firmware_version] = run.firmware_sha256 or hashes.get(run.firmware_version, "")
    found = {}
    for run in runs:
        firmware = run.firmware_sha256 or hashes[run.firmware_version] or run.firmware_version
        hashes[run.firmware_version] = run.firmware_sha256 or hashes[run.firmware_version]
        found[run.id] = (firmware, run.seed, run.catalogue_digest, run.pics_claims)
    return found
