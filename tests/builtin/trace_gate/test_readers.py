from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed, read

SHAPES = {
    "gaps_and_tasks.md": [("ST-1", "done", 9), ("ST-2", "open", 10), ("ST-3", "open", 13), ("ST-4", "open", 14)],
    "legend_table.md": [
        ("K1", "done", 11),
        ("K2", "partial", 12),
        ("K3", "cancelled", 13),
        ("K4", "done", 14),
        ("K5", None, 15),
    ],
    "phases.md": [("Phase 1", "done", 6), ("Phase 2", "open", 17), ("Phase 3", "blocked", 23)],
    "records.md": [("BE-ONE", "done", 3), ("BE-ONE-MORE", "in-progress", 13), ("BE-TWO", "blocked", 19)],
    "by_section.md": [
        ("now/done/words-agreed-docs-words-md", "done", 6),
        ("now/done/scanner-finds-them", "done", 7),
        ("now/todo-reading/read-the-file-as-it-is", "open", 10),
        ("now/todo-reading/say-what-is-odd-about-post-v1-x", "open", 13),
        ("in-progress/write-the-page", "in-progress", 16),
        ("in-progress/draw-the-picture", "in-progress", 17),
    ],
    "spec.md": [("FR-001", "open", 7), ("FR-002", "open", 8), ("FR-003", "open", 10), ("REQ-7", "open", 17)],
    "matrix.md": [("REQ-1", "done", 5), ("REQ-2", "in-progress", 6), ("REQ-3", "open", 7), ("REQ-4", "blocked", 8)],
    "tasks.md": [("T001", "done", 8), ("T002", "done", 9), ("T003", "open", 16), ("T004", "open", 20)],
    "flat.md": [
        ("p0/stop-losing-pages", "open", 4),
        ("p0/close-the-file", "done", 5),
        ("p1/compress-pages", "in-progress", 9),
        ("p1/use-another-engine", "in-progress", 10),
        ("p1/write-a-guide", "in-progress", 11),
        ("p1/a-box-without-a-bullet", "open", 13),
    ],
    "slugs.md": [
        ("page-cache", "open", 3),
        ("page-lock", "done", 6),
        ("work/plain-words-without-an-id-with-a-colon", "open", 8),
    ],
    "stories.md": [("US-1", "done", 3), ("US-2", "in-progress", 14), ("US-3", "open", 21)],
    "roadmap.md": [("roadmap/reader", "done", 5), ("roadmap/writer", "in-progress", 6), ("roadmap/mirror", "open", 7)],
    "praise.md": [],
    "requirements.csv": [("REQ-1", "done", 2), ("REQ-2", "open", 4)],
    "requirements.yaml": [("REQ-1", "done", 2), ("REQ-2", "in-progress", 8), ("REQ-3", "open", 15)],
    "kiro.md": [("1", "done", 3), ("2", "open", 6), ("2.1", "done", 7), ("2.2", "in-progress", 9)],
    "kanban.md": [
        ("todo/paint-the-door", "open", 8),
        ("doing/build-the-door", "in-progress", 12),
        ("done/buy-the-door", "done", 16),
    ],
    "features.md": [
        ("sign-in", "done", 3),
        ("sign-out", "partial", 4),
        ("ring", "open", 5),
        ("1", "done", 9),
        ("2", "in-progress", 10),
    ],
}


@pytest.mark.requirement("TRA-1")
@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_gives_its_items_and_nothing_else(name: str) -> None:
    assert [(item.id, item.status, item.place.line) for item in read(name).items] == SHAPES[name]


def test_a_task_says_what_it_asks_for() -> None:
    held = {item.id: item for item in read("gaps_and_tasks.md").items}
    assert held["ST-1"].acceptance.items == ("after a crash the last page is there",)
    assert [file.token for file in held["ST-2"].files.items] == ["store/{keys.py,sort.py}", "docs/keys.md"]
    assert held["ST-2"].severity == "Important"
    assert held["ST-2"].dates.items == (("2025-03-04", 18),)
    (command,) = held["ST-3"].validation.items
    assert command.command == '`pytest -q tests/lock_test.py -k "two and not slow"`; then read the log.'
    assert (command.line, command.state) == (23, None)
    assert [(link.kind, link.target) for link in held["ST-3"].links.items] == [("depends", "ST-2")]
    assert [place.line for place in held["ST-3"].others.items] == [22]


