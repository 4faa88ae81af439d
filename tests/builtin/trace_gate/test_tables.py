"""Tables: what JSON has of each item, and what is asked of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace import asking, impact, tables
from gates.builtin.trace.facts import State
from gates.builtin.trace.settings import TraceSettings
from gates.errors import GitError
from gates.model.evidence import encode
from gates.project import facts
from support import trace_evidence as made
from support import trace_reports
from support.trace_reports import GONE, NOW, ONE

PLAIN = TraceSettings()
FIELDS = {
    *("id", "title", "status", "status_raw", "source", "section", "severity", "category", "acceptance", "validation"),
    *("tests", "files", "links"),
}
"""What every item of the JSON form carries by contract."""


def item(value: Any, name: str = "AB-1") -> Any:
    return next(one for one in value["items"] if one["id"] == name)


def test_an_item_carries_what_the_json_form_promises() -> None:
    value = trace_reports.mixed()
    assert {"schema_version", "verdict", "reason", "items", "findings", "denominator"} <= set(value)
    assert value["denominator"] == {"count": 4, "unit": "items"}
    assert all(set(one) >= FIELDS for one in value["items"])
    assert json.loads(encode(value))["schema_version"] == 1
    done = item(value)
    assert (done["status"], done["source"]) == ("done", {"path": "docs/tasks.md", "line": 3})
    assert done["acceptance"] == ["it adds", "it subtracts"]
    assert [(one["nodeid"], one["exists"], one["outcome"], one["by"]) for one in done["tests"]] == [
        (ONE, True, "passed", ["marker"])
    ]
    assert done["code"] == [{"path": "src/ab.py", "line": 4}]
    assert done["executed"] == [{"path": "src/ab.py", "lines": 12}]
    assert done["changed"] == ["code"]
    assert item(value, "AB-3")["status"] is None
    assert item(value, "AB-10")["links"] == [{"kind": "depends", "target": "AB-2"}]


def test_a_test_that_is_not_there_is_one_of_the_items_tests() -> None:
    value = item(trace_reports.mixed(), "AB-2")
    (command,) = value["validation"]
    assert (command["state"], command["tests"]) == ("missing", [GONE])
    assert command["missing"] == [{"name": GONE, "nearest": ONE}]
    assert [(one["nodeid"], one["exists"], one["outcome"]) for one in value["tests"]] == [(GONE, False, None)]
    assert value["files"] == [{"token": "src/no.py", "exists": False, "paths": [], "planned": False}]


@pytest.mark.parametrize("name", ["tests/test_no.py", "-k nothing", "--deselect a::b"])
def test_what_is_no_node_id_is_no_test(name: str) -> None:
    command = made.command("pytest", state="missing", missing=[(name, "")])
    value = item(tables.tables(made.evidence(made.item(validation=[command])), PLAIN))
    assert (value["tests"], value["validation"][0]["tests"], value["standing"]) == ([], [], "missing")


def test_a_test_that_is_named_in_several_ways_is_one() -> None:
    command = made.command("pytest", tests=[ONE])
    evidence = made.evidence(made.item(validation=[command, command]), tests=[made.ran(ONE, "passed", "AB-1", "AB-1")])
    (test,) = item(tables.tables(evidence, PLAIN))["tests"]
    assert test["by"] == ["validation", "marker"]


def test_where_nothing_was_collected_existence_is_not_known_and_the_reason_is_said() -> None:
    value = trace_reports.uncollected()
    assert value["tests"] == {"collected": False, "count": 0, "reason": "there is no suite"}
    (test,) = item(value)["tests"]
    assert (test["exists"], test["outcome"], item(value)["validation"][0]["state"]) == (None, None, None)
    assert value["verdict"] == "undecided"


@pytest.mark.parametrize(
    ("outcomes", "state", "standing"),
    [
        ([], "resolved", "untested"),
        ([], "missing", "missing"),
        ([], None, "unknown"),
        (["passed"], "resolved", "passed"),
        (["passed", "skipped"], "resolved", "not-passed"),
        (["passed", "xfailed"], "resolved", "not-passed"),
        (["passed", None], "resolved", "not-run"),
        (["passed", "flaky"], "resolved", "failed"),
        (["error", None], "missing", "failed"),
        (["passed"], "missing", "missing"),
        (["passed"], None, "unknown"),
    ],
)
def test_the_worst_of_the_tests_counts(outcomes: list[str | None], state: State | None, standing: str) -> None:
    tests = [made.ran(f"t.py::t{number}", outcome, "AB-1") for number, outcome in enumerate(outcomes)]
    evidence = made.evidence(
        made.item(validation=[made.command("x", state=state)]), tests=tests, evidenced=[made.evidenced()]
    )
    assert item(tables.tables(evidence, PLAIN))["standing"] == standing


@pytest.mark.requirement("TRA-3")
def test_where_nothing_was_collected_nobody_knows_whether_a_test_names_an_item() -> None:
    evidence = made.evidence(made.item(), collected=False, uncollected="there is no suite")
    assert item(tables.tables(evidence, PLAIN))["standing"] == "unknown"
    assert item(tables.tables(made.evidence(made.item()), PLAIN))["standing"] == "untested"


def test_a_test_that_changed_since_it_ran_proves_nothing() -> None:
    evidence = made.evidence(made.item(), tests=[made.ran(ONE, "passed", "AB-1", changed=True)])
    value = item(tables.tables(evidence, PLAIN))
    assert (value["standing"], value["tests"][0]["worth"]) == ("stale", "stale")
    assert "changed" in value["tests"][0]["stale"]


def test_how_old_evidence_may_be_counts_where_a_moment_is_named() -> None:
    report = made.evidenced("junit.xml", at="2026-11-22T11:00:00+00:00")
    test = made.ran(ONE, "passed", "AB-1", source="junit.xml", exists=None)
    evidence = made.evidence(made.item(), tests=[test], evidenced=[report])
    settings = TraceSettings(max_evidence_age=60.0)
    assert item(tables.tables(evidence, settings))["standing"] == "passed"
    assert item(tables.tables(evidence, settings, NOW))["standing"] == "stale"
    assert item(tables.tables(evidence, settings, NOW - timedelta(minutes=59, seconds=30)))["standing"] == "passed"
    (source,) = tables.tables(evidence, settings, NOW)["evidence"]
    assert source["stale"].startswith("junit.xml ran at")


def test_items_are_counted_by_status_and_by_what_their_tests_prove() -> None:
    counts = trace_reports.mixed()["counts"]
    assert (counts["items"], counts["unknown_status"]) == (4, 1)
    assert {name: number for name, number in counts["status"].items() if number} == {"open": 1, "done": 2}
    assert counts["standing"] == {"missing": 1, "not-passed": 1, "passed": 1, "untested": 1}


def test_a_report_without_evidence_has_every_table_and_no_row() -> None:
    assert set(trace_reports.refused()) == set(trace_reports.mixed())
    assert (trace_reports.refused()["items"], trace_reports.refused()["denominator"]["count"]) == ([], 0)


def test_an_item_is_shown_with_its_findings_whatever_the_case() -> None:
    value = trace_reports.mixed()
    ((found,), _) = asking.shown(value, "ab-2")
    assert found["id"] == "AB-2"
    assert {one["rule"] for one in found["findings"]} == {"TRC003", "TRC004", "TRC011"}
    assert asking.shown(value, "AB-22") == ([], "AB-2")
    assert asking.shown(value, "zzz") == ([], None)


def test_what_is_open_is_ranked_by_severity_and_then_by_id() -> None:
    rated = [("AB-10", "High"), ("AB-9", "important"), ("AB-1", "Small"), ("AB-2", ""), ("AB-3", "**P0** (now)")]
    items = [made.item(name, severity=severity) for name, severity in rated]
    closed = [made.item("AB-4", status="done"), made.item("AB-5", status="cancelled")]
    value = tables.tables(made.evidence(*items, *closed), PLAIN)
    assert [one["id"] for one in asking.todo(value)] == ["AB-3", "AB-9", "AB-10", "AB-1", "AB-2"]


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ({made.TRACKER: [(1, 4)]}, []),
        ({made.TRACKER: [(5, 5)]}, [("AB-1", "document", 5)]),
        ({made.TRACKER: [(7, 12)]}, [("AB-1", "document", 7), ("AB-2", "document", 10)]),
        ({made.TRACKER: [(99, 99)]}, [("AB-2", "document", 99)]),
        ({made.TRACKER: None}, [("AB-1", "document", 5), ("AB-2", "document", 10)]),
        ({"src/ab.py": []}, [("AB-1", "code", 4), ("AB-1", "executed", None)]),
        ({"tests/test_ab.py": []}, [("AB-1", "test", None)]),
        ({"src/used/a.py": []}, [("AB-2", "file", None)]),
        ({"src/other.py": []}, []),
    ],
)
def test_a_change_touches_items_by_their_lines_files_tests_and_code(
    changed: dict[str, list[tuple[int, int]] | None], touched: list[tuple[str, str, int | None]]
) -> None:
    evidence = made.evidence(
        made.item("AB-1", line=5),
        made.item("AB-2", line=10, files=[made.file("src/used")]),
        tests=[made.ran(ONE, "passed", "AB-1")],
        code=[made.annotated("AB-1", "src/ab.py", 4)],
        executed=[made.executed("AB-1", "src/ab.py")],
    )
    found = asking.touched(tables.tables(evidence, PLAIN), changed)
    assert [(one["id"], row["what"], row["line"]) for one in found for row in one["touched"]] == touched


def test_an_item_that_lost_a_line_is_touched_by_its_text() -> None:
    value = tables.tables(made.evidence(made.item("AB-1", line=5), changed=[("AB-1", "item")]), PLAIN)
    (found,) = asking.touched(value, {"other.md": None})
    assert found["touched"] == [{"what": "item", "path": made.TRACKER, "line": 5}]


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=5),
)
def test_the_owner_of_a_line_is_the_nearest_item_above_it(starts: list[int], runs: list[tuple[int, int]]) -> None:
    evidence = made.evidence(*(made.item(f"AB-{line}", line=line) for line in sorted(starts)))
    lines = sorted((first, first + more) for first, more in runs)
    found = asking.touched(tables.tables(evidence, PLAIN), {made.TRACKER: lines})
    every = {at for first, last in lines for at in range(first, last + 1)}
    wanted = {max(one for one in starts if one <= at) for at in every if min(starts) <= at}
    assert {one["source"]["line"] for one in found} == wanted


def test_without_git_nobody_can_say_what_changed(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="in no git work tree"):
        impact.since(facts.find(tmp_path), "HEAD")
