"""A scripted station that roams: profiles in slots, roots that it trusts, a password that changes.

`roam(case_id, spoil=…, habits=…)` plays a case of A01, A05, B09, B10 or M03 to M05 with a `Roamer`
in virtual time. `Habits` are what it does beyond its messages, which `spoil` alters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.cases.playing import Payload, Spoil, pics, settings
from tests.cases.restarting import IDENTITY, Quirks, Run, Station
from vdoc.bench import CaseFunction, CaseStart, DutState, Facts, Password, VariableFact
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases.registry import case_functions
from vdoc.evidence import Kind
from vdoc.tls.hash_data import HashAlgorithm, certificate_hash_data

CSMS, MANUFACTURER, MO = "CSMSRootCertificate", "ManufacturerRootCertificate", "MORootCertificate"
PASSWORDS = {"p1": "0123456789abcdef", "p2": "fedcba9876543210", "short": "too-short-by-1!"}
PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"
PREDECESSOR = {"root2": "root1", "root3": "root2"}
WAIT_S = 10.0


@cache
def _key(_name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def pem(root: str, form: str = "self-signed") -> str:
    """A root of the bench; all have the same subject, so that any may have signed any other."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
    number = x509.random_serial_number()
    builder = x509.CertificateBuilder(name, name, _key(root).public_key(), number)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    signer = PREDECESSOR[root] if form == "by-predecessor" else root
    signed = builder.sign(_key(signer), hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True)
class Installed:
    """What is installed, as what."""

    kind: str
    root: str
    form: str = "self-signed"

    @property
    def pem(self) -> str:
        return pem(self.root, self.form)

    def named(self, algorithm: HashAlgorithm = "SHA256") -> dict[str, str]:
        by = self.form == "by-predecessor"
        issuer = pem(PREDECESSOR[self.root]) if by else None
        return certificate_hash_data(self.pem, issuer_pem=issuer, algorithm=algorithm).as_json()


@dataclass
class Habits:
    """What a roaming station does; the first four and its algorithm are its good right."""

    profile: int = 1
    replaces_roots: bool = False
    reboots_for_password: bool = False
    looks_again_silently: bool = False  # at home, within one handshake
    uses_password: str = ""  # by name, whatever it was told
    attempts: int | None = None  # per profile, whatever it was told
    slots_tried: int | None = None
    forgets_home: bool = False
    back_off: tuple[float, ...] = (1.0, 2.0, 4.0)  # times RetryBackOffWaitMinimum
    falls_back: frozenset[str] = frozenset({"home"})  # or abroad
    keeps_former_root: bool = False
    trusts_oldest_only: bool = False
    installs_anything: bool = False
    needs_no_root: bool = False
    moves_anyway: bool = False  # to where it has refused to go
    keeps_deleted: bool = False
    deletes_all: bool = False
    algorithm: HashAlgorithm = "SHA256"  # the only one that it knows
    installed: tuple[Installed, ...] = (Installed(CSMS, "root1"),)


