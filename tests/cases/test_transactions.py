"""Which events are due: the start and stop points, the order of deeds, the mode."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.cases.standing import Deed, Due, Mode, Standing, TxPoints
from vdoc.cases.transactions import after, asks_csms

START = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
CABLE_FIRST = (Deed.PLUG_IN, Deed.AUTHORIZE, Deed.CHARGE)
TOKEN_FIRST = (Deed.AUTHORIZE, Deed.PLUG_IN, Deed.CHARGE)
END = (Deed.STOP, Deed.HALT, Deed.PLUG_OUT, Deed.LEAVE)
ALL = (Deed.PARK, *CABLE_FIRST, *END)

_sets = st.sets(st.sampled_from(START), min_size=1).map(frozenset)
_modes: st.SearchStrategy[Mode] = st.sampled_from(["local", "remote"])


def points(start: str, stop: str = "Authorized") -> TxPoints:
    return TxPoints(frozenset(start.split(",")), frozenset(stop.split(",")))


def dues(deeds: tuple[Deed, ...], tx: TxPoints, mode: Mode = "local") -> dict[Deed, list[Due]]:
    standing, found = Standing(), {}
    for deed in deeds:
        standing, due = after(deed, standing, tx, mode)
        found[deed] = list(due)
    return found


def names(found: dict[Deed, list[Due]]) -> dict[Deed, list[str]]:
    """The event types of each deed, shortened: `Started`, `Updated|Ended`."""
    return {deed: ["|".join(due.event_types) for due in each] for deed, each in found.items()}


class TestStart:
    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("EVConnected", (["Started"], ["Updated"], ["Started|Updated"])),
            ("Authorized", ([], ["Started"], ["Started|Updated"])),
            ("PowerPathClosed", ([], [], ["Started", "Started|Updated"])),
            ("DataSigned", ([], [], ["Started", "Started|Updated"])),
            ("EnergyTransfer", ([], [], ["Started"])),
        ],
    )
    def test_cable_first(self, start: str, expected: tuple[list[str], ...]) -> None:
        assert tuple(names(dues(CABLE_FIRST, points(start))).values()) == expected

    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("EVConnected", ([], ["Started"], ["Started|Updated"])),
            ("Authorized", (["Started"], ["Updated"], ["Started|Updated"])),
            ("PowerPathClosed", ([], [], ["Started", "Started|Updated"])),
            ("EnergyTransfer", ([], [], ["Started"])),
        ],
    )
    def test_token_first(self, start: str, expected: tuple[list[str], ...]) -> None:
        assert tuple(names(dues(TOKEN_FIRST, points(start))).values()) == expected

    def test_the_bay_starts_before_everything(self) -> None:
        found = names(dues(ALL, points("ParkingBayOccupancy,EVConnected")))
        assert (found[Deed.PARK], found[Deed.PLUG_IN]) == (["Started"], ["Updated"])

    def test_a_bay_that_nobody_entered_starts_nothing(self) -> None:
        assert not any(dues(CABLE_FIRST, points("ParkingBayOccupancy")).values())


class TestFirstEvent:
    @pytest.mark.parametrize("start", START[1:])
    @pytest.mark.parametrize("deeds", [CABLE_FIRST, TOKEN_FIRST])
    def test_after_a_remote_start_it_says_so(self, start: str, deeds: tuple[Deed, ...]) -> None:
        found = dues(deeds, points(start), "remote")
        since = list(deeds).index(Deed.AUTHORIZE)
        later = list(itertools.chain.from_iterable(found[deed] for deed in deeds[since:]))
        assert later[0].triggers == ("RemoteStart",)
        assert all(due.triggers != ("RemoteStart",) for due in later[1:])

    def test_after_a_token_it_may_say_authorized(self) -> None:
        (charging,) = dues(CABLE_FIRST, points("EnergyTransfer"))[Deed.CHARGE]
        assert charging.triggers == ("ChargingStateChanged", "Authorized")


class TestStop:
    @pytest.mark.parametrize(
        ("stop", "expected"),
        [
            ("Authorized", (["Updated|Ended", "Ended"], [], [], [])),
            ("PowerPathClosed", (["Updated|Ended", "Ended"], [], [], [])),
            ("EnergyTransfer", (["Updated|Ended", "Ended"], [], [], [])),
            ("EVConnected", (["Updated"], ["Updated"], ["Ended"], [])),
            ("ParkingBayOccupancy", (["Updated"], ["Updated"], ["Updated"], ["Ended"])),
            ("DataSigned", (["Updated"], ["Updated"], ["Updated"], [])),
        ],
    )
    def test_where_it_ends(self, stop: str, expected: tuple[list[str], ...]) -> None:
        found = names(dues(ALL, points("EVConnected", stop)))
        assert tuple(found[deed] for deed in END) == expected

    @pytest.mark.parametrize(
        ("mode", "trigger", "reasons"),
        [("local", "StopAuthorized", ("Local", "")), ("remote", "RemoteStop", ("Remote",))],
    )
    def test_how_it_ends(self, mode: Mode, trigger: str, reasons: tuple[str, ...]) -> None:
        told, ended = dues(ALL, points("EVConnected"), mode)[Deed.STOP]
        assert (told.triggers, ended.stopped_reasons) == ((trigger,), reasons)

    def test_a_refusal_may_be_the_reason_when_the_ev_leaves_the_bay(self) -> None:
        refused = Standing(running=True, parked=True, refused=True)
        _, (due,) = after(Deed.LEAVE, refused, points("EVConnected", "ParkingBayOccupancy"))
        assert "DeAuthorized" in due.stopped_reasons

    @pytest.mark.parametrize("withheld", [True, False])
    def test_energy_that_was_withheld_need_not_cease(self, withheld: bool) -> None:
        standing = Standing(running=True, withheld=withheld)
        _, (due,) = after(Deed.HALT, standing, points("EVConnected", "EVConnected"))
        assert due.optional is withheld

    def test_the_cable_may_be_the_reason_that_is_named(self) -> None:
        (due,) = dues(ALL, points("EVConnected", "EVConnected"))[Deed.PLUG_OUT]
        assert due.stopped_reasons == ("EVDisconnected", "Local", "")


@given(_sets, _sets, _modes, st.permutations(CABLE_FIRST[:2]))
def test_one_start_and_at_most_one_end(
    start: frozenset[str], stop: frozenset[str], mode: Mode, order: list[Deed]
) -> None:
    deeds = (Deed.PARK, *order, Deed.CHARGE, *END)
    found = dues(deeds, TxPoints(start, stop), mode)
    every = [due.event_types for each in found.values() for due in each]
    assert every[0] == ("Started",)
    assert every.count(("Started",)) == 1
    assert every.count(("Ended",)) == 1
    assert every[-1] == ("Ended",)


@pytest.mark.parametrize(
    ("kind", "mode", "enabled", "remote", "disabled", "asks"),
    [
        ("ISO14443", "local", True, False, False, True),
        ("ISO14443", "remote", True, True, False, True),
        ("ISO14443", "remote", True, False, False, False),
        ("ISO14443", "local", False, True, False, False),
        ("ISO14443", "local", True, True, True, False),
        ("Central", "remote", True, True, False, False),
        ("NoAuthorization", "local", True, True, False, False),
    ],
)
def test_who_is_asked(
    kind: str, mode: Mode, enabled: bool, remote: bool, disabled: bool, asks: bool
) -> None:
    found = asks_csms(
        kind, mode, enabled=enabled, remote_start_asks=remote, remote_disabled=disabled
    )
    assert found is asks


PREPARED = (Deed.PLUG_IN, Deed.AUTHORIZE, Deed.CHARGE)


class TestInterruptions:
    @pytest.mark.parametrize(
        ("stop", "expected"),
        [("EnergyTransfer", ["Updated|Ended", "Ended"]), ("EVConnected", ["Updated"])],
    )
    def test_the_ev_suspends(self, stop: str, expected: list[str]) -> None:
        found = names(dues((*PREPARED, Deed.SUSPEND), points("EVConnected", stop)))
        assert found[Deed.SUSPEND] == expected

    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("Authorized", ["Updated"]),
            ("PowerPathClosed", ["Started", "Updated"]),
            ("EnergyTransfer", []),
        ],
    )
    def test_the_ev_is_not_ready(self, start: str, expected: list[str]) -> None:
        deeds = (*TOKEN_FIRST[:2], Deed.SUSPEND)
        found = names(dues(deeds, points(start, "EnergyTransfer")))
        assert found[Deed.SUSPEND] == expected

    @pytest.mark.parametrize(
        ("stop", "deauthorizes", "event_type", "requirement"),
        [
            ("EVConnected", False, "Ended", "E06.FR.02"),
            ("PowerPathClosed", False, "Ended", "E06.FR.06"),
            ("Authorized", True, "Ended", "E06.FR.04"),
            ("Authorized", False, "Updated", "E02.FR.17"),
            ("ParkingBayOccupancy", True, "Updated", "E02.FR.17"),
        ],
    )
    def test_the_ev_leaves_its_cable(
        self, stop: str, deauthorizes: bool, event_type: str, requirement: str
    ) -> None:
        tx = TxPoints(frozenset({"EVConnected"}), frozenset({stop}), deauthorizes)
        (due,) = dues((*PREPARED, Deed.EV_SIDE_OUT), tx)[Deed.EV_SIDE_OUT]
        assert (due.event_types, due.requirement) == ((event_type,), requirement)

    @pytest.mark.parametrize(
        ("stop", "mode", "expected"),
        [
            ("Authorized", "local", "Ended"),
            ("EVConnected", "local", "Ended|Updated"),
            ("Authorized,ParkingBayOccupancy", "remote", "Ended"),
            ("EVConnected", "remote", "Ended"),
            ("ParkingBayOccupancy", "remote", "Updated"),
            ("ParkingBayOccupancy", "local", "Updated"),
            ("ParkingBayOccupancy,PowerPathClosed", "local", "Ended|Updated"),
        ],
    )
    def test_no_ev_comes_in_time(self, stop: str, mode: Mode, expected: str) -> None:
        deeds = (Deed.AUTHORIZE, Deed.TIME_OUT)
        told = names(dues(deeds, points("Authorized", stop), mode))
        assert told[Deed.TIME_OUT] == [expected]

    def test_a_time_out_without_transaction_is_not_told(self) -> None:
        deeds = (Deed.AUTHORIZE, Deed.TIME_OUT)
        assert not any(dues(deeds, points("EVConnected")).values())

    @pytest.mark.parametrize(
        ("stop", "requirement"),
        [
            ("Authorized", "E06.FR.03"),
            ("PowerPathClosed", "E06.FR.06"),
            ("EnergyTransfer", "E06.FR.07"),
        ],
    )
    def test_what_a_local_stop_rests_on(self, stop: str, requirement: str) -> None:
        told, ended = dues((*PREPARED, Deed.STOP), points("EVConnected", stop))[Deed.STOP]
        assert (told.requirement, ended.requirement) == (requirement, requirement)
