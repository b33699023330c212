"""Applying the alterations of an entry to the record of a case."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.validations.entries import Alteration, Insertion, Validation
from tests.validations.paths import bindings, bound, matches, put, remove
from tests.validations.record import Record, Seen, frame_of, with_body
from vdoc.bench.message import ABSENT, look_up
from vdoc.evidence import DEEDS, OBSERVATIONS, Kind, Line
from vdoc.ocpp.values import parse_datetime, render_datetime

_TYPES = ("ISO14443", "Central")
_JUST_NS = 1_000_000  # what is told so shortly before the end may be in time or not


def mutate(entry: Validation, record: Record) -> list[Line] | None:
    """The lines of the case with the entry's alteration; None when nothing matches it."""
    if isinstance(entry.main, Insertion):
        return _insert(entry.main, record)
    if entry.main is None:
        return None
    alterations = tuple(_at(record, each) for each in (entry.main, *entry.also))
    hits = [(alteration, find(alteration, record)) for alteration in alterations]
    if not hits[0][1] and not (entry.alternatives and any(found for _, found in hits)):
        return None
    lines = _all_altered(hits, record)
    if alterations[0].move_before_response:
        moved = [seen for _, found in hits for seen in found]
        return _moved_before(lines, alterations[0].move_before_response, moved, record)
    if lines == record.lines:
        return None
    dropped = [seen for seen in record.seen if lines[seen.index] is None]
    return _renumbered([line for line in lines if line is not None], dropped)


def _at(record: Record, alteration: Alteration) -> Alteration:
    """The alteration, about the connector that the case used."""
    evse, connector = record.place
    ends = {"evseId": evse, "evse.id": evse, "connectorId": connector}
    where = {
        path: next((n for end, n in ends.items() if value == 1 and path.endswith(end)), value)
        for path, value in alteration.where.items()
    }
    return replace(alteration, where=where)


def _all_altered(hits: list[tuple[Alteration, list[Seen]]], record: Record) -> list[Line | None]:
    lines: list[Line | None] = list(record.lines)
    for alteration, found in hits:
        for seen in found:
            line = lines[seen.index]
            if line is not None:
                lines[seen.index] = _altered(line, alteration, record)
    return lines


def find(alteration: Alteration, record: Record) -> list[Seen]:
    """The lines that an alteration is about."""
    after, before = _after(alteration, record), _before(alteration, record)
    found = [
        seen
        for seen in record.seen
        if after is not None
        and after < seen.index < before
        and seen.line.kind.value == alteration.kind
        and (not alteration.message or seen.name == alteration.message)
        and matches(seen.body, alteration.where)
    ]
    return _picked(found, alteration.pick)


def _after(alteration: Alteration, record: Record) -> int | None:
    if not alteration.after_request and not alteration.after_action:
        return -1
    places = []
    if alteration.after_request:
        places.append(record.last_request(alteration.after_request))
    if alteration.after_action:
        places.append(record.last_action(alteration.after_action))
    return max((place for place in places if place is not None), default=None)


def _before(alteration: Alteration, record: Record) -> int:
    if not alteration.before_request:
        return len(record.lines)
    return record.last_request(alteration.before_request) or 0


def _picked(found: list[Seen], pick: str) -> list[Seen]:
    match pick:
        case "all":
            return found
        case "first":
            return found[:1]
        case "last":
            return found[-1:]
        case _:
            number = int(pick.removeprefix("nth:"))
            return found[number - 1 : number]


# --- altering a line ---


def _altered(line: Line, alteration: Alteration, record: Record) -> Line | None:
    if alteration.drop:
        return None
    if alteration.error_code or alteration.as_result is not None:
        return _other_frame(line, alteration)
    body = copy.deepcopy(_body(line))
    original = copy.deepcopy(body)
    paths = (*alteration.set, *alteration.delete)
    for binding in bindings(original, alteration.where, paths):
        for path, value in alteration.set.items():
            concrete = bound(path, binding)
            new = _new_value(_known(value, record), concrete, look_up(original, concrete))
            if new is not ABSENT:
                put(body, concrete, new)
        for path in alteration.delete:
            remove(body, bound(path, binding))
    if line.kind in {Kind.OPENED, Kind.TLS}:
        body = _as_recorded(body, record)
    return line if body == original else with_body(line, body)


def _other_frame(line: Line, alteration: Alteration) -> Line:
    """The CALLERROR with another code, or the CALLRESULT that there is instead."""
    frame = json.loads(line.data["frame"])
    if alteration.as_result is not None:
        frame = [3, frame[1], dict(alteration.as_result)]
    else:
        frame[2] = alteration.error_code
    return line._replace(data={**line.data, "frame": json.dumps(frame, separators=(",", ":"))})


