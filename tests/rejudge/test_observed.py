"""Observations that contradict what they came from."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.bench.timeline import NS, Timeline
from vdoc.evidence import Kind, Line
from vdoc.rejudge.observed import Punctuality, links, own_course, own_outcomes, own_values
from vdoc.tls.authority import expired_root, pem
from vdoc.tls.csr import csr_facts
from vdoc.tls.hash_data import certificate_hash_data

CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    .public_bytes(Encoding.PEM)
    .decode()
)
ROOT = pem(expired_root())


def line(kind: Kind, at: float = 0, n: int = 0, **data: Any) -> Line:
    return Line(n, 0, round(at * NS), "TC_X", "-", kind, data)


CASE = line(Kind.CASE)


class TestValues:
    def codes(self, asked: str, arguments: dict[str, Any], **made: Any) -> list[str]:
        ask = line(Kind.ASK, id="a", what=asked, arguments=arguments)
        told = line(Kind.MADE, id="a", **{"what": asked, **made})
        return [each.code for each in own_values([CASE, ask, told])]

    def test_that_follow_are_right(self) -> None:
        facts = csr_facts(CSR)
        hash_data = certificate_hash_data(ROOT).as_json()
        assert self.codes("csr_facts", {"csr": CSR}, value=facts) == []
        assert self.codes("sign_csr", {"csr": CSR}, value={"facts": facts, "chain": ""}) == []
        root = {"pem": ROOT, "hash_data": hash_data}
        assert self.codes("root_certificate", {"root": "expired"}, value=root) == []

    def test_that_do_not_follow_are_found(self) -> None:
        facts = {**csr_facts(CSR), "signature_valid": False}
        assert self.codes("csr_facts", {"csr": CSR}, value=facts) == ["made-value"]
        assert self.codes("sign_csr", {"csr": CSR}, value={"facts": facts}) == ["made-value"]
        root = {"pem": ROOT, "hash_data": {}}
        assert self.codes("root_certificate", {"root": "x"}, value=root) == ["made-value"]

    def test_of_something_else_are_found(self) -> None:
        assert self.codes("password", {}, what="csms_url", value="x") == ["made-value"]

    def test_that_nobody_can_compute_are_taken(self) -> None:
        assert self.codes("password", {}, value={"name": "p2"}) == []
        assert self.codes("csr_facts", {"csr": CSR}, error="no") == []
        by_predecessor = {"root": "root1", "form": "by-predecessor"}
        assert self.codes("root_certificate", by_predecessor, value={"pem": ROOT}) == []


class TestOutcomes:
    def test_belong_to_what_was_asked_for(self) -> None:
        lines = [
            line(Kind.ACTION, id="a"), line(Kind.ASK, id="b"),
            line(Kind.ACTION_DONE, id="a"), line(Kind.ACTION_DONE, id="a"),
            line(Kind.MADE, id="c", value={"location": "u", "sha256": "s"}),
            line(Kind.MADE, what="file_served", location="u"),
        ]  # fmt: skip
        own = own_outcomes(lines)
        assert own.unanswered == {"b"}
        assert [each.data["id"] for each in own.late] == ["a", "c"]
        assert own.offered == {"u": "s"}
        assert len(own.served) == 1


class TestPace:
    @pytest.mark.parametrize(("late_s", "codes"), [(4.9, []), (5.1, ["deed-late"])])
    def test_a_deed_follows_its_cause(self, late_s: float, codes: list[str]) -> None:
        for kind in (Kind.SENT, Kind.CHECK):
            lines = [CASE, line(Kind.RECEIVED, 100), line(kind, 100 + late_s)]
            assert [each.code for each in own_course(lines, [2])] == codes

    def test_a_judgement_stands_where_the_case_makes_it(self) -> None:
        lines = [CASE, line(Kind.RECEIVED), line(Kind.CHECK), line(Kind.SENT), line(Kind.VERDICT)]
        assert list(own_course(lines, [2, 3])) == []
        [found] = own_course(lines, [1, 3])
        assert found.code == "judgement-order"


class Waiting(Timeline):
    """Waits until a time."""

    def __init__(self, due_s: float | None) -> None:
        self._due_s = due_s

    @property
    def deadline_ns(self) -> int | None:
        return None if self._due_s is None else round(self._due_s * NS)


class TestPunctuality:
    def codes(self, kind: Kind, at: float, due_s: float | None) -> list[str]:
        pace = Punctuality(0.5, 0)
        pace.before(line(kind, at), Waiting(due_s))
        return [each.code for each in pace.found]

    @pytest.mark.parametrize("due_s", [None, 60.0, 61.0])
    def test_nothing_was_due(self, due_s: float | None) -> None:
        assert self.codes(Kind.DEADLINE, 60, due_s) == ["deadline"]

    def test_a_deadline_that_passes(self) -> None:
        assert self.codes(Kind.DEADLINE, 60.01, 60) == []

    @pytest.mark.parametrize("kind", [Kind.DEADLINE, Kind.RECEIVED])
    def test_a_bench_that_was_late_without_saying_so(self, kind: Kind) -> None:
        assert self.codes(kind, 61.4, 60) == []
        assert self.codes(kind, 61.6, 60) == ["stall"]

    def test_a_bench_that_says_so(self) -> None:
        assert self.codes(Kind.STALL, 70, 60) == []


def test_frames_on_one_connection_are_shown_once() -> None:
    lines = [
        CASE, line(Kind.RECEIVED, connection=1), line(Kind.CHECK),
        line(Kind.RECEIVED, connection=1), line(Kind.RECEIVED, connection=2),
        line(Kind.CLOSED, connection=2), line(Kind.RECEIVED, connection=2),
    ]  # fmt: skip
    shown = [(each.kind, each.data.get("connection")) for each in links(lines)]
    assert shown == [
        (Kind.CASE, None), (Kind.RECEIVED, 1), (Kind.RECEIVED, 2), (Kind.CLOSED, 2),
        (Kind.RECEIVED, 2),
    ]  # fmt: skip
