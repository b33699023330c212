"""The declaration as an in-toto Statement v1: subject, predicate type, predicate.

Owns what is declared and its JSON form. Every field follows from the `RunRecord` and from the
digests of what the bundle encloses, so a verifier builds the statement again from the evidence and
compares. Settings outside the bounds of a declaration give the predicate type of a demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vdoc.bench import CaseResult, Facts, VariableFact, Verdict
from vdoc.catalogue.components import required_variables
from vdoc.declaration.record import RunRecord, Window
from vdoc.declaration.words import INTERPRETATIONS, OWN_DECLARATION, TEST_BASIS
from vdoc.digest import canonical
from vdoc.errors import InputError, Problem
from vdoc.evidence import FORMAT_VERSION
from vdoc.pics import BenchSettings, Pics, item_list
from vdoc.pics.conditions import Value
from vdoc.plan import Plan

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
DECLARATION_TYPE = "urn:vdoc:declaration:v1"
DEMONSTRATION_TYPE = "urn:vdoc:demonstration:v1"

_SHA256 = re.compile("[0-9a-f]{64}")
_PROFILE = "profile."


@dataclass(frozen=True, slots=True)
class Statement:
    """What is declared of which firmware image.

    Attributes:
        image: name of the image.
        sha256: of the image, lower-case hex.
        predicate_type: declaration or demonstration.
        predicate: everything else, as JSON.
    """

    image: str
    sha256: str
    predicate_type: str
    predicate: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """Return the statement as it is signed: canonical JSON."""
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": [{"name": self.image, "digest": {"sha256": self.sha256}}],
                "predicateType": self.predicate_type,
                "predicate": dict(self.predicate),
            }
        )

    @classmethod
    def from_json(cls, value: object) -> Statement:
        """Read a statement; what its predicate says is not judged here.

        Raises:
            InputError: it has another shape, or a type that is not ours.
        """
        match value:
            case {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": str(image), "digest": {"sha256": str(sha256)}}],
                "predicateType": ("urn:vdoc:declaration:v1" | "urn:vdoc:demonstration:v1") as kind,
                "predicate": dict(predicate),
            } if _SHA256.fullmatch(sha256):
                return cls(image, sha256, kind, predicate)
            case _:
                raise InputError(
                    Problem(
                        "declaration.json", None, "statement",
                        f"is no in-toto Statement v1 with one subject and the predicate type "
                        f"{DECLARATION_TYPE} or {DEMONSTRATION_TYPE}.",
                        "get the bundle again from the vendor.",
                    )
                )  # fmt: skip


def statement_of(record: RunRecord, enclosed: Mapping[str, str]) -> Statement:
    """Return what is declared of a run.

    Args:
        record: the run; whether it may be declared is `eligible`'s business.
        enclosed: SHA-256 of each other member of the bundle, by its name.

    Raises:
        ValueError: the run has no firmware image, or nothing is enclosed.
    """
    if record.firmware_sha256 is None or not enclosed:
        raise ValueError("a declaration needs a firmware image and what goes with it")
    settings = BenchSettings.from_public(record.settings_public)
    return Statement(
        image=settings.firmware.image.name,
        sha256=record.firmware_sha256,
        predicate_type=DEMONSTRATION_TYPE if record.grade_problems else DECLARATION_TYPE,
        predicate=predicate_of(record, enclosed),
    )


def predicate_of(record: RunRecord, enclosed: Mapping[str, str]) -> dict[str, Any]:
    """Return the predicate of a run as JSON (design §4, Declaration bundle)."""
    titles = _titles(record)
    results = [_result(result, titles.get(result.case, "")) for result in record.results]
    return {
        "statement": OWN_DECLARATION,
        "product": record.pics.product.model_dump(mode="json", exclude_none=True),
        "pics": {"sha256": record.pics.digest},
        "settings": {
            "digest": record.settings_digest,
            "grade": "demonstration" if record.grade_problems else "declaration",
            "grade_problems": list(record.grade_problems),
        },
        "catalogue": {"version": record.catalogue.version, "sha256": record.catalogue.digest},
        "specification": {
            "edition": record.catalogue.edition,
            "errata": record.catalogue.errata,
            "test_basis": TEST_BASIS,
        },
        "profiles": _profiles(record.pics),
        "features": _features(record.pics),
        "results": results,
        "not_applicable": _not_applicable(record, results, titles),
        "device_model": None if record.facts is None else _device_model(record.facts, record.pics),
        "window": window_json(record.window),
        "plan": _plan(record.plan),
        "evidence": {
            "format": FORMAT_VERSION,
            "head": record.evidence_head,
            "lines": record.evidence_lines,
        },
        "challenge": None if record.challenge is None else dict(record.challenge),
        "runner": {"name": "vdoc", "version": record.runner_version},
        "interpretations": [*INTERPRETATIONS, *_interpreted(record)],
        "enclosed": dict(enclosed),
    }


def window_json(window: Window | None) -> dict[str, Any] | None:
    """Return a window as `result.json` and the predicate hold it."""
    if window is None:
        return None
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "seconds": round(window.seconds, 6),
    }


def profile_names() -> tuple[str, ...]:
    """Return the eight certification profiles, in the order of Part 5."""
    return tuple(
        item.removeprefix(_PROFILE) for item in item_list().items if item.startswith(_PROFILE)
    )


def _profiles(pics: Pics) -> list[dict[str, str]]:
    claimed = set(pics.profiles)
    return [
        {"profile": name, "result": "Pass" if name in claimed else "Not Tested"}
        for name in profile_names()
    ]


def _features(pics: Pics) -> list[dict[str, Any]]:
    """Return every item of the PICS that is claimed, but for the profiles."""
    return [
        {"item": item.id, "title": item.title, "value": _listed(pics.value(item.id))}
        for item in item_list().items.values()
        if pics.claims(item.id) and not item.id.startswith(_PROFILE)
    ]


def _listed(value: Value) -> bool | int | str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _not_applicable(
    record: RunRecord, results: list[dict[str, Any]], titles: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "by_evidence": [
            each for each in results if each["verdict"] == Verdict.NOT_APPLICABLE.value
        ],
        "by_pics": [
            {**each.model_dump(mode="json"), "title": titles.get(each.case, "")}
            for each in record.plan.not_applicable
        ],
    }


def _titles(record: RunRecord) -> dict[str, str]:
    return {case.id: case.title for case in record.catalogue.cases}


def _result(result: CaseResult, title: str) -> dict[str, Any]:
    return {
        "case": result.case,
        "title": title,
        "variant": result.variant,
        "verdict": result.verdict.value,
        "because": result.because,
        "checks": len(result.checks),
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {"digest": plan.digest, "seed": plan.seed, "runs": len(plan.entries)}


def _device_model(facts: Facts, pics: Pics) -> dict[str, Any]:
    required = {_key(v.component, v.variable, v.instance) for v in required_variables(pics)}
    variables = [
        _variable(fact, optional=_key(fact.component, fact.variable, fact.instance) not in required)
        for fact in facts.variables
    ]
    return {"serial_number": facts.serial_number, "variables": variables}


def _variable(fact: VariableFact, *, optional: bool) -> dict[str, Any]:
    """Return a variable; its value only when it is ReadOnly, since a run changes the others."""
    hidden = None if fact.mutability == "ReadOnly" else {"value"}
    return {"optional": optional, **fact.model_dump(mode="json", exclude_none=True, exclude=hidden)}


def _key(component: str, variable: str, instance: str | None) -> tuple[str, str, str]:
    return component.casefold(), variable.casefold(), (instance or "").casefold()


def _interpreted(record: RunRecord) -> Iterator[str]:
    """Name the factors of the cases that were run whose choice of values is our own."""
    for case in dict.fromkeys(entry.case for entry in record.plan.entries):
        for factor in record.catalogue.case(case).factors:
            if "our interpretation" in factor.source:
                yield f"{case}, {factor.name}: {factor.source}"
