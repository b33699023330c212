"""Intake and closing: what the runner does with the DUT before the first case and after the last.

Owns the proof that the DUT on the bench is the product of the PICS: identity in its
BootNotification, clock offset, the FullInventory with every mandatory variable, and a Basic
password made for this run. Intake returns `Intake`: facts for every later case, and the state that
they start from. Closing reads the device model again; a difference that no case caused voids the
run (design §4, Window).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from vdoc.automation.action_fields import IdTokenType
from vdoc.automation.actions import PresentToken
from vdoc.bench import Bench, DutState, Fact, Facts, Message, Password, VariableFact
from vdoc.bench.answers import id_token_status
from vdoc.bench.expect import equals, near_time, one_of
from vdoc.cases import reports
from vdoc.cases.restore import reset
from vdoc.catalogue.components import component_rows, required_variables
from vdoc.catalogue.spelling import canonical
from vdoc.pics import Token

CLOCK_OFFSET_S = 2.0
"""Largest difference between the DUT's clock and the bench's, in seconds (design §4)."""

_READERS = frozenset({"ISO14443", "ISO15693"})
_ROLES: tuple[Literal["invalid", "blocked", "expired", "master_pass"], ...] = (
    "invalid", "blocked", "expired", "master_pass",
)  # fmt: skip
_CHANGING = frozenset(
    {
        ("clockctrlr", "datetime"),
        ("ocppcommctrlr", "activenetworkprofile"),
        ("ocppcommctrlr", "networkconfigurationpriority"),
        ("securityctrlr", "securityprofile"),
        ("securityctrlr", "certificateentries"),
    }
)
"""Variables that a run changes by what it must do, or that change by themselves."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What intake found."""

    facts: Facts
    state: DutState


async def intake(bench: Bench) -> Intake:
    """Take the DUT in (design §4, Runner): identity, clock, inventory, password, tokens."""
    bench.connection.accept(passwords=tuple(bench.start.extra.get("passwords", ())))
    await bench.connection.opened(what="the DUT connects for the first time")
    boot, boot_s = await _boot(bench)
    _identity(bench, boot)
    await clock_is_right(bench)
    variables = await inventory(bench)
    _required(bench, variables)
    variables = await basic_settings(bench, variables)
    state = await _run_password(bench)
    facts = Facts(
        serial_number=boot.get("chargingStation.serialNumber"),
        boot_s=boot_s,
        variables=variables,
        readers_report=await readers_report(bench),
    )
    return Intake(facts, state)


async def _boot(bench: Bench) -> tuple[Message, float]:
    """Let the DUT boot once, on request, to see its identity and how long it takes."""
    bench.step("boot", "B01.FR.01")
    await bench.receive_optional("BootNotification")
    before = bench.now()
    boot = await reset(bench)
    return boot, (boot.at - before).total_seconds()


def _identity(bench: Bench, boot: Message) -> None:
    bench.step("identity", "design §4, Window")
    product = bench.pics.product
    bench.check(boot["chargingStation.vendorName"], product.vendor)
    bench.check(boot["chargingStation.model"], product.model)
    bench.check(boot["chargingStation.firmwareVersion"], product.firmware_version)


