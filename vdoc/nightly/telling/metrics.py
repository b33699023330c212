"""The night as a Prometheus text file, for the textfile collector of a node exporter.

Owns the names and labels of the metrics, which are only ever added to. The file is replaced whole.
A station that was not run keeps no metric but `vdoc_night_not_run` until it runs again; an alert on
the age of `vdoc_run_started_timestamp_seconds` notices a bench that is dead as well.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from vdoc.bench import Verdict
from vdoc.declaration import RunVerdict
from vdoc.errors import BenchError
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.drift import quantiles
from vdoc.nightly.telling.news import News

_STATISTICS = {"median": 0.5, "p95": 0.95}
_CHANGES = (
    "newly_failing", "first_failing", "newly_passing", "still_failing", "flaky", "not_judged",
    "not_applicable", "not_run",
)  # fmt: skip


class _Metrics:
    """The gauges of one file."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.verdict = self._gauge("run_verdict", "1 for what the run came to.", "verdict")
        self.cases = self._gauge("run_cases", "Cases by verdict.", "verdict")
        self.planned = self._gauge("run_planned_cases", "Cases that were planned.")
        self.changes = self._gauge("run_changed_cases", "Cases by change.", "change")
        self.started = self._gauge("run_started_timestamp_seconds", "Start of the newest run.")
        self.duration = self._gauge("run_duration_seconds", "How long it took.")
        self.info = self._gauge(
            "run_info", "Always 1; what was run.", "model", "firmware_version", "firmware_sha256"
        )
        self.response = self._gauge(
            "response_time_seconds", "Response times of the station.", "parameter", "statistic"
        )
        self.not_run = self._gauge("night_not_run", "1 for a station that was due and not run.")

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"vdoc_{name}", words, ("dut", *labels), registry=self.registry)

    def add(self, comparison: Comparison) -> None:
        now, dut = comparison.now, comparison.now.dut
        for run_verdict in RunVerdict:
            self.verdict.labels(dut, run_verdict.value).set(now.verdict is run_verdict)
        for verdict in Verdict:
            self.cases.labels(dut, verdict.value).set(now.counts.get(verdict, 0))
        self.planned.labels(dut).set(now.planned)
        self.started.labels(dut).set(now.started.timestamp())
        self.duration.labels(dut).set(now.seconds)
        self.info.labels(dut, now.model, now.firmware_version, now.firmware_sha256).set(1)
        for name in _CHANGES:
            self.changes.labels(dut, name).set(len(getattr(comparison, name)))
        for parameter, samples in comparison.times.items():
            values = quantiles(samples, *_STATISTICS.values())
            for statistic, value in zip(_STATISTICS, values, strict=True):
                self.response.labels(dut, parameter.value, statistic).set(value)


def _began(comparison: Comparison) -> datetime:
    return comparison.now.started


def write_metrics(news: News, path: Path) -> None:
    """Write the metrics of a night to a file, replacing it whole.

    Raises:
        BenchError: it cannot be written.
    """
    metrics = _Metrics()
    newest = {each.now.dut: each for each in sorted(news.comparisons, key=_began)}
    for comparison in newest.values():
        metrics.add(comparison)
        metrics.not_run.labels(comparison.now.dut).set(0)
    for missing in news.not_run:
        metrics.not_run.labels(missing.dut).set(1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(path), metrics.registry)
    except OSError as error:
        raise BenchError(f"cannot write the metrics {path}: {error.strerror}") from error
