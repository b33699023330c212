from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.errors import InputError
from vdoc.signing.token_uri import EXAMPLE, TokenUri

MODULE = "module-path=/usr/lib/p11.so"


def test_what_a_uri_says() -> None:
    uri = TokenUri.parse(
        f"pkcs11:token=My%20token;serial=0001;object=acme%3B1;id=%01%FF;type=private?{MODULE}"
        "&pin-source=file:/etc/vdoc/pin&x-chain=file:///etc/vdoc/acme.chain.pem"
    )
    assert uri.token == {"token": "My token", "serial": "0001"}
    assert (uri.label, uri.key_id, uri.module) == ("acme;1", b"\x01\xff", Path("/usr/lib/p11.so"))
    assert uri.pin_source == Path("/etc/vdoc/pin")
    assert uri.chain == Path("/etc/vdoc/acme.chain.pem")
    assert TokenUri.parse(EXAMPLE).label == "acme-2026"


@given(st.text(min_size=1), st.text(min_size=1), st.binary(min_size=1))
def test_every_name_can_be_said(token: str, label: str, key_id: bytes) -> None:
    token, label = (name.encode("utf-8", "replace").decode() for name in (token, label))
    path = f"token={quote(token, safe='')};object={quote(label, safe='')};id={quote(key_id)}"
    uri = TokenUri.parse(f"pkcs11:{path}?{MODULE}")
    assert (uri.token["token"], uri.label, uri.key_id) == (token, label, key_id)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pkcs11:", "lacks token=LABEL, object=LABEL, module-path"),
        (f"pkcs11:object=a?{MODULE}", "lacks token=LABEL"),
        (f"pkcs11:token=a?{MODULE}", "lacks object=LABEL"),
        ("pkcs11:token=a;object=b", "lacks module-path"),
        (f"pkcs11:token=a;object=b;type=cert?{MODULE}", "else than a private key"),
        (f"pkcs11:token=a;token=b;object=c?{MODULE}", "stands twice"),
        (f"pkcs11:token;object=c?{MODULE}", "without a value"),
        (f"pkcs11:token=a;object=b;slot-id=1?{MODULE}", "slot-id: is not understood"),
        (f"pkcs11:token=a;object=b?{MODULE}&module-name=p11", "module-name: is not understood"),
        ("pkcs11:token=a;object=b?module-path=p11.so", "no absolute path"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin-source=|pass", "no absolute path"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        TokenUri.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"pkcs11:token=a;object=b?{MODULE}&pin-value=24681357", "VDOC_PIN.*change this PIN"),
        (f"pkcs11:token=a;object=b?{MODULE};pin-value=24681357", "VDOC_PIN"),
        (f"pkcs11:token=a;object=b?{MODULE}&PIN-VALUE=24681357", "VDOC_PIN"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin%2dvalue=24681357", "VDOC_PIN"),
        (f"pkcs11:token=a;object=b&pin-value=24681357?{MODULE}", "VDOC_PIN"),
        (f"pkcs11:token=a;pin-value=24681357;object=b;type=cert?{MODULE}", "VDOC_PIN"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin-source=24681357", "no absolute path"),
    ],
)
def test_a_pin_on_the_command_line_is_refused_and_not_repeated(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        TokenUri.parse(text)
    assert "24681357" not in str(refused.value)
