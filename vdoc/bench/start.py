"""What a case starts from: everything that its `case` line says, as frozen values.

Owns the state that cases hand on to each other (which password, slot, profile and root the DUT uses
now) and the facts that intake learned. Because a case reads nothing else, it replays alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from vdoc.catalogue.spelling import canonical
from vdoc.digest import sha256_hex
from vdoc.pics import BenchSettings, Pics

INITIAL = "initial"
"""The name of the password that the DUT starts with."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Password(_Frozen):
    """A Basic password by name; its text only when it was generated for this run.

    A lasting secret of the settings never reaches evidence: then `text` is None.
    """

    name: str
    text: str | None = None


class DutState(_Frozen):
    """How the DUT is reached and set up now; changed by cases, journalled before each change."""

    password: Password
    profile: int = 1
    slot: int = 1
    spare_slot: int = 2
    endpoint: int = 1
    root: str = "root1"
    key: str = "RSA"
    client_certificate: bool = False
    firmware_version: str = ""
    roots_installed: tuple[str, ...] = ()


class VariableFact(_Frozen):
    """One variable of the device model as intake saw it in the FullInventory."""

    component: str
    variable: str
    evse: int | None = None
    connector: int | None = None
    component_instance: str | None = None
    instance: str | None = None
    mutability: str = "ReadWrite"
    data_type: str = ""
    value: str | None = None
    values_list: str | None = None
    unit: str | None = None
    max_limit: float | None = None


class Facts(_Frozen):
    """What intake learned of the DUT; the same for every case of a run."""

    serial_number: str | None = None
    boot_s: float = 0.0
    variables: tuple[VariableFact, ...] = ()
    readers_report: dict[str, str] = {}

    def find(
        self, component: str, variable: str, *, instance: str | None = None
    ) -> VariableFact | None:
        """Return a variable of a component without EVSE, or None when it is not implemented.

        Names compare as `vdoc.catalogue.spelling` says.
        """
        wanted = (canonical(component), canonical(variable))
        for fact in self.variables:
            named = (canonical(fact.component), canonical(fact.variable))
            right_instance = instance in {None, fact.instance}
            if named == wanted and fact.evse is None and right_instance:
                return fact
        return None

    def writable(self, component: str, variable: str, *, instance: str | None = None) -> bool:
        """Tell whether a variable is implemented and can be set."""
        fact = self.find(component, variable, instance=instance)
        return fact is not None and fact.mutability in {"ReadWrite", "WriteOnly"}

    def connectors(self) -> tuple[tuple[int, int], ...]:
        """Return (EVSE id, connector id) of every connector in the inventory, in order."""
        found = {
            (fact.evse, fact.connector)
            for fact in self.variables
            if canonical(fact.component) == "connector" and fact.evse and fact.connector
        }
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """The connection that a case begins with."""

    number: int
    opened: Mapping[str, Any]
    gone: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what the `case` line says of it."""
        return {"number": self.number, "opened": dict(self.opened), "gone": list(self.gone)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> OpenConnection:
        """Read it back."""
        return cls(value["number"], value["opened"], tuple(value["gone"]))


@dataclass(frozen=True, slots=True)
class CaseStart:
    """The data of a `case` line.

    Attributes:
        case: catalogue id, or `intake`, `restore`, `closing` for what the runner itself does.
        variant: factor to value, as the plan gives it.
        attempt: 1, or more for a restore that is tried again.
        seed: of the run; ids derive from it.
        state: how the DUT is set up.
        facts: digest of the facts in force; None before intake has learned them.
        connection: the connection at hand, if any.
        extra: what the runner tells its own cases, such as what a restore has to undo.
    """

    case: str
    variant: Mapping[str, str]
    attempt: int
    seed: int
    state: DutState
    facts: str | None = None
    connection: OpenConnection | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variant_id(self) -> str:
        """As plan and evidence name the variant: `local=ISO14443,key=RSA`, or `-`."""
        return ",".join(f"{k}={v}" for k, v in self.variant.items()) or "-"

    def as_json(self) -> dict[str, Any]:
        """Return the data of the `case` line."""
        return {
            "variant": dict(self.variant),
            "attempt": self.attempt,
            "seed": self.seed,
            "state": self.state.model_dump(mode="json"),
            "facts": self.facts,
            "connection": None if self.connection is None else self.connection.as_json(),
            "extra": dict(self.extra),
        }

    @classmethod
    def from_json(cls, case: str, value: Mapping[str, Any]) -> CaseStart:
        """Read the data of a `case` line back.

        Raises:
            KeyError, TypeError, ValueError: the line does not hold what it must.
        """
        connection = value["connection"]
        return cls(
            case=case,
            variant=value["variant"],
            attempt=value["attempt"],
            seed=value["seed"],
            state=DutState.model_validate(value["state"]),
            facts=value["facts"],
            connection=None if connection is None else OpenConnection.from_json(connection),
            extra=value["extra"],
        )

    def with_connection(self, connection: OpenConnection | None) -> CaseStart:
        """Return the same start on another connection."""
        return replace(self, connection=connection)


class FreshIds:
    """Ids made of seed, case, variant, attempt and a counter, so that replay has the same."""

    def __init__(self, start: CaseStart) -> None:
        self._prefix = f"{start.seed}/{start.case}/{start.variant_id}/{start.attempt}/"
        self._count = 0

    def text(self) -> str:
        """Return an id of 36 characters in the form of a UUID."""
        h = self._next()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}"

    def integer(self) -> int:
        """Return a positive integer below 2**31."""
        return int(self._next()[:8], 16) % (2**31 - 1) + 1

    def _next(self) -> str:
        self._count += 1
        return sha256_hex(f"{self._prefix}{self._count}".encode())


def starting_state(pics: Pics, settings: BenchSettings, profile: int) -> DutState:
    """Return the state that `provision` leaves the DUT in, and every run begins with.

    The server's key is of a type whose cipher suites the DUT claims (C-41).
    """
    dut = settings.dut
    return DutState(
        password=Password(name=INITIAL),
        profile=profile,
        key=next(iter(pics.tls_key_types), "RSA"),
        slot=dut.configuration_slot,
        spare_slot=dut.configuration_slot2,
        firmware_version=settings.firmware.version,
    )