def _moved_before(
    lines: list[Line | None], action: str, moved: list[Seen], record: Record
) -> list[Line] | None:
    """The lines, with some of them right before the answer to the last such CALL."""
    answers = record.of_station(f"{action}Response")
    if not answers or not moved:
        return None
    place, indices = answers[-1].index, {seen.index for seen in moved}
    early = [seen.line._replace(mono_ns=answers[-1].line.mono_ns) for seen in moved]
    before = [lines[index] for index in range(place) if index not in indices]
    after = [lines[index] for index in range(place, len(lines)) if index not in indices]
    return [line for line in (*before, *early, *after) if line is not None]


def _body(line: Line) -> dict[str, Any]:
    if line.kind is not Kind.RECEIVED:
        return line.data
    body: dict[str, Any] = json.loads(line.data["frame"])[-1]
    return body


def _known(value: Any, record: Record) -> Any:
    """The value with the hash data of certificates of the bench in it."""
    if isinstance(value, dict):
        return {key: _known(one, record) for key, one in value.items()}
    if not isinstance(value, str) or not value.startswith("<hash:"):
        return value
    made = [
        seen.body["value"]["hash_data"]
        for seen in record.seen
        if seen.line.kind is Kind.MADE and seen.body["what"] == "root_certificate"
    ]
    return made[0 if value == "<hash:first>" else -1]


def _new_value(value: Any, path: str, old: Any) -> Any:
    """What a value of the tables stands for; ABSENT when there is nothing to alter."""
    if not isinstance(value, str) or not value.startswith("<"):
        return value
    if value == "<null>":
        return None
    if value == "<other>":
        return _another(path, old)
    return ABSENT if old is ABSENT else _moved(value, old)


def _moved(value: str, old: Any) -> Any:
    word, _, number = value.strip("<>").partition(":")
    match word:
        case "plus":
            return old + int(number)
        case "gap":
            return old + 1000
        case "plus_s" | "minus_s":
            seconds = int(number) if word == "plus_s" else -int(number)
            return render_datetime(parse_datetime(old) + timedelta(seconds=seconds))
        case _:
            raise ValueError(f"{value} is not for an alteration")


def _another(path: str, old: Any) -> Any:
    if old is ABSENT and path == "authorization.password":
        return "Another-Password-1"  # the recorded one is withheld
    if old is ABSENT:
        return ABSENT
    if path.endswith("idToken.type"):
        return next(name for name in _TYPES if name != old)
    if path.endswith("hashAlgorithm"):
        return "SHA512" if old != "SHA512" else "SHA256"
    return old[:-1] + ("8" if old.endswith("7") else "7")  # also of no text at all


def _as_recorded(body: dict[str, Any], record: Record) -> dict[str, Any]:
    """Say it as an end point of the bench would: unknown passwords, forms of the TLS facts."""
    authorization = body.get("authorization")
    if isinstance(authorization, dict) and "password" in authorization:
        known = {
            seen.body["authorization"].get("password"): seen.body["authorization"]
            for seen in record.seen
            if seen.line.kind is Kind.OPENED and seen.body.get("authorization")
        }
        original = known.get(authorization["password"])
        if original is None:
            shown = {k: authorization[k] for k in ("scheme", "user", "password")}
            body["authorization"] = {**shown, "password_name": None}
    if isinstance(body.get("failure"), str):
        alert = body["failure"]
        body["failure"] = {"kind": "alert", "sent_by": "station", "alert": alert, "detail": alert}
    return body


# --- dropping and inserting ---


def _renumbered(lines: list[Line], dropped: list[Seen]) -> list[Line]:
    """Close the gaps in `seqNo` that dropped TransactionEvents leave; once for all its resends."""
    kept = {_number(_body(line)) for line in lines if _tells_event(line)}
    gone = [seen for seen in dropped if seen.name == "TransactionEventRequest"]
    first = {_number(seen.body): seen for seen in reversed(gone)}
    for seen in sorted(first.values(), key=lambda seen: int(seen.body["seqNo"]), reverse=True):
        if _number(seen.body) not in kept:
            lines = _shift_numbers(lines, seen.line.n, seen.body, -1)
    return lines


def _number(event: dict[str, Any]) -> tuple[Any, Any]:
    return look_up(event, "transactionInfo.transactionId"), event["seqNo"]


def _tells_event(line: Line) -> bool:
    if line.kind is not Kind.RECEIVED or '"TransactionEvent"' not in line.data["frame"]:
        return False
    frame = frame_of(line)
    return isinstance(frame, list) and frame[0] == 2 and frame[2] == "TransactionEvent"


