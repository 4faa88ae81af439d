"""Whatever is done to a file of results: it is read, or refused with a sentence, and nothing else happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.bench.stored.readers.results import Results
from gates.model.evidence import encode
from support.bench_results import DATA, MANY, ONE, ROUNDS, STATS, results, sentence, value

FILES = (ROUNDS, STATS, ONE, MANY)
AWKWARD = (b"-1", b"9" * 20, b"1e999", b"null", b"\xff\xfe", b"\0", b'""', b"[[", b"NaN", b"{}", b"true", b'"\\ud800"')
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken")


def outcome(folder: Path, content: Any) -> None:
    """Read it, and make sure that what was read has figures and can be evidence."""
    found = results(folder, content)
    if isinstance(found, Results):
        assert encode((found.said, list(found.benchmarks), found.commit, found.notes))
        for processes in found.benchmarks.values():
            assert processes
            for one in processes:
                assert 0 < min(one.times) <= one.median * (1 + 1e-9)
                assert one.median <= one.p95 * (1 + 1e-9)
                assert one.p95 <= max(one.times) < float("inf")
    else:
        assert found.reason.message.startswith("r.json:")
        assert "\n" not in found.reason.message


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_cut_is_refused_wherever_it_was(name: str, scratch: Path) -> None:
    whole = json.dumps(value(name)).encode()
    for end in range(0, len(whole), 1 + len(whole) // 200):
        assert sentence(scratch, whole[:end])


@pytest.mark.parametrize("name", FILES)
@quick
@given(data=st.data())
def test_bytes_that_were_changed(name: str, data: st.DataObject, scratch: Path) -> None:
    whole = (DATA / name).read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    upto = data.draw(st.integers(at, min(at + 40, len(whole))))
    outcome(scratch, whole[:at] + data.draw(st.sampled_from(AWKWARD) | st.binary(max_size=8)) + whole[upto:])


@pytest.mark.parametrize("name", FILES)
@quick
@given(data=st.data())
def test_values_that_were_changed(name: str, data: st.DataObject, scratch: Path) -> None:
    whole = held = value(name)
    while True:
        key = data.draw(st.sampled_from(sorted(held) if isinstance(held, dict) else range(len(held))))
        if not isinstance(held[key], dict | list) or not held[key] or data.draw(st.integers(0, 9)) == 0:
            break
        held = held[key]
    held[key] = data.draw(anything)
    outcome(scratch, json.dumps(whole))


@quick
@given(content=st.dictionaries(st.text(), st.fixed_dictionaries({"value": anything, "unit": anything}) | anything))
def test_plain_of_anything(content: dict[str, Any], scratch: Path) -> None:
    outcome(scratch, json.dumps(content))


@quick
@given(content=st.binary() | st.text().map(str.encode))
def test_any_bytes(content: bytes, scratch: Path) -> None:
    outcome(scratch, content)
