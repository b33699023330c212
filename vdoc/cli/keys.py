"""`vdoc keys`: signing keys and the bench PKI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vdoc.cli.output import console, print_table
from vdoc.cli.signing_key import PassphraseFile, new_passphrase
from vdoc.signing import KeyType, new_key, show_key
from vdoc.signing.token_uri import SCHEME, TokenUri
from vdoc.signing.tokens import token_public
from vdoc.tls.pki import BenchPki

app = typer.Typer(no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the key.")],
    *,
    directory: Annotated[Path, typer.Option("--dir", help="Where keys are kept.")] = Path("keys"),
    kind: Annotated[
        KeyType, typer.Option("--type", help="Kind of key; viewers of PDF know ECDSA.")
    ] = (KeyType.ECDSA_P256),
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Encrypt it; asks for a passphrase.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a signing key (mode 0600) and its public key."""
    encrypted = passphrase or passphrase_file is not None
    secret = new_passphrase(passphrase_file) if encrypted else None
    made = new_key(directory, name, kind, passphrase=secret)
    kept = "encrypted" if encrypted else "keep it; only its mode protects it"
    console.print(f"private key {made.private} ({kept}), public key {made.public}")
    console.print(f"key id {made.key_id}")


@app.command()
def show(
    key: Annotated[str, typer.Argument(help="File of a public key, or pkcs11: URI.")],
    pem: Annotated[bool, typer.Option("--pem", help="Only the public key, as a file.")] = False,
) -> None:
    """Show type and id of a key and its public half; never the private part."""
    on_token = key.startswith(SCHEME)
    public = token_public(TokenUri.parse(key)) if on_token else show_key(Path(key))
    if not pem:
        console.print(f"{public.type} {public.key_id}")
    if pem or on_token:
        typer.echo(public.pem, nl=False)


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
