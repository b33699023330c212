"""Commissioning of the station: its starting state, made outside OCPP.

Makes the factory copy in a station's state directory (password, trust anchors, first network
profile, client certificate) and returns the station to it: a running one through its admin API,
one at rest directly. What a bench settings file names as `provision` command may call `main`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography import x509

from vdoc.errors import BenchError, ExitCode, InputError, Problem, VdocError
from vdoc.station.link import PASSWORD
from vdoc.station.network import CLIENT_CERTIFICATE_PROFILE, CLIENT_CREDENTIALS, provisioned
from vdoc.station.storage import FileStorage

ROOT_KINDS = (
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "V2GRootCertificate",
    "MORootCertificate",
)
_IDENTITY = "provisioned"
_RESET_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The starting state of a station.

    Attributes:
        identity: its identity in the connection URL.
        csms_url: first CSMS, without the identity.
        security_profile: 1, 2 or 3.
        password: BasicAuthPassword; None = none (profile 3 only).
        roots: InstallCertificateUseEnumType to PEM files, in order of installation.
        client: PEM files of certificate chain and key of the station.
    """

    identity: str
    csms_url: str
    security_profile: int
    password: str | None = None
    roots: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    client: tuple[Path, Path] | None = None


def provision(state_dir: Path, starting: Provisioning) -> None:
    """Make `starting` the factory state in `state_dir`; the current state stays as it is.

    Raises:
        InputError: a certificate file cannot be read, or a profile lacks what it needs.
    """
    problems = _contradictions(starting)
    if problems:
        raise InputError(*problems)
    with tempfile.TemporaryDirectory() as directory:
        fresh = FileStorage(Path(directory))
        _fill(fresh, starting)
        FileStorage(state_dir).adopt_factory(fresh)


def _contradictions(starting: Provisioning) -> list[Problem]:
    problems = []
    secured = starting.security_profile > 1
    if starting.csms_url.startswith("wss:") != secured:
        message = f"{starting.csms_url} does not fit security profile {starting.security_profile}."
        problems.append(_problem("csms", message, "ws:// for profile 1, wss:// above."))
    if starting.password is None and starting.security_profile < CLIENT_CERTIFICATE_PROFILE:
        problems.append(_problem("password", "missing.", "profiles 1 and 2 need one."))
    if secured and not starting.roots.get("CSMSRootCertificate"):
        problems.append(_problem("roots", "no CSMSRootCertificate.", "give one for TLS."))
    if starting.client is None and starting.security_profile == CLIENT_CERTIFICATE_PROFILE:
        problems.append(_problem("client", "missing.", "profile 3 needs chain and key."))
    return problems


def _fill(storage: FileStorage, starting: Provisioning) -> None:
    storage.put(_IDENTITY, {"identity": starting.identity})
    storage.put("network", provisioned(starting.csms_url, starting.security_profile))
    if starting.password is not None:
        storage.put_secret(PASSWORD, starting.password)
    for kind, files in starting.roots.items():
        for file in files:
            storage.add_certificate(kind, _certificates(file))
    if starting.client is not None:
        chain, key = starting.client
        storage.put_credentials(CLIENT_CREDENTIALS, chain.read_bytes(), key.read_bytes())


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[:1]
    except (OSError, ValueError) as error:
        message = f"no PEM certificate ({error})."
        raise InputError(Problem(str(file), None, "roots", message, "give a PEM file.")) from error


def _problem(item: str, message: str, remedy: str) -> Problem:
    return Problem("provisioning", None, item, message, remedy)


def identity_of(state_dir: Path) -> str | None:
    """The identity that the station in `state_dir` was provisioned with, or None."""
    document = FileStorage(state_dir).get(_IDENTITY)
    return None if document is None else str(document["identity"])


def reset(state_dir: Path) -> None:
    """Return a station that is not running to its factory state."""
    FileStorage(state_dir).factory_reset()


def reset_running(action_api: str, *, token: str | None = None) -> None:
    """Return a running station to its factory state.

    Args:
        action_api: base address from its ready line.
        token: bearer token of its action API.

    Raises:
        BenchError: it cannot be reached or refuses.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{action_api.rstrip('/')}/admin/factory-reset"
    try:
        with httpx.Client(trust_env=False, timeout=_RESET_LIMIT_S) as client:
            client.post(url, headers=headers).raise_for_status()
    except httpx.HTTPError as error:
        raise BenchError(f"{url}: {error!r}; is the station running?") from error


def parser() -> argparse.ArgumentParser:
    """The arguments of `python -m vdoc.station.provision`."""
    arguments = argparse.ArgumentParser(
        prog="vdoc.station.provision", description="Give a reference station its starting state."
    )
    add = arguments.add_argument
    add("--state", type=Path, required=True)
    add("--identity", required=True)
    add("--csms", required=True)
    add("--security-profile", type=int, choices=(1, 2, 3), required=True)
    add("--password", help="or --password-file")
    add("--password-file", type=Path)
    add("--root", action="append", default=[], metavar="TYPE=FILE", help="may be repeated")
    add("--client-chain", type=Path)
    add("--client-key", type=Path)
    add("--action-api", help="base address of the station when it is running")
    add("--action-token")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Provision a station and return it to that state; return the exit code.

    Raises:
        InputError: the arguments cannot be used.
        BenchError: the running station cannot be reached.
    """
    arguments = parser().parse_args(argv)
    provision(arguments.state, _starting(arguments))
    if arguments.action_api is None:
        reset(arguments.state)
    else:
        reset_running(arguments.action_api, token=arguments.action_token)
    return ExitCode.PASS


def _starting(arguments: argparse.Namespace) -> Provisioning:
    password = arguments.password
    if arguments.password_file is not None:
        password = arguments.password_file.read_text(encoding="utf-8").strip()
    roots: dict[str, list[Path]] = {}
    for entry in arguments.root:
        kind, _, file = entry.partition("=")
        if kind not in ROOT_KINDS:
            remedy = f"TYPE=FILE with TYPE one of {', '.join(ROOT_KINDS)}."
            raise InputError(_problem("--root", f"cannot use {entry}.", remedy))
        roots.setdefault(kind, []).append(Path(file))
    client = None
    if arguments.client_chain is not None and arguments.client_key is not None:
        client = (arguments.client_chain, arguments.client_key)
    return Provisioning(
        arguments.identity, arguments.csms, arguments.security_profile, password, roots, client
    )


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except VdocError as error:
        raise SystemExit(str(error)) from error
