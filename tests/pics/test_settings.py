from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from vdoc.errors import InputError
from vdoc.pics import BenchSettings
from vdoc.pics.settings import Bound

BenchWith = Callable[..., BenchSettings]


def test_a_connector_has_its_outlet(bench: BenchSettings) -> None:
    outlet = bench.outlet(1, 1)
    assert outlet is not None
    assert outlet.ev_api == "emulator"
    assert bench.ev_api["emulator"].url == "http://192.0.2.21:8080/"
    assert bench.outlet(1, 2) is None


def test_an_outlet_with_an_unknown_ev_api_is_refused(bench_with: BenchWith) -> None:
    with pytest.raises(InputError, match=r"\[ev_api.other\], which does not exist"):
        bench_with(('ev_api = "emulator"', 'ev_api = "other"'))


def test_a_file_server_is_found_by_its_protocol(bench: BenchSettings) -> None:
    assert bench.file_server_for("HTTPS") is bench.file_server[0]
    assert bench.file_server_for("FTP") is None


def test_relative_paths_are_relative_to_the_file(bench_with: BenchWith, tmp_path: Path) -> None:
    settings = bench_with(('directory = "../keys/bench-pki"', 'directory = "pki"'))
    assert settings.pki.directory == tmp_path / "pki"
    assert settings.firmware.image.is_absolute()


def test_an_unknown_key_is_a_problem_with_its_line(bench_with: BenchWith) -> None:
    with pytest.raises(InputError, match=r"bench\.toml:\d+: values\.mesage_timeout_s: unknown key"):
        bench_with(("message_timeout_s = 30", "mesage_timeout_s = 30"))


def test_all_problems_are_reported_at_once(bench_with: BenchWith) -> None:
    with pytest.raises(InputError) as caught:
        bench_with(("evse = 1", "evse = 0"), ("bind_port = 8443", "bind_port = -1"))
    assert len(caught.value.problems) == 2


def test_settings_cannot_be_changed(bench: BenchSettings) -> None:
    with pytest.raises(ValidationError):
        bench.dut.evse = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        bench.ev_api["emulator"] = bench.ev_api["emulator"]  # type: ignore[index]


class TestDeclarationGrade:
    @pytest.mark.parametrize("bound", [(30, 60), (None, 30), (30, None), (30, 30), (None, None)])
    def test_a_value_within_its_bound_is_fine(self, bound: Bound, bench: BenchSettings) -> None:
        assert bench.declaration_problems({"message_timeout_s": bound}) == ()

    @pytest.mark.parametrize(
        ("bound", "words"), [((31, None), "at least 31"), ((None, 29.5), "at most 29.5")]
    )
    def test_a_value_outside_is_named(self, bound: Bound, words: str, bench: BenchSettings) -> None:
        (problem,) = bench.declaration_problems({"message_timeout_s": bound})
        assert problem.startswith("values.message_timeout_s is 30,")
        assert words in problem

    @pytest.mark.parametrize("name", ["no_such_value", "display_content", "threshold_monitor"])
    def test_a_bound_for_what_is_no_number_is_an_error(
        self, name: str, bench: BenchSettings
    ) -> None:
        with pytest.raises(KeyError, match=name):
            bench.declaration_problems({name: (1, 2)})
