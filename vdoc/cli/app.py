"""The command line of vdoc.

Owns which command calls what, and turning an error into its exit code; nothing else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vdoc.catalogue import case_table, load_catalogue
from vdoc.cli import bench as bench_commands
from vdoc.cli import challenge as challenge_commands
from vdoc.cli import evidence as evidence_commands
from vdoc.cli import keys as key_commands
from vdoc.cli import nightly as nightly_commands
from vdoc.cli import pics as pics_commands
from vdoc.cli.declaring import declare_command
from vdoc.cli.demo import Grade, demo_command
from vdoc.cli.inputs import full_ids, implemented, load
from vdoc.cli.output import print_json, print_problems, print_table
from vdoc.cli.running import (
    Wanted,
    rejudge_command,
    report_command,
    run_command,
)
from vdoc.cli.signing_key import PassphraseFile, SigningAs, forget_secrets
from vdoc.cli.stamping import stamp_command
from vdoc.cli.verifying import countersign_command, verify_command
from vdoc.errors import ExitCode, VdocError
from vdoc.pics import load_pics
from vdoc.plan import Share
from vdoc.station import process as station_process

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Unattended OCPP 2.0.1 conformance runner with a signed result.",
)
app.add_typer(pics_commands.app, name="pics", help="PICS files: check, new, schema.")
app.add_typer(bench_commands.app, name="bench", help="Bench settings: check, schema.")
app.add_typer(key_commands.app, name="keys", help="Signing keys and the bench PKI.")
app.add_typer(challenge_commands.app, name="challenge", help="A laboratory's: new, show.")
app.add_typer(evidence_commands.app, name="evidence", help="One case: extract, check.")

app.add_typer(
    nightly_commands.app, name="nightly", help="Regression: run, remember, compare, tell."
)

_WITH_A_KEY = frozenset({"run", "declare", "countersign", "challenge", "keys"})

PicsFile = Annotated[Path, typer.Option("--pics", help="PICS file.", exists=True, dir_okay=False)]
BenchFile = Annotated[
    Path, typer.Option("--bench", help="Bench settings file.", exists=True, dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]
Seed = Annotated[int | None, typer.Option(help="Shuffles the order; random when absent.")]
Only = Annotated[
    list[str] | None, typer.Option(help="Only these cases (repeat); leads to a report at most.")
]


@app.callback()
def every(context: typer.Context) -> None:
    """Unattended OCPP 2.0.1 conformance runner with a signed result."""
    if context.invoked_subcommand not in _WITH_A_KEY:
        forget_secrets()  # before anything is started that is not ours


@app.command()
def cases(
    profile: Annotated[str | None, typer.Option(help="Certification profile.")] = None,
    missing: Annotated[bool, typer.Option(help="Only what is not implemented.")] = False,
    pics: Annotated[Path | None, typer.Option(help="PICS: spell out the variants.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the catalogue: every certification case of a Charging Station."""
    product = None if pics is None else load_pics(pics)
    rows = case_table(load_catalogue(), implemented(), profile, missing=missing, pics=product)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "profile", "status", "condition", "implemented", "title")
    print_table(columns, ([row[name] for name in columns] for row in rows))


@app.command()
def plan(
    pics: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PICS file.")],
    bench: BenchFile,
    seed: Seed = None,
    only: Only = None,
    as_json: AsJson = False,
) -> None:
    """Show what a run would do: cases, variants, stages, reasons, duration."""
    made = load(pics, bench, seed=seed, only=full_ids(only)).plan
    if as_json:
        print_json(made.to_json())
        return
    rows = [(e.stage, e.case, e.variant, e.because) for e in made.entries]
    print_table(("stage", "case", "variant", "because"), rows, "Applicable")
    skipped = [(n.case, n.profile, n.because) for n in made.not_applicable]
    print_table(("case", "profile", "because"), skipped, "Not applicable")
    print_table(("case",), [(c,) for c in made.not_implemented], "Applicable, not implemented")
    costs = [(c.option, c.runs, f"{c.seconds / 3600:.2f} h") for c in made.breakdown]
    print_table(("option", "runs", "expected"), costs, "What the options cost")
    hours = made.expected_seconds / 3600
    print_table(("digest", "seed", "expected"), [(made.digest, made.seed, f"{hours:.2f} h")])


