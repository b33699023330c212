"""`vdoc declare`: signing a run that is over, by its evidence alone.

Owns what such a run must stand before anybody sees a bundle: nothing is wrong with its evidence,
`vdoc.declaration.eligible` finds nothing against what is in it, and the bundle verifies. A run that
`vdoc run` would not declare is not declared here either.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from vdoc.bench import CaseFunction
from vdoc.cli.running import BUNDLE, EXIT, announce, recorded, reported, sign
from vdoc.cli.signing_key import SigningAs
from vdoc.declaration.record import RunVerdict
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.evidence import Flaw
from vdoc.rejudge.contradiction import Contradiction
from vdoc.signing import Trust
from vdoc.verify import verify_bundle

_LOST = "put the evidence back as the run wrote it; a run whose evidence has flaws is lost."
_UNSEALED = (
    "wait for the end of the run, if it goes on; one that was cut off is lost: make another."
)
_UNPROVED = "docs/verification.md explains it; nothing was signed that would be refused."


def declare_command(
    out: Path, key: SigningAs, *, functions: Mapping[str, CaseFunction] | None = None
) -> ExitCode:
    """Sign a run that is over, such as one whose token was gone at its end.

    Args:
        out: directory of the run.
        key: signs; its secret is asked for before the evidence is gone through.
        functions: the case functions; those of this package unless said otherwise.

    Raises:
        InputError: there is no run, it is declared already, its evidence has flaws, the key cannot
            be used, or the bundle would not verify.
    """
    if not (out / "evidence.jsonl").is_file():
        text, remedy = "holds no evidence.jsonl.", "name the directory of a run (its --out)."
        raise InputError(Problem(str(out), None, "run", text, remedy))
    bundle = out / BUNDLE
    if bundle.exists():
        raise _declared(bundle)
    signing = key.open()
    record, flaws = recorded(out, functions)
    if flaws:
        raise InputError(*(_flaw(out, flaw) for flaw in flaws))
    if not reported(record, out):
        return ExitCode.VOID if record.verdict is RunVerdict.VOID else ExitCode.FAIL
    with tempfile.TemporaryDirectory(prefix=".declaring-", dir=out) as place:
        made = Path(place) / BUNDLE
        sign(record, out, signing, made)
        _prove(made, Trust(signing.public), functions)
        try:
            os.link(made, bundle)
        except FileExistsError as error:
            raise _declared(bundle) from error
    announce(record, bundle)
    return EXIT[record.verdict]


def _prove(made: Path, trust: Trust, functions: Mapping[str, CaseFunction] | None) -> None:
    verified = verify_bundle(made, trust, allow_demo=True, functions=functions)
    if not verified.ok:
        found = verified.findings
        raise InputError(*(Problem(BUNDLE, None, f.code, f.message, _UNPROVED) for f in found))


def _flaw(out: Path, flaw: Flaw | Contradiction) -> Problem:
    remedy = _UNSEALED if flaw.code in {"unsealed", "torn"} else _LOST
    file = str(out / "evidence.jsonl")
    return Problem(file, flaw.n, flaw.code, f"{flaw.message}.", remedy)


def _declared(bundle: Path) -> InputError:
    text, remedy = "the run is declared already.", "move that bundle away."
    return InputError(Problem(str(bundle), None, "declaration", text, remedy))
