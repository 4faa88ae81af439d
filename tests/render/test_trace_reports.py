"""Reports of requirements: golden files, nothing in a name acts, and as wide as the terminal is."""

from __future__ import annotations

import csv as reading
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace import asking
from gates.render import comment, escape
from gates.render.trace import csv, lists, markdown, one, terminal, words
from support import trace_evidence as made
from support import trace_reports

GOLDEN = Path(__file__).parent.parent / "golden" / "trace"
every_scenario = pytest.mark.parametrize("scenario", trace_reports.SCENARIOS)


def agrees(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@every_scenario
def test_every_form_is_what_its_golden_file_holds(scenario: str) -> None:
    value = trace_reports.SCENARIOS[scenario]()
    agrees(f"{scenario}.txt", terminal.render(value))
    agrees(f"{scenario}.narrow.txt", terminal.render(value, 40))
    agrees(f"{scenario}.md", markdown.render(value))
    agrees(f"{scenario}.csv", csv.render(value))


def test_one_item_is_shown_with_all_that_is_known_of_it() -> None:
    mixed = trace_reports.mixed()
    items = [item for wanted in ("AB-1", "AB-2") for item in asking.shown(mixed, wanted)[0]]
    agrees("one.txt", one.render({"verdict": "failed", "reason": None, "items": items}))


def test_what_is_open_and_what_is_touched_are_lists() -> None:
    mixed = trace_reports.mixed()
    head = {"verdict": "failed", "reason": None, "base": "1f2e3d4c5b6a7988"}
    agrees("todo.txt", lists.todo({**head, "items": asking.todo(mixed)}))
    touched = asking.touched(mixed, {made.TRACKER: [(8, 8), (13, 15)], "src/ab.py": None})
    agrees("impact.txt", lists.impact({**head, "items": touched}))
    assert lists.todo({**head, "items": []}) == "nothing is open\n"
    assert lists.impact({**head, "items": []}) == "the change since 1f2e3d4c5b6a touches no item\n"


def test_why_nobody_knows_is_said_in_every_list() -> None:
    value = {**trace_reports.refused(), "base": None}
    said = "undecided: pytest is not there (fix: pip install pytest)"
    for text in (one.render(value), lists.todo(value), lists.impact(value)):
        assert said in text.splitlines()


@every_scenario
@pytest.mark.parametrize("width", [20, 59, 60, 80, 200])
def test_no_line_of_the_matrix_is_wider_than_the_terminal(scenario: str, width: int) -> None:
    value = trace_reports.SCENARIOS[scenario]()
    rows = list(terminal.matrix(value["items"], width))
    fixed = 2 * lists.LONGEST + 40
    assert all(len(row) <= max(width, fixed) for row in rows)
    if width < terminal.NARROW or width == 200:
        assert all(len(row) <= width for row in rows)


def test_the_title_goes_where_there_is_no_room_for_it() -> None:
    item = made.item("A" * 38, title="what it is")
    value = trace_reports.value(made.evidence(item, tests=[made.ran()]))
    assert "what it is" in " ".join(terminal.matrix(value["items"], 100))
    assert "what it is" not in " ".join(terminal.matrix(value["items"], 62))


def test_the_first_line_is_the_verdict_and_the_next_what_to_do() -> None:
    first, second, *_ = terminal.render(trace_reports.mixed()).splitlines()
    assert first.startswith("trace: FAILED, ")
    assert first.endswith(" over 4 items in 1 document")
    assert second.startswith("next: gates explain TRC")


def test_no_more_than_ten_findings_of_a_rule_are_shown() -> None:
    found = list(words.findings(trace_reports.many()["findings"]))
    assert len(found) == 11
    assert found[-1] == "+ 5 more TRC004"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"waived_by": "platform", "blocks": False}, "[waived: platform]"),
        ({"baselined": True, "blocks": False}, "[baselined]"),
        ({"severity": "note", "blocks": False}, "[note]"),
    ],
)
def test_what_does_not_block_says_why(change: dict[str, object], said: str) -> None:
    found = {**trace_reports.many()["findings"][0], **change}
    assert words.finding(found).endswith(said)
    assert not words.finding({**found, "blocks": True}).endswith("]")


