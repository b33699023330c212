from __future__ import annotations

from pathlib import Path

import pytest

from vdoc.catalogue import StartStopMode, Variant, load_catalogue, refusal, variants
from vdoc.catalogue.rows import FACTOR_NAMES
from vdoc.pics import Pics, load_pics

COVERING = Path(__file__).parents[2] / "pics" / "covering"


@pytest.fixture(scope="module")
def rich() -> Pics:
    """Local ISO14443, ISO15693, KeyCode; remote the first two; both keys; rate unit A."""
    return load_pics(COVERING / "1-all-profiles-ac.toml")


@pytest.fixture(scope="module")
def poor() -> Pics:
    """Local ISO14443 and NoAuthorization; remote NoAuthorization; RSA."""
    return load_pics(COVERING / "2-core-cable-lock.toml")


@pytest.fixture(scope="module")
def contract() -> Pics:
    """No local option but ISO 15118; remote Central; ECDSA; rate unit W."""
    return load_pics(COVERING / "3-iso15118-dc.toml")


def ids(case: str, pics: Pics, mode: StartStopMode | None = None) -> list[str]:
    found = variants(load_catalogue().case(case), pics, start_stop_mode=mode)
    return [variant.id for variant in found]


class TestVariants:
    @pytest.mark.parametrize(
        ("case", "expected"),
        [
            ("TC_B_06_CS", ["-"]),
            ("TC_A_04_CS", ["key=RSA", "key=ECDSA"]),
            ("TC_E_03_CS", ["local=ISO14443", "local=ISO15693", "local=KeyCode"]),
            ("TC_B_21_CS", ["local=ISO14443", "local=ISO15693", "local=KeyCode"]),
            ("TC_F_02_CS", ["remote=ISO14443", "remote=ISO15693"]),
            ("TC_K_37_CS", ["remote=ISO14443,rateUnit=A", "remote=ISO15693,rateUnit=A"]),
        ],
    )
    def test_one_factor_varies_at_a_time(self, case: str, expected: list[str], rich: Pics) -> None:
        assert ids(case, rich) == expected

    def test_the_settings_can_ask_for_remote(self, rich: Pics) -> None:
        assert ids("TC_B_21_CS", rich, "remote") == ["remote=ISO14443", "remote=ISO15693"]
        assert ids("TC_E_03_CS", rich, "remote") == [
            "local=ISO14443",
            "local=ISO15693",
            "local=KeyCode",
        ]

    def test_no_authorization_is_left_out_where_a_token_must_be_known(self, poor: Pics) -> None:
        assert ids("TC_E_04_CS", poor) == ["local=ISO14443", "local=NoAuthorization"]
        assert ids("TC_E_43_CS", poor) == ["local=ISO14443"]
        assert ids("TC_H_01_CS", poor) == ["local=ISO14443"]

    def test_without_a_local_option_an_open_mode_is_remote(self, contract: Pics) -> None:
        assert ids("TC_B_21_CS", contract) == ["remote=Central"]

    def test_a_contract_authorizes_locally_where_the_condition_names_it(
        self, contract: Pics
    ) -> None:
        assert ids("TC_E_03_CS", contract) == ["local=eMAID"]
        assert ids("TC_K_53_CS", contract) == ["energy=PnC,rateUnit=W"]

    def test_no_usable_option_gives_no_run_and_a_reason(self, contract: Pics) -> None:
        assert ids("TC_C_08_CS", contract) == []
        assert "errata 6.2.22" in refusal(load_catalogue().case("TC_C_08_CS"))

    def test_the_base_run_has_the_first_value_of_each_factor(self, rich: Pics) -> None:
        for case in load_catalogue().cases:
            base, *rest = variants(case, rich)
            for variant in rest:
                assert sum(base[name] != variant[name] for name in base) == 1


class TestVariant:
    @pytest.mark.parametrize("text", ["-", "key=RSA", "local=KeyCode,energy=EIM,rateUnit=A"])
    def test_an_id_reads_back(self, text: str) -> None:
        assert Variant.parse(text).id == text

    @pytest.mark.parametrize("text", ["", "colour=red", "key", "key=", "key=RSA,local=KeyCode"])
    def test_any_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"variant|order"):
            Variant.parse(text)

    def test_it_is_a_mapping_and_hashable(self) -> None:
        variant = Variant.parse("local=KeyCode,key=RSA")
        assert dict(variant) == {"local": "KeyCode", "key": "RSA"}
        assert len({variant, Variant.parse("local=KeyCode,key=RSA")}) == 1
        assert variant == Variant.parse(variant.id)
        assert list(variant) == [name for name in FACTOR_NAMES if name in variant]
