"""A00 and A01: the DUT shows its identity and its password, and takes a new password."""

from __future__ import annotations

from urllib.parse import unquote

from vdoc.bench import Bench, DutState, Event, Fact, Password
from vdoc.bench.expect import equals, matching, one_of
from vdoc.cases import booting, configuration
from vdoc.cases.b_provisioning.results import Results
from vdoc.cases.configuration import Name
from vdoc.cases.intake import set_password
from vdoc.cases.registry import case

_BASIC = {
    1: ("A00.FR.202", "A00.FR.204", "A00.FR.205"),
    2: ("A00.FR.301", "A00.FR.303", "A00.FR.304"),
}
_PASSWORD_FORM = matching(
    r"[A-Za-z0-9*\-_=:+|@.]{16,40}", "16 to 40 characters of passwordString (errata 6.2.1)"
)
_BASIC_AUTH_PASSWORD = Name("SecurityCtrlr", "BasicAuthPassword")
_STATUS = "setVariableResult.0.attributeStatus"
_TOO_SHORT = 15
"""Characters of a password that is one too short (A00.FR.205)."""


@case("TC_A_01_CS")
async def basic_authentication(bench: Bench) -> DutState:
    """The DUT authenticates with its identity and its password (A00.FR.202 to 205, 301 to 304).

    Part 6: TC_A_01_CS. Errata: 6.2.1. The password is one made for this run, so that evidence can
    show it; when the DUT still has the lasting one, Before gives it such a password. What it shows
    is judged on the attempt itself: one with wrong credentials never becomes a connection.
    """
    state = await _with_password_of_run(bench)
    basic, user, password = _BASIC[state.profile]

    with bench.within_state("Booted"):  # Main 1
        await booting.reset(bench)
        bench.step(3, "B01.FR.03")
        attempt = await _upgrade(bench, "the DUT connects after its restart")
    bench.step(1, basic)
    bench.check(attempt["authorization.scheme"], "Basic")
    bench.check(attempt["authorization.user"], _identity_of(attempt), user, what="identity of URL")
    bench.check(attempt["authorization.user"], bench.settings.dut.identity, user)
    bench.check(attempt["authorization.password"], equals(state.password.text), password)
    bench.check(attempt["authorization.password"], _PASSWORD_FORM, password, what="its form")
    bench.require(_kind(attempt), "opened")
    with bench.within_state("Booted"):
        await booting.started_up(bench, attempt)
    return state


@case("TC_A_09_CS")
async def password_updated(bench: Bench) -> DutState:
    """The DUT takes a new password and connects with it from then on (A01.FR.01, B01.FR.01).

    Part 6: TC_A_09_CS. Errata: none. Only the new password is accepted once the DUT has agreed to
    it (A01.FR.03), so that its very next attempt shows what it has stored. It reconnects by itself
    (scenario of A01); when it says RebootRequired it is reset, which the table leaves open. The
    log of A01.FR.11 and FR.12 has no step in the table.
    """
    with bench.before():
        new = Password.model_validate(await bench.ask("password"))

    bench.step(2, "A01.FR.01")
    status = await _change_password(bench, new)  # 1
    bench.require(status, one_of("Accepted", "RebootRequired"))
    bench.connection.accept(passwords=(new.name,))
    if status.value == "RebootRequired":
        answer = await bench.call("Reset", type="OnIdle")
        bench.require(answer["status"], "Accepted", "B11.FR.01")
    bench.step(3, "A01.FR.01")
    attempt = await _upgrade(bench, "the DUT connects with its new password")
    _shows(bench, attempt, new)
    bench.require(_kind(attempt), "opened")  # 4
    if status.value == "RebootRequired":
        await booting.started_up(bench, attempt, boot=5, status=7, event=None)  # 5 to 8
    return bench.state.model_copy(update={"password": new})


@case("TC_A_10_CS")
async def short_password_rejected(bench: Bench) -> DutState:
    """The DUT rejects a password that is too short, and keeps the one it has (A01.FR.01).

    Part 6: TC_A_10_CS. Errata: none. Steps 3 and 4 are the connection of the restart that step 5
    demands. The rejected password is let in as well, so that a DUT that uses it is seen to do so.
    """
    state = await _with_password_of_run(bench)
    with bench.before():
        short = Password.model_validate(await bench.ask("password", characters=_TOO_SHORT))

    bench.connection.accept(passwords=(state.password.name, short.name))
    bench.step(2, "A01.FR.01")
    bench.require(await _change_password(bench, short), "Rejected")  # 1
    boot = await booting.booted(bench)  # 5
    bench.step(3, "A01.FR.01")
    _shows(bench, boot.opened, state.password)  # 3, 4
    return state


async def _with_password_of_run(bench: Bench) -> DutState:
    """Return the state in which the DUT has a password that evidence can show."""
    if bench.state.password.text is not None:
        return bench.state
    with bench.before():
        made = Password.model_validate(await bench.ask("password"))
        return await set_password(bench, bench.state, made)


async def _change_password(bench: Bench, new: Password) -> Fact:
    """Ask for a new password, journalled beforehand; returns the attributeStatus."""
    await bench.ask("journal", password=new.model_dump())
    answer = await configuration.change(bench, _BASIC_AUTH_PASSWORD, new.text or "")
    results = Results(bench, answer, "B05")
    results.check_names(results.only(), _BASIC_AUTH_PASSWORD)
    return answer[_STATUS]


async def _upgrade(bench: Bench, what: str) -> Event:
    """Return how the next HTTP upgrade request ended; an attempt without one shows nothing."""
    return await bench.connection.attempted(
        what=what, where=lambda event: "authorization" in event.data
    )


def _kind(attempt: Event) -> Fact:
    return Fact("connection attempt", attempt.kind, attempt.n)


def _shows(bench: Bench, attempt: Event, password: Password) -> None:
    """Check the Authorization header: Basic, the identity, and this password."""
    basic, user, _ = _BASIC[bench.state.profile]
    bench.check(attempt["authorization.scheme"], "Basic", basic)
    bench.check(attempt["authorization.user"], bench.settings.dut.identity, user)
    bench.check(attempt["authorization.password"], equals(password.text))


def _identity_of(opened: Event) -> str:
    """Return the identity at the end of the URL that the DUT connected to (Part 4 §3.1.1)."""
    return unquote(str(opened.get("path", "")).rpartition("/")[2])
