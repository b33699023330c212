"""Returning the DUT to its starting state, outside OCPP and before the window.

Owns how the vendor's `provision` command is called: what it needs to know is in its environment,
the password in a file that only its owner can read. It is never called inside a window.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from vdoc.errors import BenchError
from vdoc.pics import BenchSettings

_SHOWN_CHARACTERS = 2000


async def provision(settings: BenchSettings, environment: Mapping[str, str]) -> bool:
    """Run the settings' provision command; False when there is none.

    Args:
        settings: of the bench.
        environment: `VDOC_…` variables: `VDOC_IDENTITY`, `VDOC_CSMS_URL`,
            `VDOC_SECURITY_PROFILE`, `VDOC_ROOT_CERTIFICATE`, `VDOC_MANUFACTURER_ROOT`;
            `VDOC_PASSWORD_FILE` is added.

    Raises:
        BenchError: the command fails, cannot be started or does not end in time.
    """
    if settings.provision is None:
        return False
    with tempfile.TemporaryDirectory(prefix="vdoc-") as directory:
        password = Path(directory) / "password"
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(settings.password.initial.reveal())
        await _run(settings, {**environment, "VDOC_PASSWORD_FILE": str(password)})
    return True


async def _run(settings: BenchSettings, environment: Mapping[str, str]) -> None:
    table = settings.provision
    assert table is not None  # noqa: S101  # the caller has looked
    words = " ".join(table.command)
    try:
        process = await asyncio.create_subprocess_exec(
            *table.command,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise BenchError(f"provision: cannot start {words!r}: {error.strerror}") from error
    try:
        output, _ = await asyncio.wait_for(process.communicate(), table.timeout_s)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        message = f"provision: {words!r} did not end within {table.timeout_s:g} s"
        raise BenchError(message) from error
    if process.returncode != 0:
        raise BenchError(_ended_badly(words, process.returncode, output.decode("utf-8", "replace")))


def _ended_badly(words: str, code: int | None, output: str) -> str:
    """Say it with the last line first; what stands indented below is for whoever wants all."""
    tail = output[-_SHOWN_CHARACTERS:].strip()
    last = tail.rpartition("\n")[2].strip() or "it wrote nothing"
    wrote = [f"  {line}" for line in tail.split("\n")] if "\n" in tail else []
    return "\n".join([f"provision ended with {code}: {last}", f"  of {words!r}", *wrote])