async def clock_is_right(bench: Bench) -> None:
    """Compare the DUT's clock with the bench's (design §4: at most 2 s apart)."""
    bench.step("clock", "B07, ClockCtrlr.DateTime")
    answer = await bench.call(
        "GetVariables",
        getVariableData=[
            {"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}},
        ],
    )
    moment = answer["getVariableResult.0.attributeValue"]
    bench.check(moment, near_time(answer.at, CLOCK_OFFSET_S), what="clock offset")


async def inventory(bench: Bench) -> tuple[VariableFact, ...]:
    """Return the FullInventory of the DUT (B07.FR.08), all parts of it."""
    bench.step("inventory", "B07.FR.08")
    report = await reports.whole_inventory(bench)
    return tuple(_fact(data) for data in report.data)


def _fact(data: dict[str, Any]) -> VariableFact:
    component, variable = data["component"], data["variable"]
    evse = component.get("evse", {})
    attribute: dict[str, Any] = next(
        (a for a in data["variableAttribute"] if a.get("type", "Actual") == "Actual"), {}
    )
    characteristics = data.get("variableCharacteristics", {})
    return VariableFact(
        component=component["name"],
        variable=variable["name"],
        evse=evse.get("id"),
        connector=evse.get("connectorId"),
        component_instance=component.get("instance"),
        instance=variable.get("instance"),
        mutability=attribute.get("mutability", "ReadWrite"),
        data_type=characteristics.get("dataType", ""),
        value=attribute.get("value"),
        values_list=characteristics.get("valuesList"),
        unit=characteristics.get("unit"),
        max_limit=characteristics.get("maxLimit"),
    )


async def basic_settings(
    bench: Bench, variables: tuple[VariableFact, ...]
) -> tuple[VariableFact, ...]:
    """Set what Part 6 §2.1 demands of every case: AuthCtrlr.LocalPreAuthorize is false.

    Returns:
        The variables as they are then.
    """
    bench.step("basic settings", "Part 6 §2.1")
    found = Facts(variables=variables).find("AuthCtrlr", "LocalPreAuthorize")
    if found is None or (found.value or "").strip().casefold() == "false":
        return variables
    if found.mutability == "ReadOnly":
        bench.note(f"{found.component}.{found.variable} is {found.value} and ReadOnly")
        return variables
    data = {
        "component": {"name": found.component},
        "variable": {"name": found.variable},
        "attributeValue": "false",
    }
    answer = await bench.call("SetVariables", setVariableData=[data])
    status = answer["setVariableResult.0.attributeStatus"]
    if not bench.check(status, one_of("Accepted", "RebootRequired"), what="LocalPreAuthorize"):
        return variables
    if status.value == "RebootRequired":
        await reset(bench)
    is_false = found.model_copy(update={"value": "false"})
    return tuple(is_false if fact is found else fact for fact in variables)


def _required(bench: Bench, variables: Sequence[VariableFact]) -> None:
    """Demand the mandatory variables of every claimed profile (Part 5 §5)."""
    bench.step("inventory", "Part 5 §5")
    told = Facts(variables=tuple(variables)).connectors()
    claimed = tuple((evse.id, each.id) for evse in bench.pics.evses for each in evse.connectors)
    bench.check(Fact("connectors (EVSE, connector)", told, None), equals(claimed))
    present = {_key(v.component, v.variable, v.instance) for v in variables}
    for needed in required_variables(bench.pics):
        name = f"{needed.component}.{needed.variable}"
        label = f"{name}[{needed.instance}]" if needed.instance else name
        found = _key(needed.component, needed.variable, needed.instance or None) in present
        bench.check(Fact(label, "present" if found else "absent", None), equals("present"))


def _key(component: str, variable: str, instance: str | None) -> tuple[str, str, str]:
    return canonical(component), canonical(variable), (instance or "").casefold()


async def _run_password(bench: Bench) -> DutState:
    """Give the DUT a password made for this run, so that evidence holds no lasting secret (A01)."""
    state = bench.state
    if state.profile == 3:  # noqa: PLR2004  # profile 3 has no password
        return state
    bench.step("password", "A01.FR.02")
    password = Password.model_validate(await bench.ask("password"))
    return await set_password(bench, state, password)


async def set_password(bench: Bench, state: DutState, password: Password) -> DutState:
    """Set a password and see the DUT reconnect with it; returns the state thereafter (A01)."""
    await bench.ask("journal", password=password.model_dump())
    gate = bench.connection.gate()
    bench.connection.accept(passwords=(*gate.passwords, password.name))
    answer = await bench.call(
        "SetVariables",
        setVariableData=[
            {
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
                "attributeValue": password.text,
            }
        ],
    )
    status = answer["setVariableResult.0.attributeStatus"]
    bench.require(status, one_of("Accepted", "RebootRequired"))
    if status.value == "RebootRequired":
        await bench.call("Reset", type="Immediate")
    await _reconnect_with(bench, password)
    bench.connection.accept(passwords=(password.name,))
    return state.model_copy(update={"password": password})


async def _reconnect_with(bench: Bench, password: Password) -> None:
    limit_s = bench.settings.values.message_timeout_s
    opened = await bench.connection.optional("opened", within_s=limit_s)
    if opened is None:  # a DUT may keep its connection until it is cut
        bench.connection.drop()
        opened = await bench.connection.opened(what="the DUT reconnects")
    bench.check(opened["authorization.password_name"], password.name)


async def readers_report(bench: Bench) -> dict[str, str]:
    """Learn how the readers report each card; answered Invalid, so that nothing starts."""
    found: dict[str, str] = {}
    kinds = _READERS & set(bench.pics.local_options)
    bench.step("tokens", "C01.FR.02")
    bench.answer("Authorize", id_token_status("Invalid"))
    dut = bench.settings.dut
    for kind in sorted(kinds):
        for token in _tokens_of(bench, cast("IdTokenType", kind)):
            if found:
                await bench.wait(bench.settings.values.settling_s, "the reader is free again")
            await bench.act(PresentToken(token.idToken, token.type, dut.evse, dut.connector))
            message = await bench.receive_optional("Authorize")
            if message is None:
                bench.note(f"no AuthorizeRequest for token {token.idToken}")
                continue
            found[token.idToken] = message.need("idToken.idToken")
            bench.check(message["idToken.type"], token.type)
    return found


def _tokens_of(bench: Bench, kind: IdTokenType) -> list[Token]:
    """Return every token of a type that a case may present, those that are refused among them."""
    tokens = bench.settings.tokens
    special = (tokens.special(role, kind) for role in _ROLES)
    return list({token.idToken: token for token in (*tokens.valid_of(kind), *special)}.values())


async def closing(bench: Bench) -> None:
    """Read the device model again and compare it with what intake found (design §4, Window).

    A variable without a value at intake may have one by now: no request takes a value away again.
    A vendor's own variable may follow what cases did, as a list of network profiles does.
    """
    bench.step("device model", "design §4, Window")
    standard = {_key(row.component, row.variable, None) for row in component_rows()}
    before = {_place(fact): fact for fact in bench.facts.variables}
    after = {_place(fact): fact for fact in await inventory(bench)}
    names = sorted(map(str, set(before) ^ set(after)))
    bench.check(Fact("variables added or gone", ", ".join(names), None), equals(""))
    for place in sorted(set(before) & set(after), key=str):
        old, new = before[place], after[place]
        label = ".".join(str(part) for part in place if part is not None)
        bench.check(Fact(f"{label} mutability", new.mutability, None), old.mutability)
        kept = old.mutability == "ReadWrite" and old.value is not None
        ours = _key(old.component, old.variable, None) in standard
        if kept and ours and place[:2] not in _CHANGING:
            bench.check(Fact(f"{label} value", new.value, None), equals(old.value))


def _place(fact: VariableFact) -> tuple[str, str, int | None, int | None, str | None, str | None]:
    return (
        fact.component.casefold(),
        fact.variable.casefold(),
        fact.evse,
        fact.connector,
        fact.component_instance,
        fact.instance,
    )


async def farewell(bench: Bench) -> None:
    """After the seal: set a password that is never recorded (design §4, Declaration bundle)."""
    bench.step("farewell", "A01.FR.02")
    await set_password(bench, bench.state, Password.model_validate(await bench.ask("password")))
