"""`vdoc verify` and `vdoc countersign`: a laboratory's commands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from vdoc.cli.output import console, print_json
from vdoc.declaration import countersign_bundle
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.signing import Trust, load_signing_key
from vdoc.verify import LaboratoryPolicy, load_policy, verify_bundle


def verify_command(
    bundle: Path,
    trust: Path | None,
    *,
    policy: Path | None,
    firmware: Path | None,
    pics: Path | None,
    allow_demo: bool,
    as_json: bool,
) -> ExitCode:
    """Verify a bundle and say everything that is wrong with it."""
    verification = verify_bundle(
        bundle,
        _whom(bundle, trust, policy),
        firmware=firmware,
        pics=pics,
        allow_demo=allow_demo,
    )
    if as_json:
        findings = [{"code": f.code, "message": f.message} for f in verification.findings]
        print_json({"ok": verification.ok, "findings": findings})
    else:
        console.print(f"{bundle}: {'ok' if verification.ok else 'refused'}")
        for finding in verification.findings:
            console.print(f"  {finding.code}: {finding.message}")
    return ExitCode.PASS if verification.ok else ExitCode.FAIL


def countersign_command(
    bundle: Path, key: Path, out: Path, *, trust: Path | None, policy: Path | None
) -> ExitCode:
    """Verify a bundle and, when it holds, add a signature to a copy of it."""
    verification = verify_bundle(bundle, _whom(bundle, trust, policy))
    if not verification.ok:
        console.print(f"{bundle}: refused, so it is not signed; see vdoc verify")
        return ExitCode.FAIL
    signing = load_signing_key(key)
    countersign_bundle(bundle, [signing], out)
    console.print(f"{out}: signed by {signing.public.key_id} too")
    return ExitCode.PASS


def _whom(bundle: Path, trust: Path | None, policy: Path | None) -> Trust | LaboratoryPolicy:
    if trust is not None and policy is None:
        return Trust.load(trust)
    if policy is not None and trust is None:
        return load_policy(policy, datetime.now(UTC))
    text = "whom to believe is said by --trust DIRECTORY or by --policy FILE, by one of them."
    raise InputError(Problem(str(bundle), None, "trust", text, "give one of the two."))
