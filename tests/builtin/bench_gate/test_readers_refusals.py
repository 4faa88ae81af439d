"""Readers: what cannot be used is refused in one sentence with the file, and the line where there is one."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.bench.stored.readers import reading
from gates.builtin.bench.stored.readers.reading import read
from gates.model.evidence import Refusal
from support.bench_results import MANY, ONE, ROUNDS, STATS, results, sentence, value

FILES = (ROUNDS, STATS, ONE, MANY)


def changed(name: str, *path: Any, to: Any) -> Any:
    """What the tool wrote, with another value at one place."""
    whole = held = value(name)
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = to
    return whole


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", ": it is empty"),
        (b" \n\t", ": it is empty"),
        (b"{", ":1: it is cut off"),
        (b'{"a":\n {"value": 1, "un', ":2: it is cut off"),
        (b'{"a": {"value": 1, "unit": "ms"},\n "b": oops}', ":2: it is broken JSON: Expecting value"),
        (b"[1, 2]", ": it is JSON of something else: not of pytest-benchmark, pyperf, or `{name: {value, unit}}`"),
        (b'{"x": 1}', ": it is JSON of something else: not of pytest-benchmark, pyperf, or `{name: {value, unit}}`"),
        (
            b'{"results": []}',
            ": it looks like results of hyperfine, which are not read: only pytest-benchmark, pyperf,",
        ),
        (b'{"context": 1, "benchmarks": [{}]}', ": it looks like results of Google Benchmark, which are not read"),
        (b'{"a":\n{"value": 1, "unit": "m\xb5s"}}', ":2: it is not UTF-8"),
        (gzip.compress(b"{}", mtime=0), ": it is compressed: unpack it with gunzip"),
        (b"[" * 100_000, ": it is JSON that nobody wrote: "),
        (b'{"a": ' + b"9" * 5000 + b"}", ": it is JSON that nobody wrote: Exceeds the limit"),
        (b"{}", ": it holds no benchmark"),
        (b'{"":\n{"value": 1, "unit": "ms"}}', ": it has a benchmark without a name"),
        (b'{"a\\u0007":\n{"value": 1, "unit": "ms"}}', ":1: it has a benchmark whose name cannot be printed: 'a\\x07'"),
        (b'{"a\\ud800": {"value": 1, "unit": "ms"}}', ":1: it has a benchmark whose name cannot be printed"),
        (json.dumps({"a" * 1001: {"value": 1, "unit": "ms"}}), ":1: it has a benchmark whose name has 1,001 letters"),
        (b'{"a": {"value": 1, "unit": "ms"},\n"b": {"value": 1}}', ":2: b is not `{value, unit}`"),
        (b'{"a": {"value": 1, "unit": "ms"},\n"b": 3}', ":2: b is not `{value, unit}`"),
        (b'{"a": {"value": 1, "unit": "ms", "more": 2}}', ":1: a is not `{value, unit}`"),
        (b'{"a": {"value": true, "unit": "ms"}}', ":1: the value of a is no number"),
        (b'{"a": {"value": "3", "unit": "ms"}}', ":1: the value of a is no number"),
        (b'{"a": {"value": 1, "unit": "ops/s"}}', ":1: a is in 'ops/s', and only ns, us, ms and s are times"),
        (b'{"a": {"value": 1, "unit": 7}}', ":1: a is in 7, and only ns, us, ms and s are times"),
        (b'{"a": {"value": 1, "unit": "ms"},\n "b": {"value": NaN, "unit": "ms"}}', ":2: it has NaN for a number"),
        (b'{"a": {"value": -Infinity, "unit": "ms"}}', ":1: it has -Infinity for a number"),
        (b'{"a": {"value": 1e999, "unit": "ms"}}', ":1: a takes inf s, which is no number"),
        (b'{"a": {"value": 1' + b"0" * 400 + b', "unit": "ms"}}', ":1: a takes inf s, which is no number"),
        (b'{"a": {"value": -1, "unit": "ms"}}', ":1: a takes -0.001 s, and no call takes no time or less"),
        (b'{"a": {"value": 0, "unit": "ms"}}', ":1: a takes 0 s, and no call takes no time or less"),
        (b'{"a": {"value": 1e8, "unit": "s"}}', ":1: a takes 1e+08 s a call, which no benchmark does"),
        (b'{"a": {"value": 1e-9, "unit": "ns"}}', ":1: a takes 1e-18 s a call, which no benchmark does"),
        (
            b'{"a": {"value": 1, "unit": "ms"},\n\n "a": {"value": 2, "unit": "ms"}}',
            ":3: it has the key a twice",
        ),
    ],
)
def test_what_is_no_results(content: bytes | str, why: str, tmp_path: Path) -> None:
    assert sentence(tmp_path, content).startswith(why)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (changed(ROUNDS, "version", to="6.0.0"), "it is of a newer pytest-benchmark (6.0.0), and 5 is the newest"),
        (changed(ROUNDS, "version", to=None), "it does not say which pytest-benchmark made it"),
        (changed(ROUNDS, "benchmarks", to=[]), "it holds no benchmark"),
        (changed(ROUNDS, "benchmarks", 1, to={}), "it is no whole file of pytest-benchmark: Object missing required"),
        (changed(ROUNDS, "benchmarks", 1, "fullname", to="test_b.py::test_sort"), "it has the benchmark test_b.py::te"),
        (changed(ROUNDS, "benchmarks", 0, "stats", "rounds", to=8), "test_b.py::test_sort has 7 rounds, and says 8"),
        (changed(ROUNDS, "benchmarks", 0, "stats", "data", to=[]), "test_b.py::test_sort has 0 rounds, and says 7"),
        (changed(ROUNDS, "benchmarks", 0, "stats", "data", 3, to=9e-9), "test_b.py::test_sort contradicts itself: its"),
        (changed(ROUNDS, "benchmarks", 0, "stats", "data", 3, to=-1.0), "test_b.py::test_sort takes -1 s, and no call"),
        (changed(STATS, "benchmarks", 0, "stats", "min", to=1.0), "test_b.py::test_sort contradicts itself: its least"),
        (changed(STATS, "benchmarks", 0, "stats", "median", to=0), "test_b.py::test_sort takes 0 s, and no call takes"),
        (
            changed(STATS, "benchmarks", 0, "stats", "rounds", to=0),
            "test_b.py::test_sort contradicts itself: its least",
        ),
        (changed(ONE, "version", to="2.0"), "it is of a newer pyperf: its format is 2.0, and 1.0 is the one that is"),
        (changed(ONE, "version", to=6), "it is of an older pyperf: its format is 6, and 1.0 is the one that is known"),
        (changed(ONE, "benchmarks", to=[]), "it holds no benchmark"),
        (changed(ONE, "metadata", to={}), "it has a benchmark without a name"),
        (changed(ONE, "metadata", "unit", to="byte"), "sorting is in 'byte', and only seconds are a time"),
        (changed(ONE, "metadata", "unit", to=["second"]), "sorting is in ['second'], and only seconds are a time"),
        (changed(MANY, "benchmarks", 1, "metadata", "name", to="a b"), "it has the benchmark a b twice"),
        (changed(ONE, "benchmarks", 0, "runs", to=[{"warmups": [[1, 0.1]]}]), "sorting has no values: no run came"),
        (changed(ONE, "benchmarks", 0, "runs", 1, "values", to=["1"]), "it is no whole file of pyperf: Expected `flo"),
        (changed(ONE, "benchmarks", 0, "runs", 1, "values", to=[0.0]), "sorting takes 0 s, and no call takes no time"),
    ],
)
def test_what_a_tool_does_not_write(content: Any, why: str, tmp_path: Path) -> None:
    assert why in sentence(tmp_path, content)


def test_a_newer_schema_has_a_reason_of_its_own(tmp_path: Path) -> None:
    for content in (changed(ROUNDS, "version", to="6.0.0"), changed(ONE, "version", to="2.0")):
        found = results(tmp_path, content)
        assert isinstance(found, Refusal)
        assert found.reason.code == "schema_version_mismatch"
    older = results(tmp_path, changed(ONE, "version", to=6))
    assert isinstance(older, Refusal)
    assert older.reason.code == "evidence_corrupt"


def test_the_line_is_that_of_the_benchmark(tmp_path: Path) -> None:
    content = changed(ROUNDS, "benchmarks", 2, "stats", "median", to=0)
    at = next(
        number
        for number, line in enumerate(json.dumps(content, indent=1).split("\n"), 1)
        if '"fullname": "test_b.py::test_param[b c]"' in line
    )
    assert sentence(tmp_path, content).startswith(f":{at}: test_b.py::test_param[b c] takes 0 s")


def test_no_file_a_folder_and_a_pipe(tmp_path: Path) -> None:
    missing = read(tmp_path / "none.json", "none.json")
    assert isinstance(missing, Refusal)
    assert (missing.reason.code, missing.reason.message) == ("evidence_missing", "none.json: it is not there")
    folder = read(tmp_path, "here")
    assert isinstance(folder, Refusal)
    assert folder.reason.message == "here: it is no file"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        pipe = read(tmp_path / "pipe", "pipe")
        assert isinstance(pipe, Refusal)
        assert pipe.reason.message == "pipe: it is no file"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT", 20)
    assert (
        sentence(tmp_path, b'{"a": {"value": 1, "unit": "ms"}}')
        == ": it has 33 bytes, and 20 are the most that is read"
    )


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.json"
    path.write_text("{}")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    found = read(path, "r.json")
    assert isinstance(found, Refusal)
    assert (found.reason.code, found.reason.message) == ("unreadable", "r.json: it cannot be read: Permission denied")


@pytest.mark.parametrize("name", FILES)
def test_a_mark_at_the_beginning_is_none_of_it(name: str, tmp_path: Path) -> None:
    assert not isinstance(results(tmp_path, b"\xef\xbb\xbf" + json.dumps(value(name)).encode()), Refusal)
