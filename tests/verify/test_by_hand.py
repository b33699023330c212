"""The commands of docs/verification.md, run as they stand there on a bundle that was just made."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from vdoc.declaration import container
from vdoc.signing import KeyType, SigningKey, new_key

Lab = Any
Forger = Any
PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
_, ONE, ALL = re.split(r"<!-- a test runs this block.*-->\n```sh\n", PAGE.read_text())
BLOCKS = [block[: block.index("```")] for block in (ONE, ALL)]


def by_hand(lab: Lab, bundle: Path, *blocks: str, key: str = "vendor.pub.pem") -> tuple[int, str]:
    """Run blocks of the page in one shell; return how it ended and what it said."""
    image = lab.directory / "held.bin"
    image.write_bytes(lab.image)
    keys = next(lab.directory.rglob(key))
    work = lab.directory / "by-hand"
    work.mkdir()
    environment = {**os.environ, "BUNDLE": str(bundle), "KEY": str(keys), "IMAGE": str(image)}
    done = subprocess.run(
        ["/bin/bash", "-c", "".join(blocks)], cwd=work, env=environment, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_sound_bundle_is_right_in_every_step(lab: Lab, bundle: Path) -> None:
    code, said = by_hand(lab, bundle, *BLOCKS)
    assert code == 0, said
    assert "WRONG" not in said
    for words in ("signed by", "Verified", "evidence.jsonl.gz", "image served", "root of the tree"):
        assert words in said


def test_a_signature_of_the_other_kind_of_key(lab: Lab) -> None:
    made = new_key(lab.directory / "ec", "ecdsa", KeyType.ECDSA_P256)
    lab.key = SigningKey.load(made.private)
    code, said = by_hand(lab, lab.declare(lab.record()), BLOCKS[0], key="ecdsa.pub.pem")
    assert code == 0, said
    assert "Verified OK" in said


def altered(forger: Forger, member: str) -> Path:
    """The bundle with one byte of a member turned, in a sound container."""
    members = forger.members
    data = bytearray(members[member])
    data[len(data) // 2] ^= 1
    path: Path = forger.file(container.pack({**members, member: bytes(data)}))
    return path


@pytest.mark.parametrize("member", ["declaration.json", "pics.json", "report.html", "README.txt"])
def test_a_member_that_was_altered_is_seen(lab: Lab, forger: Forger, member: str) -> None:
    code, _ = by_hand(lab, altered(forger, member), BLOCKS[0])
    assert code != 0


def test_the_signature_of_another_is_seen(lab: Lab, bundle: Path) -> None:
    new_key(lab.directory / "other", "other")
    code, said = by_hand(lab, bundle, BLOCKS[0], key="other.pub.pem")
    assert code != 0
    assert "WRONG: signed by" in said


def test_evidence_without_its_chain_is_seen(lab: Lab, forger: Forger) -> None:
    raw = [b"{}\n", *(b"%d\n" % n for n in range(3))]
    code, said = by_hand(lab, forger.raw(raw), BLOCKS[0])
    assert code != 0
    assert "WRONG: first line" in said
