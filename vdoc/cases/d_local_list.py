"""Cases of block D, the local authorization list."""

from __future__ import annotations

from typing import Any, Literal

from vdoc.bench import Bench
from vdoc.cases import configuration, memory
from vdoc.cases.booting import booted
from vdoc.cases.registry import case
from vdoc.cases.tokens import listed_token, second_token
from vdoc.cases.transaction_rules import IdToken

_ACCEPTED = {"idTokenInfo": {"status": "Accepted"}}


@case("TC_D_01_CS")
async def full(bench: Bench) -> None:
    """A whole list replaces the one before, with its version (D01.FR.02, D01.FR.15).

    Part 6: TC_D_01_CS. Errata: none.
    """
    version = bench.settings.values.local_list_version
    with bench.before():
        await _enabled(bench)

    entry = {"idToken": listed_token(bench).as_json(), **_ACCEPTED}
    await _send(bench, version, "Full", entry, requirement="D01.FR.15")  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.15")  # 3


@case("TC_D_02_CS")
async def differential_update(bench: Bench) -> None:
    """A token is added, and the version changes (D01.FR.02, D01.FR.16).

    Part 6: TC_D_02_CS. Errata: 6.2.121 in the memory state. One entry is within any ItemsPerMessage
    and BytesPerMessage.
    """
    with bench.before():
        first = await _listed(bench)

    version = bench.settings.values.local_list_version + 1
    entry = {"idToken": second_token(bench, first).as_json(), **_ACCEPTED}
    await _send(bench, version, "Differential", entry, requirement="D01.FR.16")  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.16")  # 3


@case("TC_D_03_CS")
async def differential_remove(bench: Bench) -> None:
    """A token is removed, and the version changes (D01.FR.02, D01.FR.17).

    Part 6: TC_D_03_CS. Errata: 6.2.121 in the memory state.
    """
    with bench.before():
        first = await _listed(bench)

    version = bench.settings.values.local_list_version + 1
    entry = {"idToken": first.as_json()}
    await _send(bench, version, "Differential", entry, requirement="D01.FR.17")  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.17")  # 3


@case("TC_D_04_CS")
async def full_empty(bench: Bench) -> None:
    """A whole list without entries empties the list, which has a version (D01.FR.02, D01.FR.04).

    Part 6: TC_D_04_CS. Errata: 6.2.121 in the memory state. An empty list is left out, since the
    schema knows none.
    """
    with bench.before():
        await _listed(bench)

    version = bench.settings.values.local_list_version
    await _send(bench, version, "Full", requirement="D01.FR.04")  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.04")  # 3


@case("TC_D_05_CS")
async def differential_empty(bench: Bench) -> None:
    """An update without entries changes the version alone (D01.FR.02, D01.FR.05).

    Part 6: TC_D_05_CS. Errata: 6.2.121 in the memory state. As in TC_D_04_CS, left out.
    """
    with bench.before():
        await _listed(bench)

    version = bench.settings.values.local_list_version + 1
    await _send(bench, version, "Differential", requirement="D01.FR.05")  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.05")  # 3


@case("TC_D_06_CS")
async def version_mismatch(bench: Bench) -> None:
    """An update that is older than the list is not accepted (D01.FR.19).

    Part 6: TC_D_06_CS. Errata: 6.2.121 in the memory state.
    """
    with bench.before():
        first = await _listed(bench)

    version = bench.settings.values.local_list_version
    entry = {"idToken": second_token(bench, first).as_json(), **_ACCEPTED}
    await _send(
        bench,
        version - 1,
        "Differential",
        entry,
        requirement="D01.FR.19",
        status="VersionMismatch",
    )  # 1, 2
    await _version_is(bench, version, 4, "D01.FR.19")  # 3


@case("TC_D_07_CS")
async def persistent(bench: Bench) -> None:
    """The list outlives a reboot (D01.FR.10).

    Part 6: TC_D_07_CS. Errata: 6.2.121 in the memory state.
    """
    with bench.before():
        await _listed(bench)
        await booted(bench)

    await _version_is(bench, bench.settings.values.local_list_version, 2, "D01.FR.10")  # 1


@case("TC_D_08_CS")
async def version(bench: Bench) -> None:
    """The version of the list is told (D02.FR.01).

    Part 6: TC_D_08_CS. Errata: 6.2.121 in the memory state.
    """
    with bench.before():
        await _listed(bench)

    await _version_is(bench, bench.settings.values.local_list_version, 2, "D02.FR.01")  # 1


@case("TC_D_10_CS")
async def version_when_disabled(bench: Bench) -> None:
    """The version is 0 while the list is switched off (D02.FR.03).

    Part 6: TC_D_10_CS. Errata: none. That there is a list is our interpretation: 0 is the version
    of no list as well (D02.FR.02). Where the list cannot be switched off there is nothing to show.
    """
    name = configuration.LOCAL_LIST_ENABLED
    with bench.before():
        reading = await configuration.read(bench, name)
        if reading.value is None:
            bench.not_applicable(f"{name} is not implemented", reading.answer)
        await _listed(bench)
        await configuration.ensure(bench, name, "false")

    await _version_is(bench, 0, 2, "D02.FR.03")  # 1


async def _enabled(bench: Bench) -> None:
    """LocalAuthListCtrlr.Enabled true (if implemented)."""
    await configuration.ensure_if_implemented(bench, configuration.LOCAL_LIST_ENABLED, "true")


async def _listed(bench: Bench) -> IdToken:
    """Memory state IdTokenLocalAuthList for an accepted token, which is returned."""
    await _enabled(bench)
    token = listed_token(bench)
    await memory.id_token_local_auth_list(bench, token)
    return token


async def _send(
    bench: Bench,
    version: int,
    update: Literal["Full", "Differential"],
    *entries: dict[str, Any],
    requirement: str,
    status: str = "Accepted",
) -> None:
    """Steps 1 and 2: send a list, or an update to it."""
    bench.step(2, requirement)
    content: dict[str, Any] = {"localAuthorizationList": list(entries)} if entries else {}
    response = await bench.call(
        "SendLocalList", versionNumber=version, updateType=update, **content
    )
    bench.check(response["status"], status)


async def _version_is(bench: Bench, version: int, step: int, requirement: str) -> None:
    """The last two steps: ask for the version."""
    bench.step(step, requirement)
    response = await bench.call("GetLocalListVersion")
    bench.check(response["versionNumber"], version)
