"""Certificate paths, validity periods and the name of the CSMS."""

from datetime import UTC, datetime

import pytest
from cryptography import x509

from vdoc.station.trust import Flaw, issued_by, name_flaw, path_flaws
from vdoc.tls import authority as build

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "csms.example.com"


def authority(name: str, signer: build.Authority | None = None) -> build.Authority:
    key = build.new_key("ECDSA")
    subject = build.distinguished_name(name)
    return build.Authority(build.authority_certificate(subject, key, signer=signer), key)


ROOT = authority("root")
OTHER = authority("other")


def leaf(
    signer: build.Authority = ROOT,
    name: str = HOST,
    validity: build.Validity = build.LEAF_VALIDITY,
    alternative: x509.GeneralName | None = None,
) -> x509.Certificate:
    return build.leaf_certificate(
        build.distinguished_name(name),
        build.new_key("ECDSA").public_key(),
        signer=signer,
        validity=validity,
        alternative=alternative,
    )


class TestPath:
    def test_directly_under_a_root(self) -> None:
        assert not path_flaws([leaf()], [OTHER.certificate, ROOT.certificate], NOW)

    def test_over_sub_cas(self) -> None:
        sub = authority("sub", ROOT)
        assert not path_flaws([leaf(sub), sub.certificate], [ROOT.certificate], NOW)

    def test_a_certificate_that_is_trusted_itself(self) -> None:
        assert not path_flaws([ROOT.certificate], [ROOT.certificate], NOW)

    def test_no_root(self) -> None:
        assert path_flaws([leaf()], [], NOW) == {Flaw.UNKNOWN_ISSUER}

    def test_another_root(self) -> None:
        assert path_flaws([leaf()], [OTHER.certificate], NOW) == {Flaw.UNKNOWN_ISSUER}

    def test_missing_sub_ca(self) -> None:
        sub = authority("sub", ROOT)
        assert path_flaws([leaf(sub)], [ROOT.certificate], NOW) == {Flaw.UNKNOWN_ISSUER}

    def test_unrelated_sub_ca(self) -> None:
        sub = authority("sub", ROOT)
        chain = [leaf(sub), OTHER.certificate]
        assert Flaw.UNKNOWN_ISSUER in path_flaws(chain, [ROOT.certificate], NOW)

    def test_issuer_that_is_no_ca(self) -> None:
        key = build.new_key("ECDSA")
        name = build.distinguished_name("no ca")
        middle = build.leaf_certificate(name, key.public_key(), signer=ROOT)
        chain = [leaf(build.Authority(middle, key)), middle]
        assert Flaw.NOT_A_CA in path_flaws(chain, [ROOT.certificate], NOW)

    def test_same_name_with_another_key(self) -> None:
        namesake = authority("root")
        assert path_flaws([leaf()], [namesake.certificate], NOW) == {Flaw.UNKNOWN_ISSUER}

    @pytest.mark.parametrize(
        ("validity", "flaw"),
        [(build.EXPIRED, Flaw.EXPIRED), (build.NOT_YET_VALID, Flaw.NOT_YET_VALID)],
    )
    def test_validity_period(self, validity: build.Validity, flaw: Flaw) -> None:
        assert path_flaws([leaf(validity=validity)], [ROOT.certificate], NOW) == {flaw}

    def test_issued_by_says_no_to_an_unusable_pair(self) -> None:
        assert not issued_by(leaf(), OTHER.certificate)


class TestName:
    def test_common_name_in_any_case(self) -> None:
        assert name_flaw(leaf(name="CSMS.Example.com"), HOST) is None

    def test_alternative_name(self) -> None:
        certificate = leaf(name="apn", alternative=build.general_name(HOST))
        assert name_flaw(certificate, HOST) is None

    def test_address(self) -> None:
        certificate = leaf(name="csms", alternative=build.general_name("127.0.0.1"))
        assert name_flaw(certificate, "127.0.0.1") is None

    def test_another_name(self) -> None:
        assert name_flaw(leaf(name=build.WRONG_NAME), HOST) is Flaw.WRONG_NAME

    @pytest.mark.parametrize("host", [HOST, "localhost", "127.0.0.1"])
    def test_wildcard_that_covers_the_host(self, host: str) -> None:
        certificate = leaf(name=build.wildcard_name(host))
        assert name_flaw(certificate, host) is Flaw.WILDCARD_NAME

    def test_wildcard_that_does_not(self) -> None:
        assert name_flaw(leaf(name="*.example.org"), HOST) is Flaw.WRONG_NAME
