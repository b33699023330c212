from __future__ import annotations

import pytest

from api_clients.action_address import Basic, Bearer, authorization, operation_base
from api_clients.action_errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "path", "base"),
    [
        ("http://h:8080", "/api/v1", "http://h:8080/api/v1"),
        ("http://h:8080/", "/api/v1", "http://h:8080/api/v1"),
        ("http://h/api/v1", "/api/v1", "http://h/api/v1"),
        ("https://h/csOcpp/api/v1//", "/api/v1", "https://h/csOcpp/api/v1"),
        ("http://h/csOcpp", "/api/v1", "http://h/csOcpp/api/v1"),
        ("http://h", "api/sut/", "http://h/api/sut"),
        ("http://h/x/", "", "http://h/x"),
        ("http://[::1]:80", "/api", "http://[::1]:80/api"),
    ],
)
def test_every_base_seen_in_the_field_leads_to_the_operations(
    url: str, path: str, base: str
) -> None:
    assert operation_base(url, path) == base


@pytest.mark.parametrize(
    "url",
    ["h:8080", "ftp://h", "http://", "http://h:99999", "http://u:secret@h", "http://h?a=b", ""],
)
def test_an_unusable_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        operation_base(url)
    assert "secret" not in str(refusal.value)


def test_secrets_are_in_no_repr() -> None:
    assert "s3cret" not in repr((Bearer("s3cret"), Basic("u", "s3cret")))


def test_basic_credentials_are_encoded() -> None:
    assert authorization(Basic("user", "pass")) == "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize("token", ["abc\n", "a\r\nX-Evil: 1", "naïve"])
def test_a_token_that_no_header_carries_is_refused(token: str) -> None:
    with pytest.raises(ConfigurationError, match="one line") as refusal:
        authorization(Bearer(token))
    assert token.strip() not in str(refusal.value)
