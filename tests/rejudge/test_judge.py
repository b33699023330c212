"""Evidence that cannot be judged says where and why; tests/matrix judges whole runs again."""

from __future__ import annotations

import pytest

from vdoc.errors import InputError
from vdoc.evidence import Kind, Line
from vdoc.rejudge import rejudge


def line(kind: Kind, **data: object) -> Line:
    return Line(7, 0, 0, "", "", kind, data)


def test_an_unknown_format_names_line_and_remedy() -> None:
    with pytest.raises(InputError) as refused:
        rejudge([line(Kind.RUN, what="start", format=2, runner="9.0")])
    assert "7" in str(refused.value)
    assert "format 2; this version reads 1" in str(refused.value)


def test_a_case_before_the_start_is_refused() -> None:
    with pytest.raises(InputError, match="from its first line"):
        rejudge([line(Kind.CASE), line(Kind.RUN, what="void", because="nothing")])
