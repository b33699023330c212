"""What helps to validate a signature when its certificates have expired: chain and revocation.

Owns which lists of revoked certificates are fetched when a declaration is signed: those that the
certificates of the signer and of the time stamping authority name themselves (RFC 5280 4.2.1.13),
over HTTP, each with a limit of time and size. One that cannot be had is left out: its absence is
seen by whoever validates, and is no reason not to sign. Without an authority there is no trusted
time, and so nothing is gathered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
from cryptography.x509 import (
    Certificate,
    CRLDistributionPoints,
    ExtensionNotFound,
    UniformResourceIdentifier,
    load_der_x509_certificate,
    load_der_x509_crl,
)

from vdoc.declaration.pades.form import Material
from vdoc.declaration.pades.signer import Authority

MAX_CRL_BYTES = 1 << 20
_TIMEOUT_S = 10.0

Fetch = Callable[[str], bytes]
"""Returns what stands at a URL.

Raises:
    httpx.HTTPError, httpx.InvalidURL, ValueError: it cannot be had.
"""


def fetch_list(url: str) -> bytes:
    """Return what stands at a URL, read within the time and to the limit."""
    deadline, found = time.monotonic() + _TIMEOUT_S, b""
    with httpx.stream("GET", url, timeout=_TIMEOUT_S, follow_redirects=False) as response:
        response.raise_for_status()
        for part in response.iter_bytes():
            found += part
            if len(found) > MAX_CRL_BYTES or time.monotonic() > deadline:
                raise ValueError(f"{url} is too large or too slow")
    return found


def material_of(
    chain: Sequence[bytes], authority: Authority | None, fetch: Fetch = fetch_list
) -> Material:
    """Return what the PDF encloses for later.

    Args:
        chain: of the signer, in DER.
        authority: stamps the signature; None: nothing is gathered.
        fetch: gets a list of revoked certificates.

    Raises:
        TsaError: the authority does not answer.
    """
    if authority is None:
        return Material()
    certificates = dict.fromkeys([*chain, *_of_authority(authority)])
    urls = dict.fromkeys(
        url for each in certificates for url in _points(load_der_x509_certificate(each))
    )
    lists = (_list(url, fetch) for url in urls)
    return Material(tuple(certificates), tuple(each for each in lists if each is not None))


def _of_authority(authority: Authority) -> Iterator[bytes]:
    """Return the certificates that come with a stamp of the authority, in a fixed order."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, authority.async_dummy_response("sha256")).result()
    yield from sorted(each.dump() for each in authority.cert_registry)


def _points(certificate: Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(CRLDistributionPoints).value
    except (ExtensionNotFound, ValueError):
        return
    for point in found:
        for name in point.full_name or ():
            if isinstance(name, UniformResourceIdentifier) and name.value.startswith("http"):
                yield name.value


def _list(url: str, fetch: Fetch) -> bytes | None:
    try:
        found = fetch(url)
        load_der_x509_crl(found)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return found
