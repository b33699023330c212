"""From a station's table to the `vdoc run` of one night, for the example bench."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vdoc.cli.night_job import night_job, resources
from vdoc.cli.reference_bench import ReferenceBench
from vdoc.errors import InputError
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.config import DutTable
from vdoc.nightly.history import History
from vdoc.nightly.locks import locked
from vdoc.nightly.night import Job
from vdoc.nightly.supervised import Around
from vdoc.pics import BenchSettings, load_pics, load_settings

PICS = Path(__file__).parents[2] / "pics"
DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def settings() -> BenchSettings:
    return load_settings(PICS / "bench-example.toml")


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    with locked(tmp_path / "lock") as lock:
        assert lock is not None
        yield Around(lock, threading.Event())


def job(tmp_path: Path, around: Around, bench: str = "", **select: object) -> Job:
    pics = PICS / "ac-wallbox-detachable.toml"
    made = ReferenceBench(tmp_path, load_pics(pics)).write_settings("http://a", "http://a/ev")
    table = {
        "name": "wall", "pics": str(pics), "seed": 7, "bench": bench or str(made), "select": select,
    }  # fmt: skip
    with History(tmp_path / "h.sqlite") as history:
        return night_job(
            DutTable.model_validate(table), Attempt("wall", DUE, tmp_path), history, around
        )


class TestCommand:
    def test_all_cases_and_variants(self, tmp_path: Path, around: Around) -> None:
        made = job(tmp_path, around)
        words = " ".join(made.command)
        assert "vdoc.cli run --pics" in words
        assert words.endswith("--variants all --seed 7")
        assert (made.note, "--key" in words) == ("", False)

    def test_a_share_of_the_variants_and_how_far_the_turn_is(
        self, tmp_path: Path, around: Around
    ) -> None:
        made = job(tmp_path, around, variants="rotating", nights=2, only=["TC_F_03_CS"])
        assert " ".join(made.command).endswith("--variants 1/2 --seed 7 --only TC_F_03_CS")
        assert made.note == "share 1/2 of the variants: 1 of 2 run"

    def test_what_is_not_selected_need_not_fit_the_bench(
        self, tmp_path: Path, around: Around
    ) -> None:
        example = str(PICS / "bench-example.toml")  # names no program that observes
        assert job(tmp_path, around, bench=example, only=["TC_B_06_CS"]).note == ""
        with pytest.raises(InputError, match="no program performs it"):
            job(tmp_path, around, bench=example)


class TestResources:
    def test_however_the_action_api_is_spelt(self, settings: BenchSettings) -> None:
        def spelt(url: str) -> set[str]:
            api = settings.action_api.model_copy(update={"url": url})
            return set(resources(settings.model_copy(update={"action_api": api})))

        assert spelt("http://localhost:80/x/") == spelt("http://127.0.0.1/x")
        assert spelt("http://Bench:9100") == spelt("http://bench:9100/")
        assert spelt("http://bench:9100") != spelt("http://bench:9101")

    def test_fixed_ports_are_shared_and_chosen_ones_not(self, settings: BenchSettings) -> None:
        first, second = settings.csms.endpoint
        ends = (first.model_copy(update={"bind_port": 9000}),
                second.model_copy(update={"bind_port": 0}))  # fmt: skip
        csms = settings.csms.model_copy(update={"endpoint": ends})
        bare = settings.model_copy(update={"csms": csms, "file_server": ()})
        assert [name for name in resources(bare) if name.startswith("port")] == ["port 9000"]
