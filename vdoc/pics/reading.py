"""From raw tables (TOML or JSON) to the checked parts of a PICS, with every problem at once.

Items may be nested, as TOML reads ``C-09.1 = true``, or flat, ``"C-09.1" = true``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, assert_never

from pydantic import BaseModel, ValidationError

from vdoc.errors import InputError, Problem
from vdoc.pics.conditions import Value
from vdoc.pics.items import EXPECTED, Item, Kind, Table, item_list
from vdoc.pics.positions import KeyPath
from vdoc.pics.product import Evse, Limits, Product
from vdoc.pics.rules import Claims, broken_rules
from vdoc.pics.source import Source, dotted, field_problems

FORMAT = "vdoc-pics/1"
_TOP = ("format", "product", "profiles", "subtypes", "features", "questions", "hardware", "limits")
_ANSWER_TABLES: tuple[Table, ...] = ("features", "questions", "hardware")
_IMPLIED = {"C-56": "profile.AdvancedDeviceManagement"}
_ModelT = TypeVar("_ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a PICS is made of; every rule holds."""

    product: Product
    answers: tuple[tuple[str, Value], ...]
    evses: tuple[Evse, ...]
    limits: Limits


def read_parts(raw: object, source: Source) -> Parts:
    """Return the parts of a PICS.

    Raises:
        InputError: with every problem found.
    """
    if not isinstance(raw, Mapping):
        raise InputError(source.problem((), "PICS", "is no table.", "see the template."))
    return _Reader(raw, source).parts()


class _Reader:
    """One reading; collects problems instead of stopping at the first."""

    def __init__(self, raw: Mapping[str, Any], source: Source) -> None:
        self._raw = raw
        self._source = source
        self._problems: list[Problem] = []
        self._answers: dict[str, Value] = {}
        self._paths: dict[str, KeyPath] = {}
        self._invalid: set[str] = set()

    def parts(self) -> Parts:
        self._check_top()
        product = self._model(Product, self._raw.get("product", {}), ("product",))
        limits = self._model(Limits, self._raw.get("limits", {}), ("limits",))
        evses = self._evses()
        self._read_names("profiles", "profile.")
        self._read_names("subtypes", "subtype.")
        for table in _ANSWER_TABLES:
            self._read_answers(table)
        answers = self._completed()
        claims = Claims(answers, self._paths, product, evses, limits, self._source)
        self._problems.extend(broken_rules(claims, ignore=self._invalid))
        if self._problems or product is None or limits is None:
            raise InputError(*sorted(self._problems, key=lambda problem: problem.line or 0))
        return Parts(product, tuple(answers.items()), evses, limits)

    def _report(self, path: KeyPath, item: str, message: str, remedy: str) -> None:
        self._problems.append(self._source.problem(path, item, message, remedy))

    def _check_top(self) -> None:
        for key in self._raw:
            if key not in _TOP:
                remedy = f"use one of {', '.join(_TOP[1:])}."
                self._report((key,), key, "unknown table or key.", remedy)
        if self._raw.get("format", FORMAT) != FORMAT:
            self._report(("format",), "format", f"expected {FORMAT!r}.", "use a matching version.")

    def _model(self, model: type[_ModelT], raw: object, path: KeyPath) -> _ModelT | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            self._problems.extend(field_problems(error, self._source, path))
            return None

    def _evses(self) -> tuple[Evse, ...]:
        """Return the EVSEs when all are valid, else none, so that ids are not judged in part."""
        raw = self._table("hardware").get("evse", [])
        path: KeyPath = ("hardware", "evse")
        if not isinstance(raw, list) or not raw:
            self._report(path, dotted(path), "no EVSE is described.", "add [[hardware.evse]].")
            return ()
        evses = [self._model(Evse, each, (*path, index)) for index, each in enumerate(raw)]
        valid = tuple(evse for evse in evses if evse is not None)
        return valid if len(valid) == len(evses) else ()

    def _table(self, name: Table) -> Mapping[str, Any]:
        table = self._raw.get(name, {})
        return table if isinstance(table, Mapping) else {}

    def _read_names(self, table: Table, prefix: str) -> None:
        names = self._raw.get(table, [])
        if not _is_texts(names):
            self._report((table,), table, "expected a list of names.", f'write {table} = ["…"].')
            return
        for name in names:
            self._answer(prefix + name, True, (table,), table)

    def _read_answers(self, table: Table) -> None:
        if not isinstance(self._raw.get(table, {}), Mapping):
            self._report((table,), table, "expected a table.", f"write [{table}].")
        for key, answer in self._table(table).items():
            if (table, key) == ("hardware", "evse"):
                continue
            for item, leaf, path in _leaves(key, answer, (table, key)):
                self._answer(item, leaf, path, table)

    def _answer(self, name: str, answer: object, path: KeyPath, table: Table) -> None:
        item = item_list().items.get(name)
        if item is None:
            self._report(path, name, "unknown item.", _suggestion(name))
        elif item.table != table:
            self._report(path, name, f"stands in {table}.", f"move it to {item.table}.")
        elif name in self._answers:
            self._report(path, name, "is answered twice.", "answer it once.")
        elif not _is_kind(item.kind, answer):
            message = f"is {answer!r}, expected {EXPECTED[item.kind]}."
            self._report(path, name, message, f"answer with {EXPECTED[item.kind]}.")
            self._invalid.add(name)
        else:
            self._paths[name] = path
            self._answers[name] = tuple(answer) if isinstance(answer, list) else answer  # type: ignore[assignment]  # its kind was checked
            self._problems.extend(self._list_problems(item, path))

    def _list_problems(self, item: Item, path: KeyPath) -> Iterator[Problem]:
        if item.kind != "list":
            return
        given = self._answers[item.id]
        assert isinstance(given, tuple)  # noqa: S101  # narrows the type for mypy; its kind was checked
        problem = self._source.problem
        if not given:
            self._invalid.add(item.id)
            yield problem(path, item.id, "the list is empty.", f"list one, or remove {item.id}.")
        if len(set(given)) != len(given):
            yield problem(path, item.id, "something is listed twice.", "list each once.")
        for literal in given:
            if item.values and literal not in item.values:
                remedy = f"use {', '.join(item.values)}."
                yield problem(path, item.id, f"{literal!r} is not allowed here.", remedy)

    def _completed(self) -> dict[str, Value]:
        """Return an answer for every item: given, implied, derived from children, or none."""
        listed = item_list()
        answers = {
            key: self._answers.get(key, item.unclaimed) for key, item in listed.items.items()
        }
        for key, item in listed.items.items():
            if key in _IMPLIED and key not in self._answers:
                answers[key] = answers[_IMPLIED[key]]
            if children := listed.children(key):
                claimed = [child.id for child in children if answers[child.id]]
                whole = (
                    item.kind != "choice"
                )  # C-40 needs all of its lists, a choice only one child
                answers[key] = len(claimed) == len(children) if whole else bool(claimed)
                self._check_parent(item, claimed, derived=bool(answers[key]))
            missing = [each for each in item.contains if each not in _texts(answers[key])]
            if missing and key not in self._invalid:
                path = self._paths.get(key, (item.table,))
                self._report(path, key, f"lacks {', '.join(missing)}.", f"add it to {key}.")
        return answers

    def _check_parent(self, item: Item, claimed: list[str], *, derived: bool) -> None:
        given = self._answers.get(item.id)
        if given is None or bool(given) == derived:
            return
        if given:
            needed = "all" if item.kind != "choice" else "at least one"
            message = f"is claimed, but not {needed} of what it is made of."
            self._report(
                self._paths[item.id], item.id, message, f"claim {needed} of {item.id}.1 and so on."
            )
            return
        for child in claimed:
            message = f"is claimed, but its parent {item.id} is answered false."
            self._report(self._paths[child], child, message, f"claim {item.id} or drop {child}.")


