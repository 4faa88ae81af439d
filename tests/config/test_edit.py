from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gates.config.edit import toml, with_element, with_names, with_settings
from gates.errors import ConfigError

ITEMS = {"select": ["lint", "tests"], "jobs": 2}


def added(text: str, *table: str, items: dict[str, Any] | None = None, comment: str = "") -> str:
    return with_settings(text, table, items or ITEMS, comment=comment, path="pyproject.toml")


@pytest.mark.parametrize(
    ("before", "table", "after"),
    [
        ("", ("tool", "gates"), '[tool.gates]\nselect = ["lint", "tests"]\njobs = 2\n'),
        (
            "[project]\nname = 'x'\n",
            ("tool", "gates"),
            "[project]\nname = 'x'\n\n[tool.gates]\nselect = [\"lint\", \"tests\"]\njobs = 2\n",
        ),
        (
            "a = 1",
            ("tool", "gates"),
            'a = 1\n\n[tool.gates]\nselect = ["lint", "tests"]\njobs = 2',
        ),
        (
            "a = 1\r\n\r\n",
            ("tool", "gates"),
            'a = 1\r\n\r\n[tool.gates]\r\nselect = ["lint", "tests"]\r\njobs = 2\r\n',
        ),
        (
            "[tool.gates] # ours\n# why\nbase = 'x'\n[z]\n",
            ("tool", "gates"),
            "[tool.gates] # ours\nselect = [\"lint\", \"tests\"]\njobs = 2\n# why\nbase = 'x'\n[z]\n",
        ),
        (
            "[x]\n[tool.gates]",
            ("tool", "gates"),
            '[x]\n[tool.gates]\nselect = ["lint", "tests"]\njobs = 2',
        ),
        (
            "[tool.gates.lint]\ntimeout = 1\n",
            ("tool", "gates"),
            '[tool.gates.lint]\ntimeout = 1\n\n[tool.gates]\nselect = ["lint", "tests"]\njobs = 2\n',
        ),
        (
            "[tool]\ngates.base = 'x'\n",
            ("tool", "gates"),
            "[tool]\ngates.select = [\"lint\", \"tests\"]\ngates.jobs = 2\ngates.base = 'x'\n",
        ),
        (
            "tool.gates.base = 'x'\n",
            ("tool", "gates"),
            "tool.gates.select = [\"lint\", \"tests\"]\ntool.gates.jobs = 2\ntool.gates.base = 'x'\n",
        ),
        (
            "# license\n\n# of lint\n[lint]\ntimeout = 1\n",
            (),
            '# license\n\nselect = ["lint", "tests"]\njobs = 2\n\n# of lint\n[lint]\ntimeout = 1\n',
        ),
        ("# only this", (), '# only this\nselect = ["lint", "tests"]\njobs = 2'),
        ("base = 'x'\n", (), "select = [\"lint\", \"tests\"]\njobs = 2\nbase = 'x'\n"),
    ],
)  # fmt: skip
def test_where_settings_are_added(before: str, table: tuple[str, ...], after: str) -> None:
    assert added(before, *table) == after


def test_a_comment_is_added_above_the_keys() -> None:
    assert added("[a]\n", "a", items={"b": 1}, comment="why") == "[a]\n# why\nb = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "tool = {gates = {base = 'x'}}\n",
        "[tool]\ngates = {}\n",
        "[tool.gates]\njobs = 1\n",
        "[[tool.gates]]\n",
        "tool = 3",
    ],
)
def test_what_cannot_be_added_to_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ConfigError, match=r"cannot be added to; write it as a table") as error:
        added(text, "tool", "gates")
    assert error.value.path == "pyproject.toml"


