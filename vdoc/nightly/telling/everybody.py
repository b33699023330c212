"""Telling a night in every way that `nightly.toml` asks for.

Owns the order: files first, then people. What cannot be told is said and changes no result. The
files beside the runs (`summary.md`, `junit.xml`) are of the newest night; each is replaced whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from vdoc.errors import VdocError
from vdoc.nightly.compare import compare
from vdoc.nightly.config import NightlyConfig
from vdoc.nightly.history import History
from vdoc.nightly.telling import News, junit_xml, markdown, notify, write_metrics

SUMMARY, JUNIT = "summary.md", "junit.xml"


def tell(config: NightlyConfig, history: History, news: News, said: Callable[[str], None]) -> None:
    """Write files and send notifications.

    Args:
        config: says where and to whom.
        history: gives the newest run of the stations that this night did not run; metrics keep
            those too.
        news: of the night.
        said: takes what could not be told.

    Raises:
        OSError: the directory of the runs cannot be written.
    """
    config.runs.mkdir(parents=True, exist_ok=True)
    _write(config.runs / SUMMARY, markdown(news).encode())
    _write(config.runs / JUNIT, junit_xml(news))
    try:
        if config.metrics is not None:
            write_metrics(_fleet(config, history, news), config.metrics)
        urls = [url.reveal() for url in config.notify.urls]
        for problem in notify(news, urls, config.notify.when):
            said(problem)
    except VdocError as error:
        said(str(error))


def _fleet(config: NightlyConfig, history: History, news: News) -> News:
    """Add the newest run of each station that is not in the news."""
    known = {each.now.dut for each in news.comparisons}
    others = tuple(
        compare(history, run)
        for dut in config.dut
        if dut.name not in known
        for run in history.runs(dut.name, limit=1)
    )
    return News(news.at, (*news.comparisons, *others), news.not_run)


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)
