"""What one TLS connection turned out to be: the value that goes to evidence and to checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from vdoc.tls.certificates import CertificateFacts
from vdoc.tls.hello import ClientHello

FailureKind = Literal["alert", "closed", "close_notify", "not_tls", "error"]
Side = Literal["station", "bench"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a connection did not come to be, or broke.

    kind: `alert` (a fatal alert ended it), `closed` (the transport ended without one),
        `close_notify` (an orderly close before the handshake was done), `not_tls` (it never was
        TLS), `error` (TLS broke without an alert that could be read).
    sent_by: who ended it.
    alert: its name, when kind is `alert`.
    detail: OpenSSL's or the parser's reason, for the reader.
    """

    kind: FailureKind
    sent_by: Side
    alert: str | None = None
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the failure as JSON values."""
        return {
            "kind": self.kind,
            "sent_by": self.sent_by,
            "alert": self.alert,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """All that is known of a TLS connection at one moment.

    version, cipher: what was negotiated (cipher by its IANA name), None before that.
    peer_certificate: what the station presented and the bench accepted.
    resumed: whether an earlier session was taken up, so that no certificate was looked at.
    close_notify: whether the station closed in order.
    client_continued: whether a station went on after a Server Hello below TLS 1.2 (TC_A_06).
    """

    client_hello: ClientHello | None = None
    handshake_done: bool = False
    version: str | None = None
    cipher: str | None = None
    peer_certificate: CertificateFacts | None = None
    resumed: bool = False
    failure: Failure | None = None
    close_notify: bool = False
    client_continued: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, for evidence."""
        hello, certificate, failure = self.client_hello, self.peer_certificate, self.failure
        return {
            "client_hello": None if hello is None else hello.as_json(),
            "handshake_done": self.handshake_done,
            "version": self.version,
            "cipher": self.cipher,
            "peer_certificate": None if certificate is None else certificate.as_json(),
            "resumed": self.resumed,
            "failure": None if failure is None else failure.as_json(),
            "close_notify": self.close_notify,
            "client_continued": self.client_continued,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TlsFacts:
        """Return what `as_json` wrote.

        Raises:
            KeyError, TypeError: a fact is missing.
        """
        values = dict(data)
        if values["client_hello"] is not None:
            values["client_hello"] = ClientHello.from_json(values["client_hello"])
        if values["peer_certificate"] is not None:
            values["peer_certificate"] = CertificateFacts.from_json(values["peer_certificate"])
        if values["failure"] is not None:
            values["failure"] = Failure(**values["failure"])
        return cls(**values)


class Tunnel(Protocol):
    """The seam of every server side of TLS here: bytes in, plaintext out, bytes to send. No I/O.

    The owner of the socket passes on what it reads, sends `outgoing` after each call, and closes
    when `over` says so.
    """

    @property
    def facts(self) -> TlsFacts:
        """What is known by now."""

    @property
    def over(self) -> bool:
        """Whether nothing more can come of this connection."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the station and return the plaintext that they complete."""

    def receive_eof(self) -> None:
        """Note that the station closed the transport."""

    def write(self, plaintext: bytes) -> None:
        """Encrypt `plaintext` for the station."""

    def close(self) -> None:
        """Say close_notify."""

    def outgoing(self) -> bytes:
        """Return, once, what is to be sent now."""
