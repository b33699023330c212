"""Sections that list: features, variables, results, what does not apply, interpretations, files.

Owns their words and columns; every value comes from the predicate of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vdoc.declaration.renderings.document import NOTHING, Column, Section, Table, in_words

_OF_A_CASE = re.compile("(?P<case>TC_\\w+), (?P<factor>\\w+): (?P<words>.+)", re.DOTALL)


def features_section(features: Sequence[Mapping[str, Any]]) -> Section:
    """Return what the PICS claims."""
    columns = (
        Column("PICS item", "code", 0.14),
        Column("Feature", share=0.5),
        Column("Value", share=0.36),
    )
    rows = tuple((str(f["item"]), str(f["title"]), _value(f["value"])) for f in features)
    table = Table("What the PICS claims", columns, rows)
    words = "What the vendor claims to have implemented; it decides which cases apply."
    return Section("Implemented features", (words,), tables=(table,))


def _value(value: object) -> str:
    if value is True:
        return "yes"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def device_model_section(model: Mapping[str, Any]) -> Section:
    """Return optional variables, and values of ReadOnly ones."""
    variables = [v for v in model["variables"] if v["optional"] or "value" in v]
    columns = (
        Column("Component", share=0.31),
        Column("Variable", share=0.29),
        Column("Optional", share=0.1),
        Column("Value, if ReadOnly", share=0.3),
    )
    rows = tuple(
        (_component(v), _variable(v), "yes" if v["optional"] else "no", _shown(v))
        for v in variables
    )
    words = (
        f"Serial number: {model['serial_number']}. Of {len(model['variables'])} variables that the "
        f"station reported, the following {len(rows)} are optional or ReadOnly."
    )
    table = Table("Optional variables, and values of ReadOnly variables", columns, rows)
    return Section("Device model", (words,), tables=(table,))


def _component(variable: Mapping[str, Any]) -> str:
    place = [f"EVSE {variable['evse']}"] if "evse" in variable else []
    place += [f"connector {variable['connector']}"] if "connector" in variable else []
    name = _instance(str(variable["component"]), variable.get("component_instance"))
    return f"{name} ({', '.join(place)})" if place else name


def _variable(variable: Mapping[str, Any]) -> str:
    return _instance(str(variable["variable"]), variable.get("instance"))


def _instance(name: str, instance: object) -> str:
    return name if instance is None else f"{name}[{instance}]"


def _shown(variable: Mapping[str, Any]) -> str:
    if "value" not in variable:
        return NOTHING
    unit = variable.get("unit")
    return f"{variable['value']} {unit}" if unit else str(variable["value"])


def short_section(problems: Sequence[str]) -> Iterator[Section]:
    """Return why a demonstration is one, if it is."""
    if problems:
        words = "These settings make the run a demonstration."
        yield Section("Short of a declaration", (words,), tuple(map(str, problems)))


def results_section(results: Sequence[Mapping[str, Any]]) -> Section:
    """Return every run of a case."""
    columns = (
        Column("Case", "code", 0.15),
        Column("Title", share=0.47),
        Column("Variant", share=0.18),
        Column("Checks", "number", 0.08),
        Column("Verdict", share=0.12),
    )
    rows = tuple(
        (
            str(r["case"]), str(r["title"]), _variant(r["variant"]), str(r["checks"]),
            in_words(r["verdict"]),
        )
        for r in results
    )  # fmt: skip
    table = Table(f"All {len(rows)} runs, in their order", columns, rows)
    return Section("Test cases and variants", tables=(table,))


def _variant(variant: object) -> str:
    return NOTHING if variant == "-" else str(variant)


def not_applicable_section(given: Mapping[str, Any]) -> Section:
    """Return the cases that do not apply, and why."""
    return Section("Not applicable", tables=tuple(_absent(given)))


def _absent(given: Mapping[str, Any]) -> Iterator[Table]:
    columns = (
        Column("Case", "code", 0.15),
        Column("Title", share=0.45),
        Column("Because", share=0.4),
    )
    shown = tuple(
        (
            str(r["case"]),
            f"{r['title']} {'' if r['variant'] == '-' else r['variant']}",
            r["because"],
        )
        for r in given["by_evidence"]
    )
    if shown:
        yield Table("By evidence: a prerequisite of Part 6 was shown unmet", columns, shown)
    claimed: dict[tuple[str, str], list[str]] = {}  # a case has a row for each profile it is of
    for r in given["by_pics"]:
        claimed.setdefault((str(r["case"]), str(r["title"])), []).append(str(r["because"]))
    rows = tuple((*case, "; ".join(dict.fromkeys(why))) for case, why in claimed.items())
    yield Table("By the PICS", columns, rows)


def interpretations_section(interpretations: Sequence[str]) -> Section:
    """Return the choices that the documents leave open; the same one of many cases once."""
    general: list[str] = []
    cases: dict[tuple[str, str], list[str]] = {}
    for words in interpretations:
        about = _OF_A_CASE.fullmatch(words)
        if about is None:
            general.append(words)
        else:
            cases.setdefault((about["factor"], about["words"]), []).append(about["case"])
    columns = (
        Column("Factor", share=0.1),
        Column("Choice", share=0.45),
        Column("Cases", share=0.45),
    )
    rows = tuple((factor, words, ", ".join(names)) for (factor, words), names in cases.items())
    table = Table("Which values a factor takes in which cases", columns, rows)
    opening = "Where the documents leave a choice open, this run was made by the following."
    return Section("Interpretations", (opening,), tuple(general), (table,))


def enclosed_section(enclosed: Mapping[str, str]) -> Section:
    """Return the files that are signed for."""
    columns = (Column("File", share=0.25), Column("SHA-256", "code", 0.75))
    words = "These files are attached to the PDF, and stand beside it in the bundle."
    rows = tuple((str(name), str(sha256)) for name, sha256 in enclosed.items())
    return Section("Enclosed files", (words,), tables=(Table("What is signed for", columns, rows),))
