"""Step 9, its words: what stands in a bundle for people is what this version writes of the run.

Owns the members that no program reads. They are signed with the rest, so only the vendor could have
put other words into them, over the same facts; written again, they must be the same, byte for byte.
The PDF and its page are `vdoc.verify.document`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vdoc.declaration import RunRecord
from vdoc.declaration.bundle import readme
from vdoc.declaration.renderings import Html
from vdoc.verify.findings import Findings


def check_words(
    record: RunRecord, members: Mapping[str, bytes], key_ids: Sequence[str], findings: Findings
) -> None:
    """Compare report.html and README.txt with what follows from the run, when all else is right.

    Args:
        record: the run, as the evidence shows it.
        members: of the bundle.
        key_ids: who has signed, in their order; those who signed later are not in the README.
        findings: where differences go.
    """
    if findings.found:
        return  # other words follow from other facts
    html = findings.attempt(9, "report", "writing it again", lambda: Html().render(record))
    if html is not None and html != members["report.html"]:
        words = "report.html says something else than this version writes of the run"
        findings.add(9, "report", words)
    signers = [key_ids[:count] for count in range(1, len(key_ids) + 1)]
    if members["README.txt"] not in [readme(record, each) for each in signers]:
        words = "README.txt says something else than this version writes of the run"
        findings.add(9, "readme", words)