def test_planned_files_are_told() -> None:
    held = {item.id: item for item in read("gaps_and_tasks.md").items}
    assert [(file.token, file.planned) for file in held["ST-1"].files.items] == [
        ("store/journal.py", True),
        ("tests/*", False),
    ]


def test_a_story_has_its_criteria() -> None:
    held = {item.id: item for item in read("stories.md").items}
    assert held["US-2"].severity == "High"
    assert [one.command for one in held["US-3"].validation.items] == ["`pytest tests/ring_test.py::test_ring`"]
    assert {"name", "word"} <= set(held["US-1"].acceptance.items)


def test_a_log_gives_dates_and_not_items() -> None:
    held = {item.id: item for item in read("records.md").items}
    assert [line for _, line in held["BE-ONE"].dates.items] == [9, 10]
    assert held["BE-ONE"].title == "Do the first thing and say so."


def test_csv_and_yaml_name_tests() -> None:
    for name, count in (("requirements.csv", 1), ("requirements.yaml", 2)):
        assert read(name).items[0].validation.count == count


@pytest.mark.parametrize(
    "text",
    [
        "Prose that says REQ-1 MUST be done.",
        "```\n- [ ] REQ-1: in code\n| ID | Status |\n|--|--|\n| REQ-1 | done |\n```",
        "~~~~\n```\n- [ ] REQ-1: in code\n~~~~",
        "text\n\n    - [ ] REQ-1: indented code",
        "<!--\n- [ ] REQ-1: hidden\n-->",
        "> - [ ] REQ-1: quoted",
        "> > | ID | Status |\n> > |--|--|\n> > | REQ-1 | done |",
        "---\n- [ ] REQ-1: x\ntitle: front matter\n---",
        "<pre>\n- [ ] REQ-1: raw\n</pre>",
        "## Template\n- [ ] REQ-1: how one is written",
        "- [ ] REQ-XXX: <what it is>",
        "- [ ] [ID] Description",
        "- REQ-1, REQ-2 and REQ-3 belong together",
        "- REQ-1…REQ-6 are additive",
        "- see REQ-1",
        "## Change Log\n| Version | Requirement | Status |\n|--|--|--|\n| 1.0 | REQ-1 | Done |",
        "| Date | ID | Status |\n|--|--|--|\n| 2025-01-01 | REQ-1 | Done |",
        "| Option | Status |\n|--|--|\n| `-x` | done |",
        "| Status | Meaning |\n|--|--|\n| Done | it is done |",
        "| Status | Count |\n|--|--|\n| Done | 3 |",
        "| From | To |\n|--|--|\n| REQ-1 | REQ-2 |",
        "| Risk ID | Likelihood | Mitigation |\n|--|--|--|\n| R-1 | High | pray |",
        "| Requirement ID | Description | Status |\n|--|--|--|\n| REQ-1 | <what it is> | Open |\n| | | |",
        "- [link](https://example.org) and [ ] no box",
        "- UTF-8: text that MUST be read",
        "# Heading ✅\n\nPraise.",
        "## Open Questions\n- who?",
        "1. Install\n2. Run",
        "[REQ-1]: https://example.org",
        "`- [ ] REQ-1: in a span`",
    ],
)
def test_what_is_no_item_is_none(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- [x] **REQ-1**: bold", {"REQ-1": "done"}),
        ("* [X] [REQ-1] brackets", {"REQ-1": "done"}),
        ("+ [ ] `REQ-1` — code", {"REQ-1": "open"}),
        ("1. [ ] REQ-1 - dash", {"REQ-1": "open"}),
        ("- [ ] ORCH‑3004: a hyphen that does not break", {"ORCH-3004": "open"}),  # noqa: RUF001
        ("- [ ] REQ-1 (NEW 2025-01-01): a date", {"REQ-1": "open"}),
        ("- [ ] [REQ-1](#req-1): a link", {"REQ-1": "open"}),
        ("- [ ] REQ-1: begun 🚧", {"REQ-1": "in-progress"}),
        ("- [ ] REQ-1: waits (blocked)", {"REQ-1": "blocked"}),
        ("\t- [ ] REQ-1: after a tab", {}),
        ("- parent\n\t- [ ] REQ-1: after a tab", {"REQ-1": "open"}),
        ("- [ ] REQ-1: one\n  - [ ] REQ-2: two", {"REQ-1": "open", "REQ-2": "open"}),
        ("ID | Status\n--|--\nREQ-1 | Done", {"REQ-1": "done"}),
        ("| ID | Status | Note |\n|--|--|--|\n| REQ-1 | Done |", {"REQ-1": "done"}),
        ("| ID | Task | Status |\n|--|--|--|\n| REQ-1 | `a|b` | Done |", {"REQ-1": "done"}),
        ("| ID | Task | Status |\n|--|--|--|\n| REQ-1 | a \\| b | Done |", {"REQ-1": "done"}),
        ("| REQ-1 | one thing | Done |\n| REQ-2 | one more | Open |", {"REQ-1": "done", "REQ-2": "open"}),
        ("ID: REQ-1\nStatus: done\nTask: a paragraph", {"REQ-1": "done"}),
        ("- Login\n  - Status: WIP", {"login": "in-progress"}),
        ("## REQ-1: Login ✅\n\n## REQ-2: Logout ❌", {"REQ-1": "done", "REQ-2": "open"}),
        ("- [ ] [REQ-2] two words", {"REQ-2": "open"}),
        ("### [REQ-1] Login\n**Status:** Verified", {"REQ-1": "done"}),
        ("# TODO\n- one\n- two", {"todo/one": "open", "todo/two": "open"}),
        ("Title\n=====\n\nDone\n----\n- one", {"done/one": "done"}),
        ("- [REQ-1] The door MUST open.", {"REQ-1": "open"}),
        ("- **REQ-1**: The door opens — done", {"REQ-1": "done"}),
        ("<details>\n<summary>more</summary>\n\n- [ ] REQ-1: in details\n\n</details>", {"REQ-1": "open"}),
        ("- [ ] REQ-1: a <!-- remark --> line", {"REQ-1": "open"}),
        ("- [ ]* 1.1 an optional task", {"1.1": "open"}),
        (
            "## 1. Read\n**AC**: x\n**Proof**: `pytest a.py`\n## 2. Write\n**AC**: y\n**Proof**: none",
            {"1": "open", "2": "open"},
        ),
        (
            "| # | Feature | Status |\n|--|--|--|\n| 1 | Login | ✅ |\n| 2 | Logout | ❌ |\n| | **Total** | 50% |",
            {"1": "done", "2": "open"},
        ),
        ("**FR-1.1** It shall do x.\n**FR-1.2** It shall do y.", {"FR-1.1": "open", "FR-1.2": "open"}),
        ("- **REQ-1** Login: **Done**\n- **REQ-2** Logout: **In progress**", {"REQ-1": "done", "REQ-2": "in-progress"}),
        ("- CE-1: Journal\n- CE-2: Keys", {"CE-1": "open", "CE-2": "open"}),
        (
            "### Task 1: Setup ✅ DONE\n### Task 2: Build 🔄\n- [x] a\n- [ ] b",
            {"Task 1": "done", "Task 2": "in-progress"},
        ),
        ("### Requirement: User login\nIt SHALL let users in.", {"user-login": "open"}),
        (
            "## Completed ✅\n### A\n- one\n## In Progress 🚧\n- two",
            {"a/one": "done", "in-progress/two": "in-progress"},
        ),
        ("| Control | Name | Status |\n|--|--|--|\n| AC-2(1) | x | Planned |", {"AC-2(1)": "open"}),
        (
            "- **FR-1**: It MUST log x [NEEDS CLARIFICATION: how?]\n- **FR-2**: It MUST hold\n## Checklist\n- [ ] read",
            {"FR-1": "open", "FR-2": "open"},
        ),
        ("## Requirement 1: Login\n### Acceptance Criteria\n1. WHEN x THEN y\n", {"Requirement 1": "open"}),
        ("**To Do**\n- A\n\n**Done**\n- B", {"a": "open", "b": "done"}),
        ("# TODO\n## Parser\n- fix\n## Notes\n- words", {"parser/fix": "open"}),
        (
            "# Roadmap\n## v0.1 (released)\n- foo\n## v0.2 (in progress)\n- bar",
            {"roadmap/v0-1": "done", "roadmap/v0-2": "in-progress"},
        ),
        (
            "### BUG-1: crash (FIXED)\n### BUG-2: hang [OPEN]\n### BUG-3: leak - WONTFIX",
            {"BUG-1": "done", "BUG-2": "open", "BUG-3": "cancelled"},
        ),
        (
            "1. **Reader**\n   - Status: Done\n2. **Writer**\n   - Status: Not started",
            {"reader": "done", "writer": "open"},
        ),
        ("- ☐ one\n- ☑ two", {"one": "open", "two": "done"}),
        ("| Key | Summary | Status |\n|--|--|--|\n| [AB-1](http://x/AB-1) | x | In Review |", {"AB-1": "in-progress"}),
    ],
)
def test_what_is_an_item_is_one(text: str, wanted: dict[str, str]) -> None:
    assert found(text) == wanted


