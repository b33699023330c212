"""What `declaration.pdf` and `declaration.html` say, in which order: the same for both.

Rule: everything follows from the signed statement and from who signed it, so a verifier composes
the document again and compares. The sections themselves are in `sections` and `listings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from vdoc.declaration.renderings.document import Document, Signatory, in_words
from vdoc.declaration.renderings.listings import (
    device_model_section,
    enclosed_section,
    features_section,
    interpretations_section,
    not_applicable_section,
    results_section,
    short_section,
)
from vdoc.declaration.renderings.sections import (
    basis_section,
    firmware_section,
    product_section,
    run_section,
    signatures_section,
    summary_section,
)
from vdoc.declaration.statement import DEMONSTRATION_TYPE, Statement
from vdoc.declaration.words import DEMONSTRATION
from vdoc.digest import sha256_hex

MARK = "DEMONSTRATION"


def document_of(statement: Statement, signatories: Sequence[Signatory]) -> Document:
    """Return the document of a statement.

    Args:
        statement: what is declared; its predicate has the form of `predicate_of`.
        signatories: whose signatures the envelope holds, in its order.

    Raises:
        KeyError, TypeError, ValueError: the predicate has another form.
    """
    predicate = statement.predicate
    product = predicate["product"]
    demonstration = statement.predicate_type == DEMONSTRATION_TYPE
    return Document(
        mark=MARK if demonstration else "",
        warning=DEMONSTRATION if demonstration else "",
        product=f"{product['vendor']} {product['model']}, firmware {product['firmware_version']}",
        digest=sha256_hex(statement.to_bytes()),
        made=datetime.fromisoformat(predicate["window"]["end"]),
        lead=(_headline(statement), str(predicate["statement"])),
        sections=(
            summary_section(predicate),
            product_section(product),
            firmware_section(statement),
            run_section(predicate),
            basis_section(predicate),
            signatures_section(signatories),
            features_section(predicate["features"]),
            device_model_section(predicate["device_model"]),
            results_section(predicate["results"]),
            not_applicable_section(predicate["not_applicable"]),
            interpretations_section(predicate["interpretations"]),
            enclosed_section(predicate["enclosed"]),
            *short_section(predicate["settings"]["grade_problems"]),
        ),
    )


def _headline(statement: Statement) -> str:
    product, results = statement.predicate["product"], statement.predicate["results"]
    cases = len({result["case"] for result in results})
    verdicts = Counter(result["verdict"] for result in results)
    counts = ", ".join(f"{count} {in_words(verdict)}" for verdict, count in verdicts.items())
    of = f"{product['vendor']} declares of its product {product['model']} with firmware"
    if statement.predicate_type == DEMONSTRATION_TYPE:
        of = f"Shown with {product['vendor']} {product['model']} with firmware"
    return (
        f"{of} {product['firmware_version']}: all {cases} test cases that its PICS makes "
        f"applicable were run in {len(results)} runs, unattended and without interruption, with "
        f"the outcome: {counts}."
    )
