"""The server side of TLS without I/O, on OpenSSL through `ssl.MemoryBIO`.

The ClientHello is read first; a callback then chooses the context, before anything is sent, so that
a case decides what this station is shown. Whatever the station does is a fact, never an exception.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace

from vdoc.tls import alerts
from vdoc.tls.certificates import CertificateFacts
from vdoc.tls.context import iana_name
from vdoc.tls.facts import Failure, TlsFacts
from vdoc.tls.hello import ClientHello, NotTlsError, parse_client_hello

_CHUNK_BYTES = 65_536
_ALERT_RECORD = 21
_ALERT_RECORD_BYTES = 7  # header and a plaintext alert (RFC 8446 §6)


class ServerTunnel:
    """One connection. `choose` gets the ClientHello and returns the context to serve with."""

    def __init__(self, choose: Callable[[ClientHello], ssl.SSLContext]) -> None:
        self._choose = choose
        self._early = bytearray()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._facts = TlsFacts()
        self._said_goodbye = False

    @property
    def facts(self) -> TlsFacts:
        """What is known by now."""
        return self._facts

    @property
    def over(self) -> bool:
        """Whether it failed or the station closed: nothing more can be read."""
        return self._facts.failure is not None or self._facts.close_notify

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the station and return the plaintext that they complete."""
        if self.over or not data:
            return b""
        if self._tls is None:
            self._early += data
            self._start()
        else:
            self._incoming.write(data)
        return b"" if self._tls is None else self._advance(self._tls)

    def receive_eof(self) -> None:
        """Note that the station closed the transport; a failure unless it had said close_notify."""
        if not self.over:
            self._fail(Failure("closed", "station", detail="transport closed without an alert"))

    def write(self, plaintext: bytes) -> None:
        """Encrypt `plaintext` for the station; dropped once the connection has failed or closed.

        Raises:
            ValueError: the handshake is not done yet.
        """
        if self._tls is None or not self._facts.handshake_done:
            raise ValueError("nothing can be written before the handshake is done")
        if self._facts.failure is None and not self._said_goodbye and plaintext:
            self._tls.write(plaintext)

    def close(self) -> None:
        """Say close_notify, if there is a connection to close."""
        if self._tls is None or not self._facts.handshake_done or self._facts.failure is not None:
            return
        self._said_goodbye = True
        try:
            self._tls.unwrap()
        except ssl.SSLError:  # it has been said; the answer may still come, and need not
            return

    def outgoing(self) -> bytes:
        """Return, once, what is to be sent now."""
        return self._outgoing.read()

    def _start(self) -> None:
        """Read the ClientHello and let the callback choose; nothing has been sent until then."""
        try:
            hello = parse_client_hello(bytes(self._early))
        except NotTlsError as error:
            self._fail(Failure("not_tls", "station", detail=f"{error.kind.value}: {error.detail}"))
            return
        if hello is None:
            return
        self._facts = replace(self._facts, client_hello=hello)
        context = self._choose(hello)
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._incoming.write(bytes(self._early))
        self._early.clear()

    def _advance(self, tls: ssl.SSLObject) -> bytes:
        plaintext = bytearray()
        try:
            if not self._facts.handshake_done:
                tls.do_handshake()
                self._note_handshake(tls)
            while chunk := tls.read(_CHUNK_BYTES):
                plaintext += chunk
            self._note_close()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._note_close()
        except ssl.SSLError as error:
            self._fail(self._failure(error))
        return bytes(plaintext)

    def _note_handshake(self, tls: ssl.SSLObject) -> None:
        cipher = tls.cipher()
        der = tls.getpeercert(binary_form=True)
        self._facts = replace(
            self._facts,
            handshake_done=True,
            version=tls.version(),
            cipher=None if cipher is None else iana_name(cipher[0]),
            peer_certificate=None if der is None else CertificateFacts(der),
            resumed=bool(tls.session_reused),
        )

    def _note_close(self) -> None:
        self._facts = replace(self._facts, close_notify=True)
        if not self._facts.handshake_done:
            self._fail(Failure("close_notify", "station", detail="closed before the handshake"))

    def _fail(self, failure: Failure) -> None:
        self._facts = replace(self._facts, failure=failure)

    def _failure(self, error: ssl.SSLError) -> Failure:
        detail = error.reason or str(error)
        if isinstance(error, ssl.SSLCertVerificationError):
            detail = f"{detail}: {error.verify_message}"
        received = alerts.received_alert(error)
        if received is not None:
            return Failure("alert", "station", received, detail)
        if not self._outgoing.pending:  # nothing to say to it: an alert that OpenSSL cannot name
            return Failure("error", "station", None, detail)
        return Failure("alert", "bench", self._sent_alert(error), detail)

    def _sent_alert(self, error: ssl.SSLError) -> str:
        """Return the alert just queued: off the wire while it is plain, else by its reason."""
        queued = self._outgoing.read()
        self._outgoing.write(queued)
        last = queued[-_ALERT_RECORD_BYTES:]
        if len(last) == _ALERT_RECORD_BYTES and last[0] == _ALERT_RECORD and last[3:5] == b"\0\2":
            return alerts.alert_name(last[6])
        return alerts.sent_encrypted_alert(error)
