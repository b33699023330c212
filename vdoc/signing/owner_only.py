"""Files that hold a secret: only their owner may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from vdoc.errors import InputError, Problem

_OTHERS = 0o077


def read_owner_only(path: Path, what: str, remedy: str) -> bytes:
    """Read a file that holds a secret.

    Args:
        path: the file.
        what: it holds, for the message.
        remedy: when there is no such file.

    Raises:
        InputError: it cannot be read, or others may read it too.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read()
    except OSError as error:
        text = f"cannot be read: {error.strerror}."
        raise InputError(Problem(str(path), None, what, text, remedy)) from error
    if mode & _OTHERS:
        text = f"others may read this {what} (mode {mode:04o})."
        raise InputError(Problem(str(path), None, what, text, f"chmod 600 {path}"))
    return data


def read_secret_line(path: Path, what: str) -> str:
    """Return the only line of a file that holds a secret, without its end.

    Raises:
        InputError: it cannot be read, others may read it too, or it holds another number of lines.
    """
    try:
        text = read_owner_only(path, what, "check the path.").decode()
    except UnicodeDecodeError as error:
        message = "is no UTF-8 text."
        raise InputError(Problem(str(path), None, what, message, "write one line of text.")) from (
            error
        )
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line:
        message = "is empty or has more than one line."
        raise InputError(
            Problem(str(path), None, what, message, f"write the {what} alone into it.")
        )
    return line
