"""What time stamps of a bundle say, whom they convince, and what they are worth to certificates."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.signing.authority import Authority
from tests.signing.tsa import serving
from tests.verify.stamper import AFTER, BEFORE, BEGAN, DEMANDED, ENDED, VENDOR, Stamper
from vdoc.cli.app import app
from vdoc.cli.running import finish
from vdoc.declaration import RunRecord, container, countersign_bundle
from vdoc.declaration.stamps import DECLARATION_STAMP, PLAN_STAMP, stamp_bundle
from vdoc.digest import canonical, sha256_hex
from vdoc.errors import InputError
from vdoc.pics import Timestamps
from vdoc.signing import KeyType, SigningKey, new_key
from vdoc.signing.timestamps import TsaError
from vdoc.verify import load_policy
from vdoc.verify.findings import Findings
from vdoc.verify.stamped import read_stamps
from vdoc.verify.trusted_time import StampTrust

Lab = Any
OFFERED = VENDOR + '[timestamps]\nauthorities = "tsa"\n'
NOW = ENDED + timedelta(days=1)


@pytest.fixture
def stamper(forger: Any) -> Stamper:
    return Stamper(forger)


@pytest.fixture
def codes(lab: Lab) -> Callable[..., set[str]]:
    def found(bundle: Path, policy: str = DEMANDED, *, now: datetime = NOW) -> set[str]:
        (lab.directory / "policy.toml").write_text(policy, encoding="utf-8")
        lab.trust = load_policy(lab.directory / "policy.toml", now)
        refused: set[str] = lab.codes(bundle)
        return refused

    return found


Codes = Callable[..., set[str]]


class TestStampsThatHold:
    def test_are_accepted(self, stamper: Stamper, codes: Codes) -> None:
        assert codes(stamper.bundle()) == set()

    def test_are_told(self, stamper: Stamper, codes: Codes, lab: Lab) -> None:
        bundle = stamper.bundle()
        assert codes(bundle) == set()
        plan, declaration = lab.verify(bundle).notes
        assert plan.startswith(
            "the time stamp of the plan says 2027-01-15 07:55:10 UTC, by CN=Unit"
        )
        assert declaration.endswith("says 2027-01-15 08:06:24 UTC, by CN=Unit")

    def test_may_differ_by_what_clocks_differ(self, stamper: Stamper, codes: Codes) -> None:
        within = timedelta(seconds=30)
        assert codes(stamper.bundle(at=BEGAN + within, declared=ENDED - within)) == set()

    def test_hold_when_the_laboratory_has_signed_too(
        self, stamper: Stamper, codes: Codes, lab: Lab
    ) -> None:
        laboratory = SigningKey.load(new_key(lab.directory / "laboratory", "l").private)
        copy = lab.directory / "countersigned.zip"
        countersign_bundle(stamper.bundle(), [laboratory], copy)
        assert codes(copy) == set()

    def test_can_be_added_later(self, stamper: Stamper, codes: Codes, lab: Lab) -> None:
        copy, bundle = lab.directory / "stamped.zip", stamper.bundle(declared=None)
        stamp_bundle(bundle, lambda envelope: stamper.tsa.stamp(envelope, AFTER), copy)
        assert codes(copy) == set()
        with pytest.raises(InputError, match="already"):
            stamp_bundle(copy, stamper.tsa.stamp, lab.directory / "again.zip")


class TestStampsThatNobodyDemands:
    def test_are_a_note_without_authorities(self, stamper: Stamper, codes: Codes, lab: Lab) -> None:
        bundle = stamper.bundle()
        assert codes(bundle, VENDOR) == set()
        assert all("NOBODY HAS CHECKED" in note for note in lab.verify(bundle).notes)

    def test_must_fit_all_the_same(self, stamper: Stamper, codes: Codes) -> None:
        other = stamper.tsa.stamp(b"other", AFTER)
        sound = stamper.bundle()
        copy = stamper.with_members(sound, {DECLARATION_STAMP: other})
        assert codes(copy, VENDOR) == codes(copy, OFFERED) == {"stamp-other"}

    def test_must_be_sound_when_there_are_authorities(
        self, stamper: Stamper, codes: Codes, lab: Lab
    ) -> None:
        bundle = Stamper(stamper.forger).bundle()  # another authority takes the directory
        stamper.tsa.authorities(lab.directory / "tsa")
        assert codes(bundle, VENDOR) == set()
        assert codes(bundle, OFFERED) == {"stamp-untrusted"}

    def test_may_be_missing(self, forger: Any, stamper: Stamper, codes: Codes) -> None:
        assert codes(forger.bundle, OFFERED) == codes(forger.bundle, VENDOR) == set()
        assert codes(stamper.bundle(declared=None), OFFERED) == set()
        assert codes(forger.bundle) == {"stamp-missing"}


class TestStampsOfAnotherRun:
    def test_of_another_plan(self, stamper: Stamper, codes: Codes) -> None:
        other = stamper.tsa.stamp(b"another plan", BEFORE)
        assert codes(stamper.bundle(plan=other)) == {"stamp-other"}

    def test_taken_out_although_the_evidence_names_it(self, stamper: Stamper, codes: Codes) -> None:
        bundle = stamper.without_plan(stamper.bundle())
        assert "stamp-missing" in codes(bundle, VENDOR) & codes(bundle)

    def test_put_in_although_the_evidence_names_none(
        self, forger: Any, stamper: Stamper, codes: Codes
    ) -> None:
        members = container.read(forger.bundle)
        bundle = stamper.signed(members | {PLAN_STAMP: stamper.tsa.stamp(stamper.plan, BEFORE)})
        assert "stamp-unbound" in codes(bundle, VENDOR)

    def test_of_the_plan_without_a_signature_over_it(self, stamper: Stamper, codes: Codes) -> None:
        other = stamper.tsa.stamp(stamper.plan, BEFORE - timedelta(seconds=9))
        copy = stamper.with_members(stamper.bundle(), {PLAN_STAMP: other})
        assert {"stamp-unbound", "declared-enclosed"} <= codes(copy)


class TestCertificates:
    """A vendor's certificate is judged at the stamped time, when there is one."""

    POLICY = DEMANDED.replace('keys = "trust"', 'authorities = "authorities"')
    NONE_DEMANDED = POLICY.replace('required = ["plan", "declaration"]', "")

    @pytest.fixture
    def certified(self, lab: Lab) -> Callable[..., None]:
        def certify(**leaf: Any) -> None:
            authority = Authority(BEGAN - timedelta(days=100), timedelta(days=4000))
            (lab.directory / "authorities").mkdir()
            (lab.directory / "authorities" / "root.pem").write_bytes(authority.pem)
            key = SigningKey.load(new_key(lab.directory / "own", "v", KeyType.ECDSA_P256).private)
            lab.key = replace(key, chain=authority.chain(key.public.key, **leaf))

        return certify

    def test_that_has_expired_since_is_fine(
        self, stamper: Stamper, codes: Codes, certified: Callable[..., None]
    ) -> None:
        certified(until=AFTER + timedelta(days=1))
        years_later = NOW + timedelta(days=1000)
        assert codes(stamper.bundle(), self.POLICY, now=years_later) == set()
        unstamped = stamper.bundle(declared=None)
        assert codes(unstamped, self.NONE_DEMANDED, now=years_later) == {"certificate-time"}

    def test_that_had_expired_before_the_stamp_is_not(
        self, stamper: Stamper, codes: Codes, certified: Callable[..., None]
    ) -> None:
        certified(until=AFTER - timedelta(minutes=1))
        assert codes(stamper.bundle(), self.POLICY) == {"certificate-time"}

    def test_needs_a_stamp_of_somebody_trusted(
        self, stamper: Stamper, codes: Codes, certified: Callable[..., None]
    ) -> None:
        certified(until=AFTER + timedelta(days=1))
        policy = self.POLICY.split("[timestamps]")[0]
        years_later = NOW + timedelta(days=1000)
        assert codes(stamper.bundle(), policy, now=years_later) == {"certificate-time"}

    def test_of_who_signed_behind_the_stamp_is_judged_now(
        self, stamper: Stamper, codes: Codes, certified: Callable[..., None], lab: Lab
    ) -> None:
        vendor, bundle = VENDOR, stamper.bundle()
        certified(until=AFTER + timedelta(days=1))
        copy = lab.directory / "countersigned.zip"
        countersign_bundle(bundle, [lab.key], copy)
        policy = DEMANDED.replace(
            vendor, vendor + '[roles.laboratory]\nauthorities = "authorities"\n'
        )
        assert codes(copy, policy, now=AFTER + timedelta(hours=1)) == set()
        assert codes(copy, policy, now=NOW + timedelta(days=9)) == {"certificate-time"}


