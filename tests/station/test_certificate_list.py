"""How certificates are listed and named: M03."""

from typing import Any

import pytest

from tests.station.trusting import CSMS_ROOT, connected, install, listed
from vdoc.station import certificate_list
from vdoc.tls import authority as build


class TestList:
    @pytest.mark.parametrize(
        ("defect", "kinds", "count"),
        [
            (certificate_list.LISTS_FIRST_TYPE, (), 2),
            (certificate_list.LISTS_NEWEST, (CSMS_ROOT,), 1),
            (certificate_list.LISTS_ALL_TYPES, ("MORootCertificate",), 3),
        ],
    )
    async def test_defects(
        self, csms: Any, kit: Any, run: Any, defect: str, kinds: tuple[str, ...], count: int
    ) -> None:
        await connected(csms, run, defect)
        for root in (0, 2):
            await install(csms, kit.pem(root))
        await install(csms, kit.pem(), "ManufacturerRootCertificate")
        assert len(await listed(csms, *kinds)) == count

    async def test_defect_lists_what_was_not_found(self, csms: Any, kit: Any, run: Any) -> None:
        await connected(csms, run, certificate_list.NOT_FOUND_YET_LISTED)
        await install(csms, kit.pem())
        asked = {"certificateType": ["MORootCertificate"]}
        answer = await csms.call("GetInstalledCertificateIds", asked)
        assert (answer["status"], len(answer["certificateHashDataChain"])) == ("NotFound", 1)


def test_hash_data_of_a_root_whose_issuer_is_unknown() -> None:
    keys = [build.new_key("ECDSA") for _ in range(2)]
    names = [build.distinguished_name(name) for name in ("old", "new")]
    old = build.Authority(build.authority_certificate(names[0], keys[0], signer=None), keys[0])
    new = build.authority_certificate(names[1], keys[1], signer=old)
    found = certificate_list.hash_data(new, [], "SHA256")
    known = certificate_list.hash_data(new, [old.certificate], "SHA256")
    assert found.issuer_name_hash == known.issuer_name_hash
    assert found.issuer_key_hash != known.issuer_key_hash