@given(st.text())
def test_no_cell_of_a_spreadsheet_is_a_formula(text: str) -> None:
    item = made.item(text, title=text, section=text, acceptance=[text])
    rows = list(reading.reader(csv.render(trace_reports.value(made.evidence(item, tests=[made.ran()]))).splitlines()))
    assert len(rows) == 2
    assert all(len(row) == len(csv.HEADINGS) for row in rows)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


@given(st.text(), st.integers(min_value=10, max_value=150))
def test_nothing_in_a_name_acts_on_a_terminal_or_a_ci(text: str, width: int) -> None:
    item = made.item(text, title=text, acceptance=[text])
    value = trace_reports.value(made.evidence(item, tests=[made.ran()]))
    for shown in (terminal.render(value, width), markdown.render(value), lists.todo(value, width)):
        assert all(escape.line(line) == line for line in shown.split("\n"))
        assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
        assert "##[" not in shown


def test_a_comment_is_small_enough_and_says_what_it_leaves_out() -> None:
    items = [made.item(f"AB-{number}", title="x" * 200, line=number) for number in range(1, 1000)]
    text = markdown.render(trace_reports.value(made.evidence(*items, tests=[made.ran()])))
    assert len(text.encode()) <= comment.LIMIT
    shown = text.count("\n| `AB-")
    assert f"**Cut:** {999 - shown:,} more lines; the JSON report has them all." in text


@pytest.mark.parametrize(
    ("exists", "planned", "said"),
    [
        (True, False, "a.py"),
        (False, False, "a.py (missing)"),
        (False, True, "a.py (planned)"),
        (None, False, "a.py (not known)"),
    ],
)
def test_a_file_says_whether_it_is_there(exists: bool | None, planned: bool, said: str) -> None:
    assert words.file({"token": "a.py", "exists": exists, "planned": planned}) == said


def test_where_outcomes_are_from_says_what_tells_against_it() -> None:
    value = trace_reports.value(made.evidence(made.item(), evidenced=[made.evidenced("a.xml", stale="b.py changed")]))
    assert list(words.sources(value)) == ["outcomes: a.xml at 1f2e3d4c5b6a, stale: b.py changed"]
    assert list(words.advice({**trace_reports.uncollected(), "reason": None})) == [
        "which tests exist is not known: there is no suite"
    ]


def test_long_derived_ids_are_told_apart_by_their_ends() -> None:
    ids = [f"{'a-long-heading/' * 4}{name}" for name in ("first", "second")]
    value = trace_reports.value(made.evidence(*(made.item(one, derived=True) for one in ids), tests=[made.ran()]))
    for width, most in ((100, lists.LONGEST), (40, 20)):
        shown = terminal.render(value, width)
        for identity in ids:
            assert f"…{identity[-(most - 1) :]} " in shown
    written = made.item("AB-" + "1" * 60)
    assert lists.identity(trace_reports.value(made.evidence(written))["items"][0]) == f"AB-{'1' * 36}…"


def test_a_rule_stands_once_in_a_cell_of_csv() -> None:
    files = [made.file(f"src/{name}.py", exists=False) for name in ("a", "b")]
    item = made.item("AB-1", status="done", files=files)
    rows = list(
        reading.DictReader(csv.render(trace_reports.value(made.evidence(item, tests=[made.ran()]))).splitlines())
    )
    assert rows[0]["findings"] == "TRC011; TRC004"


def test_a_finding_about_no_item_is_in_no_cell() -> None:
    value = trace_reports.mixed()
    one_of_none = {**value["findings"][0], "subject": None}
    assert csv.render({**value, "findings": [one_of_none]}) == csv.render({**value, "findings": []})
