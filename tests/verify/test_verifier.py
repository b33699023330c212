"""Each step of the verifier, by bundles that have that single flaw."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vdoc.declaration import container, eligible
from vdoc.digest import canonical
from vdoc.errors import ExitCode
from vdoc.pics import load_settings
from vdoc.signing import SigningKey, Trust, new_key, sign

Lab = Any
Flawed = Callable[..., set[str]]
PICS = Path(__file__).parents[2] / "pics"


class TestASoundBundle:
    def test_holds(self, lab: Lab, bundle: Path) -> None:
        outcome = lab.verify(bundle)
        assert outcome.findings == ()
        assert outcome.exit_code is ExitCode.PASS
        assert outcome.cases == 3
        assert outcome.key_ids == (lab.key.public.key_id,)
        assert outcome.statement.image == "nl-wall-3.2.1.bin"

    def test_holds_with_the_files_of_the_verifier(self, lab: Lab, bundle: Path) -> None:
        image = lab.directory / "image.bin"
        image.write_bytes(lab.image)
        assert lab.verify(bundle, firmware=image, pics=PICS / "ac-wallbox-detachable.toml").ok

    def test_is_made_again_byte_for_byte(self, lab: Lab) -> None:
        record = lab.record()
        assert lab.declare(record).read_bytes() == lab.declare(record).read_bytes()

    def test_is_bound_to_its_catalogue(self, lab: Lab, bundle: Path) -> None:
        lab.product = replace(
            lab.product, catalogue=replace(lab.product.catalogue, digest="0" * 64)
        )
        assert {"plan", "declared-catalogue", "made-with"} <= lab.codes(bundle)


class TestContainer:
    def test_a_missing_file_is_a_finding(self, lab: Lab) -> None:
        assert lab.codes(lab.directory / "none.zip") == {"container-file"}

    def test_a_changed_byte_anywhere_is_a_finding(self, lab: Lab, bundle: Path) -> None:
        data = bytearray(bundle.read_bytes())
        for position in range(0, len(data), len(data) // 40):
            changed = data.copy()
            changed[position] ^= 1
            path = lab.directory / "changed.zip"
            path.write_bytes(changed)
            assert not lab.verify(path).ok, position


class TestSignature:
    def test_by_a_stranger_is_refused(self, lab: Lab, bundle: Path) -> None:
        stranger = new_key(lab.directory, "stranger")
        lab.trust = Trust(SigningKey.load(stranger.private).public)
        assert lab.codes(bundle) == {"signature"}
        assert lab.verify(bundle).exit_code is ExitCode.FAIL

    def test_of_something_else_is_refused(self, lab: Lab, bundle: Path) -> None:
        other = json.loads(container.read(bundle)["declaration.json"])
        other["subject"][0]["name"] = "another.bin"
        envelope = sign(canonical(other), [lab.key])
        copy = _with(lab, bundle, **{"declaration.dsse.json": envelope})
        assert lab.codes(copy) == {"payload"}

    def test_that_is_broken_is_refused(self, lab: Lab, bundle: Path) -> None:
        envelope = json.loads(container.read(bundle)["declaration.dsse.json"])
        envelope["signatures"][0]["sig"] = "AAAA" + envelope["signatures"][0]["sig"][4:]
        copy = _with(lab, bundle, **{"declaration.dsse.json": canonical(envelope)})
        assert lab.codes(copy) == {"signature"}

    def test_that_is_no_envelope_is_refused(self, lab: Lab, bundle: Path) -> None:
        copy = _with(lab, bundle, **{"declaration.dsse.json": b"[]"})
        assert lab.codes(copy) == {"envelope"}


class TestStatement:
    def test_of_another_shape_is_refused(self, lab: Lab, bundle: Path) -> None:
        assert "statement" in lab.codes(lab.altered(bundle, statement={"subject": []}))

    def test_of_another_type_is_refused(self, lab: Lab, bundle: Path) -> None:
        copy = lab.altered(bundle, statement={"predicateType": "https://slsa.dev/provenance/v1"})
        assert "statement" in lab.codes(copy)

    def test_that_is_a_demonstration_needs_leave(self, lab: Lab) -> None:
        demonstration = lab.declare(lab.record(product=_demonstration(lab)))
        assert lab.codes(demonstration) == {"demonstration"}
        assert lab.verify(demonstration, allow_demo=True).ok

    def test_cannot_pass_a_demonstration_off_as_a_declaration(self, lab: Lab) -> None:
        record = replace(lab.record(product=_demonstration(lab)), grade_problems=())
        assert lab.codes(lab.declare(record)) == {"grade", "declared-settings"}


class TestDigests:
    @pytest.mark.parametrize("member", ["README.txt", "report.html"])
    def test_of_every_member_are_declared(self, lab: Lab, bundle: Path, member: str) -> None:
        copy = _with(lab, bundle, **{member: b"something else"})
        assert lab.codes(copy) == {"declared-enclosed"}

    @pytest.mark.parametrize("key", ["pics", "settings", "catalogue", "plan"])
    def test_that_are_declared_are_compared(self, lab: Lab, bundle: Path, key: str) -> None:
        copy = lab.altered(bundle, predicate={key: {"sha256": "0" * 64}})
        assert lab.codes(copy) == {f"declared-{key}"}

    def test_of_the_pics_is_bound_to_the_evidence(self, lab: Lab, bundle: Path) -> None:
        pics = json.loads(container.read(bundle)["pics.json"])
        pics["product"]["family"] = "Another"
        copy = lab.altered(bundle, pics_json=canonical(pics))
        assert {"plan", "made-with", "declared-pics", "declared-product"} <= lab.codes(copy)

    def test_of_the_settings_is_bound_to_the_evidence(self, lab: Lab, bundle: Path) -> None:
        settings = json.loads(container.read(bundle)["settings.json"])
        settings["settings"]["dut"]["identity"] = "ANOTHER"
        copy = lab.altered(bundle, settings_json=canonical(settings))
        assert lab.codes(copy) == {"made-with", "declared-settings"}

    @pytest.mark.parametrize("member", ["pics_json", "settings_json", "plan_json"])
    def test_need_readable_members(self, lab: Lab, bundle: Path, member: str) -> None:
        assert member.removesuffix("_json") in lab.codes(lab.altered(bundle, **{member: b"{}"}))

    def test_need_canonical_members(self, lab: Lab, bundle: Path) -> None:
        pics = container.read(bundle)["pics.json"] + b"\n"
        assert "canonical" in lab.said(lab.altered(bundle, pics_json=pics))


class TestPlan:
    def test_that_is_partial_is_refused(self, lab: Lab, flawed: Flawed) -> None:
        partial = lab.product_with(only=["TC_L_01_CS"])
        assert {"partial", "plan"} <= flawed(product=partial)

    def test_that_lacks_functions_is_refused(self, lab: Lab, flawed: Flawed) -> None:
        implemented = {"TC_L_01_CS", "TC_B_06_CS"}
        assert "not-implemented" in flawed(product=lab.product_with(implemented=implemented))

    def test_must_follow_from_its_inputs(self, lab: Lab, flawed: Flawed) -> None:
        plan = lab.product.plan
        shorter = plan.model_copy(update={"entries": plan.entries[:-1]})
        codes = flawed(product=replace(lab.product, plan=shorter))
        assert codes == {"plan"}


class TestCompleteness:
    def test_a_missing_run_is_named(self, flawed: Flawed) -> None:
        assert flawed(order=lambda order: order[:-1]) == {"missing"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_a_missing_run_cannot_be_declared(self, lab: Lab) -> None:
        record = lab.record(lab.station(order=lambda order: order[:-1]))
        results = (*record.results, replace(record.results[-1], case="TC_C_06_CS"))
        assert {"missing", "declared-results"} <= lab.codes(
            lab.declare(replace(record, results=results))
        )

    def test_an_extra_run_is_named(self, flawed: Flawed) -> None:
        assert flawed(order=lambda order: [*order, order[-1]]) == {"extra"}

    def test_another_order_is_named(self, flawed: Flawed) -> None:
        assert flawed(order=lambda order: order[::-1]) == {"order"}

    def test_another_variant_is_named(self, flawed: Flawed) -> None:
        codes = flawed(order=lambda order: [(c, "local=KeyCode", p) for c, _, p in order])
        assert codes == {"order"}

    def test_another_security_profile_is_named(self, flawed: Flawed) -> None:
        assert flawed(order=lambda order: [(c, v, 2) for c, v, _ in order]) == {
            "stage",
            "case-state",
        }

    def test_intake_restores_and_closing_must_be_there(self, flawed: Flawed) -> None:
        assert flawed(upkeep=False) == {"restore", "closing"}


class TestEvidence:
    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b'"vendorId\\":\\"acme', b'"vendorId\\":\\"ACME', "evidence-chain"),
            (b'"n":5,', b'"n":6,', "evidence-sequence"),
            (b'"kind":"check"', b'"kind":"guess"', "evidence-malformed"),
        ],
    )
    @pytest.mark.usefixtures("patched_vendor")
    def test_that_was_altered_is_found(self, lab: Lab, old: bytes, new: bytes, code: str) -> None:
        record = lab.record()
        data = record.evidence.read_bytes().replace(b'"vendorId\\": \\"acme', old)
        record.evidence.write_bytes(data.replace(old, new, 1))
        assert code in lab.codes(lab.declare(record))

    def test_without_a_seal_is_refused(self, flawed: Flawed) -> None:
        assert flawed(torn=True) == {"evidence-unsealed"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_that_is_cut_short_is_refused(self, lab: Lab) -> None:
        record = lab.record()
        record.evidence.write_bytes(record.evidence.read_bytes()[:-5])
        assert "evidence-torn" in lab.codes(lab.declare(record))

    def test_must_be_the_declared_one(self, lab: Lab, bundle: Path) -> None:
        copy = lab.altered(bundle, predicate={"evidence": {"head": "0" * 64}})
        assert lab.codes(copy) == {"declared-evidence"}

    def test_that_is_no_gzip_is_refused(self, lab: Lab, bundle: Path) -> None:
        held = container.read(bundle)["evidence.jsonl.gz"]
        copy = _with(lab, bundle, **{"evidence.jsonl.gz": held[:-20]})
        assert {"evidence-gzip", "evidence-unsealed"} <= lab.codes(copy)


class TestRun:
    def test_that_is_void_is_refused(self, flawed: Flawed) -> None:
        assert "void" in flawed(void="the DUT has been exchanged", lying=True)

    def test_longer_than_a_day_is_refused(self, flawed: Flawed) -> None:
        codes = flawed(before_each=lambda clocks, _case: clocks.go(6 * 3600))
        assert "window" in codes

    def test_with_a_clock_that_was_set_is_refused(self, flawed: Flawed) -> None:
        def set_back(clocks: Any, case: str) -> None:
            clocks.go(10, wall_s=100 if case == "TC_B_06_CS" else 10)

        assert "clock" in flawed(before_each=set_back)

    def test_with_a_crash_is_refused(self, lab: Lab, flawed: Flawed) -> None:
        crash = {"TC_B_06_CS": [lab.transfers, lab.boots(reason="Watchdog")]}
        assert "crash" in flawed(plays=crash, lying=True)

    def test_of_another_product_is_refused(self, lab: Lab, flawed: Flawed) -> None:
        other = {"intake": [lab.opened, lab.boots(model="Another")]}
        assert "identity" in flawed(plays=other, lying=True)

    def test_made_with_other_inputs_is_refused(self, flawed: Flawed) -> None:
        assert flawed(start={"runner": "0.1.0", "plan": {}}) == {"made-with"}

    def test_by_another_runner_is_named(self, lab: Lab, bundle: Path) -> None:
        copy = lab.altered(bundle, predicate={"runner": {"name": "vdoc", "version": "9"}})
        assert lab.codes(copy) == {"declared-runner"}


class TestEligibility:
    def test_holds_for_bundles_from_elsewhere_too(self, lab: Lab, flawed: Flawed) -> None:
        settings = lab.product.settings
        firmware = settings.firmware.model_copy(update={"version": "3.3.0"})
        other = settings.model_copy(update={"firmware": firmware})
        assert flawed(product=lab.product_with(None, other)) == {"not-eligible"}


class TestVerdicts:
    def test_that_failed_are_refused_whatever_is_declared(self, lab: Lab, flawed: Flawed) -> None:
        wrong = {"TC_B_06_CS": [lab.says("DataTransfer", {"vendorId": "other"})]}
        codes = flawed(plays=wrong, verdicts={"TC_B_06_CS": "pass"}, lying=True)
        assert codes == {"verdict", "not-passed", "declared-results"}

    @pytest.mark.usefixtures("patched_vendor")
    def test_name_step_requirement_and_line(self, lab: Lab) -> None:
        wrong = {"TC_B_06_CS": [lab.says("DataTransfer", {"vendorId": "other"})]}
        said = lab.said(lab.declare(lab.record(lab.station(plays=wrong))))
        assert "step 2, P01.FR.01: DataTransferRequest vendorId: expected 'acme'" in said
        assert "evidence line" in said

    @pytest.mark.usefixtures("patched_vendor")
    def test_name_the_line_that_the_case_begins_with(self, lab: Lab) -> None:
        record = lab.record(lab.station(plays={"TC_C_06_CS": []}))
        said = lab.said(lab.declare(record))
        (n,) = re.findall(r"TC_C_06_CS \S+ \(from evidence line (\d+)\): fail", said)
        line = json.loads(record.evidence.read_bytes().splitlines()[int(n)])
        assert (line["case"], line["kind"]) == ("TC_C_06_CS", "case")

    def test_that_did_not_come_are_refused(self, flawed: Flawed) -> None:
        assert flawed(plays={"TC_C_06_CS": []}, lying=True) == {"not-passed", "declared-results"}

    def test_that_diverge_are_refused(self, lab: Lab, flawed: Flawed) -> None:
        twice = {"TC_C_06_CS": [lab.transfers, lab.transfers]}
        assert "diverged-after-end" in flawed(plays=twice, lying=True)

    @pytest.mark.parametrize("restores", [("busy", "reached"), ("reached", "busy")])
    def test_of_a_restore_are_not_tried_again(
        self, flawed: Flawed, restores: tuple[str, ...]
    ) -> None:
        assert flawed(restores=restores) == {"restore-again", "upkeep"}

    @pytest.mark.parametrize(
        "key",
        [
            "statement", "product", "specification", "profiles", "results", "not_applicable",
            "device_model", "window", "interpretations",
        ],
    )  # fmt: skip
    def test_and_all_else_must_follow(self, lab: Lab, bundle: Path, key: str) -> None:
        copy = lab.altered(bundle, predicate={key: {"made": "up"}})
        assert lab.codes(copy) == {f"declared-{key.replace('_', '-')}"}

    def test_and_nothing_may_be_added(self, lab: Lab, bundle: Path) -> None:
        copy = lab.altered(bundle, predicate={"certified_by": "Open Charge Alliance"})
        assert lab.codes(copy) == {"declared-unknown"}


class TestFirmware:
    @pytest.mark.usefixtures("patched_vendor")
    def test_must_be_what_was_served(self, lab: Lab) -> None:
        record = replace(lab.record(), firmware_sha256="0" * 64)
        assert lab.codes(lab.declare(record)) == {"firmware-served"}

    def test_must_have_been_served_whole(self, lab: Lab, flawed: Flawed) -> None:
        cut_short = lab.station().updates(lab.serves(complete=False))
        codes = flawed(plays={"TC_L_01_CS": cut_short}, lying=True)
        assert "firmware-served" in codes

    def test_must_be_one(self, lab: Lab, flawed: Flawed) -> None:
        twice = lab.station().updates(lab.serves(), lab.serves("1" * 64))
        assert "firmware-served" in flawed(plays={"TC_L_01_CS": twice}, lying=True)

    @pytest.mark.parametrize(("missing", "reason"), [(2, "Installed"), (3, "no boot told")])
    def test_must_have_been_installed_and_booted(self, lab: Lab, missing: int, reason: str) -> None:
        course = lab.station().updates(lab.serves())
        del course[missing]
        record = lab.record(lab.station(plays={"TC_L_01_CS": course}))
        assert any(reason in problem for problem in eligible(record))

    def test_must_be_the_one_of_the_pics(self, lab: Lab, flawed: Flawed) -> None:
        product = lab.product.pics.product.model_copy(update={"firmware_image_sha256": "2" * 64})
        pics = lab.product.pics.model_copy(update={"product": product})
        assert flawed(product=lab.product_with(type(pics).from_json(pics.to_json()))) == {
            "firmware-pics"
        }

    def test_must_be_the_given_one(self, lab: Lab, bundle: Path) -> None:
        image = lab.directory / "other.bin"
        image.write_bytes(b"another image")
        assert lab.codes(bundle, firmware=image) == {"given-firmware"}

    def test_that_cannot_be_read_is_a_finding(self, lab: Lab, bundle: Path) -> None:
        assert lab.codes(bundle, firmware=lab.directory / "none.bin") == {"given-firmware"}

    def test_must_have_the_name_of_the_settings(self, lab: Lab, bundle: Path) -> None:
        value = json.loads(container.read(bundle)["declaration.json"])
        value["subject"][0]["name"] = "other.bin"
        assert lab.codes(lab.altered(bundle, statement={"subject": value["subject"]})) == {"image"}

    def test_and_the_given_pics_must_be_the_enclosed_one(self, lab: Lab, bundle: Path) -> None:
        assert lab.codes(bundle, pics=PICS / "dc-fast-charger.toml") == {"given-pics"}


def _with(lab: Lab, bundle: Path, **members: bytes) -> Path:
    """A copy of a bundle with other members and nothing signed again."""
    copy: Path = lab.directory / "copy.zip"
    container.write(copy, container.read(bundle) | members)
    return copy


def _demonstration(lab: Lab) -> Any:
    settings = load_settings(PICS / "bench-example.toml")
    values = settings.values.model_copy(update={"message_timeout_s": 1.0})
    quick = settings.model_copy(update={"values": values})
    return lab.product_with(None, quick)
