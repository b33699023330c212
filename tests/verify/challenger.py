"""Runs against a laboratory's challenge: a sound one, and each with one thing changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vdoc.signing import Challenge, SigningKey, new_key, read_challenge, sign_challenge

Forger = Any
RUN_BEGAN = datetime(2027, 1, 15, 8, 0, 10, tzinfo=UTC)  # by the clocks of the fake run


@dataclass
class Challenger:
    """A laboratory that issues challenges; a run against one, with one thing changed."""

    forger: Forger
    key: SigningKey

    @classmethod
    def of(cls, forger: Forger) -> Challenger:
        """A laboratory whose public key is in the directory `laboratory`."""
        made = new_key(forger.lab.directory / "laboratory", "laboratory")
        return cls(forger, SigningKey.load(made.private))

    def envelope(self, *, before_s: float = -3600, after_s: float = 3600, **changes: Any) -> bytes:
        challenge = Challenge(
            "ab" * 32,
            self.forger.lab.product.pics.digest,
            RUN_BEGAN + timedelta(seconds=before_s),
            RUN_BEGAN + timedelta(seconds=after_s),
        )
        keys = [changes.pop("key", self.key)]
        return sign_challenge(replace(challenge, **changes), keys)

    def run(
        self, envelope: bytes | None = None, *, earlier: int = 0, seed: int | None = None
    ) -> Path:
        """A sound run against a challenge, the last of several starts."""
        data = self.envelope() if envelope is None else envelope
        logged = RUN_BEGAN - timedelta(minutes=1)
        start = {"at": logged.isoformat(), "run": "run", "outcome": None}
        given = {
            "envelope": json.loads(data),
            "starts": [*[{**start, "outcome": "fail"}] * earlier, start],
        }
        return self.given(given, read_challenge(data).challenge.seed if seed is None else seed)

    def given(self, value: object, seed: int = 7) -> Path:
        """A run whose first line holds this as its challenge."""
        product = self.forger.lab.product_with(seed=seed)
        made: Path = self.forger.played(product, start={"challenge": value})
        return made
