"""The copy's configuration: what a proof needs is laid over it, and nothing else changes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.prove import overlay

AS_ERROR = {"severity": [{"rule": "TST007", "level": "error"}]}
KEPT = '[project]\nname = "sample" # a comment\n'


def gates_of(text: str, path: str = "pyproject.toml") -> Any:
    table = tomllib.loads(text)
    return table["tool"]["gates"] if path == "pyproject.toml" else table


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", AS_ERROR),
        ("[tool.gates]\nselect = ['lint']\n", {"select": ["lint"], **AS_ERROR}),
        ("[tool.gates.lint]\nformat = true\n", {"lint": {"format": True}, **AS_ERROR}),
        (
            "[[tool.gates.severity]]\nrule = 'A'\nlevel = 'off'\n[tool.ruff]\n",
            {"severity": [{"rule": "A", "level": "off"}, *AS_ERROR["severity"]]},
        ),
        ("[tool]\ngates = { select = ['lint'] }\n", {"select": ["lint"], **AS_ERROR}),
    ],
)
def test_tables_are_merged_and_lists_appended(before: str, after: Any) -> None:
    text = overlay.written(KEPT + before, "pyproject.toml", without={}, added=AS_ERROR)
    assert gates_of(text) == after
    assert KEPT in text


def test_keys_are_taken_out_and_others_stay() -> None:
    text = "[tool.gates.tests]\nrecord = 'x' # why\nargs = ['-q']\n[tool.gates.prove]\nmax-age = 9\n"
    without = {"tests": ("record",), "prove": ("max-age",), "lint": ("absent",)}
    assert gates_of(overlay.written(text, "pyproject.toml", without=without, added={})) == {
        "tests": {"args": ["-q"]},
        "prove": {},
    }


@pytest.mark.parametrize("text", ["", "[tests]\nargs = ['-q', 'tests/unit']\ntimeout = 5\n"])
def test_a_run_is_narrowed_by_keys_of_the_gate(text: str) -> None:
    narrowed = gates_of(overlay.narrowed(text, "gates.toml", {"tests": {"args": ["a.py"]}}), "gates.toml")
    assert narrowed["tests"]["args"] == ["a.py"]
    assert narrowed["tests"].get("timeout") == (5 if text else None)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([{}], {}),
        ([{"args": ["-n", "2", "a"]}, {"args": ["-n", "2", "b"]}], {"args": ["-n", "2", "a", "b"]}),
        ([{"args": ["a"]}, {}], None),
        ([{"timeout": 1}, {"timeout": 1}], {"timeout": 1}),
        ([{"timeout": 1}, {"timeout": 2}], None),
    ],
)
def test_plants_that_share_a_run_narrow_it_together_or_not_at_all(parts: list[Any], whole: Any) -> None:
    assert overlay.joined(parts) == whole


VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text("ab\"'\\\n", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
TABLES = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(TABLES, TABLES)
def test_a_merge_changes_neither_side_and_keeps_what_it_does_not_name(table: Any, added: Any) -> None:
    before = repr((table, added))
    whole = overlay.merged(table, added)
    assert repr((table, added)) == before
    assert {key: whole[key] for key in table if key not in added} == {
        key: one for key, one in table.items() if key not in added
    }
    assert set(whole) == {*table, *added}
