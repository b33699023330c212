"""A scripted station that restarts, does TLS, reports its device model, updates and uploads.

`run_case(case_id, spoil=…, quirks=…)` plays a case of block A, B, L, M, N or P with a `Station`, in
virtual time; `verdict` of what it returns has compared the replay. `Quirks` are what a station
may or may not do beyond its messages, which `spoil` alters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.cases.playing import Payload, Played, Scripted, Spoil, pics, settings
from vdoc.bench import CaseStart, DutState, Facts, Password, VariableFact
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases.registry import case_functions
from vdoc.catalogue.components import RequiredVariable, required_variables
from vdoc.evidence import Kind, Line
from vdoc.pics.product import CIPHER_PAIRS
from vdoc.tls.hash_data import certificate_hash_data

IDENTITY = "CS-1"
SHA256 = "ab" * 32
LISTS = {"OptionList", "SequenceList", "MemberList"}
DOWNLOADED = ("Downloading", "served", "Downloaded")
PATTERN = (*DOWNLOADED, "SignatureVerified", "Installing", "boot", "Installed", "FirmwareUpdated")
BAD_PATTERN = (*DOWNLOADED, "InvalidSignature", "InvalidFirmwareSignature")


def _certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


ROOT = _certificate()
LEAF = "".join(ROOT.split("-----")[2].split())


@dataclass
class Quirks:
    """What a station does, apart from the words of its messages."""

    profile: int = 1
    style: str = "StatusNotification"
    accepts: frozenset[str] = frozenset()  # flavours of server certificates that it lets pass
    late: frozenset[str] = frozenset()  # flavours that it refuses after the handshake only
    accepts_old_tls: bool = False
    attempts_before_word: int = 1
    suites: tuple[str, ...] = (*CIPHER_PAIRS["RSA"], *CIPHER_PAIRS["ECDSA"])
    versions: tuple[str, ...] = ("TLSv1.2", "TLSv1.3")
    compression: tuple[int, ...] = (0,)
    reboots: bool = True
    sends_when_pending: bool = False
    boots_when_pending: bool = False
    closes_when_rejected: bool = False
    gives_up_when_rejected: bool = False
    obeys_when_rejected: bool = False
    summary: bool = True  # supports SummaryInventory
    sends_summary_anyway: bool = False
    goes_back: bool = False
    keeps_slot: bool = False
    algorithm: str = "SHA256"
    reconnects_with_certificate: bool = True
    shows_no_certificate: bool = False
    rejects_certificate: bool = False
    signing_waits: tuple[float, ...] = ()  # until it repeats a signing request, in seconds
    pattern: tuple[str, ...] = PATTERN
    update_answers: tuple[str, ...] = ("Accepted",)
    before_second: tuple[str, ...] = ()  # statuses of the first update, told before that answer
    upload_bytes: int | None = 100
    uploading: int = 1
    received_s: float = 4.0  # when the file is whole; Uploaded is told after 5
    firmware_version: str = "1.0.0"
    additional_root_check: bool = False
    lacking: frozenset[str] = frozenset()  # variables left out of reports
    settable: str | None = None  # a variable that intake saw, and that is in no report
    part_size: int = 30


@dataclass
class Station(Scripted):
    """One EVSE with one connector; nothing charges."""

    spoil: Spoil | None = None
    quirks: Quirks = field(default_factory=Quirks)

    def __post_init__(self) -> None:
        Scripted.__init__(self, self.spoil)
        q = self.quirks
        self.retry_s = 2.0
        self.variables = {
            "OCPPCommCtrlr.OfflineThreshold": "60",
            "OCPPCommCtrlr.ActiveNetworkProfile": "1",
            "OCPPCommCtrlr.NetworkConfigurationPriority": "1,2",
            "OCPPCommCtrlr.NetworkProfileConnectionAttempts": "5",
            "SecurityCtrlr.SecurityProfile": str(q.profile),
            "SecurityCtrlr.AllowCSMSTLSWildcards": "true",
            "SecurityCtrlr.CertSigningWaitMinimum": "60",
            "SecurityCtrlr.CertSigningRepeatTimes": "0",
        }
        self.slots = {1: (1, q.profile)}
        self.certificate = q.profile == 3
        self.gate = {
            1: {"accept": True, "profile": q.profile, "flavour": "valid", "tls": "1.2+"},
            2: {"accept": False, "profile": q.profile, "flavour": "valid", "tls": "1.2+"},
        }
        self.booting: str | None = None
        self.pending = False
        self.rejected = False
        self.held: list[tuple[str, Payload]] = []
        self.failures: dict[str, int] = {}
        self.updates = 0
        self.first_id = 0
        self.under_way: list[str] = []
        self.after_boot: Callable[[], None] = lambda: None
        self.answers = {
            "Reset": self._reset,
            "GetVariables": self._get_variables,
            "SetVariables": self._set_variables,
            "GetBaseReport": self._report,
            "RequestStartTransaction": lambda _: {
                "status": "Rejected" if self.pending else "Accepted"
            },
            "TriggerMessage": self._trigger,
            "SetNetworkProfile": self._set_network_profile,
            "InstallCertificate": lambda _: {"status": "Accepted"},
            "GetInstalledCertificateIds": self._installed,
            "CertificateSigned": self._signed,
            "UpdateFirmware": self._update,
            "GetLog": self._log,
            "DataTransfer": lambda _: {"status": "UnknownVendorId"},
        }

    # --- restart and connection ---

    def acted(self, action: Payload) -> None:
        """Only the power is ever cut."""
        assert action["operation"] == "reboot"
        self.restart("PowerUp")

    def _reset(self, _payload: Payload) -> Payload:
        if self.quirks.reboots:
            self.run.later(0.5, lambda: self.restart("RemoteReset"))
        return {"status": "Accepted"}

    def restart(self, reason: str, then: Callable[[], None] = lambda: None) -> None:
        self.booting, self.after_boot = reason, then
        self.hang_up()
        self.run.later(5.0, self._retry)

    def hang_up(self) -> None:
        number, self.connection, self._waiting = self.connection, None, None
        if number is not None:
            self.run.observe(Kind.CLOSED, {"connection": number, "endpoint": 1})

    @property
    def target(self) -> tuple[int, int]:
        """End point and profile of the first slot of the priority."""
        first = self.variables["OCPPCommCtrlr.NetworkConfigurationPriority"].split(",")[0]
        return self.slots[int(first)]

    def _retry(self) -> None:
        if self.connection is not None:
            return
        endpoint, profile = self.target
        gate = self.gate[endpoint]
        if not gate["accept"]:
            self._fails(Kind.REFUSED, {"endpoint": endpoint, "why": "gate"})
        elif gate["profile"] == 1 != profile and not self.quirks.goes_back:
            self._fails(Kind.REFUSED, {"endpoint": endpoint, "why": "no WebSocket upgrade"})
        elif gate["profile"] == 1:
            self._opened(endpoint, 1, None)
        else:
            self._secured(endpoint, gate)

    def _fails(self, kind: Kind, data: Payload) -> None:
        self.run.later(self.retry_s, self._retry)
        self.run.observe(kind, data)

    def _secured(self, endpoint: int, gate: Payload) -> None:
        flavour = gate["flavour"]
        facts = self._tls(endpoint, gate)
        failure = {"kind": "alert", "sent_by": "station", "alert": "bad_certificate", "detail": ""}
        if gate["tls"] == "old":
            self._hold("InvalidTLSVersion", "old")
            changes: Payload = {"failure": failure}
            if self.quirks.accepts_old_tls:
                changes = {"client_continued": True}
            self._fails(Kind.TLS, {**facts, "outcome": "failed", **changes})
        elif flavour != "valid" and flavour not in self.quirks.accepts:
            self._hold("InvalidCsmsCertificate", flavour)
            if flavour in self.quirks.late:
                self.run.observe(Kind.TLS, {**facts, "outcome": "completed"})
                gone = {"endpoint": endpoint, "why": "gone before the HTTP upgrade"}
                self._fails(Kind.REFUSED, gone)
            else:
                self._fails(Kind.TLS, {**facts, "outcome": "failed", "failure": failure})
        else:
            self.run.observe(Kind.TLS, {**facts, "outcome": "completed"})
            self._opened(endpoint, gate["profile"], facts)

    def _tls(self, endpoint: int, gate: Payload) -> Payload:
        q = self.quirks
        has_one = self.certificate and not q.shows_no_certificate
        shown = {"der": LEAF} if has_one and gate["profile"] == 3 else None
        return {
            "endpoint": endpoint,
            "served": {key: gate.get(key) for key in ("key", "root", "flavour", "tls")},
            "client_hello": {
                "versions": list(q.versions),
                "cipher_suites": list(q.suites),
                "compression_methods": list(q.compression),
            },
            "version": q.versions[-1],
            "cipher": q.suites[0],
            "peer_certificate": shown,
            "failure": None,
            "client_continued": False,
        }

    def _hold(self, kind: str, cause: str) -> None:
        self.failures[cause] = self.failures.get(cause, 0) + 1
        if self.failures[cause] == self.quirks.attempts_before_word:
            self.held.append((kind, {}))

    def _opened(self, endpoint: int, profile: int, tls: Payload | None) -> None:
        self.connection = next(self._connections)
        basic = {"scheme": "Basic", "user": IDENTITY, "password": "0123456789abcdef"}
        opened = {
            "connection": self.connection,
            "endpoint": endpoint,
            "profile": profile,
            "path": f"/{IDENTITY}",
            "identity": IDENTITY,
            "authorization": basic if profile < 3 else None,
            "tls": tls,
        }
        spoilt = self._spoil("opened", opened)
        self.run.observe(Kind.OPENED, opened if spoilt is None else spoilt)
        if self.booting is None:
            self._flush()
        else:
            self._boot(self.booting)

    def _boot(self, reason: str) -> None:
        station = {
            "vendorName": "V",
            "model": "M",
            "firmwareVersion": self.quirks.firmware_version,
        }
        self.says(
            "BootNotification", {"reason": reason, "chargingStation": station}, self._registered
        )

    def _registered(self, answer: Payload) -> None:
        self.pending = answer["status"] != "Accepted"
        self.rejected = answer["status"] == "Rejected"
        if self.rejected:
            self._wait_to_ask_again(answer["interval"])
        if self.pending:
            if self.quirks.sends_when_pending:
                self.status("Available")
            if self.quirks.boots_when_pending:
                self.run.later(10.0, lambda: self._boot("PowerUp"))
                self.quirks.boots_when_pending = False
            return
        self._upgraded()
        self.status("Available")
        if self.booting != "FirmwareUpdate":
            self.security_event("StartupOfTheDevice")
        self.booting = None
        self._flush()
        after, self.after_boot = self.after_boot, lambda: None
        self.run.later(0.5, after)

    def _wait_to_ask_again(self, interval_s: float) -> None:
        if self.quirks.gives_up_when_rejected:
            return
        if self.quirks.closes_when_rejected:
            self.run.later(0.5, self.hang_up)
            self.run.later(interval_s, self._retry)
        else:
            self.run.later(interval_s, lambda: self._boot("PowerUp"))

    def _answer(self, identity: str, action: str, payload: Payload) -> None:
        if self.rejected and not self.quirks.obeys_when_rejected:
            self._write([4, identity, "SecurityError", "not accepted", {}])
        else:
            super()._answer(identity, action, payload)

    def _flush(self) -> None:
        held, self.held = self.held, []
        for kind, _ in held:
            self.security_event(kind)

    def security_event(self, kind: str) -> None:
        self.says("SecurityEventNotification", {"type": kind, "timestamp": self.now()})

    def status(self, state: str) -> None:
        if self.quirks.style == "StatusNotification":
            self.says(
                "StatusNotification",
                {"timestamp": self.now(), "connectorStatus": state, "evseId": 1, "connectorId": 1},
            )
            return
        data = {
            "eventId": 1,
            "timestamp": self.now(),
            "trigger": "Delta",
            "actualValue": state,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
            "variable": {"name": "AvailabilityState"},
        }
        self.says("NotifyEvent", {"generatedAt": self.now(), "seqNo": 0, "eventData": [data]})

    # --- variables and reports ---

    def _get_variables(self, payload: Payload) -> Payload:
        results = []
        for data in payload["getVariableData"]:
            value = self.variables.get(_name(data))
            told = {"attributeStatus": "UnknownVariable"}
            if value is not None:
                told = {"attributeStatus": "Accepted", "attributeValue": value}
            results.append({"attributeType": "Actual", **data, **told})
        return {"getVariableResult": results}

    def _set_variables(self, payload: Payload) -> Payload:
        results = []
        for data in payload["setVariableData"]:
            told = {key: value for key, value in data.items() if key != "attributeValue"}
            self.variables[_name(data)] = data["attributeValue"]
            results.append({"attributeType": "Actual", **told, "attributeStatus": "Accepted"})
        return {"setVariableResult": results}

    def _report(self, payload: Payload) -> Payload:
        base, full = payload["reportBase"], payload["reportBase"] == "FullInventory"
        owed = [v for v in required_variables(pics()) if full or v.always_writable]
        if base == "SummaryInventory":
            owed = [v for v in required_variables(pics()) if v.variable == "AvailabilityState"]
            if not self.quirks.summary and not self.quirks.sends_summary_anyway:
                return {"status": "NotSupported"}
        data = [_reported(v) for v in owed if str(v) not in self.quirks.lacking]
        size = self.quirks.part_size
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        for number, part in enumerate(parts):
            self.says(
                "NotifyReport",
                {
                    "requestId": payload["requestId"],
                    "generatedAt": self.now(),
                    "seqNo": number,
                    "tbc": number + 1 < len(parts),
                    "reportData": part,
                },
            )
        refused = base == "SummaryInventory" and not self.quirks.summary
        return {"status": "NotSupported" if refused else "Accepted"}

    # --- triggers, profiles, certificates ---

    def _trigger(self, payload: Payload) -> Payload:
        if payload["requestedMessage"] == "BootNotification":
            self.run.later(0.1, lambda: self._boot("Triggered"))
        else:
            csr = {"csr": "CSR", "certificateType": "ChargingStationCertificate"}
            for at_s in accumulate((0.1, *self.quirks.signing_waits)):
                self.run.later(at_s, lambda: self._ask_to_sign(csr))
        return {"status": "Accepted"}

    def _ask_to_sign(self, csr: Payload) -> None:
        self.says("SignCertificate", csr)

    def _set_network_profile(self, payload: Payload) -> Payload:
        url = payload["connectionData"]["ocppCsmsUrl"]
        profile = payload["connectionData"]["securityProfile"]
        self.slots[payload["configurationSlot"]] = (int(url[-1]), profile)
        return {"status": "Accepted"}

    def _upgraded(self) -> None:
        """After a connection with a higher profile the lower ones are gone (A05.FR.06)."""
        _, profile = self.target
        if profile == int(self.variables["SecurityCtrlr.SecurityProfile"]):
            return
        self.variables["SecurityCtrlr.SecurityProfile"] = str(profile)
        if not self.quirks.keeps_slot:
            name = "OCPPCommCtrlr.NetworkConfigurationPriority"
            self.variables[name] = self.variables[name].split(",")[0]

    def _installed(self, payload: Payload) -> Payload:
        algorithm: Any = self.quirks.algorithm
        entry = {
            "certificateType": payload["certificateType"][0],
            "certificateHashData": certificate_hash_data(ROOT, algorithm=algorithm).as_json(),
        }
        return {"status": "Accepted", "certificateHashDataChain": [entry]}

    def _signed(self, _payload: Payload) -> Payload:
        if self.quirks.rejects_certificate:
            self.run.later(0.1, lambda: self.security_event("InvalidChargingStationCertificate"))
            return {"status": "Rejected"}
        self.certificate = True
        if self.quirks.reconnects_with_certificate:
            self.run.later(1.0, self._reconnect)
        return {"status": "Accepted"}

    def _reconnect(self) -> None:
        self.hang_up()
        self.run.later(1.0, self._retry)

    # --- firmware and logs ---

    def _update(self, payload: Payload) -> Payload:
        answers = self.quirks.update_answers
        answer = answers[min(self.updates, len(answers) - 1)]
        if self.updates and answer == "Rejected":
            return {"status": answer}  # the first goes on
        if self.updates:
            self.under_way.clear()
            for status in self.quirks.before_second:
                self._tell_step(status, self.first_id, "")
        else:
            self.first_id = payload["requestId"]
        self.updates += 1
        self.under_way = list(self.quirks.pattern)
        pattern, location = self.under_way, payload["firmware"]["location"]
        self.run.later(1.0, lambda: self._step(pattern, payload["requestId"], location))
        return {"status": answer}

    def _step(self, pattern: list[str], request_id: int, location: str) -> None:
        if not pattern:
            return
        step = pattern.pop(0)

        def onward() -> None:
            self._step(pattern, request_id, location)

        if step == "boot":
            self.restart("FirmwareUpdate", onward)
        elif step.endswith(" s"):
            self.run.later(float(step.removesuffix(" s")), onward)
        else:
            self._tell_step(step, request_id, location)
            self.run.later(3.0, onward)

    def _tell_step(self, step: str, request_id: int, location: str) -> None:
        if step == "reconnect":
            self._reconnect()
        elif step == "gone":
            self.hang_up()
        elif step == "served":
            served = {"location": location, "bytes": 9, "sha256": SHA256, "complete": True}
            self._made("file_served", served)
        elif step in {"Available", "Unavailable"}:
            self.status(step)
        elif step in _FIRMWARE_EVENTS:
            self.security_event(step)
        else:
            status = {"status": step, "requestId": request_id}
            self.says("FirmwareStatusNotification", status)

    def _made(self, what: str, data: Payload) -> None:
        spoilt = self._spoil(what, {"what": what, **data})
        if spoilt is not None:
            self.run.observe(Kind.MADE, spoilt)

    def _log(self, payload: Payload) -> Payload:
        status = {"requestId": payload["requestId"]}
        for number in range(self.quirks.uploading):
            self.run.later(1.0 + number, partial(self._tell_log, {**status, "status": "Uploading"}))
        location = f"{payload['log']['remoteLocation']}log.txt"
        size = self.quirks.upload_bytes
        if size is not None:
            received = {"location": location, "name": "log.txt", "bytes": size}
            self.run.later(self.quirks.received_s, lambda: self._made("file_received", received))
        self.run.later(5.0, partial(self._tell_log, {**status, "status": "Uploaded"}))
        return {"status": "Accepted", "filename": "log.txt"}

    def _tell_log(self, payload: Payload) -> None:
        self.says("LogStatusNotification", payload)

    # --- what the bench asks for ---

    def asked(self, data: Payload) -> None:
        """Make what the live bench would make."""
        what = data["what"]
        value = _MADE.get(what)
        if what == "csms_url":
            value = f"wss://bench.example/{data['arguments']['endpoint']}"
        made = {"id": data["id"], "what": what, "value": self._spoil(f"made {what}", value)}  # type: ignore[arg-type]  # any JSON
        self.run.later(0.01, lambda: self.run.observe(Kind.MADE, made))


_FIRMWARE_EVENTS = {
    "FirmwareUpdated",
    "InvalidFirmwareSignature",
    "InvalidFirmwareSigningCertificate",
}
_MADE: Mapping[str, Any] = {
    "journal": True,
    "root_certificate": {"pem": ROOT, "hash_data": certificate_hash_data(ROOT).as_json()},
    "csr_facts": {"key": {"type": "RSA", "size_bits": 2048}, "signature_valid": True},
    "sign_csr": {"chain": ROOT},
    "firmware": {
        "location": "http://bench.example/image",
        "signingCertificate": ROOT,
        "signature": "c2ln",
        "sha256": SHA256,
        "version": "1.0.0",
    },
    "upload_location": {"location": "http://bench.example/uploads/"},
}


def _name(data: Payload) -> str:
    return f"{data['component']['name']}.{data['variable']['name']}"


def _reported(variable: RequiredVariable) -> Payload:
    component: Payload = {"name": variable.component}
    if variable.evse is not None:
        component["evse"] = {"id": variable.evse}
        if variable.connector is not None:
            component["evse"]["connectorId"] = variable.connector
    named = {"name": variable.variable}
    if variable.instance:
        named["instance"] = variable.instance
    kind = "string" if variable.datatype.endswith("String") else variable.datatype
    characteristics: Payload = {"dataType": kind, "supportsMonitoring": False}
    attribute: Payload = {"mutability": variable.mutability[-1]}
    if attribute["mutability"] != "WriteOnly":
        attribute["value"] = "A" if kind in LISTS else "1"
    if kind in LISTS:
        characteristics["valuesList"] = "A,B"
    if (variable.component, variable.variable) == ("EVSE", "Power"):
        characteristics["maxLimit"] = 22000.0
        del attribute["value"]
    return {
        "component": component,
        "variable": named,
        "variableAttribute": [attribute],
        "variableCharacteristics": characteristics,
    }


class Run(Played):
    """Tells the station also what the bench asks for, and what its gates are."""

    _station: Station

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        line = super().deed(kind, data)
        if kind is Kind.ASK:
            self._station.asked(line.data)
        elif kind is Kind.GATE:
            self._station.gate[data["endpoint"]] = line.data
        return line


def run_case(
    case_id: str,
    *,
    spoil: Spoil | None = None,
    variant: Mapping[str, str] | None = None,
    quirks: Quirks | None = None,
    serial_number: str | None = None,
) -> Run:
    """Run a case against a station, of this serial number, and return how it went."""
    quirks = quirks or Quirks()
    state = DutState(
        password=Password(name="p1", text="0123456789abcdef"),
        profile=quirks.profile,
        client_certificate=quirks.profile == 3,
    )
    connection = OpenConnection(1, {"connection": 1})
    start = CaseStart(case_id, variant or {}, 1, 7, state, connection=connection)
    wildcards = VariableFact(component="SecurityCtrlr", variable="AllowCSMSTLSWildcards")
    checks = VariableFact(
        component="SecurityCtrlr",
        variable="AdditionalRootCertificateCheck",
        mutability="ReadOnly",
        value=str(quirks.additional_root_check).lower(),
    )
    seen = [wildcards, checks]
    if quirks.settable is not None:
        component, _, variable = quirks.settable.partition(".")
        seen.append(VariableFact(component=component, variable=variable, value="1"))
    facts = Facts(variables=tuple(seen), serial_number=serial_number)
    context = RunContext(pics(), settings(), facts)
    return Run(case_functions()[case_id], context, start, Station(spoil, quirks))
