"""The catalogue as rows for people and programs (`vdoc cases`)."""

from __future__ import annotations

from collections.abc import Iterator, Set

from vdoc.catalogue.load import Catalogue
from vdoc.catalogue.rows import CaseRow, ProfileRow
from vdoc.catalogue.variants import variants
from vdoc.pics import Pics


def case_table(
    catalogue: Catalogue,
    implemented: Set[str],
    profile: str | None = None,
    *,
    missing: bool = False,
    pics: Pics | None = None,
) -> list[dict[str, object]]:
    """One JSON object per row of Part 5.

    Its keys: id, profile, status, condition, title, implemented, variants.

    Args:
        catalogue: the catalogue.
        implemented: ids of the cases that have a function.
        profile: only the rows of this certification profile; None: all.
        missing: only cases without a function.
        pics: with it `variants` holds the runs of this product, without it the factors' names.
    """
    return [
        _row(case, row, implemented=case.id in implemented, pics=pics)
        for case, row in _rows(catalogue)
        if profile in (None, row.profile) and not (missing and case.id in implemented)
    ]


def _rows(catalogue: Catalogue) -> Iterator[tuple[CaseRow, ProfileRow]]:
    for case in catalogue.cases:
        for row in case.rows:
            yield case, row


def _row(
    case: CaseRow, row: ProfileRow, *, implemented: bool, pics: Pics | None
) -> dict[str, object]:
    runs = (
        [factor.name for factor in case.factors]
        if pics is None
        else [variant.id for variant in variants(case, pics)]
    )
    return {
        "id": case.id,
        "profile": row.profile,
        "status": row.status,
        "condition": row.condition,
        "title": case.title,
        "implemented": implemented,
        "variants": runs,
    }
