from __future__ import annotations

from itertools import combinations

from vdoc.catalogue import Catalogue
from vdoc.pics import Pics
from vdoc.plan.applicable import Applicable, judge

EXCLUSIVE = ("TC_L_13_CS", "TC_L_15_CS", "TC_L_16_CS")


def applicable(pics: Pics, catalogue: Catalogue) -> frozenset[str]:
    verdicts = (judge(case, catalogue, pics, None) for case in catalogue.cases)
    return frozenset(each.case.id for each in verdicts if isinstance(each, Applicable))


def test_each_case_applies_to_some_covering_product(
    covering: dict[str, Pics], catalogue: Catalogue
) -> None:
    covered = frozenset[str]().union(*(applicable(pics, catalogue) for pics in covering.values()))
    assert catalogue.ids - covered == frozenset()


def test_no_covering_product_is_superfluous(
    covering: dict[str, Pics], catalogue: Catalogue
) -> None:
    for name in covering:
        others = (applicable(pics, catalogue) for key, pics in covering.items() if key != name)
        assert frozenset[str]().union(*others) < catalogue.ids, name


def test_fewer_covering_products_cannot_do(covering: dict[str, Pics], catalogue: Catalogue) -> None:
    """The conditions of three cases exclude each other, whatever else a product claims."""
    assert len(covering) == len(EXCLUSIVE)
    claims = [{"C-43": a, "AQ-7": b, "C-20": True} for a in (False, True) for b in (False, True)]
    for one, other in combinations(EXCLUSIVE, 2):
        conditions = [catalogue.case(case).conditions[0] for case in (one, other)]
        assert not any(
            all(condition.evaluate(claim.__getitem__) for condition in conditions)
            for claim in claims
        )
