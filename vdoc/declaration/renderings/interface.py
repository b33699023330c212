"""The plug point of renderings: a run in, the bytes of one file out.

A rendering computes no verdict and leaves nothing out that a declaration depends on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from vdoc.declaration.record import RunRecord


class Rendering(ABC):
    """One form of the report of a run."""

    file_name: ClassVar[str]
    """The file it is written to."""

    @abstractmethod
    def render(self, record: RunRecord) -> bytes:
        """Return the run in this form; never raises because of what the DUT did."""
