"""Time stamps at the end of a run, and `vdoc stamp`, which adds the one that could not be had then.

Owns what is said about them; what is stamped is `vdoc.declaration.stamps`' business.
"""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

from vdoc.cli.output import console, print_problems
from vdoc.declaration.record import RunRecord
from vdoc.declaration.stamps import Stamping, stamp_bundle
from vdoc.errors import ExitCode
from vdoc.pics import BenchSettings
from vdoc.run.stamping import stamping
from vdoc.signing.timestamps import TsaError, stamp


def stamps_of(record: RunRecord, out: Path, bundle: Path) -> Stamping:
    """Return what stamps the bundle of a run; a failure is told, and does not stop anything.

    Args:
        record: the run.
        out: its directory.
        bundle: the file that is about to be written.
    """
    settings = BenchSettings.from_public(record.settings_public).timestamps

    def failed(error: TsaError) -> None:
        assert settings is not None  # noqa: S101  # or nobody was asked
        later = bundle.with_name(f"{bundle.stem}-stamped{bundle.suffix}")
        command = ["vdoc", "stamp", str(bundle), "--url", settings.url, "--out", str(later)]
        print_problems(
            f"THE DECLARATION IS NOT STAMPED: {error}.\nIt is signed and written without a time "
            f"stamp. Remedy: add it, the sooner the better:\n  {shlex.join(command)}"
        )

    def document_failed(error: TsaError) -> None:
        print_problems(
            f"the signature of the PDF bears no time stamp, the declaration does: {error}"
        )

    return stamping(settings, out, failed, document_failed)


def stamp_command(bundle: Path, url: str, out: Path, *, timeout_s: float) -> ExitCode:
    """Have the declaration of a bundle stamped as it is signed now; write a copy that holds it."""
    stamp_bundle(bundle, partial(stamp, url=url, timeout_s=timeout_s), out)
    console.print(f"{out}: the declaration is stamped by {url}")
    return ExitCode.PASS
