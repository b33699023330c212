"""Options that commands of `vdoc nightly` share, and the nightly.toml that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vdoc.nightly.config import NightlyConfig, load_config

ConfigFile = Annotated[Path, typer.Option("--config", help="The nightly.toml.", dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]
Names = Annotated[list[str] | None, typer.Argument(help="Stations; all when absent.")]
Retention = Annotated[
    float | None,
    typer.Option(
        "--retention", min=0.01, help="Days that evidence is kept, instead of `evidence_days`."
    ),
]
OneDut = Annotated[str | None, typer.Option("--dut", help="Only this station.")]
CONFIG = Path("nightly.toml")


def with_retention(path: Path, evidence_days: float | None) -> NightlyConfig:
    """Read a nightly.toml.

    Args:
        path: of the file.
        evidence_days: goes before what the file says; None leaves that.

    Raises:
        InputError: it cannot be used.
    """
    loaded = load_config(path)
    if evidence_days is None:
        return loaded
    table = loaded.retention.model_copy(update={"evidence_days": evidence_days})
    return loaded.model_copy(update={"retention": table})
