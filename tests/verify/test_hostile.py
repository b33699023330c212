"""Whatever a hostile vendor puts into a bundle, the verifier answers; it never breaks down."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vdoc.declaration import container
from vdoc.digest import canonical
from vdoc.evidence import extract_case
from vdoc.verify import Verification, verify_extract
from vdoc.verify.difference import same

Lab = Any
Forger = Any

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [2, "x", "BootNotification", []]),
    st.sampled_from(["[2", "[2]", '[2,"a","BootNotification",7]', '[3,"a",{}]', "local=X"]),
)
SLOWLY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += _places(value[key])
    return found


@SLOWLY
@given(data=st.data())
def test_altered_evidence_in_a_new_chain(forger: Forger, data: st.DataObject) -> None:
    forged = forger.lines
    for _ in range(data.draw(st.integers(1, 3))):
        line = data.draw(st.sampled_from(forged))
        places = _places(line["data"]) or [(line, "data")]
        inside, key = data.draw(st.sampled_from(places))
        inside[key] = data.draw(JUNK)
    outcome = forger.lab.verify(forger.run(lambda _: forged))
    assert isinstance(outcome, Verification)


@SLOWLY
@given(data=st.data())
def test_altered_members_signed_again(lab: Lab, bundle: Path, data: st.DataObject) -> None:
    held = container.read(bundle)
    name = data.draw(st.sampled_from(["pics.json", "settings.json", "plan.json"]))
    value = json.loads(held[name])
    inside, key = data.draw(st.sampled_from(_places(value)))
    inside[key] = data.draw(JUNK)
    text = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    outcome = lab.verify(lab.altered(bundle, **{name.replace(".", "_"): text}))
    assert outcome.ok == (text == held[name])


@SLOWLY
@given(data=st.data())
def test_altered_declarations_signed_again(lab: Lab, bundle: Path, data: st.DataObject) -> None:
    predicate = json.loads(container.read(bundle)["declaration.json"])["predicate"]
    inside, key = data.draw(st.sampled_from(_places(predicate)))
    before, inside[key] = inside[key], data.draw(JUNK.filter(_exact))
    outcome = lab.verify(lab.altered(bundle, predicate=predicate))
    assert outcome.ok == same(before, inside[key])


@SLOWLY
@given(st.binary(max_size=200), st.integers(0, 1 << 20), st.integers(0, 300))
def test_bytes_put_into_the_file(
    lab: Lab, bundle: Path, junk: bytes, position: int, removed: int
) -> None:
    sound = bundle.read_bytes()
    place = position % len(sound)
    broken = sound[:place] + junk + sound[place + removed :]
    path = lab.directory / "broken.zip"
    path.write_bytes(broken)
    assert lab.verify(path).ok == (broken == sound)


def _exact(value: object) -> bool:
    """Tell whether canonical JSON can hold a value."""
    return not isinstance(value, int | float) or abs(value) < 2**53


@SLOWLY
@given(data=st.data())
def test_altered_extracts(lab: Lab, bundle: Path, data: st.DataObject) -> None:
    held = container.read(bundle)
    whole = gzip.decompress(held["evidence.jsonl.gz"]).splitlines(keepends=True)
    made = extract_case(whole, "TC_B_06_CS", json.loads(held["declaration.dsse.json"]))
    value = json.loads(made.to_bytes())
    inside, key = data.draw(st.sampled_from(_places(value)))
    before, inside[key] = inside[key], data.draw(JUNK.filter(_exact))
    outcome, _ = verify_extract(canonical(value), trust=lab.trust, functions=lab.functions)
    assert outcome.ok == same(before, inside[key])


@SLOWLY
@given(st.integers(0, 1 << 20), st.integers(1, 255), st.integers(0, 1 << 20))
def test_a_byte_turned_and_the_rest_cut_off(
    lab: Lab, bundle: Path, place: int, mask: int, kept: int
) -> None:
    data = bytearray(bundle.read_bytes())
    data[place % len(data)] ^= mask
    path = lab.directory / "turned.zip"
    for broken in (data, data[: kept % len(data)]):
        path.write_bytes(broken)
        assert not lab.verify(path).ok
