"""Whatever is changed in a signed attestation, it is not believed."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.attested import document, envelope, judging, opening, statement
from gates.builtin.attested.expected import Key
from gates.builtin.attested.refusal import Refused
from support.attestations import BUILDER, NOW, Scene, results, signer
from support.forging import judged

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@cache
def release(folder: Path) -> tuple[Scene, bytes]:
    """A release, and the bytes of its good attestation."""
    scene = Scene(folder)
    return scene, scene.write().read_bytes()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, bytes]:
    return release(tmp_path_factory.mktemp("release"))


def believed(scene: Scene, data: bytes) -> bool:
    """Whether nothing is said against the file with these bytes."""
    return not scene.refusals(data)


def test_the_attestation_itself_is_believed(good: tuple[Scene, bytes]) -> None:
    assert believed(*good)


@QUICK
@given(place=st.integers(min_value=0), bits=st.integers(min_value=1, max_value=255))
def test_no_byte_of_the_file_can_be_changed(good: tuple[Scene, bytes], place: int, bits: int) -> None:
    scene, data = good
    at = place % len(data)
    assert not believed(scene, data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :])


@pytest.mark.slow
def test_in_no_byte_of_the_file_can_a_bit_be_flipped(good: tuple[Scene, bytes]) -> None:
    scene, data = good
    flips = ((at, 1 << at % 8) for at in range(len(data)))
    assert [at for at, bit in flips if believed(scene, data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])] == []


@QUICK
@given(size=st.integers(min_value=0))
def test_no_beginning_of_the_file_is_believed(good: tuple[Scene, bytes], size: int) -> None:
    scene, data = good
    # Only the end of the line can go: nothing is in it.
    assert not believed(scene, data[: size % (len(data) - 1)])


@QUICK
@given(more=st.binary(min_size=1, max_size=40), place=st.integers(min_value=0))
def test_nothing_can_be_added(good: tuple[Scene, bytes], more: bytes, place: int) -> None:
    scene, data = good
    at = place % (len(data) + 1)
    assert not believed(scene, data[:at] + more + data[at:])


def losses(value: Any) -> Iterator[Any]:
    """The value with one field, element or tail of a text less, at every place."""
    if isinstance(value, dict):
        for name in value:
            yield {key: one for key, one in value.items() if key != name}
            yield from ({**value, name: lost} for lost in losses(value[name]))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield value[:at] + value[at + 1 :]
            yield from ([*value[:at], lost, *value[at + 1 :]] for lost in losses(inner))
    elif isinstance(value, str) and value:
        yield value[:-1]
        yield ""


def untold(one: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the edit took away nothing that is expected of a statement of ours: what it may leave unsaid.

    `internalParameters`, the version of the builder, byproducts that nobody asks for, dependencies beside the source
    and the names of resources inform a reader; nothing is expected of them here.
    """

    def told(value: dict[str, Any]) -> Any:
        held = copy.deepcopy(value)
        definition, details = held["predicate"]["buildDefinition"], held["predicate"]["runDetails"]
        definition.pop("internalParameters", None)
        held_source = definition["resolvedDependencies"][0]
        definition["resolvedDependencies"] = [{name: held_source[name] for name in ("uri", "digest")}]
        for name in ("source", "artifacts"):
            definition["externalParameters"].pop(name, None)
        details["builder"].pop("version", None)
        details.pop("byproducts", None)
        return held

    try:
        return bool(told(one) == told(before))
    except (KeyError, IndexError, TypeError, AttributeError):
        return False


def test_no_field_of_the_statement_can_be_lost_before_it_is_signed(good: tuple[Scene, bytes]) -> None:
    scene, _ = good
    lost = [one for one in losses(scene.statement) if not untold(one, scene.statement)]
    assert len(lost) > 50
    assert [one for one in lost if believed(scene, line(one))] == []


def test_no_field_of_attested_results_can_be_lost(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    judged({"gates": ("lint", "tests")})(scene)
    first, second = scene.statements
    kept = [one for one in losses(second) if believed(scene, line(first) + line(one))]
    assert kept == [
        {**second, "predicate": {**second["predicate"], "configuration": found}}
        for found in unnamed(second["predicate"]["configuration"])
    ]


def unnamed(configuration: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The commit under another name, which says nothing."""
    commit, report = configuration
    bare = {key: one for key, one in commit.items() if key != "name"}
    return [[bare, report], [{**commit, "name": "sourc"}, report], [{**commit, "name": ""}, report]]


def line(one: Any) -> bytes:
    """The statement, signed with the trusted key."""
    return envelope.sign(json.dumps(one).encode(), signer(0)) + b"\n"


@QUICK
@given(data=st.binary(max_size=200))
def test_what_is_no_attestation_ends_in_a_refusal_and_in_nothing_else(data: bytes) -> None:
    with pytest.raises(Refused):
        document.parse(data)
    with pytest.raises(Refused):
        statement.parse(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@QUICK
@given(value=values, name=st.sampled_from(["_type", "subject", "predicateType", "predicate"]))
def test_no_value_of_a_field_ends_in_an_error(good: tuple[Scene, bytes], value: Any, name: str) -> None:
    scene, _ = good
    changed = {**scene.statement, name: value}
    assert believed(scene, line(changed)) == (changed == scene.statement)


@QUICK
@given(value=values, name=st.sampled_from(["payload", "payloadType", "signatures"]))
def test_no_value_of_a_part_of_the_envelope_ends_in_an_error(good: tuple[Scene, bytes], value: Any, name: str) -> None:
    scene, data = good
    changed = {**json.loads(data), name: value}
    assert not believed(scene, envelope.canonical(changed) + b"\n")


def test_a_good_envelope_around_the_payload_of_another_is_none(good: tuple[Scene, bytes]) -> None:
    scene, data = good
    other = json.loads(line(results(scene)))
    mixed = {**json.loads(data), "payload": other["payload"]}
    assert not believed(scene, envelope.canonical(mixed) + b"\n")
    assert base64.b64decode(mixed["payload"]) != base64.b64decode(json.loads(data)["payload"])


def test_nothing_is_believed_without_a_document(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    opened = opening.opened([], Key(builder=BUILDER), signer(0).public_key, scene.dists())
    found = judging.judge(opened, scene.dists(), scene.expected, NOW)
    assert {one.slug for one in found.objections} == {"provenance-missing"}
