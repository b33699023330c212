"""What a laboratory may demand, each demand by a bundle that does not meet it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.signing.authority import Authority
from vdoc.cli.app import app
from vdoc.declaration import countersign_bundle
from vdoc.errors import InputError
from vdoc.signing import KeyType, SigningKey, new_key
from vdoc.verify import LaboratoryPolicy, load_policy

Lab = Any
PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
RUN_ENDED = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)  # by the clocks of the fake run
VENDOR = '[roles.vendor]\nkeys = "trust"\n'

Policy = Callable[..., LaboratoryPolicy]


@pytest.fixture
def policy(lab: Lab) -> Policy:
    def make(more: str = "", *, roles: str = VENDOR, days: float = 1) -> LaboratoryPolicy:
        path = lab.directory / "policy.toml"
        path.write_text(roles + more, encoding="utf-8")
        return load_policy(path, RUN_ENDED + timedelta(days=days))

    return make


@pytest.fixture
def laboratory(lab: Lab) -> SigningKey:
    made = new_key(lab.directory / "laboratory", "laboratory", KeyType.ECDSA_P256)
    return SigningKey.load(made.private)


def codes(lab: Lab, bundle: Path, policy: LaboratoryPolicy) -> set[str]:
    lab.trust = policy
    found: set[str] = lab.codes(bundle)
    return found


class TestADemandThatIsMet:
    @pytest.mark.parametrize(
        "more",
        [
            "",
            '[specification]\neditions = ["OCPP 2.0.1 Edition 3, Part 5 and Part 6"]\n'
            'errata = ["2024-09", "2025-09"]',
            '[runner]\nminimum_version = "0.1"',
            "[declaration]\nmaximum_age_days = 2",
        ],
    )
    def test_accepts(self, lab: Lab, bundle: Path, policy: Policy, more: str) -> None:
        assert codes(lab, bundle, policy(more)) == set()

    def test_accepts_the_catalogue(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        digest = lab.product.catalogue.digest
        assert codes(lab, bundle, policy(f'[catalogue]\ndigests = ["{digest}"]')) == set()


class TestADemandThatIsNotMet:
    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ('[specification]\neditions = ["Edition 4"]', "policy-edition"),
            ('[specification]\nerrata = ["2026-01"]', "policy-errata"),
            (f'[catalogue]\ndigests = ["{"0" * 64}"]', "policy-catalogue"),
            ('[runner]\nminimum_version = "0.1.1"', "policy-runner"),
            ("[declaration]\nmaximum_age_days = 0.5", "policy-age"),
        ],
    )
    def test_is_named(self, lab: Lab, bundle: Path, policy: Policy, more: str, code: str) -> None:
        assert codes(lab, bundle, policy(more)) == {code}

    def test_a_run_that_ended_in_the_future(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        assert codes(lab, bundle, policy(days=-1)) == {"policy-future"}

    def test_a_time_that_is_none(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        copy = lab.altered(bundle, predicate={"window": {"end": "today"}})
        assert codes(lab, copy, policy()) == {"policy-time", "declared-window"}

    def test_a_version_that_is_none(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        copy = lab.altered(bundle, predicate={"runner": {"name": "vdoc", "version": "new"}})
        demanded = policy('[runner]\nminimum_version = "0"')
        assert codes(lab, copy, demanded) == {"policy-runner", "declared-runner"}

    def test_a_kind_of_key(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        demanded = policy(roles=VENDOR + 'key_types = ["ecdsa-p256"]\n')
        assert codes(lab, bundle, demanded) == {"key-type"}


class TestRoles:
    BOTH = VENDOR + '[roles.laboratory]\nkeys = "laboratory"\n'

    @pytest.mark.usefixtures("laboratory")
    def test_a_laboratory_that_has_not_signed(self, lab: Lab, bundle: Path, policy: Policy) -> None:
        assert codes(lab, bundle, policy(roles=self.BOTH)) == {"role-missing"}

    def test_a_laboratory_that_has_signed_too(
        self, lab: Lab, bundle: Path, policy: Policy, laboratory: SigningKey
    ) -> None:
        copy = lab.directory / "countersigned.zip"
        countersign_bundle(bundle, [laboratory], copy)
        assert codes(lab, copy, policy(roles=self.BOTH)) == set()

    def test_a_laboratory_alone_is_not_the_vendor(
        self, lab: Lab, policy: Policy, laboratory: SigningKey
    ) -> None:
        lab.key = laboratory
        signed = lab.declare(lab.record())
        assert codes(lab, signed, policy(roles=self.BOTH)) == {"role-missing"}


class TestCertificates:
    CERTIFIED = '[roles.vendor]\nauthorities = "authorities"\n'

    @pytest.fixture
    def signed(self, lab: Lab) -> Callable[..., Path]:
        def make(**leaf: Any) -> Path:
            now = RUN_ENDED - timedelta(days=100)
            authority = Authority(now, timedelta(days=900))
            (lab.directory / "authorities").mkdir()
            (lab.directory / "authorities" / "root.pem").write_bytes(authority.pem)
            key = SigningKey.load(new_key(lab.directory / "own", "v", KeyType.ECDSA_P256).private)
            chain = authority.chain(key.public.key, **leaf)
            lab.key = replace(key, chain=chain)
            declared: Path = lab.declare(lab.record())
            return declared

        return make

    def test_a_chain_to_an_authority_is_accepted(
        self, lab: Lab, policy: Policy, signed: Callable[..., Path]
    ) -> None:
        bundle = signed()
        assert codes(lab, bundle, policy(roles=self.CERTIFIED)) == set()

    @pytest.mark.parametrize(
        ("leaf", "code"),
        [
            ({"until": RUN_ENDED + timedelta(hours=1)}, "certificate-time"),
            ({"since": RUN_ENDED + timedelta(hours=1)}, "certificate-time"),
            ({"signs": False}, "certificate-usage"),
            ({"authority": True}, "certificate-usage"),
            ({"forged": True}, "certificate-chain"),
            ({"other_key": True}, "certificate-key"),
        ],
    )
    def test_any_other_is_refused(
        self,
        lab: Lab,
        policy: Policy,
        signed: Callable[..., Path],
        leaf: dict[str, Any],
        code: str,
    ) -> None:
        bundle = signed(**leaf)
        assert codes(lab, bundle, policy(roles=self.CERTIFIED)) == {code}

    def test_a_bare_key_is_not_enough(
        self, lab: Lab, bundle: Path, policy: Policy, signed: Callable[..., Path]
    ) -> None:
        signed()
        assert codes(lab, bundle, policy(roles=self.CERTIFIED)) == {"role-missing"}


class TestAFileThatCannotBeUsed:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "roles: is missing"),
            ("[roles]", "roles: "),
            ('[roles.vendor]\nkeys = "none"', "no public key"),
            ('[roles.vendor]\nauthorities = "none"', "no certificate"),
            ("[roles.vendor]\nrequired = true", "neither keys nor authorities"),
            ('[roles.vendor]\nkeys = "trust"\nrequired = false', "no role is required"),
            (VENDOR + "[roles.laboratory]\nkeys = 'trust'", "stands for"),
            (VENDOR + "[roles.boss]\nkeys = 'trust'", "boss"),
            (VENDOR + "key_types = []", "key_types"),
            (VENDOR + "[timestamps]\nrequired = ['plan']", "authorities"),
            (VENDOR + "[timestamps]\nauthorities = 'none'", "no certificate"),
            (VENDOR + "[timestamps]\nauthorities = 'trust'\nrequired = ['x']", "required"),
            (VENDOR + "[stamps]", "unknown key"),
            (VENDOR + "[catalogue]\ndigests = ['abc']", "digests"),
            (VENDOR + "[runner]\nminimum_version = 'new'", "minimum_version"),
            (VENDOR + "[declaration]\nmaximum_age_days = 0", "maximum_age_days"),
            ("=", "TOML"),
        ],
    )
    def test_says_why(self, policy: Policy, text: str, words: str) -> None:
        with pytest.raises(InputError, match=re.escape(words)):
            policy(roles=text)


def test_an_authority_stands_for_one_role(lab: Lab, policy: Policy) -> None:
    (lab.directory / "ca").mkdir()
    root = Authority(RUN_ENDED, timedelta(days=1)).pem
    (lab.directory / "ca" / "root.pem").write_bytes(root)
    both = "[roles.vendor]\nauthorities = 'ca'\n[roles.laboratory]\nauthorities = 'ca'\n"
    with pytest.raises(InputError, match="authority CN=Root stands for laboratory and vendor"):
        policy(roles=both)


def test_the_example_of_the_page_can_be_used(lab: Lab) -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    for name in ("vendor", "laboratory"):
        new_key(lab.directory / "trust" / name, name)
    (lab.directory / "policy.toml").write_text(found[1], encoding="utf-8")
    assert load_policy(lab.directory / "policy.toml", RUN_ENDED).roles.keys() == {
        "vendor",
        "laboratory",
    }


class TestTheCommands:
    def test_believe_one_thing(self, lab: Lab, bundle: Path) -> None:
        done = CliRunner().invoke(app, ["verify", str(bundle)])
        assert isinstance(done.exception, InputError)
        assert lab.directory.exists()

    @pytest.mark.usefixtures("policy")
    def test_countersign_nothing_that_does_not_hold(
        self, lab: Lab, bundle: Path, laboratory: SigningKey
    ) -> None:
        assert laboratory.public.key_id
        key, out = lab.directory / "laboratory" / "laboratory.key", lab.directory / "out.zip"
        arguments = ["countersign", str(bundle), "--key", str(key), "--out", str(out)]
        done = CliRunner().invoke(app, [*arguments, "--trust", str(lab.directory / "trust")])
        assert done.exit_code == 1  # its fake cases are not those of this package
        assert "refused" in done.output
        assert not out.exists()