def test_an_item_is_not_its_prefix() -> None:
    text = "- ID: BE-X\n  Status: DONE\n- ID: BE-X-INT\n  Status: OPEN\n- ID: BE-X-1\n  Status: DONE"
    assert found(text) == {"BE-X": "done", "BE-X-INT": "open", "BE-X-1": "done"}


def test_commands_below_a_validation_field_are_commands() -> None:
    text = "- [ ] A-1: one\n  - Validation:\n    ```\n    # a remark\n    $ pytest tests/a.py::test_a\n    ```\n"
    (item,) = joined(parsed(text)).items
    assert [(one.command, one.line) for one in item.validation.items] == [("`pytest tests/a.py::test_a`", 5)]


def test_yaml_and_csv_that_cannot_be_read_give_nothing() -> None:
    assert found("a: [1, 2", "x.yaml") == {}
    assert found("just text", "x.csv") == {}
    assert found("a,b\n1,2", "x.csv") == {}


def test_a_row_that_only_maps_an_id_is_not_its_definition() -> None:
    text = "- [x] **A-1**: sign up\n\n| Requirement | Phase | Status |\n|--|--|--|\n| A-1 | Phase 1 | Complete |\n"
    (item,) = joined(parsed(text)).items
    assert (item.place.line, item.title, item.others.count) == (1, "sign up", 1)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("- [ ] AB-1: a\n  - Due: 2999-01-01\n", [("2999-01-01", 2)]),
        ("- ID: AB-1\n  Status: TODO\n  Log:\n    - 2999-01-01 10:00Z: begun\n", [("2999-01-01 10:00Z", 4)]),
        ("| ID | Task | Status | Due |\n|--|--|--|--|\n| AB-1 | a | Open | 3000-12-31 |\n", [("3000-12-31", 3)]),
        ("- [ ] AB-1: a (2999-01-01)\n", [("2999-01-01", 1)]),
        ("- [ ] AB-1: a\n  - Note: part 1999-01-01-7, 1204-01-01, 12026-01-01, 2026-13-01\n", [("1999-01-01", 2)]),
    ],
)
def test_dates_of_any_century_are_dates(text: str, dates: list[tuple[str, int]]) -> None:
    (item,) = joined(parsed(text)).items
    assert list(item.dates.items) == dates


