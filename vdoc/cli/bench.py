"""`vdoc bench`: check, schema."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from vdoc.catalogue import load_catalogue
from vdoc.cli.output import console, print_json, print_table
from vdoc.errors import ExitCode
from vdoc.pics import load_pics, load_settings, settings_schema
from vdoc.run.check import check_bench

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    bench: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Settings file.")],
    pics: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="PICS file.")],
    wait: Annotated[float, typer.Option(help="Seconds to wait for the DUT; 0: do not.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print what to enter in the DUT, and prove that everything is there."""
    product = load_pics(pics)
    settings = load_settings(bench, product)

    def told(entries: dict[str, str]) -> None:
        if not as_json:
            print_table(("enter in the DUT", ""), entries.items())
            console.print(f"waiting up to {wait:g} s for the DUT" if wait else "")

    entries, findings = asyncio.run(check_bench(product, settings, wait_s=wait, told=told))
    grade = settings.declaration_problems(load_catalogue().bounds)
    if as_json:
        print_json(
            {
                "enter": entries,
                "findings": [finding.as_json() for finding in findings],
                "not_declaration_grade": list(grade),
            }
        )
    else:
        rows = [(f.level, f.subject, f.message, f.remedy) for f in findings]
        print_table(("", "what", "found", "remedy"), rows)
        for problem in grade:
            console.print(f"not declaration grade: {problem}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(ExitCode.UNREACHABLE)


@app.command()
def schema() -> None:
    """Print the JSON Schema of bench settings."""
    print_json(settings_schema())
