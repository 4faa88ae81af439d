from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.config.positions import Key, line_of, positions

names = st.one_of(
    st.sampled_from(["a", "b-c", "tool", "0"]), st.text(st.characters(codec="utf-8", exclude_characters="\x7f"))
)
scalars = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.dates(),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\x7f")),
    st.sampled_from(['"""', "]", "} # no comment", "a\nb = 1\n[c]\n", "\\", "'''"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=12,
)
documents = st.dictionaries(names, values, max_size=5)
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def paths(value: Any, at: Key = ()) -> set[Key]:
    """The path of everything in a parsed document, the document itself excepted."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = {at} - {()}
    for key, inner in items:
        found |= paths(inner, (*at, key))
    return found


@unhurried
@given(documents)
def test_everything_that_tomllib_reads_from_tomlkits_output_has_a_line(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    found = positions(text)
    assert set(found) == paths(tomllib.loads(text))
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


def test_the_line_that_sets_a_key_of_a_file_that_need_not_be_valid(tmp_path: Path) -> None:
    path = tmp_path / "ruff.toml"
    path.write_text("[lint]\n\"selct\" = []\nlint.slect = 1\n'a' : 2\n[[other\nselct = 2\n")
    assert [line_of(path, key) for key in ("selct", "slect", "a", "nope")] == [2, 3, 4, None]
    assert [line_of(path, "selct", section) for section in ("[other", "nowhere")] == [6, 2]
    assert line_of(tmp_path / "nope.toml", "selct") is None


@unhurried
@given(documents)
def test_the_line_of_a_top_level_value_is_where_cutting_the_document_loses_it(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    lines = text.split("\n")
    found = positions(text)
    for (name, *rest), line in found.items():
        if rest:
            continue
        before = "\n".join(lines[: line - 1])
        assert name not in tomllib.loads(before)


@unhurried
@given(st.lists(st.sampled_from(["[t{}]", "[[array]]", "[array.sub{}]", "[x.y.z{}]", "[[x.list]]"]), max_size=8))
def test_headers_are_placed_like_tomllib_nests_them(headers: list[str]) -> None:
    headers = ["[[array]]", *headers]
    text = "# first\n" + "".join(f"{header.format(n)}\nkey = {n}\n\n" for n, header in enumerate(headers))
    parsed = tomllib.loads(text)
    found = positions(text)
    assert set(found) == paths(parsed)
    for path, line in found.items():
        value: Any = parsed
        for step in path:
            value = value[step]
        if path[-1] == "key":
            assert line == 3 + 3 * value


DOCUMENT = '''\
title = "x" # [not.a.table]
"quoted key" = 1
'a.b'.c = 2
text = """
[inside]
key = "\\"""
"""
[tool.gates]
select = [
  "lint",  # "comment"
  "types", ]
[tool.gates.coverage]
total = 85
[[tool.gates.coverage.path]]
glob = "src/**"
[[tool.gates.coverage.path]]
glob = "lib/**"
minimum = { value = 90, unit = "percent" }
[tool.gates.coverage.path.sub]
deep = true
[[ tool . "gates" . severity ]]
rule = "LNT001"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("quoted key",), 2),
        (("a.b",), 3),
        (("a.b", "c"), 3),
        (("text",), 4),
        (("tool",), 8),
        (("tool", "gates", "select"), 9),
        (("tool", "gates", "select", 0), 10),
        (("tool", "gates", "select", 1), 11),
        (("tool", "gates", "coverage", "path"), 14),
        (("tool", "gates", "coverage", "path", 1), 16),
        (("tool", "gates", "coverage", "path", 1, "minimum", "unit"), 18),
        (("tool", "gates", "coverage", "path", 1, "sub", "deep"), 20),
        (("tool", "gates", "severity", 0, "rule"), 22),
    ],
)
def test_positions_of_every_form_of_key(path: Key, line: int) -> None:
    assert positions(DOCUMENT)[path] == line
    assert positions(DOCUMENT.replace("\n", "\r\n"))[path] == line


def test_a_header_wins_over_an_earlier_mention() -> None:
    assert positions("[a.b]\nx = 1\n[a]\ny = 2\n")["a",] == 3


def test_deep_nesting_and_long_documents_end() -> None:
    deep = "x = " + "[" * 1500 + "]" * 1500
    assert max(map(len, positions(deep))) == 1500
    assert positions("\n" * 100_000 + "y = 1")["y",] == 100_001


@pytest.mark.parametrize("text", ["a", "a = ", "[a", 'a = "', "= 1", "a = {b}", "a b = 1"])
def test_what_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not TOML at line 1"):
        positions(text)
