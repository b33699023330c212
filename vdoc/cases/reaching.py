"""How the DUT is reached after a case that changed it, or tried to, and then failed.

Owns the search for the DUT: a case that ends early does not say which password, end point, profile
or root the DUT uses now. What it had journalled before it sent a change (`extra["journal"]` of the
restore's `case` line) names the states that the DUT may be in; the bench serves them until the DUT
connects. It does not bring anything back: what was found is the state of the following cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from vdoc.bench import Bench, DutState, Event, InconclusiveError, VariableFact

_LONGEST_BACK_OFF_S = 3600
_KNOWN = frozenset(
    {"password", "profile", "slot", "spare_slot", "endpoint", "root", "client_certificate"}
)


async def found(bench: Bench) -> DutState:
    """Return the state that the DUT is in, by the connection that it has or makes.

    Raises:
        InconclusiveError: it did not connect, whatever was served.
    """
    states = possible_states(bench.state, bench.start.extra.get("journal", ()))
    if len(states) == 1:
        return bench.state
    bench.step("reached")
    opened: Mapping[str, Any] | None = bench.connection.at_start
    if bench.connection.number is not None and _tells_nothing(bench, states):
        bench.connection.drop()
    if bench.connection.number is None:
        opened = (await _search(bench, states)).data
    state = _state_of(states, opened or {})
    _serve(bench, {state.endpoint: state}, (state.password.name,))
    return state


def _tells_nothing(bench: Bench, states: list[DutState]) -> bool:
    """Tell whether the next connection may show another state than the one at hand does."""
    passwords = {state.password for state in states}
    return len(passwords) > 1 or bool(bench.start.extra.get("rebooting"))


def possible_states(known: DutState, journal: Iterable[Mapping[str, Any]]) -> list[DutState]:
    """Return the state before the case, then every state that some of its changes lead to."""
    states = [known]
    for entry in journal:
        changes = {field: value for field, value in entry.items() if field in _KNOWN}
        changed = [DutState.model_validate({**s.model_dump(), **changes}) for s in states]
        states += [state for state in changed if state not in states]
    return states


async def _search(bench: Bench, states: list[DutState]) -> Event:
    """Serve what the DUT may be looking for, in turn, each until it must have tried."""
    passwords = tuple(dict.fromkeys(state.password.name for state in states))
    for served in _arrangements(states):
        _serve(bench, served, passwords)
        opened = await bench.connection.optional("opened", within_s=_patience_s(bench))
        if opened is not None:
            return opened
    raise InconclusiveError("the DUT did not connect in any of the states that it may be in")


def _patience_s(bench: Bench) -> float:
    """Return the longest that a DUT takes to try again: a boot, and its last back-off (s).

    Part 4 §5.3, by the settings that intake found.
    """
    least, doublings, spread = (
        bench.facts.find("OCPPCommCtrlr", f"RetryBackOff{name}")
        for name in ("WaitMinimum", "RepeatTimes", "RandomRange")
    )
    back_off_s = _number(least) * 2.0 ** min(_number(doublings), 20) + _number(spread)
    return bench.settings.values.long_operation_timeout_s + min(back_off_s, _LONGEST_BACK_OFF_S)


def _number(fact: VariableFact | None) -> int:
    value = "" if fact is None else fact.value or ""
    return min(int(value), _LONGEST_BACK_OFF_S) if value.isdecimal() else 0


def _arrangements(states: list[DutState]) -> Iterator[dict[int, DutState]]:
    """Yield what both end points serve at a time, until each state was served once."""
    at_endpoint: dict[int, list[DutState]] = {}
    for state in states:
        others = at_endpoint.setdefault(state.endpoint, [])
        if all((state.profile, state.root) != (other.profile, other.root) for other in others):
            others.append(state)
    for served in zip_longest(*at_endpoint.values()):
        yield {state.endpoint: state for state in served if state is not None}


def _serve(bench: Bench, served: Mapping[int, DutState], passwords: tuple[str, ...]) -> None:
    """Bring the gates to this, as far as they are not there yet."""
    for endpoint in (1, 2):
        state, gate = served.get(endpoint), bench.connection.gate(endpoint)
        if state is None:
            if gate.accept:
                bench.connection.refuse(endpoint)
            continue
        wanted = (True, state.profile, state.root, passwords)
        if (gate.accept, gate.profile, gate.root, gate.passwords) != wanted:
            bench.connection.accept(
                endpoint, profile=state.profile, root=state.root, passwords=passwords
            )


def _state_of(states: list[DutState], opened: Mapping[str, Any]) -> DutState:
    """Return the state that a connection shows; of several, the one before the case."""
    shown = [
        state
        for state in states
        if opened.get("endpoint", state.endpoint) == state.endpoint
        and opened.get("profile", state.profile) == state.profile
        and (opened.get("root") or state.root) == state.root
    ] or states
    name = (opened.get("authorization") or {}).get("password_name")
    by_name = {state.password.name: state.password for state in states}
    password = by_name.get(str(name), shown[0].password)
    fitting = [state for state in shown if state.password == password] or shown
    return fitting[0].model_copy(update={"password": password})
