"""How long a plan is expected to take: mandated waits and the DUT's own measured times.

Not counted: message round trips, which are milliseconds, and repeated restores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vdoc.catalogue import CaseRow, Catalogue
from vdoc.pics import BenchSettings
from vdoc.plan.model import Cost, Entry

WINDOW_S = 24 * 3600
"""The whole run ends within one day (design, "Window")."""
MESSAGE_TIMEOUT_DEFAULT_S = 30.0
"""OCPPCommCtrlr.MessageTimeout[Default] of the station, assumed (TC_E_41_CS)."""


def seconds_by_term(settings: BenchSettings) -> dict[str, float]:
    """What each wait term of the catalogue stands for, in seconds."""
    terms = {
        name: float(value)
        for table in (settings.values, settings.expected)
        for name, value in table.model_dump().items()
        if isinstance(value, int | float)
    }
    attempts = int(terms["message_attempts"])
    growing = sum(range(1, attempts + 1)) * terms["message_attempt_interval_s"]
    return {
        **terms,
        "seconds": 1.0,
        "offline_transaction": max(
            terms["transaction_duration_s"], terms["retry_back_off_offline_s"]
        ),
        "transaction_retries": growing,
        "transaction_retries_with_timeout": growing + attempts * MESSAGE_TIMEOUT_DEFAULT_S,
    }


def case_seconds(case: CaseRow, terms: Mapping[str, float]) -> float:
    """The expected duration of one run of `case`, restore included, in seconds."""
    waits = sum(terms[wait.term] * wait.times for wait in case.waits)
    return waits + case.charging_starts * terms["charging_start_s"] + terms["restore_s"]


def breakdown(
    entries: Iterable[Entry], catalogue: Catalogue, terms: Mapping[str, float]
) -> tuple[Cost, ...]:
    """What the base runs cost, then each further option; dearest option first.

    The first of the entries of a case must be its base run.
    """
    runs: dict[str, list[float]] = {"base": []}
    bases: dict[str, Entry] = {}
    for entry in entries:
        first = bases.setdefault(entry.case, entry)
        option = _option(entry, first)
        runs.setdefault(option, []).append(case_seconds(catalogue.case(entry.case), terms))
    costs = [
        Cost(option=option, runs=len(seconds), seconds=round(sum(seconds), 1))
        for option, seconds in runs.items()
    ]
    return tuple(
        sorted(costs, key=lambda cost: (cost.option != "base", -cost.seconds, cost.option))
    )


def _option(entry: Entry, base: Entry) -> str:
    changed = [name for name in entry.variant if base.variant[name] != entry.variant[name]]
    return ",".join(f"{name}={entry.variant[name]}" for name in changed) or "base"
