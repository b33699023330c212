"""Fixtures of the case tests; `playing` runs a case, `charging` has the station that charges."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases.caching import play_caching
from tests.cases.charging import play_charging
from tests.cases.playing import (
    Payload,
    Played,
    Scripted,
    Spoil,
    altering,
    dropping,
    pics,
    play_against,
    settings,
)
from tests.cases.remembering import play_remembering

__all__ = ["Payload", "Played", "Scripted", "Spoil", "pics", "settings"]


@pytest.fixture
def alter() -> Callable[..., Spoil]:
    """A station that alters messages: action, where (path to value), changes (`...` removes)."""
    return altering


@pytest.fixture
def drop() -> Callable[..., Spoil]:
    """A station that does not send messages: action, where (path to value)."""
    return dropping


@pytest.fixture
def play() -> Callable[..., Played]:
    """Run a case against a `Charger`."""
    return play_charging


@pytest.fixture
def scripted() -> type[Scripted]:
    """The base of scripted stations."""
    return Scripted


@pytest.fixture
def against() -> Callable[..., Played]:
    """Run a case against a station of the test's own making."""
    return play_against


@pytest.fixture
def remember() -> Callable[..., Played]:
    """Run a case against a `Rememberer`."""
    return play_remembering


@pytest.fixture
def cache() -> Callable[..., Played]:
    """Run a case against a `Cacher`."""
    return play_caching