class TestByHand:
    """The commands of docs/verification.md."""

    def test_openssl_verifies_both_stamps(self, stamper: Stamper, lab: Lab) -> None:
        directory = unpacked(stamper.bundle(), lab.directory)
        assert verified(directory, "plan.json", "plan.tsr")
        assert verified(directory, "declaration.dsse.json", "declaration.tsr")
        assert not verified(directory, "pics.json", "plan.tsr")

    def test_openssl_verifies_the_first_signatures(self, stamper: Stamper, lab: Lab) -> None:
        laboratory = SigningKey.load(new_key(lab.directory / "laboratory", "l").private)
        copy = lab.directory / "countersigned.zip"
        countersign_bundle(stamper.bundle(), [laboratory], copy)
        directory = unpacked(copy, lab.directory)
        assert not verified(directory, "declaration.dsse.json", "declaration.tsr")
        command = ["jq", "-cjS", ".signatures |= .[:1]", "declaration.dsse.json"]
        done = subprocess.run(command, cwd=directory, capture_output=True, check=True)
        (directory / "first.json").write_bytes(done.stdout)
        assert verified(directory, "first.json", "declaration.tsr")

    def test_the_evidence_names_the_stamp_of_the_plan(self, stamper: Stamper, lab: Lab) -> None:
        directory = unpacked(stamper.bundle(), lab.directory)
        for command in (
            "sha256sum plan.tsr | cut -d ' ' -f 1",
            """zcat evidence.jsonl.gz | head -n 1 | grep -o '"plan_stamp":"[0-9a-f]*"'""",
        ):
            shell = ["sh", "-c", command]
            done = subprocess.run(shell, cwd=directory, capture_output=True, text=True, check=True)
            assert sha256_hex((directory / "plan.tsr").read_bytes()) in done.stdout


