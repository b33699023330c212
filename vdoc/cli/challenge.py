"""`vdoc challenge`: a laboratory's challenge, and what a run is made against it with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from vdoc.cli.output import console, print_json
from vdoc.cli.signing_key import PassphraseFile, SigningAs
from vdoc.errors import InputError, Problem
from vdoc.pics import Pics, load_pics
from vdoc.run.starts import StartLog
from vdoc.signing import Challenge, SignedChallenge, read_challenge, sign_challenge
from vdoc.signing.challenge import NONCE_BYTES

app = typer.Typer(no_args_is_help=True)

_MAX_BYTES = 1 << 20


@app.command()
def new(
    pics: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The PICS to be run.")],
    key: Annotated[str, typer.Option(help="Key of the laboratory: a file or pkcs11: URI.")],
    out: Annotated[Path, typer.Option(help="File to write; must not exist.")],
    days: Annotated[float, typer.Option(min=0.01, help="How long a run may begin.")] = 14,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a challenge for a PICS: the seed of the run follows from it."""
    now = datetime.now(UTC).replace(microsecond=0)
    challenge = Challenge(
        secrets.token_hex(NONCE_BYTES), load_pics(pics).digest, now, now + timedelta(days=days)
    )
    envelope = sign_challenge(challenge, [SigningAs(key, passphrase_file).open()])
    try:
        with out.open("xb") as file:
            file.write(envelope)
    except OSError as error:
        text = f"cannot be written: {error.strerror}."
        problem = Problem(str(out), None, "challenge", text, "choose another name.")
        raise InputError(problem) from error
    console.print(f"{out}: for PICS {challenge.pics}, until {challenge.not_after}")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A challenge.")],
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show a challenge, who has signed it, and every start against it."""
    signed = _read(file)
    challenge, starts = signed.challenge, StartLog.beside(file, signed.digest).starts()
    if as_json:
        print_json({
            "nonce": challenge.nonce, "pics": challenge.pics, "seed": challenge.seed,
            "not_before": challenge.not_before.isoformat(),
            "not_after": challenge.not_after.isoformat(),
            "signed_by": list(signed.signed.key_ids), "starts": starts,
        })  # fmt: skip
        return
    console.print(f"PICS {challenge.pics}, seed {challenge.seed}")
    console.print(f"a run begins from {challenge.not_before} to {challenge.not_after}")
    console.print(f"signed by {', '.join(signed.signed.key_ids)}")
    for number, start in enumerate(starts, start=1):
        console.print(f"start {number}: {start['at']} {start['run']}: {start['outcome'] or '?'}")


@dataclass(frozen=True, slots=True)
class Challenged:
    """A challenge that a run is about to be made against."""

    signed: SignedChallenge
    log: StartLog

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.signed.challenge.seed

    def begin(self, run: Path) -> Mapping[str, Any]:
        """Log the start and return what evidence holds of the challenge."""
        return {"envelope": dict(self.signed.envelope), "starts": self.log.begin(run.name)}


def load_challenge(file: Path, pics: Pics, *, seed: int | None, partial: bool) -> Challenged:
    """Read the challenge of a run.

    Args:
        file: the challenge.
        pics: what the run is made with.
        seed: that the user chose; None when he did not.
        partial: whether only some cases or variants are to be run.

    Raises:
        InputError: it is none, is for another PICS or another time, or the user chose a seed or
            cases, which a run against a challenge may not.
    """
    signed = _read(file)
    challenge, now = signed.challenge, datetime.now(UTC)
    against = [
        (seed is not None, "the seed follows from the challenge.", "leave --seed out."),
        (partial, "a run against it is a whole one.", "leave --only and --variants out."),
        (challenge.pics != pics.digest, "it is for another PICS.", "ask for one for this PICS."),
        (not challenge.not_before <= now <= challenge.not_after,
         f"it is for a run that begins from {challenge.not_before} to {challenge.not_after}.",
         "ask for another."),
    ]  # fmt: skip
    problems = [
        Problem(str(file), None, "challenge", text, remedy) for so, text, remedy in against if so
    ]
    if problems:
        raise InputError(*problems)
    return Challenged(signed, StartLog.beside(file, signed.digest))


def _read(file: Path) -> SignedChallenge:
    try:
        with file.open("rb") as opened:
            return read_challenge(opened.read(_MAX_BYTES))
    except OSError as error:
        text = f"cannot be read: {error.strerror}."
        raise InputError(Problem(str(file), None, "challenge", text, "check the path.")) from error
