"""Looking for secrets in a file: in whatever it contains, in whatever form they may stand there."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

_LINE_ENDS = re.compile(rb"\\[rn]|[\r\n]")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)  # of a PDF


def leaks(data: bytes, secrets: Mapping[str, bytes]) -> set[str]:
    """Return which secrets, by name, are in a file or anywhere in what it contains."""
    texts = [text for part in contents(data) for text in (part, _LINE_ENDS.sub(b"", part))]
    return {
        name
        for name, secret in secrets.items()
        if any(form in text for form in forms(secret) for text in texts)
    }


def contents(data: bytes) -> Iterator[bytes]:
    """Yield a file and, unpacked, everything in it."""
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from contents(packed.read(name))
    elif data.startswith(b"\x1f\x8b"):
        yield from contents(gzip.decompress(data))
    elif data.startswith(b"%PDF"):
        for stream in _STREAM.findall(data):
            try:
                yield from contents(zlib.decompressobj().decompress(stream))
            except zlib.error:
                continue


def forms(secret: bytes) -> set[bytes]:
    """Return the forms in which a secret can stand in a text: each betrays all of it but an end."""
    assert len(secret) >= 8, "too short to tell from chance"
    found = {secret, secret[::-1], secret.hex().encode(), secret.hex().upper().encode()}
    for before in range(3):  # base64 of it in a longer text depends on what stands before
        code = base64.b64encode(bytes(before) + secret)
        inner = code[(8 * before + 5) // 6 : len(code) - 4]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return found
    escaped = json.dumps(text)[1:-1]
    found |= {each.encode() for each in (escaped, json.dumps(escaped)[1:-1])}
    found |= {each.encode() for each in (quote(text), quote(text, safe=""), quote_plus(text))}
    return found


def private_keys(directory: Path, passphrase: bytes = b"") -> dict[str, bytes]:
    """Return the secret part of every private key below a directory, by file."""
    return {
        str(path): _secret_part(path.read_bytes(), passphrase)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    }


def _secret_part(pem: bytes, passphrase: bytes) -> bytes:
    load = load_ssh_private_key if b"OPENSSH" in pem else load_pem_private_key
    key = load(pem, passphrase if b"ENCRYPTED" in pem else None)
    if isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        numbers = key.private_numbers()
        number: int = getattr(numbers, "d", 0) or getattr(numbers, "private_value", 0)
        return number.to_bytes((number.bit_length() + 7) // 8)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())[-32:]
