from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.errors import InputError
from vdoc.tls import FLAVOURS, KEY_TYPES, BenchPki, KeyType, UnsignableCsrError
from vdoc.tls.authority import WRONG_NAME, distinguished_name, general_name
from vdoc.tls.hierarchy import AUTHORITIES

HOST = "csms.example.com"


def _certificate(pem: str | bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode() if isinstance(pem, str) else pem)


def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def _csr(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | None = None) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        distinguished_name("SN-0001", organization="Vendor")
    )
    key = key or ec.generate_private_key(ec.SECP256R1())
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM).decode()


class TestServer:
    @pytest.mark.parametrize("key_type", KEY_TYPES)
    def test_one_root_signs_both_key_types(self, pki: BenchPki, key_type: KeyType) -> None:
        served = pki.server(HOST, key_type=key_type)
        leaf = _certificate(served.certificate_file.read_bytes())
        leaf.verify_directly_issued_by(_certificate(pki.certificate_pem("root1")))
        assert _common_name(leaf) == HOST

    def test_a_server_of_another_root_is_signed_by_it(self, pki: BenchPki) -> None:
        served = pki.server(HOST, key_type="RSA", root="root3")
        leaf = _certificate(served.certificate_file.read_bytes())
        leaf.verify_directly_issued_by(_certificate(pki.successor_pem("root3")))

    @pytest.mark.parametrize("flavour", FLAVOURS)
    def test_asking_again_gives_the_same_certificate(self, pki: BenchPki, flavour: str) -> None:
        chosen = next(one for one in FLAVOURS if one == flavour)
        first = pki.server(HOST, key_type="ECDSA", flavour=chosen)
        before = first.certificate_file.read_bytes()
        again = BenchPki.load(pki.directory).server(HOST, key_type="ECDSA", flavour=chosen)
        assert (again, again.certificate_file.read_bytes()) == (first, before)

    @pytest.mark.parametrize(
        ("flavour", "name"), [("wrong_cn", WRONG_NAME), ("wildcard_cn", "*.example.com")]
    )
    def test_a_wrong_name_is_wrong_in_cn_and_san(
        self, pki: BenchPki, flavour: str, name: str
    ) -> None:
        chosen = next(one for one in FLAVOURS if one == flavour)
        served = pki.server(HOST, key_type="ECDSA", flavour=chosen)
        leaf = _certificate(served.certificate_file.read_bytes())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert (_common_name(leaf), list(names)) == (name, [x509.DNSName(name)])

    def test_an_address_becomes_an_ip_san(self, pki: BenchPki) -> None:
        served = pki.server("192.0.2.7", key_type="ECDSA")
        leaf = _certificate(served.certificate_file.read_bytes())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert list(names) == [general_name("192.0.2.7")]

    def test_hosts_with_similar_names_do_not_share_a_file(self, pki: BenchPki) -> None:
        one = pki.server("a-b.example", key_type="ECDSA")
        other = pki.server("a_b.example", key_type="ECDSA")
        assert one.certificate_file != other.certificate_file

    @pytest.mark.parametrize("host", ["", "x" * 65, "bücher.example"])
    def test_a_host_that_no_certificate_can_name_is_an_input_error(
        self, pki: BenchPki, host: str
    ) -> None:
        with pytest.raises(InputError):
            pki.server(host, key_type="ECDSA")

    def test_a_certificate_that_fits_no_key_is_an_input_error(
        self, pki: BenchPki, scratch_pki: Path
    ) -> None:
        copy = BenchPki.load(scratch_pki)
        file = copy.server("damaged.example", key_type="ECDSA").certificate_file
        file.write_text(pki.certificate_pem("root1"))
        with pytest.raises(InputError, match="does not belong to the server key"):
            copy.server("damaged.example", key_type="ECDSA")


class TestSignCsr:
    def test_signs_subject_and_key_of_the_request_by_the_csms_root(self, pki: BenchPki) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(pki.sign_csr(_csr(key), common_name="SN-0001", organization="Vendor"))
        leaf.verify_directly_issued_by(_certificate(pki.certificate_pem("root1")))
        assert leaf.public_key() == key.public_key()
        assert leaf.subject == distinguished_name("SN-0001", organization="Vendor")

    def test_a_v2g_chain_comes_with_its_intermediates_and_without_the_root(
        self, pki: BenchPki
    ) -> None:
        chain = x509.load_pem_x509_certificates(pki.sign_csr(_csr(), issuer="v2g_sub2").encode())
        assert [_common_name(one) for one in chain] == [
            "SN-0001",
            "vdoc V2G SubCA 2",
            "vdoc V2G SubCA 1",
        ]

    def test_each_starts_later_than_those_before_so_that_it_is_the_newest(
        self, pki: BenchPki
    ) -> None:
        given = pki.client("SN-0001").certificate_file.read_text()
        signed = [given, *(pki.sign_csr(_csr()) for _ in range(3))]
        starts = [_certificate(each).not_valid_before_utc for each in signed]
        assert starts == sorted(set(starts))
        assert starts[-1] < datetime.now(UTC)

    def test_an_unexpected_subject_is_not_signed(self, pki: BenchPki) -> None:
        with pytest.raises(UnsignableCsrError, match="got CN 'SN-0001', expected 'SN-0002'"):
            pki.sign_csr(_csr(), common_name="SN-0002")
        with pytest.raises(UnsignableCsrError, match="got O 'Vendor', expected 'Other'"):
            pki.sign_csr(_csr(), organization="Other")

    def test_an_unusable_request_is_not_signed(self, pki: BenchPki) -> None:
        with pytest.raises(UnsignableCsrError, match="no PEM block"):
            pki.sign_csr("nonsense")
        with pytest.raises(UnsignableCsrError, match="expected RSA or ECDSA"):
            pki.sign_csr(_csr(ed25519.Ed25519PrivateKey.generate()))

    def test_the_invalid_chain_is_a_self_signed_leaf(self, pki: BenchPki) -> None:
        leaf = _certificate(pki.invalid_station_chain("SN-0001"))
        leaf.verify_directly_issued_by(leaf)
        assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


class TestExport:
    def test_exports_certificates_and_no_key(self, pki: BenchPki, tmp_path: Path) -> None:
        files = pki.export_roots(tmp_path / "roots")
        assert {file.name for file in files} >= {"root1.pem", "root2-by-root1.pem", "mo_root.pem"}
        assert not any("PRIVATE" in file.read_text() for file in files)
        assert pki.export_roots(tmp_path / "roots") == files

    def test_never_overwrites_another_certificate(self, pki: BenchPki, tmp_path: Path) -> None:
        (tmp_path / "root1.pem").write_text(pki.certificate_pem("root2"))
        with pytest.raises(InputError, match="another certificate"):
            pki.export_roots(tmp_path)

    def test_lists_each_certificate_with_its_fingerprint(self, pki: BenchPki) -> None:
        listed = pki.listing()
        assert {line.name for line in listed} == {
            *AUTHORITIES,
            *(f"root{number}-by-root{number - 1}" for number in range(2, 7)),
        }
        assert len({line.fingerprint_sha256 for line in listed}) == len(listed)


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_client_keeps_its_key(pki: BenchPki, key_type: KeyType) -> None:
    first = pki.client("EMAID-1", key_type=key_type, issuer="v2g_sub2")
    key = first.key_file.read_bytes()
    again = pki.client("EMAID-1", key_type=key_type, issuer="v2g_sub2")
    assert (again, again.key_file.read_bytes()) == (first, key)
    chain = x509.load_pem_x509_certificates(first.certificate_file.read_bytes())
    assert len(chain) == 3