@pytest.mark.parametrize(
    ("columns", "cells", "title"),
    [
        ("ID|Subject|Status|Comment", "A-1|sort|Done|it took a long while", "sort"),
        ("ID|Area|Gap|Status|Notes", "A-1|core|no order|Done|it took a long while", "no order"),
        ("ID|Owner|Status|Effort|Notes", "A-1|Ann|Done|2d|sort the words", "sort the words"),
        ("ID|Status|Notes", "A-1|Done|sort the words", "sort the words"),
        ("Notes|Component|Status", "it took a long while|Parser|Done", "Parser"),
    ],
)
def test_a_note_is_the_title_only_where_nothing_else_says_what_it_is(columns: str, cells: str, title: str) -> None:
    text = f"| {columns} |\n|{'--|' * len(columns.split('|'))}\n| {cells} |\n| {cells.replace('A-1', 'A-2')} |\n"
    assert joined(parsed(text)).items[0].title == title


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", '{"requirements": [{"id": "A-1", "status": "done"}, {"id": "A-2", "status": "open"}]}'),
        ("a.yaml", "[{id: A-1, status: done}, {id: A-2, status: open}]"),
    ],
)
def test_several_items_on_a_line_are_all_read(path: str, text: str) -> None:
    assert found(text, path) == {"A-1": "done", "A-2": "open"}
