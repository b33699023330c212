"""result.json: the run for a program, such as a nightly job or a comparison of runs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from vdoc.declaration.eligible import eligible
from vdoc.declaration.record import RunRecord
from vdoc.declaration.renderings.interface import Rendering
from vdoc.declaration.statement import window_json


class ResultJson(Rendering):
    """Machine-readable result."""

    file_name = "result.json"

    def render(self, record: RunRecord) -> bytes:
        """Return the result as indented JSON."""
        text = json.dumps(result_json(record), indent=2, ensure_ascii=True, allow_nan=False)
        return text.encode() + b"\n"


def result_json(record: RunRecord) -> dict[str, Any]:
    """Return the result of a run; keys are only ever added to, never changed."""
    product = record.pics.product
    return {
        "verdict": record.verdict.value,
        "void_because": record.void_because or None,
        "window": window_json(record.window),
        "cases": [result.as_json() for result in record.results],
        "crashes": list(record.crashes),
        "counts": dict(Counter(result.verdict.value for result in record.results)),
        "planned": len(record.plan.entries),
        "not_implemented": list(record.plan.not_implemented),
        "no_declaration_because": list(eligible(record)),
        "grade_problems": list(record.grade_problems),
        "product": {
            "vendor": product.vendor,
            "model": product.model,
            "firmware_version": product.firmware_version,
            "firmware_image_sha256": record.firmware_sha256,
        },
        "plan": record.plan.digest,
        "seed": record.plan.seed,
        "evidence_head": record.evidence_head,
        "runner": record.runner_version,
        "notes": list(record.notes),
    }
