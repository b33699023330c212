"""From a `[[dut]]` table to the `vdoc run` of one night.

Owns what of PICS, settings, selection and history becomes which option. Such a run has no key, and
so never leads to a declaration.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from vdoc.catalogue import load_catalogue
from vdoc.cli.inputs import load
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.config import DutTable
from vdoc.nightly.fetched import files_of_the_night
from vdoc.nightly.history import History
from vdoc.nightly.night import Job
from vdoc.nightly.selection import coverage, selected, share_of
from vdoc.nightly.supervised import Around
from vdoc.pics import BenchSettings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def night_job(dut: DutTable, attempt: Attempt, history: History, around: Around) -> Job:
    """Read the inputs of a station, so that what is wrong with them is known before it runs.

    Raises:
        InputError: a file, or the selection, cannot be used.
        BenchError: the firmware cannot be fetched.
    """
    files = files_of_the_night(dut, attempt.directory, around)
    share = share_of(dut, history)
    every = load(files.pics, files.bench, seed=dut.seed, only=None, share=share, draft=True)
    only = selected(dut, every.plan, load_catalogue(), history) or ()
    loaded = load(files.pics, files.bench, seed=dut.seed, only=only or None, share=share)
    note = ""
    if share is not None:
        whole = load(files.pics, files.bench, seed=dut.seed, only=only or None, draft=True).plan
        note = coverage(history, dut, share, loaded.plan, whole)
    command = (
        sys.executable, "-m", "vdoc.cli", "run", "--pics", str(files.pics),
        "--bench", str(files.bench),
        "--variants", "all" if share is None else str(share),
        "--seed", str(dut.seed), *(word for case in only for word in ("--only", case)),
    )  # fmt: skip
    return Job(dut, command, tuple(resources(loaded.settings)), note)


def resources(settings: BenchSettings) -> Iterator[str]:
    """Yield what no two runs may use at once: the action API, and ports that are fixed."""
    url = urlsplit(settings.action_api.url)
    host = "localhost" if url.hostname in _LOOPBACK else url.hostname
    yield f"{host}:{url.port or _PORTS.get(url.scheme, 0)}{url.path.rstrip('/')}"
    for ev in settings.ev_api.values():
        yield f"EV {ev.url}"
    ports = [endpoint.bind_port for endpoint in settings.csms.endpoint]
    ports += [server.bind_port for server in settings.file_server]
    yield from (f"port {port}" for port in ports if port)
