"""Telling people and programs what a night came to: failures first, in one screen."""

from vdoc.nightly.telling.junit import junit_xml
from vdoc.nightly.telling.markdown import markdown
from vdoc.nightly.telling.metrics import write_metrics
from vdoc.nightly.telling.news import News, NotRun
from vdoc.nightly.telling.notify import NotifyWhen, notify
from vdoc.nightly.telling.screen import screen, whole

__all__ = [
    "News",
    "NotRun",
    "NotifyWhen",
    "junit_xml",
    "markdown",
    "notify",
    "screen",
    "whole",
    "write_metrics",
]
