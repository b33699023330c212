"""Verifying a declaration offline, every verdict judged again from its evidence."""

from vdoc.verify.extract import verify_extract
from vdoc.verify.findings import Finding, Verification
from vdoc.verify.laboratory import LaboratoryPolicy, load_policy
from vdoc.verify.record import EvidenceFile, MadeWith, record_of
from vdoc.verify.verifier import verify_bundle

__all__ = [
    "EvidenceFile",
    "Finding",
    "LaboratoryPolicy",
    "MadeWith",
    "Verification",
    "load_policy",
    "record_of",
    "verify_bundle",
    "verify_extract",
]