def _leaves(name: str, answer: object, path: KeyPath) -> Iterator[tuple[str, object, KeyPath]]:
    """Yield each item in a possibly nested answer, with its full id and path."""
    if not isinstance(answer, Mapping):
        yield name, answer, path
        return
    for key, inner in answer.items():
        yield from _leaves(f"{name}.{key}", inner, (*path, key))


def _is_kind(kind: Kind, answer: object) -> bool:
    match kind:
        case "bool" | "choice":
            return isinstance(answer, bool)
        case "int":
            return isinstance(answer, int) and not isinstance(answer, bool)
        case "text":
            return isinstance(answer, str)
        case "list":
            return _is_texts(answer)
        case _:
            assert_never(kind)


def _is_texts(answer: object) -> bool:
    return isinstance(answer, list) and all(isinstance(each, str) for each in answer)


def _texts(answer: Value) -> tuple[str, ...]:
    return answer if isinstance(answer, tuple) else ()


def _suggestion(name: str) -> str:
    """Return a remedy for an unknown item: the same id written otherwise, or a similar name."""
    items = item_list().items
    same = [item for item in items if _bare(item) == _bare(name)]
    named = [item for item in items if "." in item and not any(map(str.isdigit, item[:3]))]
    close = same or difflib.get_close_matches(name, named, n=1, cutoff=0.8)
    return f"did you mean {close[0]}?" if close else "remove it; `vdoc pics new` shows all items."


def _bare(item: str) -> str:
    """Return an id without what is easily mistyped: case, separators, leading zeros, O for 0."""
    digits = re.sub(r"(?<=\d)o", "0", item.casefold())
    return re.sub(r"[-_. ]", "", re.sub(r"(?<!\d)0+(?=\d)", "", digits))
