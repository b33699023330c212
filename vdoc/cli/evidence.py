"""`vdoc evidence`: one case of a run, handed over and checked by itself."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from vdoc.cli.output import console, print_json, visible
from vdoc.declaration import DEMONSTRATION_TYPE, container
from vdoc.declaration.words import DEMONSTRATION
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.evidence import extract_case, raw_lines
from vdoc.signing import Trust
from vdoc.verify import verify_extract

app = typer.Typer(no_args_is_help=True)

_EVIDENCE = "evidence.jsonl.gz"
_MAX_EXTRACT_BYTES = 1 << 30


@app.command(name="extract")
def extract_command(
    source: Annotated[Path, typer.Argument(exists=True, help="Bundle, DIR or evidence file.")],
    case: Annotated[str, typer.Option(help="Case to take out; intake, restore, closing too.")],
    out: Annotated[Path, typer.Option(help="File to write; must not exist.")],
) -> None:
    """Take one case out of sealed evidence, with the proof that it belongs."""
    made = extract_case(_lines(source), case, _envelope(source))
    try:
        with out.open("xb") as file:
            file.write(made.to_bytes())
    except OSError as error:
        text = f"cannot be written: {error.strerror}."
        raise InputError(Problem(str(out), None, "extract", text, "choose another name.")) from (
            error
        )
    console.print(f"{out}: {len(made.lines)} lines of {case}, {len(made.proof)} hashes of proof")
    console.print(f"head of the evidence: {made.head}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The extract.")],
    trust: Annotated[Path | None, typer.Option(help="Directory of trusted public keys.")] = None,
    head: Annotated[str | None, typer.Option(help="Head of the evidence, when known.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Check an extract alone: signature, proof, and the verdicts judged again."""
    if trust is None and head is None:
        raise InputError(
            Problem(str(file), None, "trust", "nothing says whom to believe.",
                    "give --trust, or --head from a declaration that you verified.")
        )  # fmt: skip
    outcome, results = verify_extract(
        _read(file), trust=None if trust is None else Trust.load(trust), head=head
    )
    if as_json:
        findings = [{"code": f.code, "message": f.message} for f in outcome.findings]
        cases = [result.as_json() for result in results]
        print_json({"ok": outcome.ok, "findings": findings, "cases": cases})
    else:
        console.print(f"{file}: {'ok' if outcome.ok else 'refused'}")
        if outcome.statement and outcome.statement.predicate_type == DEMONSTRATION_TYPE:
            console.print(f"  {DEMONSTRATION}")
        for result in results:
            words = f"{result.case} {result.variant}: {result.verdict.value}"
            console.print(f"  {visible(words)}")
        for finding in outcome.findings:
            console.print(f"  {finding.code}: {visible(finding.message)}")
    raise typer.Exit(ExitCode.PASS if outcome.ok else ExitCode.FAIL)


def _read(file: Path) -> bytes:
    if file.stat().st_size > _MAX_EXTRACT_BYTES:
        text = f"has more than {_MAX_EXTRACT_BYTES} bytes."
        raise InputError(Problem(str(file), None, "extract", text, "get it again."))
    return file.read_bytes()


def _lines(source: Path) -> Iterator[bytes]:
    if source.suffix == ".zip":
        with gzip.open(io.BytesIO(container.read(source)[_EVIDENCE])) as packed:
            yield from packed
    else:
        yield from raw_lines(source / "evidence.jsonl" if source.is_dir() else source)


def _envelope(source: Path) -> dict[str, Any] | None:
    if source.suffix != ".zip":
        return None
    value: dict[str, Any] = json.loads(container.read(source)["declaration.dsse.json"])
    return value
