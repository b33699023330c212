import json
import ssl
from collections.abc import Callable

from vdoc.tls import BenchPki, ServerTunnel, TlsFacts, Tunnel, server_context

HOST = "csms.example.com"
Handshake = Callable[[Tunnel, ssl.SSLContext], object]


def test_facts_survive_json(
    pki: BenchPki, station: Callable[..., ssl.SSLContext], handshake: Handshake
) -> None:
    context = station()
    held = pki.client("SN-0001")
    context.load_cert_chain(held.certificate_file, held.key_file)
    served = pki.server(HOST, key_type="ECDSA")
    trusted = pki.client_trust_pem()
    tunnel = ServerTunnel(lambda _hello: server_context(served, client_ca=trusted))
    handshake(tunnel, context)
    tunnel.receive_eof()
    facts = tunnel.facts
    assert facts.failure is not None
    assert facts.peer_certificate is not None
    assert TlsFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_nothing_known_survives_json_too() -> None:
    assert TlsFacts.from_json(json.loads(json.dumps(TlsFacts().as_json()))) == TlsFacts()
