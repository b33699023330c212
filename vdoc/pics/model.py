"""What a vendor claims about a product: the frozen PICS.

A `Pics` comes from `load_pics` or `Pics.from_json`, which check every rule. It is a value: equal
claims have equal digests, however they were written.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from vdoc.digest import Json, digest
from vdoc.pics.conditions import Value
from vdoc.pics.items import item_list
from vdoc.pics.product import CIPHER_PAIRS, Evse, Frozen, KeyType, Limits, Product
from vdoc.pics.reading import FORMAT, Parts, read_parts
from vdoc.pics.source import Source, read_toml

_LOCAL = ("C-30", "C-31", "C-32", "C-33", "C-34", "C-35")
_REMOTE = ("C-36", "C-37", "C-38", "C-39")
_START_POINTS = tuple(f"C-09.{number}" for number in range(1, 7))
_STOP_POINTS = tuple(f"C-10.{number}" for number in range(1, 6))
_RATE_UNITS = ("SC-2.1", "SC-2.2")


class Pics(Frozen):
    """The claims of one product; every rule between them holds.

    Attributes:
        product: what the station reports about itself, and its family.
        answers: (item, answer) for every known item, in the order of the item list.
        evses: the EVSEs by id.
        limits: what else is declared.
    """

    product: Product
    answers: tuple[tuple[str, Value], ...]
    evses: tuple[Evse, ...]
    limits: Limits

    @cached_property
    def _by_item(self) -> dict[str, Value]:
        return dict(self.answers)

    def value(self, item: str) -> Value:
        """Return the answer to an item, e.g. ``HFS-8``, ``profile.Core``.

        Raises:
            KeyError: no such item.
        """
        return self._by_item[item]

    def claims(self, item: str) -> bool:
        """Return whether an item is claimed: true, above 0, or not empty.

        Raises:
            KeyError: no such item.
        """
        return bool(self._by_item[item])

    def values_of(self, item: str) -> tuple[str, ...]:
        """Return the answer to a list item, e.g. ``C-40.2``.

        Raises:
            KeyError: no such item.
            TypeError: the item is no list.
        """
        answer = self._by_item[item]
        if not isinstance(answer, tuple):
            raise TypeError(f"{item} is no list, but {answer!r}")
        return answer

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the claimed certification profiles, e.g. ``Core``."""
        return self._claimed_names("profile.")

    @property
    def subtypes(self) -> tuple[str, ...]:
        """Names of the claimed product subtypes."""
        return self._claimed_names("subtype.")

    @property
    def security_profiles(self) -> tuple[int, ...]:
        """Security profiles that the station supports, ascending (C-61, Advanced Security)."""
        third = (3,) if self.claims("profile.AdvancedSecurity") else ()
        return (1, 2, *third) if self.claims("C-61") else (2, *third)

    @property
    def local_options(self) -> tuple[str, ...]:
        """IdTokenEnumType literals that can start locally (C-30 to C-35)."""
        return self._literals(_LOCAL)

    @property
    def remote_options(self) -> tuple[str, ...]:
        """IdTokenEnumType literals that can start remotely (C-36 to C-39)."""
        return self._literals(_REMOTE)

    @property
    def tls_key_types(self) -> tuple[KeyType, ...]:
        """Key types whose pair of cipher suites is claimed as a whole (C-41)."""
        suites = set(self.values_of("C-41"))
        return tuple(key for key, pair in CIPHER_PAIRS.items() if suites.issuperset(pair))

    @property
    def tx_start_points(self) -> tuple[str, ...]:
        """TxStartPoint values that the station supports (C-09)."""
        return self._literals(_START_POINTS)

    @property
    def tx_stop_points(self) -> tuple[str, ...]:
        """TxStopPoint values that the station supports (C-10)."""
        return self._literals(_STOP_POINTS)

    @property
    def rate_units(self) -> tuple[str, ...]:
        """ChargingRateUnitEnumType literals that the station supports (SC-2)."""
        return self._literals(_RATE_UNITS)

    @property
    def max_phases(self) -> int:
        """Largest number of phases claimed by HFS-5 to HFS-7; 1 for a station without AC."""
        return max((n for n in (1, 2, 3) if self.claims(f"HFS-{n + 4}")), default=1)

    @classmethod
    def from_json(cls, value: object) -> Pics:
        """Read back what `to_json` wrote, checking every rule again.

        Raises:
            InputError: it is no PICS, or a rule is broken; holds every problem.
        """
        return _assembled(read_parts(value, Source("pics.json")))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, lower-case hex."""
        return digest(self.to_json())

    def to_json(self) -> dict[str, Json]:
        """Return the whole as JSON, as the bundle holds it; `from_json` reads it back."""
        tables: dict[str, dict[str, Json]] = {"features": {}, "questions": {}, "hardware": {}}
        for item in item_list().items.values():
            answer = self._by_item[item.id]
            unanswered = answer in ((), "")  # an empty list would not be a valid answer
            if item.table in tables and not unanswered:
                tables[item.table][item.id] = list(answer) if isinstance(answer, tuple) else answer
        tables["hardware"]["evse"] = [_json(evse) for evse in self.evses]
        return {
            "format": FORMAT,
            "product": _json(self.product),
            "profiles": list(self.profiles),
            "subtypes": list(self.subtypes),
            **tables,
            "limits": _json(self.limits),
        }

    def _claimed_names(self, prefix: str) -> tuple[str, ...]:
        return tuple(
            item.removeprefix(prefix)
            for item, answer in self.answers
            if item.startswith(prefix) and answer
        )

    def _literals(self, items: tuple[str, ...]) -> tuple[str, ...]:
        known = item_list().items
        return tuple(known[item].value or "" for item in items if self.claims(item))


def _json(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_none=True)


def load_pics(path: Path) -> Pics:
    """Read a PICS file and check every rule.

    Raises:
        InputError: the file cannot be used; holds every problem, with file and line.
    """
    return _assembled(read_parts(*read_toml(path)))


def _assembled(parts: Parts) -> Pics:
    return Pics(
        product=parts.product, answers=parts.answers, evses=parts.evses, limits=parts.limits
    )