def unpacked(bundle: Path, directory: Path) -> Path:
    place = directory / "unpacked"
    place.mkdir()
    for name, data in container.read(bundle).items():
        (place / name).write_bytes(data)
    shutil.copy(directory / "tsa" / "tsa.pem", place)
    return place


def verified(directory: Path, data: str, stamp: str) -> bool:
    command = ["openssl", "ts", "-verify", "-data", data, "-in", stamp, "-CAfile", "tsa.pem"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "Verification: OK"


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_stands_for_a_stamp_there_is_an_answer(
    stamper: Stamper, data: st.DataObject
) -> None:
    sound = _sound(stamper)
    name = data.draw(st.sampled_from([PLAN_STAMP, DECLARATION_STAMP]))
    token = bytearray(sound[name])
    place = data.draw(st.integers(0, len(token)))
    token[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    trust, found = StampTrust((stamper.tsa.root,), frozenset()), Findings()
    read_stamps({**sound, name: bytes(token)}, trust, found)
    assert (found.found == []) == (bytes(token) == sound[name])


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b'{"signatures":7}', b"null"]))
def test_whatever_stands_for_an_envelope_there_is_an_answer(
    stamper: Stamper, envelope: bytes
) -> None:
    found = Findings()
    read_stamps({**_sound(stamper), "declaration.dsse.json": envelope}, None, found)
    assert found.found


_SOUND: dict[Path, dict[str, bytes]] = {}


def _sound(stamper: Stamper) -> dict[str, bytes]:
    directory = stamper.forger.lab.directory
    if directory not in _SOUND:
        _SOUND[directory] = container.read(stamper.bundle())
    return _SOUND[directory]


class TestTheEndOfARun:
    """`vdoc run` signs whatever the authority does; `vdoc stamp` adds what could not be had."""

    def ended(self, stamper: Stamper, url: str) -> tuple[RunRecord, Path]:
        """A run with settings that name who stamps, and the directory that it leaves."""
        lab = stamper.forger.lab
        table = Timestamps(url=url, timeout_s=5)
        settings = lab.product.settings.model_copy(update={"timestamps": table})
        lab.product = lab.product_with(None, settings)
        token, out = stamper.tsa.stamp(stamper.plan, BEFORE), lab.directory / "out"
        out.mkdir()
        (out / PLAN_STAMP).write_bytes(token)
        return lab.record(lab.station(start={"plan_stamp": sha256_hex(token)})), out

    def test_stamps_the_declaration(self, stamper: Stamper, codes: Codes, lab: Lab) -> None:
        stamper.tsa.now = AFTER
        with serving(stamper.tsa) as url:
            bundle = finish(*self.ended(stamper, url), lab.key)
        assert bundle is not None
        assert codes(bundle) == set()

    def test_loses_nothing_when_the_authority_fails(
        self, stamper: Stamper, codes: Codes, lab: Lab, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with serving(stamper.tsa, status=500) as url:
            bundle = finish(*self.ended(stamper, url), lab.key)
        assert bundle is not None
        assert codes(bundle, OFFERED) == set()
        assert codes(bundle) == {"stamp-missing"}
        loud = capsys.readouterr().err
        assert "THE DECLARATION IS NOT STAMPED" in loud
        copy = bundle.with_name("declaration-stamped.zip")
        command = f"vdoc stamp {bundle} --url {url} --out {copy}"
        assert command in loud
        stamper.tsa.now = AFTER
        with serving(stamper.tsa) as works:
            arguments = command.replace(url, works).split()[1:]
            done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert codes(copy) == set()

    def test_an_authority_that_still_fails_is_told(self, stamper: Stamper, lab: Lab) -> None:
        bundle, out = stamper.bundle(declared=None), lab.directory / "copy.zip"
        arguments = ["stamp", str(bundle), "--url", "http://127.0.0.1:9", "--out", str(out)]
        done = CliRunner().invoke(app, arguments)
        assert isinstance(done.exception, TsaError)
        assert not out.exists()

    def test_another_stamp_of_the_plan_is_refused(self, stamper: Stamper, lab: Lab) -> None:
        record, out = self.ended(stamper, "http://127.0.0.1:9")
        (out / PLAN_STAMP).write_bytes(b"another")
        with pytest.raises(InputError, match="the evidence names"):
            finish(record, out, lab.key)


def test_an_envelope_is_stamped_in_the_form_that_it_has(stamper: Stamper) -> None:
    envelope = container.read(stamper.bundle())["declaration.dsse.json"]
    assert canonical(json.loads(envelope)) == envelope