names = st.sampled_from(["tool", "gates", "lint", "a b", "x\u2028y", "\x85"])
scalars = (
    st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.text(st.characters(codec="utf-8", exclude_characters="\r"))
)
values = st.recursive(
    scalars | st.sampled_from(["\n[tool.gates]\n", "# x"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
tables = st.sampled_from([("tool", "gates"), ("tool", "gates", "lint"), ("a b",), ()])
new_items = st.dictionaries(st.sampled_from(["new", "new key", "ü"]), values, min_size=1, max_size=2)


@pytest.mark.requirement("CFG-5")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, values, max_size=4), tables, new_items, st.booleans(), st.booleans())
@example({"tool": {"gates": {"x": float("nan")}}}, ("tool", "gates"), {"new": 1}, True, True)
def test_an_edit_changes_nothing_else(
    document: dict[str, Any], table: tuple[str, ...], items: dict[str, Any], windows: bool, ended: bool
) -> None:
    text = "# a comment at the head\n\n" + tomlkit.dumps(document) + "\n# and one at the end\n"
    text = text if ended else text.rstrip("\n")
    text = re.sub(r"(?<!\r)\n", "\r\n", text) if windows else text
    try:
        after = added(text, *table, items=items)
    except ConfigError:
        owner: Any = tomllib.loads(text)
        for name in table:
            owner = owner.get(name, {}) if isinstance(owner, dict) else owner
        assert not isinstance(owner, dict) or "{" in text, "only an inline table cannot be added to"
        return
    assert _without(after, text) is not None, "every character of the file is there, in order"
    found = tomllib.loads(after)
    for name in table:
        found = found[name]
    for key, value in items.items():
        assert repr(found[key]) == repr(tomllib.loads(f"x = {toml(value)}")["x"])
    assert after.endswith("\n") == text.endswith("\n")
    if windows:
        assert not re.search(r"(?<!\r)\n", after)


def _without(after: str, before: str) -> str | None:
    """What was added, if `after` is `before` with something put in at one place; else None."""
    at = next((at for at, (one, two) in enumerate(zip(after, before, strict=False)) if one != two), len(before))
    rest = before[at:]
    return after[at : len(after) - len(rest)] if after.endswith(rest) else None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('a"\n', '"a\\"\\n"'),
        (85.5, "85.5"),
        (True, "true"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (("a", 1), '["a", 1]'),
        ([{"glob": "src/**", "b c": 1}], '[{glob = "src/**", "b c" = 1}]'),
    ],
)
def test_values_are_written_on_one_line(value: Any, written: str) -> None:
    assert toml(value) == written


WAIVER = {"rule": "LNT001", "subject": "src/**", "expires": dt.date(2026, 12, 31)}
BLOCK = '[[tool.gates.waiver]]\nrule = "LNT001"\nsubject = "src/**"\nexpires = 2026-12-31\n'
ARRAY = ("tool", "gates", "waiver")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BLOCK),
        ("[tool.gates]\njobs = 1\n", f"[tool.gates]\njobs = 1\n\n{BLOCK}"),
        (
            "[tool.gates]\njobs = 1\n\n# about x\n[tool.x]\na = 1\n",
            f"[tool.gates]\njobs = 1\n\n{BLOCK}\n# about x\n[tool.x]\na = 1\n",
        ),
        (f"{BLOCK}[tool.x]\na = 1", f"{BLOCK}\n{BLOCK}\n[tool.x]\na = 1"),
        (
            '[[tool.gates.waiver]]\nreason = """\n[not.a.header]\n"""\n[tool.x]\n',
            f'[[tool.gates.waiver]]\nreason = """\n[not.a.header]\n"""\n[tool.x]\n\n{BLOCK}',
        ),
        ("[tool]\ngates.jobs = 1\n", f"[tool]\ngates.jobs = 1\n\n{BLOCK}"),
    ],
)
def test_an_element_is_added_where_its_like_stand(before: str, after: str) -> None:
    assert with_element(before, ARRAY, WAIVER, path="pyproject.toml") == after
    windows = with_element(before.replace("\n", "\r\n"), ARRAY, WAIVER, path="pyproject.toml")
    assert tomllib.loads(windows) == tomllib.loads(after)


def test_an_inline_array_of_tables_is_refused_with_its_line() -> None:
    with pytest.raises(
        ConfigError, match=r"^p:2: tool\.gates\.waiver is written .* write it as \[\[tool\.gates\.waiver"
    ):
        with_element('[tool.gates]\nwaiver = [{rule = "a"}]\n', ARRAY, WAIVER, path="p")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[a]\nb = ["x"] # why\nc = 1\n', '[a]\nb = ["x", "y"] # why\nc = 1\n'),
        ('[a]\nb = [\n  "x", # first\n]\n', None),
        ("[a]\nc = 1\n", '[a]\nb = ["x", "y"]\nc = 1\n'),
        ('[a]\nb = ["y", "x"]\n', '[a]\nb = ["y", "x"]\n'),
    ],
)
def test_names_are_added_to_a_list_once(before: str, after: str | None) -> None:
    found = with_names(before, ("a",), "b", ["x", "y"], path="p")
    assert after is None or found == after
    assert sorted(tomllib.loads(found)["a"]["b"]) == ["x", "y"]
    assert with_names(found, ("a",), "b", ["x", "y"], path="p") == found
