"""The runs that one case needs: one factor varied at a time, never a product (design, "Plan").

The base run has the first claimed value of each factor; then each further value of a factor has
one run, all other factors at base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vdoc.catalogue.rows import FACTOR_NAMES, OPTIONS, CaseRow, FactorName
from vdoc.pics import Pics

StartStopMode: TypeAlias = Literal["local", "remote"]
CONTRACT = "eMAID"
"""Local authorization of a station that claims ISO15118Support and no C-30..C-35."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant(Mapping[str, str]):
    """The values of the factors in one run, as a mapping; hashable, ordered as FACTOR_NAMES."""

    choices: tuple[tuple[FactorName, str], ...] = ()

    def __post_init__(self) -> None:
        names = [name for name, _ in self.choices]
        if names != [name for name in FACTOR_NAMES if name in names]:
            raise ValueError(f"factors {names} are repeated, unknown or not in the order of id")

    @property
    def id(self) -> str:
        """`local=ISO14443,key=RSA`, or `-` for a case without factors."""
        return ",".join(f"{name}={value}" for name, value in self.choices) or "-"

    @classmethod
    def parse(cls, text: str) -> Variant:
        """The variant whose `id` is `text`.

        Raises:
            ValueError: `text` is no such id.
        """
        if text == "-":
            return cls()
        pairs = [part.partition("=")[::2] for part in text.split(",")]
        known: dict[str, FactorName] = {name: name for name in FACTOR_NAMES}
        if any(name not in known or not value for name, value in pairs):
            raise ValueError(f"{text!r} is no variant; factors are {', '.join(FACTOR_NAMES)}")
        return cls(tuple((known[name], value) for name, value in pairs))

    def __getitem__(self, name: str) -> str:
        return dict[str, str](self.choices)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.choices)

    def __len__(self) -> int:
        return len(self.choices)

    def __hash__(self) -> int:
        return hash(self.choices)

    def __str__(self) -> str:
        return self.id


def variants(
    case: CaseRow, pics: Pics, *, start_stop_mode: StartStopMode | None = None
) -> tuple[Variant, ...]:
    """The runs of `case` for the product that `pics` describes, base first.

    Args:
        case: the case.
        pics: the claims.
        start_stop_mode: how cases with an open mode authorize; None: locally if claimed.

    Returns:
        At least one variant, or none when no claimed authorization option is among those with
        which the case may be run (`refusal` says why).
    """
    values = _values(case, pics, start_stop_mode)
    if values is None:
        return ()
    base = {name: options[0] for name, options in values.items()}
    runs = [base]
    for name, options in values.items():
        runs.extend({**base, name: option} for option in options[1:])
    return tuple(_variant(run) for run in runs)


def refusal(case: CaseRow) -> str:
    """Why a case has no variant: which options it may be run with, and the source of that."""
    texts = [
        f"{factor.name} authorization by {', '.join(factor.allowed)} ({factor.source})"
        for factor in case.factors
        if factor.name in ("local", "remote")
    ]
    return "none of its authorization options is claimed: " + " or ".join(texts)


def _variant(run: Mapping[FactorName, str]) -> Variant:
    return Variant(tuple((name, run[name]) for name in FACTOR_NAMES if name in run))


def _values(
    case: CaseRow, pics: Pics, mode: StartStopMode | None
) -> dict[FactorName, tuple[str, ...]] | None:
    values = _authorization(case, pics, mode)
    if values is None:
        return None
    claimed: dict[FactorName, tuple[str, ...]] = {
        "key": pics.tls_key_types,
        "rateUnit": pics.rate_units,
    }
    for name, options in claimed.items():
        if case.factor(name) and options:
            values[name] = options
    return values


def _authorization(
    case: CaseRow, pics: Pics, mode: StartStopMode | None
) -> dict[FactorName, tuple[str, ...]] | None:
    """The values of local, remote and energy; None when the case cannot be authorized."""
    local = _allowed(case, "local", pics.local_options)
    remote = _allowed(case, "remote", pics.remote_options)
    if case.factor("energy"):
        return {"local": local, "energy": OPTIONS["energy"]} if local else {"energy": ("PnC",)}
    match case.mode:
        case "none":
            return {}
        case "local":
            local = local or _contract(case, pics)
            return {"local": local} if local else None
        case "remote":
            return {"remote": remote} if remote else None
        case "default":
            return _open_mode(local, remote, mode or "local")


def _open_mode(
    local: tuple[str, ...], remote: tuple[str, ...], wanted: StartStopMode
) -> dict[FactorName, tuple[str, ...]] | None:
    found: dict[FactorName, tuple[str, ...]] = {"local": local, "remote": remote}
    order = sorted(found, key=lambda name: name != wanted)
    return next(({name: found[name]} for name in order if found[name]), None)


def _allowed(case: CaseRow, name: FactorName, claimed: tuple[str, ...]) -> tuple[str, ...]:
    factor = case.factor(name)
    return tuple(value for value in claimed if factor and value in factor.allowed)


def _contract(case: CaseRow, pics: Pics) -> tuple[str, ...]:
    named = any(
        row.profile == "ISO15118Support" or "profile.ISO15118Support" in row.condition
        for row in case.rows
    )
    return (CONTRACT,) if named and pics.claims("profile.ISO15118Support") else ()
