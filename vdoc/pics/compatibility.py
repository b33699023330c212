"""Whether bench settings fit the PICS that they are to test, and whether their files exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from vdoc.digest import sha256_of_file
from vdoc.errors import Problem
from vdoc.pics.model import Pics
from vdoc.pics.positions import KeyPath
from vdoc.pics.product import TokenType
from vdoc.pics.settings import BenchSettings
from vdoc.pics.source import Source, dotted

_TOKENS_PER_TYPE = 2
_FIRMWARE_FILES = (
    "image",
    "signature",
    "signing_certificate",
    "invalid_image",
    "invalid_signature",
    "invalid_signing_certificate",
)


def check_against(
    settings: BenchSettings, pics: Pics, source: Source | None = None
) -> tuple[Problem, ...]:
    """Return everything in which settings do not fit a PICS; empty when they fit.

    Args:
        settings: the bench.
        pics: the product.
        source: where the settings came from, so that problems have lines.
    """
    return tuple(_Fit(settings, pics, source or Source("bench settings")).problems())


def missing_files(settings: BenchSettings, pics: Pics) -> tuple[Problem, ...]:
    """Return what is wrong with the firmware files: absent, or not the image of the PICS."""
    firmware, problems = settings.firmware, []
    for key in _FIRMWARE_FILES:
        path = getattr(firmware, key)
        if path is not None and not path.is_file():
            message, remedy = f"there is no file {path}.", "correct the path."
            problems.append(Problem("bench settings", None, f"firmware.{key}", message, remedy))
    declared = pics.product.firmware_image_sha256
    if declared and firmware.image.is_file():
        actual = sha256_of_file(firmware.image)
        if actual != declared:
            message = f"its SHA-256 is {actual}, the PICS declares {declared}."
            remedy = "use the declared image, or correct product.firmware_image_sha256."
            problems.append(Problem("bench settings", None, "firmware.image", message, remedy))
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class _Fit:
    settings: BenchSettings
    pics: Pics
    source: Source

    def problems(self) -> Iterator[Problem]:
        yield from self._tokens()
        yield from self._places()
        yield from self._mode()
        yield from self._values()
        yield from self._files()

    def _problem(self, path: KeyPath, message: str, remedy: str) -> Problem:
        return self.source.problem(path, dotted(path), message, remedy)

    def _tokens(self) -> Iterator[Problem]:
        claimed = {*self.pics.local_options, *self.pics.remote_options} - {"NoAuthorization"}
        for kind in (each for each in get_args(TokenType) if each in claimed):
            found = len(self.settings.tokens.valid_of(kind))
            if found < _TOKENS_PER_TYPE:
                message = f"{found} tokens of type {kind}, which the PICS claims; two are needed."
                yield self._problem(("tokens", "valid"), message, f"add tokens of type {kind}.")
        if self.pics.claims("profile.ISO15118Support") and not self.settings.tokens.contract:
            message = "no contract is named, yet the PICS claims ISO 15118 Support."
            yield self._problem(("tokens", "contract"), message, "add the eMAID of the EV.")

    def _places(self) -> Iterator[Problem]:
        dut = self.settings.dut
        places: list[tuple[KeyPath, int, int | None]] = [
            (("action_api", "outlet", index), outlet.evse, outlet.connector)
            for index, outlet in enumerate(self.settings.action_api.outlet)
        ]
        places.append((("dut", "evse"), dut.evse, dut.connector))
        if dut.second_evse is not None:
            places.append((("dut", "second_evse"), dut.second_evse, dut.second_connector))
        existing = {
            (evse.id, connector)
            for evse in self.pics.evses
            for connector in (None, *(each.id for each in evse.connectors))
        }
        for path, evse, connector in places:
            if (evse, connector) not in existing:
                message = f"the PICS describes no EVSE {evse}" + (
                    "." if connector is None else f" with a connector {connector}."
                )
                yield self._problem(path, message, "name an EVSE and connector of the PICS.")
        if self.settings.outlet(dut.evse, dut.connector) is None:
            message = f"no outlet drives EVSE {dut.evse}, connector {dut.connector}."
            yield self._problem(("action_api",), message, "add it as [[action_api.outlet]].")

    def _mode(self) -> Iterator[Problem]:
        mode = self.settings.dut.start_stop_mode
        options = {"local": self.pics.local_options, "remote": self.pics.remote_options}
        if mode is not None and not options[mode]:
            message = f"the PICS claims no {mode} authorization option."
            yield self._problem(("dut", "start_stop_mode"), message, "use the other mode.")
        if self.settings.dut.start_button and not self.pics.claims("C-35"):
            message = "a start button needs C-35, which the PICS does not claim."
            yield self._problem(("dut", "start_button"), message, "claim C-35 or write false.")

    def _values(self) -> Iterator[Problem]:
        values = self.settings.values
        if values.charging_rate_unit and values.charging_rate_unit not in self.pics.rate_units:
            message = f"the PICS does not claim rate unit {values.charging_rate_unit}."
            yield self._problem(
                ("values", "charging_rate_unit"), message, "remove it or use the other unit."
            )
        if values.number_phases and values.number_phases > self.pics.max_phases:
            message = f"the PICS claims {self.pics.max_phases} phases at most."
            yield self._problem(("values", "number_phases"), message, "lower it or remove it.")
        wanted = values.reservation_connector_type
        types = {each.connectorType for evse in self.pics.evses for each in evse.connectors}
        if wanted and wanted not in types:
            message = f"the PICS describes no connector of type {wanted}."
            yield self._problem(
                ("values", "reservation_connector_type"), message, "name one that it describes."
            )

    def _files(self) -> Iterator[Problem]:
        version = self.pics.product.firmware_version
        if self.settings.firmware.version != version:
            message = f"differs from product.firmware_version {version} of the PICS."
            yield self._problem(
                ("firmware", "version"), message, "test the image that is to be declared."
            )
        protocols = self.pics.limits.file_transfer_protocols
        if protocols and not any(self.settings.file_server_for(each) for each in protocols):
            message = f"none speaks {' or '.join(protocols)}, which the PICS declares."
            yield self._problem(("file_server",), message, "add such a [[file_server]].")
