"""TLS for the bench and for the reference station: what a client offers, what a server shows.

Sans-I/O. The bench drives `ServerTunnel` or `OldVersionTunnel` (one seam, `Tunnel`); `BenchPki`
keeps the test PKI; the rest are facts read from hellos, certificates and signing requests.
"""

from vdoc.tls.authority import FLAVOURS, KEY_TYPES, Flavour, KeyType
from vdoc.tls.certificates import CertificateFacts, KeyFacts, SubjectFacts, read_certificate
from vdoc.tls.context import server_context
from vdoc.tls.csr import CsrFacts, UnreadableCsr, UnsignableCsrError, read_csr
from vdoc.tls.facts import Failure, TlsFacts, Tunnel
from vdoc.tls.hash_data import CertificateHashData, certificate_hash_data
from vdoc.tls.hello import ClientHello, NotTlsError, NotTlsKind, parse_client_hello
from vdoc.tls.hierarchy import AuthorityName, CsmsRoot
from vdoc.tls.old_version import OldVersionTunnel, old_version_reply
from vdoc.tls.pki import (
    BenchPki,
    ClientCredentials,
    ServerCredentials,
)
from vdoc.tls.tunnel import ServerTunnel

__all__ = [
    "FLAVOURS",
    "KEY_TYPES",
    "AuthorityName",
    "BenchPki",
    "CertificateFacts",
    "CertificateHashData",
    "ClientCredentials",
    "ClientHello",
    "CsmsRoot",
    "CsrFacts",
    "Failure",
    "Flavour",
    "KeyFacts",
    "KeyType",
    "NotTlsError",
    "NotTlsKind",
    "OldVersionTunnel",
    "ServerCredentials",
    "ServerTunnel",
    "SubjectFacts",
    "TlsFacts",
    "Tunnel",
    "UnreadableCsr",
    "UnsignableCsrError",
    "certificate_hash_data",
    "old_version_reply",
    "parse_client_hello",
    "read_certificate",
    "read_csr",
    "server_context",
]
