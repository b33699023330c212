"""`vdoc keys`: signing keys and the bench PKI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vdoc.cli.output import console, print_table
from vdoc.signing.keys import KeyType, new_key, show_key
from vdoc.tls.pki import BenchPki

app = typer.Typer(no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the key.")],
    directory: Annotated[Path, typer.Option("--dir", help="Where keys are kept.")] = Path("keys"),
    kind: Annotated[KeyType, typer.Option("--type", help="Kind of key.")] = KeyType.ED25519,
) -> None:
    """Make a signing key (mode 0600) and its public key."""
    made = new_key(directory, name, kind)
    console.print(f"private key {made.private} (keep it), public key {made.public}")
    console.print(f"key id {made.key_id}")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(exists=True, help="A public key.")],
) -> None:
    """Show type and id of a key; never the private part."""
    key = show_key(file)
    console.print(f"{key.type} {key.key_id}")


@app.command()
def pki(
    directory: Annotated[Path, typer.Argument(help="Directory of the bench PKI.")],
    export: Annotated[Path | None, typer.Option(help="Copy the certificates here.")] = None,
) -> None:
    """Make or show the bench PKI; export its roots for installation in the DUT."""
    loaded = BenchPki.create_or_load(directory)
    rows = [
        (e.name, e.certificate.subject.rfc4514_string(), e.fingerprint_sha256)
        for e in loaded.listing()
    ]
    print_table(("name", "subject", "SHA-256"), rows)
    if export is not None:
        for file in loaded.export_roots(export):
            console.print(f"wrote {file}")
