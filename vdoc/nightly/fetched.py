"""The night's firmware: fetched by a command of the vendor's, overlaid on PICS and settings.

Owns what the command is told, what it must print, and the overlay. The command runs before the
window, and prints one JSON object on standard output: `image`, `signature`, `signing_certificate`
(paths, relative to the directory it runs in) and `version`. The user's own files are never changed;
the overlay of the settings stands beside them, because paths in it are relative to it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vdoc.digest import sha256_hex
from vdoc.errors import BenchError, InputError, Problem
from vdoc.nightly.config import DutTable
from vdoc.nightly.supervised import Around, StoppedError

RECORD, PRINTED, LOG = "fetched.json", "fetch.out", "fetch.log"
_POLL_S = 0.1
_SHOWN_CHARACTERS = 500


class _Printed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    image: str = Field(min_length=1)
    signature: str = Field(min_length=1)
    signing_certificate: str = Field(min_length=1)
    version: str = Field(min_length=1, max_length=50)


@dataclass(frozen=True, slots=True)
class NightFiles:
    """PICS and settings of one night: the user's own, or the overlays."""

    pics: Path
    bench: Path


def files_of_the_night(dut: DutTable, directory: Path, around: Around) -> NightFiles:
    """Fetch the night's firmware, if the station has a command for it.

    Args:
        dut: with its `fetch` table, or without.
        directory: of the night's run; the command runs in it, and the overlay of the PICS and
            `fetched.json` go there.
        around: what the command holds while it lives, and what ends it.

    Raises:
        BenchError: the command fails, does not end in time, or is not wanted any more.
        InputError: what it prints cannot be used.
    """
    if dut.fetch is None:
        return NightFiles(dut.pics, dut.bench)
    printed = _printed(_output(dut, directory, around), dut)
    paths = {name: _file(directory, value, dut) for name, value in _paths(printed).items()}
    sha256 = sha256_hex(paths["image"].read_bytes())
    pics, bench = directory / "pics.toml", dut.bench.with_name(f".{dut.name}.nightly.toml")
    product = {"firmware_version": printed.version, "firmware_image_sha256": sha256}
    _overlay(dut.pics, pics, "product", product)
    firmware = {**{n: str(p) for n, p in paths.items()}, "version": printed.version}
    _overlay(dut.bench, bench, "firmware", firmware)
    record = {"version": printed.version, "sha256": sha256}
    (directory / RECORD).write_text(json.dumps(record), encoding="utf-8")
    return NightFiles(pics, bench)


def fetched_sha256(directory: Path) -> str:
    """Return the hash of the image that was fetched for a night; empty when none was."""
    try:
        return str(json.loads((directory / RECORD).read_text("utf-8"))["sha256"])
    except (OSError, ValueError, KeyError):
        return ""


def _output(dut: DutTable, directory: Path, around: Around) -> str:
    assert dut.fetch is not None  # noqa: S101  # the caller has looked
    words = " ".join(dut.fetch.command)
    with (directory / PRINTED).open("wb") as printed, (directory / LOG).open("wb") as log:
        try:
            process = subprocess.Popen(  # noqa: S603  # the user's own command
                dut.fetch.command, cwd=directory, stdin=subprocess.DEVNULL, stdout=printed,
                stderr=log, start_new_session=True, pass_fds=(around.lock,),
                env={**os.environ, "VDOC_DUT": dut.name, "VDOC_DIRECTORY": str(directory)},
            )  # fmt: skip
        except OSError as error:
            raise BenchError(f"fetch: cannot start {words!r}: {error.strerror}") from error
        if not _ended(process, dut.fetch.timeout_s, around.stop):
            raise BenchError(f"fetch: {words!r} did not end within {dut.fetch.timeout_s:g} s")
    if process.returncode != 0:
        log_lines = (directory / LOG).read_text("utf-8", "replace").strip().split("\n")
        last = log_lines[-1].strip()[:_SHOWN_CHARACTERS] or "it wrote nothing"
        raise BenchError(
            f"fetch ended with {process.returncode}: {last}; all that it wrote: {directory / LOG}"
        )
    return (directory / PRINTED).read_text("utf-8", "replace")


def _ended(process: subprocess.Popen[bytes], timeout_s: float, stop: threading.Event) -> bool:
    """Wait for the command; what it has begun ends with it. False when it took too long."""
    limit = time.monotonic() + timeout_s
    try:
        while process.poll() is None:
            if stop.wait(_POLL_S):
                raise StoppedError
            if time.monotonic() > limit:
                return False
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return True


def _printed(text: str, dut: DutTable) -> _Printed:
    try:
        return _Printed.model_validate_json(text)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) or "JSON" for each in error.errors())
        raise _refused(dut, f"printed something else than asked for (see {places}).") from error


def _paths(printed: _Printed) -> Mapping[str, str]:
    names = ("image", "signature", "signing_certificate")
    return {name: getattr(printed, name) for name in names}


def _file(directory: Path, value: str, dut: DutTable) -> Path:
    path = (directory / value).resolve()
    if not path.is_file():
        raise _refused(dut, f"names {value}, which is no file.")
    return path


def _refused(dut: DutTable, message: str) -> InputError:
    remedy = "print a JSON object with image, signature, signing_certificate and version."
    return InputError(Problem("nightly.toml", None, f"dut {dut.name}: fetch", message, remedy))


def _overlay(source: Path, target: Path, table: str, values: Mapping[str, Any]) -> None:
    """Write a copy of a TOML file with some values of a table changed, for its owner only."""
    try:
        document = tomlkit.parse(source.read_text("utf-8"))
        document.setdefault(table, tomlkit.table()).update(values)
        target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
    except OSError as error:
        raise BenchError(f"fetch: cannot overlay {source} as {target}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(
            Problem(str(source), None, table, "not valid TOML.", "correct its syntax.")
        ) from error
