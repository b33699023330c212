"""How one DUT is reached and driven: the frozen bench settings.

They come from `vdoc.pics.load_settings`, or for re-judging from the public copy in a bundle. Which
values are declaration grade is catalogue data; here they are only compared with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)

from vdoc.digest import Json
from vdoc.errors import InputError
from vdoc.pics.bench_tables import (
    ActionApi,
    Csms,
    Dut,
    EvApi,
    Expected,
    FileServer,
    Firmware,
    Observe,
    Outlet,
    Password,
    Pki,
    Provision,
    Timestamps,
    Tokens,
)
from vdoc.pics.disclosure import opened, public_digest, published
from vdoc.pics.product import FileTransferProtocol, Frozen
from vdoc.pics.secret import Reading
from vdoc.pics.source import Source, field_problems
from vdoc.pics.values import Values

Bound = tuple[float | None, float | None]
_EvApis = Annotated[Mapping[str, EvApi], AfterValidator(MappingProxyType), PlainSerializer(dict)]


class BenchSettings(Frozen):
    """Everything about one bench; each attribute is a table of the file, under the same name."""

    dut: Dut
    csms: Csms
    file_server: tuple[FileServer, ...] = Field((), strict=False, description="File servers.")
    pki: Pki
    password: Password
    action_api: ActionApi
    ev_api: _EvApis = Field(default_factory=lambda: MappingProxyType({}))
    observe: Observe | None = None
    provision: Provision | None = None
    tokens: Tokens
    firmware: Firmware
    timestamps: Timestamps | None = None
    values: Values = Field(default_factory=Values)
    expected: Expected = Field(default_factory=Expected)

    @field_validator("ev_api", mode="before")
    @classmethod
    def _as_dict(cls, value: object) -> object:
        return dict(value) if isinstance(value, MappingProxyType) else value

    @model_validator(mode="after")
    def _ev_apis_exist(self) -> BenchSettings:
        for outlet in self.action_api.outlet:
            if outlet.ev_api is not None and outlet.ev_api not in self.ev_api:
                raise ValueError(f"an outlet names [ev_api.{outlet.ev_api}], which does not exist")
        return self

    @classmethod
    def from_public(cls, public: object) -> BenchSettings:
        """Return settings from a public copy; their secrets are withheld.

        Raises:
            InputError: it is no public copy of settings.
        """
        tree, _ = opened(public)
        try:
            return cls.model_validate(tree, context=Reading(public=True))
        except ValidationError as error:
            raise InputError(*field_problems(error, Source("settings.json"))) from error

    def public(self, salt: bytes) -> dict[str, Json]:
        """Return a copy without secrets, from which anybody can recompute the digest.

        Args:
            salt: of this run, at least 16 random bytes; it stays with the caller.
        """
        return published(self, salt)

    def digest(self, salt: bytes) -> str:
        """Return the SHA-256 over the salted commitments to all fields, lower-case hex."""
        return public_digest(self.public(salt))

    def outlet(self, evse: int, connector: int) -> Outlet | None:
        """Return how a connector is driven; None when the action API does not reach it."""
        for outlet in self.action_api.outlet:
            if (outlet.evse, outlet.connector) == (evse, connector):
                return outlet
        return None

    def file_server_for(self, protocol: FileTransferProtocol) -> FileServer | None:
        """Return the first file server that speaks a protocol, if there is one."""
        return next((each for each in self.file_server if each.protocol == protocol), None)

    def declaration_problems(self, bounds: Mapping[str, Bound]) -> tuple[str, ...]:
        """Return why these settings are not declaration grade; empty when they are.

        Args:
            bounds: least and greatest allowed number for names of `values`; None: no bound.

        Raises:
            KeyError: a bound names a value that does not exist, or that is no number.
        """
        return tuple(self._outside(bounds))

    def _outside(self, bounds: Mapping[str, Bound]) -> Iterator[str]:
        for name, (least, greatest) in bounds.items():
            value = getattr(self.values, name, None)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise KeyError(name)
            if least is not None and least == greatest and value != least:
                yield f"values.{name} is {value:g}, a declaration needs exactly {least:g}"
            elif least is not None and value < least:
                yield f"values.{name} is {value:g}, a declaration needs at least {least:g}"
            elif greatest is not None and value > greatest:
                yield f"values.{name} is {value:g}, a declaration allows at most {greatest:g}"
