"""Telling a night in every way that `nightly.toml` asks for.

Owns the order: files first, then people. What cannot be told is said and changes no result. The
files beside the runs (`summary.md`, `junit.xml`) are of the newest night; each is replaced whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vdoc.errors import VdocError
from vdoc.nightly.compare import compare
from vdoc.nightly.config import NightlyConfig
from vdoc.nightly.history import History
from vdoc.nightly.telling import News, NotRun, junit_xml, markdown, notify, write_metrics

SUMMARY, JUNIT = "summary.md", "junit.xml"


def tell(config: NightlyConfig, history: History, news: News, said: Callable[[str], None]) -> None:
    """Write files and send notifications; each is tried, whatever becomes of the others.

    Args:
        config: says where and to whom.
        history: gives the newest run of the stations that this night did not run; metrics keep
            those too.
        news: of the night.
        said: takes what could not be told.
    """
    for way in (_files, _metrics, _people):
        try:
            for problem in way(config, history, news):
                said(problem)
        except VdocError as error:
            said(str(error))
        except OSError as error:
            said(f"cannot write {error.filename}: {error.strerror}")


def _files(config: NightlyConfig, _: History, news: News) -> tuple[str, ...]:
    config.runs.mkdir(parents=True, exist_ok=True)
    _write(config.runs / SUMMARY, markdown(news).encode())
    _write(config.runs / JUNIT, junit_xml(news))
    return ()


def _metrics(config: NightlyConfig, history: History, news: News) -> tuple[str, ...]:
    if config.metrics is not None:
        write_metrics(_fleet(config, history, news), config.metrics)
    return ()


def _people(config: NightlyConfig, _: History, news: News) -> tuple[str, ...]:
    urls = [url.reveal() for url in config.notify.urls]
    return notify(news, urls, config.notify.when)


def _fleet(config: NightlyConfig, history: History, news: News) -> News:
    """Add what became of each station that is not in the news, the last time that it was due."""
    known = {each.now.dut for each in news.comparisons} | {each.dut for each in news.not_run}
    comparisons, missing = list(news.comparisons), list(news.not_run)
    for dut in [dut.name for dut in config.dut if dut.name not in known]:
        ended = [each for each in history.attempts.all(dut) if each.done]
        if ended and ended[-1].run is None:
            missing.append(NotRun(dut, ended[-1].because))
        else:
            comparisons += [compare(history, run) for run in history.runs(dut, limit=1)]
    return replace(news, comparisons=tuple(comparisons), not_run=tuple(missing))


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")  # one vdoc tells at a time
    aside.write_bytes(content)
    aside.replace(path)
