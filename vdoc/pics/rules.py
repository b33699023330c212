"""The rules between answers, hardware and limits of a PICS; each broken one is a problem.

Rules that only join claims are data in `items.toml`; here are those that look at lists, EVSE
tables or declared limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from vdoc.errors import Problem
from vdoc.pics.conditions import Value
from vdoc.pics.items import Rule, item_list
from vdoc.pics.positions import KeyPath
from vdoc.pics.product import CIPHER_PAIRS, CONNECTOR_TYPES, Evse, Limits, Product
from vdoc.pics.source import Source

_SUITE = re.compile("^TLS_[A-Z0-9_]+$")
_DC_CONNECTORS = frozenset({"cCCS1", "cCCS2", "cG105"})
_WIRELESS_CONNECTORS = frozenset({"wInductive", "wResonant"})
_LOCKING_SOCKETS = frozenset({"sType2", "sType3"})


@dataclass(frozen=True, slots=True)
class Claims:
    """All that the rules look at.

    Attributes:
        answers: one for every known item, derived ones included.
        paths: where in the source an item was answered, if it was.
        product: None while it is not valid itself.
        evses: as far as they are valid themselves.
        limits: None while they are not valid themselves.
        source: where the claims came from.
    """

    answers: Mapping[str, Value]
    paths: Mapping[str, KeyPath]
    product: Product | None
    evses: tuple[Evse, ...]
    limits: Limits | None
    source: Source

    def problem(self, item: str, message: str, remedy: str) -> Problem:
        """Return a problem that points at an item's answer, or at the table that lacks it."""
        path = self.paths.get(item, (item_list().items[item].table,))
        return self.source.problem(path, item, message, remedy)


def broken_rules(claims: Claims, *, ignore: Set[str] = frozenset()) -> Iterator[Problem]:
    """Yield a problem for each rule that the claims break.

    Args:
        claims: what to judge.
        ignore: items whose answers are invalid in themselves; rules about them are left out.
    """
    for rule in item_list().rules:
        if not ignore.isdisjoint({rule.item, *rule.when.items(), *rule.needs.items()}):
            continue
        value_of = claims.answers.__getitem__
        if rule.when.evaluate(value_of) and not rule.needs.evaluate(value_of):
            yield _rule_problem(rule, claims)
    yield from (problem for problem in _other_rules(claims) if problem.item not in ignore)


def _other_rules(claims: Claims) -> Iterator[Problem]:
    yield from _cipher_suites(claims)
    if claims.product:
        yield from _family(claims.product, claims.source)
    if claims.evses:
        yield from _evse_ids(claims)
        yield from _connector_claims(claims)
    if claims.limits:
        yield from _monitors(claims.limits, claims)


def _rule_problem(rule: Rule, claims: Claims) -> Problem:
    value_of = claims.answers.__getitem__
    facts = rule.needs.explain(value_of)
    if not rule.when.mandatory:
        facts = f"{rule.when.explain(value_of)}, yet {facts}"
    remedy = f"make this hold: {rule.needs}"
    if not rule.when.mandatory:
        remedy += f"; or withdraw {rule.when}"
    return claims.problem(rule.item, f"{rule.why} {facts} ({rule.source}).", f"{remedy}.")


def _cipher_suites(claims: Claims) -> Iterator[Problem]:
    """A00.FR.318, A00.FR.421: a whole pair for ECDSA or for RSA."""
    suites = claims.answers["C-41"]
    if not isinstance(suites, tuple):
        return
    for suite in suites:
        if not _SUITE.match(suite):
            yield claims.problem(
                "C-41", f"{suite!r} is no cipher suite.", "use IANA names, which begin with TLS_."
            )
    if not any(set(pair) <= set(suites) for pair in CIPHER_PAIRS.values()):
        pairs = ", or ".join(" and ".join(pair) for pair in CIPHER_PAIRS.values())
        yield claims.problem(
            "C-41", "neither pair of cipher suites is claimed as a whole.", f"claim {pairs}."
        )