def _shift_numbers(lines: list[Line], after_n: int, event: dict[str, Any], by: int) -> list[Line]:
    transaction = look_up(event, "transactionInfo.transactionId")
    shifted = []
    for line in lines:
        body = _body(line) if _tells_event(line) else {}
        mine = look_up(body, "transactionInfo.transactionId") == transaction
        if line.n > after_n and mine and body["seqNo"] >= event["seqNo"]:
            shifted.append(with_body(line, {**body, "seqNo": body["seqNo"] + by}))
        else:
            shifted.append(line)
    return shifted


def _insert(new: Insertion, record: Record) -> list[Line] | None:
    after = _place(new, record)
    if after is None:
        return None
    before = record.lines[after]
    content = _filled(new, record, before)
    if content is None:
        return None
    if new.kind == "received":
        frame = [2, "vdoc-inserted-1", new.frame_action, content]
        connection = _connection(record, after)
        data = {"connection": connection, "frame": json.dumps(frame, separators=(",", ":"))}
    else:
        data = content
    line = before._replace(kind=Kind(new.kind), data=data)
    rest = record.lines[after + 1 :]
    if new.frame_action == "TransactionEvent" and "seqNo" in content:
        rest = _shift_numbers(rest, before.n, content, 1)
    return [*record.lines[: after + 1], line, *rest]


def _place(new: Insertion, record: Record) -> int | None:
    """The line after which to insert: what the tester did at once is passed over."""
    picked = _picked(_places(new, record), new.pick)
    if not picked:
        return None
    found = picked[-1].index
    while found + 1 < len(record.lines) and record.lines[found + 1].kind in DEEDS:
        found += 1
    return found


def _places(new: Insertion, record: Record) -> list[Seen]:
    if new.at_end:
        late = {Kind.OPENED, Kind.RECEIVED, Kind.SENT, Kind.ACTION_DONE}
        end_ns = [s.line.mono_ns for s in record.seen if s.line.kind in OBSERVATIONS][-1]
        in_time = [s for s in record.seen if s.line.mono_ns < end_ns - _JUST_NS]
        return [s for s in in_time if s.line.kind in late]
    if new.after_kind:
        opened = [s.index for s in record.seen if s.line.kind is Kind.OPENED][-1:]
        return [
            s
            for s in record.seen
            if s.line.kind.value == new.after_kind and opened and s.index < opened[0]
        ]
    if new.after_action:
        begun = record.last_action(new.after_action)
        ended = [s for s in record.seen if s.line.kind is Kind.ACTION_DONE]
        return [s for s in ended if begun is not None and s.index > begun][:1]
    if new.after_message:
        return record.of_station(new.after_message)
    return record.of_station(f"{new.after_request}Response")


def _filled(new: Insertion, record: Record, before: Line) -> dict[str, Any] | None:
    like = _latest_like(new, record, before)
    content = copy.deepcopy(dict(new.content))
    for path, value in _leaves(content):
        if isinstance(value, str) and value.startswith("<asked:"):
            put(content, path, look_up(_asked(new, record), value[len("<asked:") : -1]))
            continue
        old: Any = ABSENT if like is None else look_up(like, path)
        if value in ("<same>", "<next>") and old is ABSENT:
            return None
        match value:
            case str() if value.startswith("<now"):
                later_s = int(value[len("<now:") : -1] or 0)
                put(content, path, _text(before.at + timedelta(seconds=later_s)))
            case "<same>":
                put(content, path, old)
            case "<next>":
                put(content, path, old + 1)
            case "<null>":
                put(content, path, None)
            case _:
                pass
    return content


def _asked(new: Insertion, record: Record) -> dict[str, Any]:
    index = record.last_request(new.after_request)
    return {} if index is None else record.seen[index].body


def _latest_like(new: Insertion, record: Record, before: Line) -> dict[str, Any] | None:
    name = f"{new.frame_action}Request" if new.kind == "received" else new.kind
    like = [s for s in record.seen if s.name == name and s.line.n <= before.n]
    if like:
        return like[-1].body
    start = record.lines[0].data["connection"]
    return start["opened"] if new.kind == "opened" and start is not None else None


def _leaves(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        items = [(f"{prefix}.{k}" if prefix else str(k), v) for k, v in pairs]
        return [leaf for path, item in items for leaf in _leaves(item, path)]
    return [(prefix, value)]


def _connection(record: Record, index: int) -> int:
    for line in reversed(record.lines[: index + 1]):
        if line.kind in {Kind.OPENED, Kind.RECEIVED}:
            return int(line.data["connection"])
    return int(record.lines[0].data["connection"]["number"])


def _text(at: datetime) -> str:
    return render_datetime(at)
