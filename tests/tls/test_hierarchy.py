import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from vdoc.errors import InputError
from vdoc.tls import BenchPki
from vdoc.tls.hierarchy import AUTHORITIES, CSMS_ROOTS, AuthorityName


def _certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


class TestHierarchy:
    def test_each_further_root_is_signed_by_its_predecessor(self, pki: BenchPki) -> None:
        root1, root2 = (_certificate(pki.certificate_pem(name)) for name in CSMS_ROOTS[:2])
        _certificate(pki.successor_pem("root2")).verify_directly_issued_by(root1)
        _certificate(pki.successor_pem("root3")).verify_directly_issued_by(root2)

    def test_a_successor_has_the_name_and_key_of_its_self_signed_form(self, pki: BenchPki) -> None:
        cross = _certificate(pki.successor_pem("root2"))
        own = _certificate(pki.certificate_pem("root2"))
        own.verify_directly_issued_by(own)
        assert (cross.subject, cross.public_key()) == (own.subject, own.public_key())

    def test_the_v2g_chain_has_two_intermediates(self, pki: BenchPki) -> None:
        names: tuple[AuthorityName, ...] = ("v2g_root", "v2g_sub1", "v2g_sub2")
        root, sub1, sub2 = (_certificate(pki.certificate_pem(name)) for name in names)
        sub1.verify_directly_issued_by(root)
        sub2.verify_directly_issued_by(sub1)

    def test_subjects_are_all_different(self, pki: BenchPki) -> None:
        subjects = {_certificate(pki.certificate_pem(name)).subject for name in AUTHORITIES}
        assert len(subjects) == len(AUTHORITIES)


class TestDirectory:
    def test_is_private(self, pki: BenchPki) -> None:
        pki.client("SN-0001")
        modes = {
            path: stat.S_IMODE(path.stat().st_mode)
            for path in (pki.directory, *pki.directory.rglob("*"))
        }
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if path.suffix == ".key"} == {0o600}

    def test_create_or_load_loads_what_is_there(self, pki: BenchPki) -> None:
        again = BenchPki.create_or_load(pki.directory)
        assert again.certificate_pem("root1") == pki.certificate_pem("root1")

    def test_creating_over_something_is_refused(self, pki: BenchPki, tmp_path: Path) -> None:
        before = pki.certificate_pem("root1")
        with pytest.raises(InputError, match="not empty"):
            BenchPki.create(pki.directory)
        assert BenchPki.load(pki.directory).certificate_pem("root1") == before
        (tmp_path / "notes").touch()
        with pytest.raises(InputError, match="not empty"):
            BenchPki.create_or_load(tmp_path)

    def test_loading_nothing_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="vdoc keys pki"):
            BenchPki.load(tmp_path / "absent")

    def test_a_place_that_cannot_be_made_is_an_input_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="cannot make the directory"):
            BenchPki.create(tmp_path / "file" / "pki")

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda d: (d / "root1.pem").unlink(), "is missing"),
            (lambda d: (d / "root1.key").write_bytes(b""), "not a private key"),
            (lambda d: (d / "root1.pem").write_text("junk"), "not a certificate"),
            (lambda d: (d / "root2-by-root1.pem").write_text("junk"), "not a certificate"),
            (lambda d: (d / "root1.key").chmod(0o644), "others may read"),
            (
                lambda d: (d / "root1.key").write_bytes((d / "root2.key").read_bytes()),
                "not the key of the certificate",
            ),
            (
                lambda d: (d / "root3-by-root2.pem").write_bytes((d / "root3.pem").read_bytes()),
                "is not signed by",
            ),
            (lambda d: (d / ".." / "servers" / "RSA.key").unlink(), "is missing"),
        ],
    )
    def test_damage_is_reported_with_a_remedy(
        self, scratch_pki: Path, damage: Callable[[Path], object], message: str
    ) -> None:
        damage(scratch_pki / "authorities")
        with pytest.raises(InputError, match=message) as caught:
            BenchPki.load(scratch_pki)
        assert all(problem.remedy for problem in caught.value.problems)

    def test_all_damage_is_reported_together(self, scratch_pki: Path) -> None:
        for name in ("root1.pem", "mo_root.key", "oem_root.pem"):
            (scratch_pki / "authorities" / name).unlink()
        with pytest.raises(InputError) as caught:
            BenchPki.load(scratch_pki)
        assert len(caught.value.problems) == 3
