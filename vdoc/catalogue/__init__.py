"""The certification cases as data: which there are, when they apply, how often they are run."""

from vdoc.catalogue.bounds import Bound, Bounds
from vdoc.catalogue.load import Before, Catalogue, Precedence, load_catalogue
from vdoc.catalogue.rows import (
    FACTOR_NAMES,
    CaseRow,
    Exclusion,
    Factor,
    FactorName,
    Prerequisite,
    ProfileRow,
    Wait,
)
from vdoc.catalogue.table import case_table
from vdoc.catalogue.variants import StartStopMode, Variant, refusal, variants

__all__ = [
    "FACTOR_NAMES",
    "Before",
    "Bound",
    "Bounds",
    "CaseRow",
    "Catalogue",
    "Exclusion",
    "Factor",
    "FactorName",
    "Precedence",
    "Prerequisite",
    "ProfileRow",
    "StartStopMode",
    "Variant",
    "Wait",
    "case_table",
    "load_catalogue",
    "refusal",
    "variants",
]
