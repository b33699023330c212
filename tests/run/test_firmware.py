"""The firmware of a run: by every protocol, proven by a boot, and told at once when it is not."""

from __future__ import annotations

from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest

import tests.reference_runs
from tests.reference_runs import ReferenceRuns
from vdoc.declaration.eligible import eligible
from vdoc.digest import sha256_of_file
from vdoc.evidence import Kind
from vdoc.rejudge import passed

PICS = "pics/ac-wallbox-detachable.toml"
ALL_PROTOCOLS = "pics/covering/1-all-profiles-ac.toml"
FIRST = "TC_L_01_CS"


def test_every_protocol_takes_its_turn(reference_run: ReferenceRuns) -> None:
    cases = (FIRST, "TC_L_02_CS", "TC_L_03_CS", "TC_L_06_CS", "TC_L_08_CS")
    run = reference_run(ALL_PROTOCOLS, only=cases)
    assert all(map(passed, run.results))
    made = [line.data for line in run.lines if line.kind is Kind.MADE]
    served = {
        urlsplit(data["location"]).scheme
        for data in made
        if data["what"] == "file_served" and data["complete"]
    }
    assert served == {"http", "https", "ftp", "ftps", "sftp"}
    assert not any(data["what"] == "transfer_refused" for data in made)


@pytest.mark.parametrize("style", ["plain", "late-status", "both"])
def test_the_image_is_declared_whenever_it_boots(reference_run: ReferenceRuns, style: str) -> None:
    run = reference_run(PICS, only=(FIRST,), style=style)
    image = run.directory / "firmware" / "image.bin"
    assert run.record.firmware_sha256 == sha256_of_file(image)
    assert run.record.firmware_problems == ()


@pytest.mark.parametrize(
    ("defect", "problem"),
    [
        ("never-reports-installed", "did not report Installed"),
        ("rejects-firmware-update", "was served no whole images"),
    ],
)
def test_what_is_in_the_way_is_said_at_once(
    reference_run: ReferenceRuns, defect: str, problem: str
) -> None:
    said: list[Any] = []

    def say(_self: object, text: str) -> None:
        said.append(text)

    with mock.patch.object(tests.reference_runs._Silent, "said", say):
        run = reference_run(PICS, only=(FIRST, "TC_B_06_CS"), defects=(defect,))
    assert any(problem in text for text in said)
    assert any(problem in reason for reason in eligible(run.record))
    assert passed(run.result("TC_B_06_CS"))  # the run goes on
