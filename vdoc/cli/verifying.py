"""`vdoc verify`: a laboratory's command."""

from __future__ import annotations

from pathlib import Path

from vdoc.cli.output import console, print_json
from vdoc.errors import ExitCode
from vdoc.signing import Trust
from vdoc.verify import verify_bundle


def verify_command(
    bundle: Path,
    trust: Path,
    *,
    firmware: Path | None,
    pics: Path | None,
    allow_demo: bool,
    as_json: bool,
) -> ExitCode:
    """Verify a bundle and say everything that is wrong with it."""
    verification = verify_bundle(
        bundle, Trust.load(trust), firmware=firmware, pics=pics, allow_demo=allow_demo
    )
    if as_json:
        findings = [{"code": f.code, "message": f.message} for f in verification.findings]
        print_json({"ok": verification.ok, "findings": findings})
    else:
        console.print(f"{bundle}: {'ok' if verification.ok else 'refused'}")
        for finding in verification.findings:
            console.print(f"  {finding.code}: {finding.message}")
    return ExitCode.PASS if verification.ok else ExitCode.FAIL