@dataclass
class Roamer(Station):
    """One EVSE with one connector; nothing charges."""

    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        self.quirks = Quirks(profile=self.habits.profile)
        super().__post_init__()
        self.variables |= {
            "OCPPCommCtrlr.RetryBackOffWaitMinimum": "10",
            "OCPPCommCtrlr.RetryBackOffRepeatTimes": "3",
            "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
            "SecurityCtrlr.AdditionalRootCertificateCheck": str(self.habits.replaces_roots).lower(),
            PRIORITY: "1",
        }
        self.installed = list(self.habits.installed)
        self.password = "p1"
        self.home = 1
        self.route = [1]
        self.failed = 0
        self.at_boot = False
        self.gate[1]["root"] = self.gate[2]["root"] = "root1"
        self.answers |= {
            "InstallCertificate": self._install,
            "GetInstalledCertificateIds": self._list,
            "DeleteCertificate": self._delete,
        }
        inner = self._spoil
        self._spoil = lambda action, payload: inner(action, self._told(action, payload))

    # --- where to ---

    @property
    def target(self) -> tuple[int, int]:
        return self.slots[self.route[0]]

    def restart(self, reason: str, then: Callable[[], None] = lambda: None) -> None:
        habits, name = self.habits, "OCPPCommCtrlr.NetworkProfileConnectionAttempts"
        slots = [int(slot) for slot in self.variables[PRIORITY].split(",")]
        tries = habits.attempts or int(self.variables[name])
        self.route = [slot for slot in slots[: habits.slots_tried] for _ in range(tries)]
        self.route.append(self.route[0] if habits.forgets_home else self.home)
        self.failed, self.at_boot = 0, True
        super().restart(reason, then)

    def lost(self) -> None:
        self.connection, self._waiting = None, None
        self.route, self.failed, self.at_boot = [self.home], 0, False
        self.run.later(self._wait_s(), self._retry)

    def _wait_s(self) -> float:
        if self.at_boot and len(self.route) > 1:
            return 0.5
        back_off = self.habits.back_off
        return WAIT_S * back_off[min(self.failed, len(back_off) - 1)]

    def _fails(self, kind: Kind, data: Payload) -> None:
        if len(self.route) > 1:
            self.route.pop(0)
        elif not self.at_boot:
            self.failed += 1
        wait_s = self._wait_s()
        self.at_boot = self.at_boot and len(self.route) > 1
        self.run.later(wait_s, self._retry)
        self.run.observe(kind, data)

    def _retry(self) -> None:
        endpoint, profile = self.target
        gate = self.gate[endpoint]
        passwords: Any = gate.get("passwords", ("p1",))
        known = self.password in passwords
        if self.connection is None and gate["accept"] and profile < 3 and not known:
            why = {"endpoint": endpoint, "why": "wrong password", "authorization": self._basic}
            self._fails(Kind.REFUSED, why)
        else:
            super()._retry()

    def _opened(self, endpoint: int, profile: int, tls: Payload | None) -> None:
        self.home = self.route[0]
        self.route, self.failed, self.at_boot = [self.home], 0, False
        self.variables["OCPPCommCtrlr.ActiveNetworkProfile"] = str(self.home)
        super()._opened(endpoint, profile, tls)

    # --- passwords ---

    @property
    def _basic(self) -> Payload:
        text = PASSWORDS[self.password]
        shown = {"password": text, "password_name": self.password}
        return {"scheme": "Basic", "user": IDENTITY, **shown}

    def _told(self, action: str, payload: Payload) -> Payload:
        """Add to an opened connection what the bench knows of it."""
        if action != "opened":
            return payload
        gate = self.gate[payload["endpoint"]]
        told = {**payload, "root": gate["root"] if payload["tls"] else None}
        return told if payload["authorization"] is None else {**told, "authorization": self._basic}

    def _set_variables(self, payload: Payload) -> Payload:
        (data,) = payload["setVariableData"]
        answer = super()._set_variables(payload)
        result, value = answer["setVariableResult"][0], data["attributeValue"]
        if data["variable"]["name"] == "BasicAuthPassword":
            result["attributeStatus"] = self._new_password(value)
        elif data["variable"]["name"] == "NetworkConfigurationPriority":
            needs_root = self.slots.get(int(value[0]), (0, 1))[1] > 1
            if needs_root and not self._csms_roots and not self.habits.needs_no_root:
                result["attributeStatus"] = "Rejected"
                if self.habits.moves_anyway:
                    self.run.later(0.5, lambda: self.restart("LocalReset"))
        return answer

    def _new_password(self, text: str) -> str:
        name = next(name for name, known in PASSWORDS.items() if known == text)
        rejected = len(text) < 16
        self.password = self.habits.uses_password or (self.password if rejected else name)
        if rejected:
            return "Rejected"
        if self.habits.reboots_for_password:
            return "RebootRequired"
        self.run.later(0.5, self._come_back)
        return "Accepted"

    def _come_back(self) -> None:
        self.hang_up()
        self.run.later(1.0, self._retry)

    def _set_network_profile(self, payload: Payload) -> Payload:
        lower = payload["connectionData"]["securityProfile"] < self.habits.profile
        if lower or payload["configurationSlot"] not in {1, 2}:
            return {"status": "Rejected"}
        return super()._set_network_profile(payload)

    # --- certificates ---

    @property
    def _csms_roots(self) -> list[str]:
        return [each.root for each in self.installed if each.kind == CSMS]

    def _secured(self, endpoint: int, gate: Payload) -> None:
        roots, habits = self._csms_roots, self.habits
        newest = roots if not habits.replaces_roots else roots[-1:]
        if habits.trusts_oldest_only:
            newest = roots = roots[:1]
        place = "home" if endpoint == self.slots[self.home][0] else "abroad"
        again = roots if place in habits.falls_back else newest
        if gate["root"] not in newest and not habits.looks_again_silently:
            self._distrusts(endpoint, gate, last=gate["root"] not in again)
        if gate["root"] in again:
            super()._secured(endpoint, gate)
            if habits.replaces_roots and gate["root"] == roots[-1] and not habits.keeps_former_root:
                former = roots[:-1]
                self.installed = [each for each in self.installed if each.root not in former]

    def _distrusts(self, endpoint: int, gate: Payload, *, last: bool) -> None:
        failure = {"kind": "alert", "sent_by": "station", "alert": "unknown_ca", "detail": ""}
        data = {**self._tls(endpoint, gate), "outcome": "failed", "failure": failure}
        self._fails(Kind.TLS, data) if last else self.run.observe(Kind.TLS, data)

    def _install(self, payload: Payload) -> Payload:
        kinds = [(root, form) for root in ("root1", "root2", "root3") for form in FORMS[root]]
        kinds += [(root, "self-signed") for root in ("manufacturer", "other", "expired")]
        root, form = next(each for each in kinds if pem(*each) == payload["certificate"])
        signed = form == "by-predecessor" or not self._csms_roots
        unsigned = self.habits.replaces_roots and not signed and payload["certificateType"] == CSMS
        if (root == "expired" or unsigned) and not self.habits.installs_anything:
            return {"status": "Rejected"}
        self.installed.append(Installed(payload["certificateType"], root, form))
        return {"status": "Accepted"}

    def _list(self, payload: Payload) -> Payload:
        kinds = payload.get("certificateType", (CSMS, MANUFACTURER, MO))
        algorithm = self.habits.algorithm
        chain = [
            {"certificateType": each.kind, "certificateHashData": each.named(algorithm)}
            for each in self.installed
            if each.kind in kinds
        ]
        if not chain:
            return {"status": "NotFound"}
        return {"status": "Accepted", "certificateHashDataChain": chain}

    def _delete(self, payload: Payload) -> Payload:
        wanted, algorithm = payload["certificateHashData"], self.habits.algorithm
        if wanted["hashAlgorithm"] != algorithm:
            return {"status": "Failed"}
        named = [each for each in self.installed if each.named(algorithm) == wanted]
        if not named:
            return {"status": "NotFound"}
        if self.habits.deletes_all:
            self.installed = [each for each in self.installed if each.kind != named[0].kind]
            return {"status": "Accepted"}
        if not self.habits.keeps_deleted:
            self.installed.remove(named[0])
        return {"status": "Accepted"}

    # --- what the bench asks for ---

    def asked(self, data: Payload) -> None:
        arguments = data["arguments"]
        if data["what"] == "password":
            name = "short" if "characters" in arguments else "p2"
            value: Any = {"name": name, "text": PASSWORDS[name]}
        elif data["what"] == "root_certificate":
            value = {"pem": pem(arguments["root"], arguments["form"]), "hash_data": {}}
        else:
            super().asked(data)
            return
        made = {"id": data["id"], "what": data["what"], "value": value}
        self.run.later(0.01, lambda: self.run.observe(Kind.MADE, made))


FORMS = {
    "root1": ("self-signed",),
    "root2": ("self-signed", "by-predecessor"),
    "root3": ("self-signed", "by-predecessor"),
}


def roam(
    case_id: str,
    *,
    spoil: Spoil | None = None,
    habits: Habits | None = None,
    function: CaseFunction | None = None,
    extra: Payload | None = None,
    make: Callable[..., Roamer] = Roamer,
) -> Run:
    """Run a case, or a function of the runner's own, against a `Roamer`."""
    habits = habits or Habits()
    state = DutState(password=Password(name="p1", text=PASSWORDS["p1"]), profile=habits.profile)
    opened = {"connection": 1, "endpoint": 1, "profile": habits.profile}
    connection = OpenConnection(1, opened)
    start = CaseStart(case_id, {}, 1, 7, state, connection=connection, extra=extra or {})
    check = VariableFact(
        component="SecurityCtrlr",
        variable="AdditionalRootCertificateCheck",
        value=str(habits.replaces_roots).lower(),
    )
    context = RunContext(pics(), settings(), Facts(variables=(check,)))
    station = make(spoil, habits=habits)
    return Run(function or case_functions()[case_id], context, start, station)
