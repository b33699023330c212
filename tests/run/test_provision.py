"""How the vendor's provision command is called."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vdoc.errors import BenchError
from vdoc.pics.bench_tables import Provision
from vdoc.pics.secret import Secret
from vdoc.run.provision import provision


def settings(code: str, timeout_s: float = 30) -> Any:
    command = (sys.executable, "-c", code)
    password = SimpleNamespace(initial=Secret("Initial-password-01"))
    table = Provision(command=command, timeout_s=timeout_s)
    return cast("Any", SimpleNamespace(provision=table, password=password))


async def test_it_gets_its_environment_and_the_password_in_a_private_file() -> None:
    code = (
        "import os, stat; p = os.environ['VDOC_PASSWORD_FILE'];"
        "assert stat.S_IMODE(os.stat(p).st_mode) == 0o600;"
        "assert open(p).read() == 'Initial-password-01';"
        "assert os.environ['VDOC_IDENTITY'] == 'X'"
    )
    assert await provision(settings(code), {"VDOC_IDENTITY": "X"})


async def test_none_is_no_fault() -> None:
    assert not await provision(cast("Any", SimpleNamespace(provision=None)), {})


async def test_what_it_says_is_passed_on() -> None:
    with pytest.raises(BenchError, match=r"ended with 3: no such station"):
        await provision(settings("print('no such station'); raise SystemExit(3)"), {})


async def test_of_many_lines_the_last_comes_first() -> None:
    with pytest.raises(BenchError) as raised:
        await provision(settings("raise ValueError('no such station')"), {})
    first, command, *rest = str(raised.value).split("\n")
    assert first == "provision ended with 1: ValueError: no such station"
    assert "raise ValueError" in command
    assert "Traceback" in rest[0]
    assert all(line.startswith("  ") for line in (command, *rest))


async def test_one_that_hangs_is_ended() -> None:
    with pytest.raises(BenchError, match="did not end within"):
        await provision(settings("import threading; threading.Event().wait()", 0.3), {})


async def test_one_that_does_not_exist_is_named() -> None:
    table = Provision(command=("/no/such/program",))
    password = SimpleNamespace(initial=Secret("Initial-password-01"))
    with pytest.raises(BenchError, match="cannot start"):
        await provision(cast("Any", SimpleNamespace(provision=table, password=password)), {})
