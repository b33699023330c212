"""When and where the station tries to connect: after a boot, and after a lost connection.

Keeps the order of B10.FR.03, 04, 07 and 08 and the back-off of Part 4 §5.3. Attempts are yielded
one by one, without end; settings are read at each, so that a change counts at once. How an attempt
is made is not its business.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vdoc.station.defects import declare
from vdoc.station.network import NetworkProfiles, Profile

ONE_ATTEMPT = declare(
    "one-attempt-per-profile",
    "makes one attempt per network profile whatever NetworkProfileConnectionAttempts says",
    "B10.FR.03",
    "TC_B_46_CS",
)
STAYS_WITH_FIRST = declare(
    "stays-with-first-profile",
    "never goes on to the second network profile of its priority",
    "B10.FR.03",
    "TC_B_46_CS",
    "TC_B_47_CS",
    "TC_B_49_CS",
)
FORGETS_LAST = declare(
    "forgets-last-successful-profile",
    "when all network profiles failed it begins with the first of them again",
    "B10.FR.07",
    "TC_B_49_CS",
)
RECONNECTS_AT_ONCE = declare(
    "reconnects-at-once",
    "does not wait before it reconnects",
    "Part 4 §5.3",
    "TC_B_49_CS",
    "TC_B_57_CS",
)
CONSTANT_BACK_OFF = declare(
    "constant-back-off",
    "does not double the back-off time after a failed attempt",
    "Part 4 §5.3",
    "TC_B_57_CS",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to connect.

    Attributes:
        profile: where to.
        wait_s: how long to wait before it; None = not at all.
        alternate: show the former client certificate if there is one (A02.FR.28).
    """

    profile: Profile
    wait_s: float | None = None
    alternate: bool = False


class Attempts:
    """Decides what is tried next.

    Args:
        profiles: the slots and their order.
        number: reads a variable of OCPPCommCtrlr.
        has: whether a named defect is on.
    """

    def __init__(
        self,
        profiles: NetworkProfiles,
        number: Callable[[str], int],
        has: Callable[[str], bool],
    ) -> None:
        self._profiles = profiles
        self._number = number
        self._has = has

    def after_boot(self) -> Iterator[Attempt]:
        """Yield the attempts of each profile of the priority, then those of a reconnection."""
        order = self._profiles.boot_order()[: 1 if self._has(STAYS_WITH_FIRST) else None]
        for profile in order:  # B10.FR.04
            for number in range(self._attempts_per_profile):  # B10.FR.03
                yield Attempt(profile, self._back_off_s(0) if number else None)
        last = self._profiles.fallback()
        if self._has(FORGETS_LAST) or self._has(STAYS_WITH_FIRST):
            last = None
        former = () if last is None else (last,)  # B10.FR.07, then B10.FR.08
        yield from self.reconnecting((*former, *(each for each in order if each not in former)))

    def reconnecting(self, candidates: Sequence[Profile]) -> Iterator[Attempt]:
        """Yield attempts at these profiles by turns, each after its back-off.

        Raises:
            RuntimeError: there is none.
        """
        if not candidates:
            raise RuntimeError("no network connection profile to connect with")
        for number in itertools.count():
            profile = candidates[number % len(candidates)]
            yield Attempt(profile, self._back_off_s(number), alternate=number % 2 == 1)

    @property
    def _attempts_per_profile(self) -> int:
        if self._has(ONE_ATTEMPT):
            return 1
        return max(1, self._number("NetworkProfileConnectionAttempts"))

    def _back_off_s(self, failures: int) -> float:
        """The back-off time of Part 4 §5.3 after so many failed attempts to reconnect."""
        if self._has(RECONNECTS_AT_ONCE):
            return 0.0
        doublings = min(failures, max(0, self._number("RetryBackOffRepeatTimes")))
        if self._has(CONSTANT_BACK_OFF):
            doublings = 0
        spread_s = max(0, self._number("RetryBackOffRandomRange"))
        wait_s = self._number("RetryBackOffWaitMinimum") * 2.0**doublings
        return wait_s + random.uniform(0, spread_s)  # noqa: S311  # spreads load, no secret