@app.command()
def run(  # noqa: PLR0913  # an option each
    *,
    pics: PicsFile,
    bench: BenchFile,
    out: Annotated[Path, typer.Option(help="Directory for evidence and results.")],
    only: Only = None,
    seed: Seed = None,
    key: Annotated[str | None, typer.Option(help="Signing key: a file or pkcs11: URI.")] = None,
    passphrase_file: PassphraseFile = None,
    variants: Annotated[
        str, typer.Option(help="all; one of each case; or a share such as 2/5: a report at most.")
    ] = "all",
    challenge: Annotated[Path | None, typer.Option(help="Challenge of a laboratory.")] = None,
) -> None:
    """Make a run against a station; sign a declaration when it deserves one."""
    share = Share.parse(variants)
    signing = None if key is None else SigningAs(key, passphrase_file)
    wanted = Wanted(only=only, share=share, seed=seed, key=signing, challenge=challenge)
    raise typer.Exit(run_command(pics, bench, out, wanted))


@app.command()
def declare(
    run: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The run: its --out.")],
    *,
    key: Annotated[str, typer.Option(help="Signing key: a file or pkcs11: URI.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign a run that is over and could not be signed then; its evidence says what it came to."""
    raise typer.Exit(declare_command(run, SigningAs(key, passphrase_file)))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Directory for everything.")] = Path("out/demo"),
    pics: Annotated[Path | None, typer.Option(help="Another PICS.")] = None,
    seed: Seed = 1,
    grade: Annotated[
        Grade, typer.Option(help="Of the waits: minutes for a demonstration, hours for the other.")
    ] = "demonstration",
) -> None:
    """Run against the embedded reference station and verify the result."""
    raise typer.Exit(demo_command(out, pics, seed=seed, grade=grade))


@app.command()
def rejudge(
    source: Annotated[Path, typer.Argument(exists=True, help="DIR, bundle or evidence file.")],
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    unsealed: Annotated[bool, typer.Option(help="Skip the hash chain.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge every case again from the evidence alone."""
    raise typer.Exit(rejudge_command(source, case, unsealed=unsealed, as_json=as_json))


@app.command()
def report(
    source: Annotated[Path, typer.Argument(exists=True, help="DIR or evidence file.")],
    out: Annotated[Path, typer.Option(help="Directory for the reports.")],
) -> None:
    """Write the reports of a run anew, from its evidence alone."""
    raise typer.Exit(report_command(source, out))


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The bundle.")],
    *,
    trust: Annotated[Path | None, typer.Option(help="Directory of trusted public keys.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy file of the laboratory.")] = None,
    firmware: Annotated[Path | None, typer.Option(help="The firmware image.")] = None,
    pics: Annotated[Path | None, typer.Option(help="The PICS that must be enclosed.")] = None,
    allow_demo: Annotated[bool, typer.Option(help="Accept a demonstration.")] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a declaration bundle offline, re-judging every verdict."""
    raise typer.Exit(
        verify_command(
            bundle,
            trust,
            policy=policy,
            firmware=firmware,
            pics=pics,
            allow_demo=allow_demo,
            as_json=as_json,
        )
    )


@app.command()
def countersign(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The bundle.")],
    *,
    key: Annotated[str, typer.Option(help="Key of the laboratory: a file or pkcs11: URI.")],
    passphrase_file: PassphraseFile = None,
    out: Annotated[Path, typer.Option(help="The copy with the signature; must not exist.")],
    trust: Annotated[Path | None, typer.Option(help="Directory of trusted public keys.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy file of the laboratory.")] = None,
) -> None:
    """Verify a bundle and add a signature, such as a laboratory's, to a copy of it."""
    signing = SigningAs(key, passphrase_file)
    raise typer.Exit(countersign_command(bundle, signing, out, trust=trust, policy=policy))


@app.command()
def stamp(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The bundle.")],
    *,
    url: Annotated[str, typer.Option(help="Of the time stamping authority (RFC 3161).")],
    out: Annotated[Path, typer.Option(help="The copy with the stamp; must not exist.")],
    timeout: Annotated[float, typer.Option(help="Seconds to wait for it.")] = 30.0,
) -> None:
    """Add the time stamp of the declaration that could not be had when it was signed."""
    raise typer.Exit(stamp_command(bundle, url, out, timeout_s=timeout))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def station(context: typer.Context) -> None:
    """Run the reference station as a process of its own (`vdoc station --help`)."""
    raise typer.Exit(station_process.main(context.args))


def main() -> None:
    """Run a command and leave with its exit code (design §4)."""
    try:
        app(standalone_mode=True)
    except VdocError as error:
        print_problems(error)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.VOID))
    except Exception as error:  # the last boundary before the user
        if os.environ.get("VDOC_TRACEBACK"):
            raise
        print_problems(
            f"internal error: {type(error).__name__}: {error}. Remedy: run it again with "
            "VDOC_TRACEBACK=1 and report what it prints."
        )
        sys.exit(int(ExitCode.UNREACHABLE))
