from cryptography import x509

from vdoc.tls.authority import (
    AUTHORITY_VALIDITY,
    EXPIRED,
    LEAF_VALIDITY,
    NOT_YET_VALID,
    Authority,
    authority_certificate,
    distinguished_name,
    expired_root,
    leaf_certificate,
    new_key,
    wildcard_name,
)


def test_wildcards_cover_the_host() -> None:
    assert wildcard_name("csms.example.com") == "*.example.com"
    assert wildcard_name("localhost") == "*"
    assert wildcard_name("192.0.2.7") == "*.192.0.2.7"


def test_new_keys_are_as_long_as_ocpp_wants() -> None:
    assert new_key("RSA").key_size >= 2048
    assert new_key("ECDSA").key_size >= 224


def test_no_date_overflows_a_32_bit_time_t() -> None:
    for validity in (AUTHORITY_VALIDITY, LEAF_VALIDITY, EXPIRED, NOT_YET_VALID):
        assert validity.start < validity.end
        assert validity.end.timestamp() < 2**31


def test_an_expired_root_is_one_but_for_its_dates() -> None:
    root = expired_root()
    root.verify_directly_issued_by(root)
    assert root.not_valid_after_utc == EXPIRED.end
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_leaves_restrict_their_key_and_have_no_extended_key_usage() -> None:
    key = new_key("ECDSA")
    name = distinguished_name("Some Root")
    signer = Authority(authority_certificate(name, key, signer=None), key)
    leaf = leaf_certificate(name, new_key("RSA").public_key(), signer=signer)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.key_encipherment
    assert not usage.key_cert_sign
    assert x509.ExtendedKeyUsage not in {type(one.value) for one in leaf.extensions}
