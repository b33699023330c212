"""Notifications to wherever apprise can send: chat, mail, webhook.

Owns when somebody is told. A notification that cannot be delivered is returned as a problem and
changes no result. URLs hold secrets: they are never printed whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from apprise import Apprise, NotifyFormat, NotifyType
from apprise.plugins import NotifyBase

from vdoc.errors import ExitCode, InputError, Problem
from vdoc.nightly.telling.markdown import markdown
from vdoc.nightly.telling.news import News

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
                return news.exit_code is not ExitCode.PASS
            case NotifyWhen.CHANGED:
                return news.changed


def targets(urls: Iterable[str]) -> tuple[NotifyBase, ...]:
    """Return where apprise URLs lead.

    Raises:
        InputError: one is no URL that apprise understands; says which by its number only.
    """
    found, problems = [], []
    for number, url in enumerate(urls, start=1):
        target = Apprise.instantiate(url, suppress_exceptions=True)
        if isinstance(target, NotifyBase):
            found.append(target)
        else:
            problems.append(
                Problem(
                    "nightly.toml", None, f"notify.urls, number {number}",
                    f"is no apprise URL (it begins with {url.partition(':')[0]!r}).",
                    "see the list of services of apprise.",
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
    body = markdown(news)
    kind = _TYPE.get(news.exit_code, NotifyType.WARNING)
    for target in to:
        apprise = Apprise(target)
        done = apprise.notify(
            body=body,
            title=f"vdoc nightly {news.headline}",
            notify_type=kind,
            body_format=NotifyFormat.MARKDOWN,
        )
        if not done:
            where = target.url(privacy=True)  # type: ignore[no-untyped-call]  # the library's
            yield f"could not notify {where}"
