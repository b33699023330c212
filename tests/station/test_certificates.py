"""Trust anchors: installed, listed, deleted (M03, M04, M05)."""

from typing import Any

import pytest

from tests.station.trusting import CSMS_ROOT, connected, install, listed
from vdoc.station import certificate_list, certificates
from vdoc.station.storage import FileStorage
from vdoc.station.styles import STYLES
from vdoc.tls import authority as build
from vdoc.tls.hash_data import certificate_hash_data


class TestInstall:
    async def test_is_listed_with_its_hash_data(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        assert await install(csms, kit.pem()) == "Accepted"
        (entry,) = await listed(csms, CSMS_ROOT)
        assert entry["certificateType"] == CSMS_ROOT
        assert certificate_hash_data(kit.pem()).matches(entry["certificateHashData"])

    async def test_the_same_one_twice_is_one(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        assert [await install(csms, kit.pem()) for _ in range(2)] == ["Accepted"] * 2
        assert len(await listed(csms)) == 1

    async def test_several_of_one_kind(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        for root in (0, 2):
            assert await install(csms, kit.pem(root)) == "Accepted"
        assert len(await listed(csms, CSMS_ROOT)) == 2

    async def test_survives_a_reset(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        await install(csms, kit.pem())
        await csms.call("Reset", {"type": "Immediate"})
        await csms.receive("BootNotification")
        assert len(await listed(csms)) == 1

    async def test_rejects_what_is_no_ca(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        leaf, _ = kit.client("leaf")
        assert await install(csms, leaf.decode()) == "Rejected"
        assert await install(csms, "text") == "Rejected"
        assert await listed(csms) == []

    async def test_successor_must_be_signed_by_its_predecessor(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        def prepare(storage: FileStorage) -> None:
            storage.add_certificate(CSMS_ROOT, [kit.roots[0].certificate])

        name = "covering/1-all-profiles-ac"
        await connected(csms, run, name=name, prepare=prepare)
        assert await install(csms, kit.pem(2)) == "Rejected"
        assert await install(csms, kit.pem(1)) == "Accepted"
        found = await listed(csms, CSMS_ROOT)
        expected = certificate_hash_data(kit.pem(1), issuer_pem=kit.pem(0))
        assert len(found) == 2
        assert expected.matches(found[-1]["certificateHashData"])

    @pytest.mark.parametrize(
        "defect",
        [
            certificates.NOT_STORED,
            certificate_list.WRONG_HASH,
            certificate_list.WRONG_NAME_HASH,
            certificate_list.WRONG_KIND,
            certificate_list.DECIMAL_SERIAL,
            certificate_list.LISTS_NOTHING,
            certificates.REJECTS_ROOT,
        ],
    )
    async def test_defects(self, csms: Any, kit: Any, run: Any, defect: str) -> None:
        await connected(csms, run, defect)
        status = await install(csms, kit.pem())
        assert (status == "Rejected") == (defect == certificates.REJECTS_ROOT)
        expected = certificate_hash_data(kit.pem())
        sound = [
            entry
            for entry in await listed(csms)
            if entry["certificateType"] == CSMS_ROOT
            and expected.matches(entry["certificateHashData"])
        ]
        assert sound == []

    async def test_a_successor_twice_leaves_the_fallback(
        self, csms: Any, kit: Any, run: Any
    ) -> None:
        def prepare(storage: FileStorage) -> None:
            storage.add_certificate(CSMS_ROOT, [kit.roots[0].certificate])

        await connected(csms, run, name="covering/1-all-profiles-ac", prepare=prepare)
        assert [await install(csms, kit.pem(1)) for _ in range(2)] == ["Accepted"] * 2
        assert len(await listed(csms, CSMS_ROOT)) == 2

    @pytest.mark.parametrize("rejects", [False, True])
    async def test_defects_with_an_expired_root(
        self, csms: Any, run: Any, *, rejects: bool
    ) -> None:
        pem = build.pem(build.expired_root())
        stores, installs = certificates.STORES_REJECTED, certificates.INSTALLS_EXPIRED
        await connected(csms, run, stores if rejects else installs)
        assert await install(csms, pem) == ("Rejected" if rejects else "Accepted")
        assert len(await listed(csms)) == 1

    async def test_defect_takes_an_unsigned_root(self, csms: Any, kit: Any, run: Any) -> None:
        def prepare(storage: FileStorage) -> None:
            storage.add_certificate(CSMS_ROOT, [kit.roots[0].certificate])

        options = {"name": "covering/1-all-profiles-ac", "prepare": prepare}
        await connected(csms, run, certificates.INSTALLS_UNSIGNED, **options)
        assert await install(csms, kit.pem(2)) == "Accepted"


class TestDelete:
    @pytest.mark.parametrize(
        ("defect", "installed", "status", "left"),
        [
            (certificates.NOT_DELETED, True, "Accepted", 1),
            (certificates.DELETES_NOTHING, True, "Failed", 1),
            (certificates.DELETES_UNKNOWN, False, "Accepted", 0),
        ],
    )
    async def test_defects(
        self, csms: Any, kit: Any, run: Any, defect: str, *, installed: bool, status: str, left: int
    ) -> None:
        await connected(csms, run, defect)
        if installed:
            await install(csms, kit.pem(), "ManufacturerRootCertificate")
        assert await self.delete(csms, kit.pem()) == status
        assert len(await listed(csms)) == left

    async def delete(self, csms: Any, pem: str, **options: Any) -> str:
        wanted = certificate_hash_data(pem, **options).as_json()
        answer = await csms.call("DeleteCertificate", {"certificateHashData": wanted})
        return str(answer["status"])

    async def test_is_gone(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        await install(csms, kit.pem(), "ManufacturerRootCertificate")
        assert await self.delete(csms, kit.pem(), algorithm="SHA512") == "Accepted"
        assert await listed(csms) == []

    async def test_unknown(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)
        assert await self.delete(csms, kit.pem()) == "NotFound"

    async def test_last_csms_root_stays_by_claim(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run)  # AQ-1 is false
        await install(csms, kit.pem())
        assert await self.delete(csms, kit.pem()) == "Failed"

    async def test_its_own_certificate_stays(self, csms: Any, kit: Any, run: Any) -> None:
        chain, key = kit.client("REF-0001")

        def prepare(storage: FileStorage) -> None:
            storage.add_certificate(CSMS_ROOT, [kit.roots[0].certificate])
            storage.put_credentials("charging-station", chain, key)

        await connected(csms, run, prepare=prepare)
        status = await self.delete(csms, chain.decode(), issuer_pem=kit.pem())
        assert status == "Failed"

    async def test_all_of_a_type_are_gone_by_a_defect(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run, certificates.DELETES_ALL)
        for root in (0, 2):
            await install(csms, kit.pem(root), "ManufacturerRootCertificate")
        assert await self.delete(csms, kit.pem()) == "Accepted"
        assert await listed(csms) == []

    async def test_it_may_know_one_hash_algorithm_only(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run, style=STYLES["terse"])
        await install(csms, kit.pem(), "ManufacturerRootCertificate")
        (entry,) = await listed(csms)
        assert entry["certificateHashData"]["hashAlgorithm"] == "SHA512"
        assert await self.delete(csms, kit.pem()) == "Failed"
        assert await self.delete(csms, kit.pem(), algorithm="SHA512") == "Accepted"
