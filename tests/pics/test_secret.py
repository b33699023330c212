from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.pics import BenchSettings, Secret

BenchWith = Callable[..., BenchSettings]
LINE = 'initial = "Example-password-0001"'


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_a_file_beside_the_settings(
    end: str, bench_with: BenchWith, tmp_path: Path
) -> None:
    (tmp_path / "password").write_bytes(b"File-password-00001" + end.encode())
    settings = bench_with((LINE, 'initial = { file = "password" }'))
    assert settings.password.initial.reveal() == "File-password-00001"


def test_a_secret_is_read_from_the_environment(
    bench_with: BenchWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_PASSWORD", "Env-password-000001")
    settings = bench_with((LINE, 'initial = { env = "BENCH_PASSWORD" }'))
    assert settings.password.initial.reveal() == "Env-password-000001"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ('{ env = "NO_SUCH_VARIABLE_HERE" }', "NO_SUCH_VARIABLE_HERE is not set"),
        ('{ file = "absent" }', "absent cannot be read"),
        ('{ url = "x" }', "a secret is a text"),
        ('{ withheld = "' + "0" * 64 + '" }', "a secret is a text"),
        ("1234567890123456", "a secret is a text"),
    ],
)
def test_a_secret_that_cannot_be_had_is_a_problem(
    form: str, words: str, bench_with: BenchWith
) -> None:
    with pytest.raises(InputError, match=r"bench\.toml:\d+: password\.initial: ") as caught:
        bench_with((LINE, f"initial = {form}"))
    assert words in str(caught.value)


@pytest.mark.parametrize("password", ["too-short-by-two", "no spaces in passwords"])
def test_a_secret_never_shows_itself(password: str, bench_with: BenchWith) -> None:
    settings = bench_with((LINE, 'initial = "Example-password-0001"'))
    shown = (
        repr(settings),
        settings.model_dump_json(),
        str(settings),
        str(settings.public(b"s" * 16)),
    )
    assert not any("Example-password-0001" in text for text in shown)
    with pytest.raises(InputError) as caught:
        bench_with((LINE, f'initial = "{password[:15]}"'))
    chain: Any = caught.value
    while chain is not None:
        assert password[:15] not in str(chain)
        chain = chain.__cause__


def test_a_withheld_secret_cannot_be_revealed() -> None:
    with pytest.raises(ValueError, match="withheld"):
        Secret(None, withheld="0" * 64).reveal()


def test_secrets_are_equal_when_their_texts_are() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
