"""The plan of a run: which cases in which variants, stages and order, and how long it takes."""

from vdoc.catalogue import Variant
from vdoc.plan.make import make_plan
from vdoc.plan.model import Cost, Entry, NotApplicable, Plan
from vdoc.plan.share import Share

__all__ = ["Cost", "Entry", "NotApplicable", "Plan", "Share", "Variant", "make_plan"]
