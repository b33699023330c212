"""What was exported comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nightly.made import Nights, case, failure
from vdoc.bench import VariableFact
from vdoc.errors import InputError
from vdoc.nightly.export import write_json
from vdoc.nightly.history import History
from vdoc.nightly.imported import read_exported
from vdoc.nightly.stored import Parameter

VARIABLES = (VariableFact(component="C", variable="V", value="6", evse=1, max_limit=2.5),)


@pytest.fixture
def exported(history: History, nights: Nights, tmp_path: Path) -> Path:
    """Runs of every kind."""
    nights(case("TC_A"), case("TC_B", "error", variant="key=RSA"), variables=VARIABLES)
    nights(case("TC_A", "fail", failure(line=None), failure("X")), times={Parameter.BOOT: (1.5,)})
    nights(void="unplugged", crashes=("a boot",), evidence_kept=False)
    with (tmp_path / "all.json").open("w", encoding="utf-8") as file:
        write_json(history, history.runs(), file)
    return tmp_path / "all.json"


def test_the_whole_history_comes_back(exported: Path, history: History, tmp_path: Path) -> None:
    with History(tmp_path / "other.sqlite") as other:
        assert [other.add(each) for each in read_exported(exported)] == [True] * 3
        assert [other.add(each) for each in read_exported(exported)] == [False] * 3
        assert other.runs() == history.runs()
        for run in history.runs():
            assert other.cases(run) == history.cases(run)
            assert other.times(run) == history.times(run)
            assert other.device_model(run) == history.device_model(run)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "other/1"}', '{"format": "vdoc-history/1", "runs": [{}]}']
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match="no exported history"):
        list(read_exported(tmp_path / "x.json"))
