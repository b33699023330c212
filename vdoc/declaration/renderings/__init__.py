"""Reports of a run: for a person (HTML), a program (JSON) and a CI server (JUnit XML)."""

from __future__ import annotations

import os
from pathlib import Path

from vdoc.declaration.record import RunRecord
from vdoc.declaration.renderings.html import Html
from vdoc.declaration.renderings.interface import Rendering
from vdoc.declaration.renderings.junit import JunitXml
from vdoc.declaration.renderings.result_json import ResultJson, result_json

RENDERINGS: tuple[Rendering, ...] = (ResultJson(), Html(), JunitXml())

__all__ = [
    "RENDERINGS",
    "Html",
    "JunitXml",
    "Rendering",
    "ResultJson",
    "result_json",
    "write_reports",
]


def write_reports(record: RunRecord, directory: Path) -> tuple[Path, ...]:
    """Write every report of a run, each whole or not at all, and return where they are.

    Args:
        record: the run.
        directory: made when it is missing; reports of the same name are replaced.

    Raises:
        OSError: a file cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for rendering in RENDERINGS:
        path = directory / rendering.file_name
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_bytes(rendering.render(record))
        aside.replace(path)
        written.append(path)
    return tuple(written)
