"""Reading bench settings from a file, and checking either kind of file without using it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from vdoc.errors import InputError, Problem
from vdoc.pics.compatibility import check_against
from vdoc.pics.model import Pics, load_pics
from vdoc.pics.secret import Reading
from vdoc.pics.settings import BenchSettings
from vdoc.pics.source import field_problems, read_toml


def load_settings(path: Path, pics: Pics | None = None) -> BenchSettings:
    """Read a settings file; relative paths in it are relative to it.

    Args:
        path: the file.
        pics: the product they are to test; when given, they must fit it.

    Raises:
        InputError: the file cannot be used; holds every problem, with file and line.
    """
    raw, source = read_toml(path)
    context = Reading(directory=path.absolute().parent, environment=os.environ)
    try:
        settings = BenchSettings.model_validate(raw, context=context)
    except ValidationError as error:
        raise InputError(*field_problems(error, source)) from error
    problems = () if pics is None else check_against(settings, pics, source)
    if problems:
        raise InputError(*problems)
    return settings


def check(path: Path) -> tuple[Problem, ...]:
    """Return every problem of a PICS file; empty when it can be used."""
    try:
        load_pics(path)
    except InputError as error:
        return error.problems
    return ()


def check_settings(path: Path, pics: Pics | None = None) -> tuple[Problem, ...]:
    """Return every problem of a settings file, also against a PICS; empty when it can be used."""
    try:
        load_settings(path, pics)
    except InputError as error:
        return error.problems
    return ()