def _family(product: Product, source: Source) -> Iterator[Problem]:
    members = set(product.members)
    if len(members) != len(product.members):
        yield source.problem(
            ("product", "members"),
            "product.members",
            "a model is listed twice.",
            "list each once.",
        )
    for path, model in (
        (("product", "model"), product.model),
        (("product", "representative", "model"), product.representative.model),
    ):
        if model not in members:
            yield source.problem(
                path,
                ".".join(path),
                f"{model!r} is not among product.members.",
                "add it to product.members, or name a member.",
            )


def _evse_ids(claims: Claims) -> Iterator[Problem]:
    """Part 2, numbering of EVSEs and connectors: 1, 2, 3 and so on."""
    ids = [evse.id for evse in claims.evses]
    if ids != list(range(1, len(ids) + 1)):
        yield claims.source.problem(
            ("hardware", "evse"),
            "hardware.evse",
            f"EVSE ids are {ids}, expected 1 to {len(ids)} in this order.",
            "number the EVSEs from 1 without gaps.",
        )
    if claims.answers["HFS-8"] != len(ids):
        yield claims.problem(
            "HFS-8",
            f"{claims.answers['HFS-8']} EVSEs are claimed, {len(ids)} are described.",
            "describe each EVSE in a table [[hardware.evse]].",
        )
    for index, evse in enumerate(claims.evses):
        connectors = [connector.id for connector in evse.connectors]
        if connectors != list(range(1, len(connectors) + 1)):
            yield claims.source.problem(
                ("hardware", "evse", index, "connectors"),
                f"hardware.evse[{index}].connectors",
                f"connector ids are {connectors}, expected 1 to {len(connectors)}.",
                "number the connectors of an EVSE from 1 without gaps.",
            )


def _connector_claims(claims: Claims) -> Iterator[Problem]:
    """Claims that a connector type contradicts or calls for."""
    types = {each.connectorType for evse in claims.evses for each in evse.connectors}
    sockets = {each for each in types if each.startswith("s")}
    captive = {each for each in types if each.startswith("c")}
    plain = types - sockets - captive - _WIRELESS_CONNECTORS
    facts = (
        (sockets, "HFS-1", "a socket takes a detachable cable"),
        (sockets, "HFS-3", "a socket gives AC"),
        (captive, "HFS-2", "its cable is fixed"),
        (types & _DC_CONNECTORS, "HFS-4", "it gives DC"),
        (types & _LOCKING_SOCKETS, "AQ-18", "it locks by itself (errata 5.2)"),
        (types & _WIRELESS_CONNECTORS, "subtype.Wireless", "it is wireless"),
    )
    for found, item, reason in facts:
        if found and not claims.answers[item]:
            yield claims.problem(
                item,
                f"a connector is {', '.join(sorted(found))}, {reason}, yet {item} is not claimed.",
                f"claim {item}, or correct the connectorType.",
            )
    yield from _unsupported_claims(claims, sockets | plain, captive | plain, types)


def _unsupported_claims(
    claims: Claims, detachable: set[str], fixed: set[str], types: set[str]
) -> Iterator[Problem]:
    """Claims that no connector bears out."""
    wanted = (
        ("HFS-1", detachable, "takes a detachable cable"),
        ("HFS-2", fixed, "has a fixed cable"),
        ("subtype.Wireless", types & _WIRELESS_CONNECTORS, "is wireless"),
        ("R-1", types & CONNECTOR_TYPES, "is in ConnectorEnumType (errata 5.19)"),
    )
    for item, found, what in wanted:
        if claims.answers[item] and not found:
            yield claims.problem(
                item,
                f"{item} is claimed, yet no connector {what}.",
                f"withdraw {item}, or correct the connectorType.",
            )


def _monitors(limits: Limits, claims: Claims) -> Iterator[Problem]:
    named = (
        ("AQ-5", "hardwired_monitor", limits.hardwired_monitor),
        ("AQ-6", "preconfigured_monitor", limits.preconfigured_monitor),
    )
    for item, key, monitor in named:
        if claims.answers[item] and monitor is None:
            yield claims.problem(
                item, "the monitor to use is not named.", f"name it in limits.{key}."
            )
        if monitor is not None and not claims.answers[item]:
            yield claims.source.problem(
                ("limits", key), f"limits.{key}", f"{item} is not claimed.", f"claim {item}."
            )
