"""Names of earlier versions: understood for two minor releases, with a note that names the successor."""

from __future__ import annotations

from typing import Any

import pytest

from gates.config import renames
from gates.config.renames import Renamed
from gates.model.rule import Former, Rule, asleep, understood

KEYS = (
    Renamed(old="tests.max-warn", new="tests.max-warnings", until="99.0"),
    Renamed(old="choose", new="select", until="99.0"),
    Renamed(old="lint.old", new="lint.paths", until="0.1"),
)
RULES = {"todo-here": ("XTD001", Former(name="todo-here", until="99.0"))}


def current(table: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    return renames.current(table, RULES, KEYS)


@pytest.mark.requirement("CFG-6")
@pytest.mark.parametrize(
    ("table", "expected", "named"),
    [
        ({"tests": {"max-warn": 3}}, {"tests": {"max-warnings": 3}}, "tests.max-warnings"),
        ({"choose": ["lint"], "jobs": 2}, {"select": ["lint"], "jobs": 2}, "select"),
        (
            {"severity": [{"rule": "todo-here", "level": "off"}]},
            {"severity": [{"rule": "XTD001", "level": "off"}]},
            "XTD001",
        ),
        ({"waiver": [{"rule": "todo-here"}]}, {"waiver": [{"rule": "XTD001"}]}, "XTD001"),
        ({"preview": ["todo-here", "x"]}, {"preview": ["XTD001", "x"]}, "XTD001"),
        ({"prove": {"excused": {"todo-here": "why"}}}, {"prove": {"excused": {"XTD001": "why"}}}, "XTD001"),
    ],
)
def test_an_old_name_is_read_as_the_new_one(table: dict[str, Any], expected: Any, named: str) -> None:
    found, notes = current(table)
    assert found == expected
    (note,) = notes
    assert note.endswith(f" is called {named} now; the old name is understood until gates 99.0")


@pytest.mark.parametrize(
    "table",
    [
        {"lint": {"old": []}},
        {"tests": {"max-warn": 3, "max-warnings": 4}},
        {"tests": 3},
        {"severity": "todo-here"},
        {"preview": True},
        {"select": ["todo-here"]},
    ],
)
def test_what_is_no_old_name_or_too_old_stays(table: dict[str, Any]) -> None:
    assert current(table) == (table, ())


@pytest.mark.requirement("CFG-6")
@pytest.mark.parametrize(
    ("version", "until", "works"),
    [("0.2.0", "0.4", True), ("0.3.9", "0.4", True), ("0.4.0", "0.4", False), ("0.4.0rc1", "0.4", False),
     ("1.0", "0.9", False), ("0.10.0", "0.9", False), ("0.9.0", "0.10", True)],
)  # fmt: skip
def test_a_rename_works_for_two_minor_releases(version: str, until: str, works: bool) -> None:
    assert understood(until, version) is works


def test_the_successor_of_a_command() -> None:
    commands = (Renamed(old="verify", new="check", until="99.0"), Renamed(old="look", new="list", until="0.1"))
    found = renames.successor("verify", commands)
    assert found is not None
    assert found.new == "check"
    assert renames.successor("look", commands) is None
    assert renames.successor("check", commands) is None


def rule(code: str, *, preview: bool) -> Rule:
    return Rule(code=code, name=code.lower(), summary="s", explanation="e", fix="f", preview=preview)


def test_rules_in_preview_sleep_until_they_are_asked_for() -> None:
    rules = [rule("A1", preview=True), rule("A2", preview=True), rule("A3", preview=False)]
    assert asleep(rules, ()) == asleep(rules, False) == {"A1", "A2"}
    assert asleep(rules, ("A1",)) == asleep(rules, ("a1",)) == {"A2"}
    assert asleep(rules, True) == frozenset()
