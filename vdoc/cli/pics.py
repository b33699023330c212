"""`vdoc pics`: check, new, schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vdoc.cli.output import console, print_json, print_table
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.pics import check as problems_of
from vdoc.pics import load_pics, pics_schema, template

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Report every contradiction of a PICS at once, with file, line, item and remedy."""
    problems = problems_of(file)
    if as_json:
        print_json([vars_of(problem) for problem in problems])
    elif problems:
        print_table(
            ("line", "item", "problem", "remedy"),
            [(p.line or "-", p.item, p.message, p.remedy) for p in problems],
            str(file),
        )
    else:
        console.print(f"{file}: no contradictions; digest {load_pics(file).digest}")
    if problems:
        raise typer.Exit(ExitCode.BAD_INPUT)


def vars_of(problem: Problem) -> dict[str, object]:
    """Return a problem as JSON."""
    names = ("file", "line", "item", "message", "remedy")
    return {name: getattr(problem, name) for name in names}


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="File to write; - for standard output.")],
) -> None:
    """Write a commented template."""
    if str(file) == "-":
        sys.stdout.write(template())
        return
    if file.exists():
        raise InputError(Problem(str(file), None, "file", "exists.", "name another file."))
    file.write_text(template(), encoding="utf-8")
    console.print(f"wrote {file}")


@app.command()
def schema() -> None:
    """Print the JSON Schema, so that editors complete a PICS."""
    print_json(pics_schema())
