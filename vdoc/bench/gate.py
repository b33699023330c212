"""How an end point of the tester receives the station: refuse, accept, and with what.

Owns the values that a `gate` deed records. A gate is per end point; the shell puts it in force
before the next connection attempt is looked at. Passwords are named, never spelled out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from vdoc.bench.start import DutState

Flavour = Literal[
    "valid", "expired", "not_yet_valid", "other_root", "wrong_cn", "wildcard_cn"
]  # of a server certificate, as vdoc.tls.pki makes them
TlsVersion = Literal["1.2+", "old"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One end point's rule for the next connections.

    Attributes:
        endpoint: 1 or 2.
        accept: False refuses at TCP level, as a CSMS that is not there.
        profile: security profile served, 1 to 3 (Part 2 §A00).
        key: key type of the server certificate.
        root: name of the root that it leads to.
        flavour: valid, or what is wrong with it.
        tls: "old" answers with a TLS version below 1.2 (TC_A_06_CS).
        passwords: names of the Basic passwords accepted (profiles 1 and 2).
    """

    endpoint: int
    accept: bool = True
    profile: int = 1
    key: str = "RSA"
    root: str = "root1"
    flavour: Flavour = "valid"
    tls: TlsVersion = "1.2+"
    passwords: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the data of a `gate` line."""
        return {**asdict(self), "passwords": list(self.passwords)}

    def refusing(self) -> Gate:
        """Return the same gate, shut."""
        return replace(self, accept=False)


def standard_gate(state: DutState, endpoint: int) -> Gate:
    """Return the gate that every case begins with: the end point in use open, the other shut."""
    return Gate(
        endpoint=endpoint,
        accept=endpoint == state.endpoint,
        profile=state.profile,
        key=state.key,
        root=state.root,
        passwords=(state.password.name,),
    )
