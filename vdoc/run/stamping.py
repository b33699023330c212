"""Time stamps around a run: of the plan before it, of the declaration after it.

Owns when a stamp is taken and where it is kept. Rules: the plan's stands in the run's directory,
written through to the disk, before anything connects, and without it there is no run; nobody
learns at the end that a clock was wrong, so it is compared at the beginning. After the run a stamp
that cannot be had costs the stamp, never the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from vdoc.declaration.stamps import PLAN_STAMP, Stamping
from vdoc.digest import canonical, sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.pics import Timestamps
from vdoc.run.runner import Inputs
from vdoc.signing.timestamps import TsaError, exchange, read, stamp
from vdoc.tls.store import write_new

CLOCKS_APART = timedelta(seconds=10)
"""How far the authority's clock and the bench's may differ when a run begins."""
_FILE_MODE = 0o644


def _now() -> datetime:
    return datetime.now(UTC)


def stamp_plan(inputs: Inputs, out: Path, now: Callable[[], datetime] = _now) -> Inputs:
    """Have the plan of a run stamped when the settings say so; keep the stamp in `out`.

    Args:
        inputs: of the run.
        out: its directory; made if need be.
        now: tells the time, aware.

    Returns:
        The inputs, which name the stamp.

    Raises:
        TsaError: there is no stamp, or its clock and the bench's differ: do not begin.
        InputError: the directory holds a stamp already, or cannot be written to.
    """
    settings = inputs.settings.timestamps
    if settings is None:
        return inputs
    token, apart = asked(settings, canonical(inputs.plan.to_json()), now)
    if apart > CLOCKS_APART:
        words = f"the clocks of {settings.url} and of this bench are {apart.total_seconds():.0f} s"
        raise TsaError(f"{words} apart, expected at most 10 s; correct the clock of the bench")
    out.mkdir(parents=True, exist_ok=True)
    path = out / PLAN_STAMP
    if not write_new(path, token, mode=_FILE_MODE):
        remedy = "name another directory."
        raise InputError(Problem(str(path), None, "--out", "exists already.", remedy))
    return replace(inputs, plan_stamp=sha256_hex(token))


def asked(
    settings: Timestamps, data: bytes, now: Callable[[], datetime] = _now
) -> tuple[bytes, timedelta]:
    """Return a stamp over data, and how far its time lies outside of asking and answer.

    Raises:
        TsaError: there is none.
    """
    before = now()
    token = stamp(data, settings.url, timeout_s=settings.timeout_s)
    at, after = read(token).at, now()
    second = timedelta(seconds=1)  # stamps have whole seconds
    return token, max(before - at - second, at - after, timedelta(0))


def stamping(
    settings: Timestamps | None,
    out: Path,
    failed: Callable[[TsaError], None],
    document_failed: Callable[[TsaError], None],
) -> Stamping:
    """Return what stamps the bundle of a run that has ended.

    Args:
        settings: who stamps; None: nobody.
        out: the run's directory, which holds the stamp of its plan.
        failed: told when the declaration cannot be stamped; it is then made without.
        document_failed: told when the signature of its PDF cannot be; it is then made without.
    """
    if settings is None:
        return Stamping()

    def declare(envelope: bytes) -> bytes | None:
        try:
            return stamp(envelope, settings.url, timeout_s=settings.timeout_s)
        except TsaError as error:
            failed(error)
            return None

    path = out / PLAN_STAMP
    ask = partial(exchange, url=settings.url, timeout_s=settings.timeout_s)
    return Stamping(path.read_bytes() if path.exists() else None, declare, ask, document_failed)
