"""Notifications to wherever apprise can send: chat, mail, webhook.

Owns when somebody is told. A notification that cannot be delivered is returned as a problem and
changes no result. It is plain text of one screen, so that a telephone shows it as well as a mail.

URLs hold secrets anywhere, in paths and parameters too: no part of one is ever printed. Which one
is meant says its number in `notify.urls` and the name of the service.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from apprise import Apprise, NotifyFormat, NotifyType
from apprise.plugins import NotifyBase

from vdoc.errors import ExitCode, InputError, Problem
from vdoc.nightly.telling.news import News
from vdoc.nightly.telling.screen import clean, screen

_LOG = logging.getLogger("apprise")
_TYPE = {
    ExitCode.PASS: NotifyType.SUCCESS,
    ExitCode.FAIL: NotifyType.FAILURE,
}


class NotifyWhen(StrEnum):
    """After which nights somebody is told."""

    ALWAYS = "always"
    NOT_PASSED = "not_passed"
    CHANGED = "changed"

    def wanted(self, news: News) -> bool:
        """Whether this night is one of them."""
        match self:
            case NotifyWhen.ALWAYS:
                return True
            case NotifyWhen.NOT_PASSED:
                return news.exit_code is not ExitCode.PASS or bool(news.removed)
            case NotifyWhen.CHANGED:
                return news.changed


def targets(urls: Iterable[str]) -> tuple[NotifyBase, ...]:
    """Return where apprise URLs lead.

    Raises:
        InputError: one is no URL that apprise understands; says which by its number only.
    """
    found, problems = [], []
    for number, url in enumerate(urls, start=1):
        with _silent():
            target = Apprise.instantiate(url, suppress_exceptions=True)
        if isinstance(target, NotifyBase):
            found.append(target)
        else:
            problems.append(
                Problem(
                    "nightly.toml", None, f"notify.urls, number {number}",
                    "is no apprise URL, or lacks a part that its service needs.",
                    "compare it with the page of its service in the documentation of apprise.",
                )
            )  # fmt: skip
    if problems:
        raise InputError(*problems)
    return tuple(found)


def notify(
    news: News, urls: Iterable[str], when: NotifyWhen = NotifyWhen.ALWAYS
) -> tuple[str, ...]:
    """Tell everybody, and return who could not be told.

    Raises:
        InputError: a URL is none.
    """
    to = targets(urls)
    if not when.wanted(news):
        return ()
    return tuple(_failed(news, to))


def _failed(news: News, to: Iterable[NotifyBase]) -> Iterator[str]:
    body = _parted(screen(news, titled=False))
    title = _parted(clean(f"vdoc nightly {news.headline}"))
    kind = _TYPE.get(news.exit_code, NotifyType.WARNING)
    for number, target in enumerate(to, start=1):
        with _silent():
            done = Apprise(target).notify(
                body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT
            )
        if not done:
            yield (
                f"could not notify number {number} of notify.urls ({target.service_name});"
                " `apprise -vv -b test URL` shows why"
            )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep apprise from logging: it writes URLs as they are, secrets and all."""
    _LOG.addFilter(_nothing)
    try:
        yield
    finally:
        _LOG.removeFilter(_nothing)


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _parted(text: str) -> str:
    """Part what chats take for a mention of somebody or everybody: a station may have sent it."""
    return text.replace("@", "@\u200b").replace("<", "<\u200b")
