"""Laws that every comparison keeps, whatever the two nights were."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.nightly.made import Nights, case, failure
from vdoc.nightly.causes import grouped, partition
from vdoc.nightly.compare import compare
from vdoc.nightly.comparison import Change, Comparison
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase

VERDICTS = ("pass", "fail", "inconc", "error", "not_applicable")
BAD = {"fail", "inconc"}
Night = Mapping[str, str]
_STATIONS = itertools.count()

a_night = st.dictionaries(st.sampled_from([f"TC_{n}" for n in range(8)]), st.sampled_from(VERDICTS))
with_history = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
some_failures = st.lists(
    st.builds(
        failure,
        requirement=st.sampled_from(["C01.FR.01", "C01.FR.02"]),
        what=st.sampled_from(["idToken 'a'", "idToken 'b'", "seqNo is 3"]),
        message=st.sampled_from(["", "Authorize"]),
    ),
    max_size=4,
)
some_cases = st.lists(
    st.builds(
        lambda name, verdict, failures: case(f"TC_{name}", verdict, *failures),
        st.integers(0, 30), st.sampled_from(VERDICTS), some_failures,
    ),
    unique_by=lambda each: each.case,
)  # fmt: skip


def names(changes: Iterable[Change]) -> set[str]:
    return {change.now.case for change in changes}


def both_ways(history: History, first: Night, second: Night) -> tuple[Comparison, Comparison]:
    nights, dut = Nights(history), f"station-{next(_STATIONS)}"
    a, b = (nights(*(case(*each) for each in night.items()), dut=dut) for night in (first, second))
    return compare(history, b, a), compare(history, a, b)


@with_history
@given(night=a_night)
def test_a_run_held_against_itself_says_nothing(history: History, night: Night) -> None:
    nights = Nights(history)
    run = nights(*(case(*each) for each in night.items()), dut=f"station-{next(_STATIONS)}")
    found = compare(history, run, run)
    told: list[object] = [*found.newly_failing, *found.first_failing, *found.newly_passing]
    told += [*found.not_applicable, *found.not_run, *found.drifts, *found.device_model]
    assert told == []
    assert found.differs == ()
    assert names(found.still_failing) == {name for name, verdict in night.items() if verdict in BAD}


@with_history
@given(first=a_night, second=a_night)
def test_the_other_way_round_is_the_mirror(history: History, first: Night, second: Night) -> None:
    there, back = both_ways(history, first, second)
    to_pass = {name for name in names(there.newly_failing) if first[name] == "pass"}
    assert to_pass == {n for n in names(back.newly_passing) if second[n] in BAD}
    assert names(there.still_failing) == names(back.still_failing)
    no_more = {name for name in names(there.not_applicable) if first[name] in BAD}
    assert no_more == {n for n in names(back.newly_failing) if second[n] == "not_applicable"}
    absent = {each.case for each in there.not_run}
    assert absent == {n for n, v in first.items() if n not in second and v != "error"}


@with_history
@given(first=a_night, second=a_night)
def test_each_case_is_told_once_and_nothing_else_is(
    history: History, first: Night, second: Night
) -> None:
    found, _ = both_ways(history, first, second)
    lists = (
        found.newly_failing, found.first_failing, found.still_failing, found.newly_passing,
        found.not_judged, found.not_applicable,
    )  # fmt: skip
    told = [change.now.case for changes in lists for change in changes]
    assert len(told) == len(set(told))
    untold = second.keys() - set(told)
    assert {second[name] for name in untold} <= {"pass", "not_applicable"}
    assert {each.case for each in found.not_run}.isdisjoint(second)


@given(cases=some_cases)
def test_grouping_is_a_partition_of_the_failures(cases: list[StoredCase]) -> None:
    groups = grouped(cases)
    assert len({group.cause for group in groups}) == len(groups)
    bad = {each.case for each in cases if not each.good}
    assert {each.case for group in groups for each in group.cases} == bad


@given(cases=some_cases)
def test_the_partition_puts_each_failing_case_into_one_group(cases: list[StoredCase]) -> None:
    groups = partition(cases)
    placed = [each.case for group in groups for each in group.cases]
    assert sorted(placed) == sorted(each.case for each in cases if not each.good)
    whole = {group.cause: {each.case for each in group.cases} for group in grouped(cases)}
    assert all({each.case for each in group.cases} <= whole[group.cause] for group in groups)
    assert [len(group.cases) for group in groups] == sorted(
        (len(group.cases) for group in groups), reverse=True
    )
