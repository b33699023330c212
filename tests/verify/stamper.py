"""Bundles with time stamps: a sound one, and each with one thing changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.signing.tsa import Tsa
from vdoc.declaration import container
from vdoc.declaration.stamps import DECLARATION_STAMP, PLAN_STAMP, Stamping
from vdoc.digest import canonical, sha256_hex
from vdoc.signing import sign

Forger = Any
BEGAN = datetime(2027, 1, 15, 8, 0, 10, tzinfo=UTC)  # by the clocks of the fake run
ENDED = BEGAN + timedelta(seconds=74)
BEFORE, AFTER = BEGAN - timedelta(minutes=5), ENDED + timedelta(minutes=5)
VENDOR = '[roles.vendor]\nkeys = "trust"\n'
DEMANDED = VENDOR + '[timestamps]\nauthorities = "tsa"\nrequired = ["plan", "declaration"]\n'


@dataclass
class Stamper:
    """Has a vendor's run stamped; its authority is the one that the policy `DEMANDED` names."""

    forger: Forger
    tsa: Tsa = field(default_factory=Tsa)

    def __post_init__(self) -> None:
        self.tsa.authorities(self.forger.lab.directory / "tsa")

    @property
    def plan(self) -> bytes:
        return canonical(self.forger.lab.product.plan.to_json())

    def bundle(
        self, *, plan: bytes | None = None, at: datetime = BEFORE, declared: Any = AFTER
    ) -> Path:
        """A run that began with a stamp of its plan, its declaration stamped at a time or not."""
        token = self.tsa.stamp(self.plan, at) if plan is None else plan

        def declare(envelope: bytes) -> bytes:
            return self.tsa.stamp(envelope, declared)

        stamping = Stamping(token, declare if declared else None)
        start = {"plan_stamp": sha256_hex(token)}
        path: Path = self.forger.played(stamping=stamping, start=start)
        return path

    def without_plan(self, bundle: Path) -> Path:
        """A copy that lacks the stamp of its plan, declared, signed and stamped as it then is."""
        members = container.read(bundle)
        del members[PLAN_STAMP]
        return self.signed(members)

    def signed(self, members: dict[str, bytes]) -> Path:
        """These members, declared, signed and stamped anew."""
        value = json.loads(members["declaration.json"])
        value["predicate"]["enclosed"] = container.enclosed(members)
        payload = canonical(value)
        envelope = sign(payload, [self.forger.lab.key])
        made = {"declaration.json": payload, "declaration.dsse.json": envelope}
        if DECLARATION_STAMP in members:
            made[DECLARATION_STAMP] = self.tsa.stamp(envelope, AFTER)
        path: Path = self.forger.file(container.pack(members | made))
        return path

    def with_members(self, bundle: Path, other: dict[str, bytes | None]) -> Path:
        """A copy with other members, nothing signed anew; None takes one out."""
        members: dict[str, Any] = container.read(bundle) | other
        kept = {name: data for name, data in members.items() if data is not None}
        path: Path = self.forger.file(container.pack(kept))
        return path
