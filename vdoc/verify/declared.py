"""Steps 4, 7, 8, 9, 10: the declaration made again from the evidence, compared with the given one.

Owns the comparison of everything that is declared with what follows, and the firmware image, which
four parties must agree on: the declaration, the evidence, the PICS, and the verifier's own file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from vdoc.declaration import RunRecord, Statement, container, eligible, predicate_of, statement_of
from vdoc.digest import canonical, sha256_of_file
from vdoc.pics import Pics, load_pics
from vdoc.verify.difference import first_difference, same
from vdoc.verify.evidence import Course
from vdoc.verify.findings import Findings

_STEPS: Mapping[str, int] = {
    "pics": 4,
    "settings": 4,
    "catalogue": 4,
    "plan": 4,
    "enclosed": 4,
    "evidence": 7,
    "window": 8,
    "runner": 8,
}
"""In which step a part of the predicate is compared; the rest in step 9."""


def check_declared(
    statement: Statement, record: RunRecord, members: Mapping[str, bytes], findings: Findings
) -> None:
    """Steps 4, 7, 8 and 9: what is declared is what follows from the evidence, no less, no more."""
    enclosed = container.enclosed(members)
    derived = findings.attempt(
        9, "declared", "declaring again", lambda: _as_json(predicate_of(record, enclosed))
    )
    if derived is None:
        return
    declared = statement.predicate
    for key in sorted({*declared, *derived}):
        if key not in declared or key not in derived or not same(declared[key], derived[key]):
            words = first_difference(declared.get(key), derived.get(key), key)
            code = f"declared-{key.replace('_', '-')}" if key in derived else "declared-unknown"
            findings.add(_STEPS.get(key, 9), code, f"declared {words}")
    if record.firmware_sha256 is not None:
        _check_subject(statement, statement_of(record, enclosed), findings)


def check_eligible(record: RunRecord, findings: Findings) -> None:
    """Step 9, when no other has found anything: whatever else forbids a declaration."""
    if not findings.found:
        for reason in eligible(record):
            findings.add(9, "not-eligible", reason)


def _check_subject(declared: Statement, derived: Statement, findings: Findings) -> None:
    what = "the predicate type, against the one that follows from the settings"
    findings.expect(3, "grade", what, declared.predicate_type, derived.predicate_type)
    what = "the name of the image, against the one of the settings"
    findings.expect(10, "image", what, declared.image, derived.image)


def check_firmware(
    declared: str, course: Course, pics: Pics | None, given: Path | None, findings: Findings
) -> None:
    """Step 10: everybody means the same image.

    Args:
        declared: SHA-256 in the declaration.
        course: the evidence, which shows what TC_L_01_CS was served.
        pics: the enclosed PICS; None when it cannot be read.
        given: the image that the verifier holds, if any.
        findings: where differences go.
    """
    images = course.served.images
    if len(images) != 1:
        lines = ", ".join(str(n) for n in images.values()) or "none"
        words = f"TC_L_01_CS was served {len(images)} whole images (evidence lines: {lines})"
        findings.add(10, "firmware-served", f"{words}, expected exactly one")
    for sha256, n in images.items():
        what = f"the image declared, against the one served (evidence line {n})"
        findings.expect(10, "firmware-served", what, declared, sha256)
    claimed = None if pics is None else pics.product.firmware_image_sha256
    if claimed is not None:
        what = "the image declared, against the one of the PICS"
        findings.expect(10, "firmware-pics", what, declared, claimed)
    if given is not None:
        _check_given_image(declared, given, findings)


def _check_given_image(declared: str, given: Path, findings: Findings) -> None:
    read = partial(sha256_of_file, given)
    sha256 = findings.attempt(10, "given-firmware", "the given image", read)
    if sha256 is not None:
        what = "the image declared, against the given one"
        findings.expect(10, "given-firmware", what, declared, sha256)


def check_given_pics(enclosed: Pics, given: Path, findings: Findings) -> None:
    """Step 10: the PICS that the verifier holds is the enclosed one."""
    pics = findings.attempt(10, "given-pics", "the given PICS", lambda: load_pics(given))
    if pics is not None:
        what = "the enclosed PICS, against the given one"
        findings.expect(10, "given-pics", what, enclosed.digest, pics.digest)


def _as_json(value: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(canonical(value))
    return read
