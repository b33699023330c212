"""`vdoc verify` and `vdoc countersign`: a laboratory's commands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from vdoc.cli.output import console, print_json, visible
from vdoc.cli.signing_key import SigningAs
from vdoc.declaration import DEMONSTRATION_TYPE, countersign_bundle
from vdoc.declaration.words import DEMONSTRATION
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.signing import Trust
from vdoc.verify import LaboratoryPolicy, Verification, load_policy, verify_bundle


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
        notes, declares = list(verification.notes), list(_declared(verification))
        ok = verification.ok
        print_json({"ok": ok, "declares": declares, "findings": findings, "notes": notes})
    else:
        console.print(f"{bundle}: {'ok' if verification.ok else 'refused'}")
        for words in _declared(verification):
            console.print(f"  {visible(words)}")
        for finding in verification.findings:
            console.print(f"  {finding.code}: {visible(finding.message)}")
        for note in verification.notes:
            console.print(f"  note: {visible(note)}")
    return verification.exit_code


def _declared(verification: Verification) -> Iterator[str]:
    """Say what holds, and of which product; nothing of a bundle that was refused."""
    statement = verification.statement
    if statement is None or not verification.ok:
        return
    if statement.predicate_type == DEMONSTRATION_TYPE:
        yield DEMONSTRATION
    product = statement.predicate["product"]
    yield f"{product['vendor']} {product['model']}, firmware {product['firmware_version']}"
    yield f"image {statement.image}, SHA-256 {statement.sha256}"
    yield f"{verification.cases} runs of cases, judged again"


def countersign_command(
    bundle: Path, key: SigningAs, out: Path, *, trust: Path | None, policy: Path | None
) -> ExitCode:
    """Verify a bundle and, when it holds, add a signature to a copy of it."""
    signing = key.open()
    verification = verify_bundle(bundle, _whom(bundle, trust, policy))
    if not verification.ok:
        console.print(f"{bundle}: refused, so it is not signed; see vdoc verify")
        return ExitCode.FAIL
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
