"""What a driver is: something that performs physical actions and says what came of it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from vdoc.automation.actions import Action
from vdoc.automation.outcome import Outcome


class Driver(ABC):
    """Performs actions. Never raises for what the other side does: that is an `Outcome`."""

    @abstractmethod
    def supports(self, action: Action) -> bool:
        """Whether something is bound that could perform it; only the reply says whether it does."""

    @abstractmethod
    async def perform(self, action: Action, *, limit_s: float) -> Outcome:
        """Perform one action within `limit_s` seconds.

        Returns no later than the limit, with status `timeout` if need be. May be cancelled at any
        point; what was already sent then has an unknown effect.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release sockets and processes."""
