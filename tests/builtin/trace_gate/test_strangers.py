"""Shapes that documents of many projects have, each in words of our own: what is an item of them, and what is none."""

# ruff: noqa: E501, ISC004 - a document is one text

from __future__ import annotations

import pytest

from support.trace_reading import found, joined, parsed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Summary,Custom field (Requirement ID),Description\nGate opens,cAB100.1,It shall open.\nGate,cAB100,It is.\n",
            {"cAB100.1": "open", "cAB100": "open"},
        ),
        (
            "requirement,owner\nKEY-LOCK-001,core\nKEY-LOCK-002,core\nKEY-LOCK-003,core\nboth of them,core\n",
            {"KEY-LOCK-001": "open", "KEY-LOCK-002": "open", "KEY-LOCK-003": "open", "both of them": "open"},
        ),
    ],
)
def test_rows_of_a_sheet_have_the_ids_that_they_hold(text: str, wanted: dict[str, str]) -> None:
    assert found(text, "doc.csv") == wanted


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Pass with warnings", "partial"),
        ("Passed with minor remarks", "partial"),
        ("Fully compliant", "done"),
        ("Not compliant", "open"),
        ("Non-compliant", "open"),
        ("Partially compliant", "partial"),
    ],
)
def test_words_of_reviews_and_compliance(said: str, status: str) -> None:
    assert found(f"| ID | Check | Status |\n|--|--|--|\n| AB-1 | lock | {said} |\n") == {"AB-1": status}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("### ✅ A-1.1 — Open in a window\n\n### A-1.2 — Duplicate key search\n", {"A-1.1": "done", "A-1.2": "open"}),
        ("### Phase 1 - Proposed text is there\n\n| Key | Owner |\n|--|--|\n| oak | ada |\n", {}),
        ("## Phase 1: Testing\n\n## Phase 2: Release - done on 2025-02-03\n", {"Phase 2": "done"}),
        (
            "### 1. Sticky lock\n**Priority**: High\n\n### 2. Loud hinge\n**Priority**: Low\n",
            {"1-sticky-lock": "open", "2-loud-hinge": "open"},
        ),
        (
            "### Lock\n**Priority**: the lock is what most people ask for\n\n### Hinge\n**Impact**: high costs for all\n",
            {},
        ),
        ("### Requirement: DOOR_0001\nThe door SHALL open.\n", {"DOOR_0001": "open"}),
        (
            "## Requirement: <ID>\n**Priority:**\n<Must | Should>\n\n## Requirement: <ID>\nIt SHALL <do something>.\n",
            {},
        ),
        (
            "### Requirement 1\n\n**User Story:** As a [role], I want [feature]\n\n#### Acceptance Criteria\n\n"
            "1. WHEN [event], THE System SHALL [answer]\n2. THE System SHALL [answer]\n",
            {},
        ),
        (
            "## Overview\n\n**Current Status:** Doors hung\n\n## Door\n\n**Status:** Done\n\n## Lock\n\n**Status:** Open\n",
            {"door": "done", "lock": "open"},
        ),
        ("## 🟡 High Priority Work\n\nwords\n\n## 🟢 Medium Priority Work\n\nwords\n", {}),
        ("# House\n\n## 🎯 Goals\n\n## 🚪 Doors\n\n## 🔄 Offline Support\n\n## ✅ What is nice\n", {}),
        (
            "## Risks that are gone ✅\n- ✅ draught\n- ✅ noise\n\n## Risks that stay ⚠️\n- ⚠️ cats\n- ⚠️ rain\n",
            {
                "risks-that-are-gone/draught": "done",
                "risks-that-are-gone/noise": "done",
                "risks-that-stay/cats": "partial",
                "risks-that-stay/rain": "partial",
            },
        ),
        (
            "| Milestone | Status |\n|--|--|\n| M1 — Walls | CLOSED |\n| M2 — Doors | IN_PROGRESS |\n\n## M2 — Doors\n\n"
            "Current status: walls, hinges, handles and the first of the four locks are in place.\n",
            {"M1": "done", "M2": "in-progress"},
        ),
    ],
)
def test_a_heading_is_an_item_where_it_says_so(text: str, wanted: dict[str, str]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/task-template.md", "# Tasks\n\n- [ ] T001 build the door\n"),
        (".github/ISSUE_TEMPLATE/door.md", "- [ ] I looked for the same door\n"),
        (".github/PULL_REQUEST_TEMPLATE.md", "- [ ] I painted the door\n"),
        ("tasks.md", "# Tasks: [FEATURE NAME]\n\n- [ ] T001 build the door\n"),
        ("tasks.md", "# <name of the house>\n\n- [ ] T001 build the door\n"),
    ],
)
def test_a_document_to_be_filled_in_has_no_items(path: str, text: str) -> None:
    assert found(text, path) == {}


@pytest.mark.parametrize(
    "path", ["docs/templates.md", "template-engine.md", "docs/template-engine/tasks.md", "docs/tasks.md"]
)
def test_a_document_about_templates_has_items(path: str) -> None:
    assert found("# Engine [1.0]\n\n- [ ] T001 read a template\n", path) == {"T001": "open"}


def test_a_sign_that_is_an_ornament_contradicts_nothing() -> None:
    text = "# House\n\n## ✅ Before you begin\n- [ ] a key\n\n## 1. Door\n- [x] hung\n"
    assert joined(parsed(text)).remarks == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "# Changelog\n\n## [1.1]\n\n### Fixed\n- the hinge\n\n### In Progress\n- the lock\n\n### Done ✅\n- paint\n",
            {},
        ),
        ("# House - Release Notes\n\n## Completed\n- the roof\n\n## Planned\n- the door\n", {}),
        ("# House\n\n## Work\n\n### Testing\n- hinges are tested by hand\n\n### Release\n- by mail\n", {}),
        ("# House\n\n## 1.2\n\n### Added\n- door\n\n### Fixed\n- hinge\n", {}),
        (
            "# Board\n\n## To do\n- hinge\n\n## Testing\n- lock\n\n## Done\n- door\n",
            {"to-do/hinge": "open", "testing/lock": "in-progress", "done/door": "done"},
        ),
        (
            "## Backlog\n\n### Lock the door\n\n  - priority: high\n  - defaultExpanded: false\n    ```md\n    As a guest\n    ```\n\n"
            "## Not going to do\n\n### Sell it\n\n## Done\n\n### Hang the door\n\n  - steps:\n      - [x] hinge\n      - [x] handle\n",
            {"backlog/lock-the-door": "open", "not-going-to-do/sell-it": "cancelled", "done/hang-the-door": "done"},
        ),
        (
            "## Pending Tasks\n\n### 1. Wood (OURS - IN PROGRESS)\n- oak\n- ash\n\n### 2. Testing\n- ✅ it opens\n",
            {"pending-tasks/1-wood": "in-progress", "pending-tasks/2-testing": "open"},
        ),
        (
            "## Completed\n\n### Indoors\n- door\n- ✅ stairs\n- ⏳ lamps\n",
            {"indoors/door": "done", "indoors/stairs": "done", "indoors/lamps": "open"},
        ),
    ],
)
def test_columns_and_sections_of_a_status(text: str, wanted: dict[str, str]) -> None:
    assert found(text) == wanted


def test_a_changelog_is_one_by_its_name() -> None:
    assert found("# House\n\n## Completed\n- the roof\n", "CHANGELOG.md") == {}
    assert found("# House\n\n## Completed\n- the roof\n", "docs/changes-to-make.md") != {}


def test_a_card_has_its_line_and_what_it_asks_for() -> None:
    text = "## Done\n\n### Hang the door\n\n- priority: high\n- steps:\n  - [x] hinge\n"
    (item,) = joined(parsed(text)).items
    assert (item.place.line, item.title, item.severity) == (3, "Hang the door", "high")
    assert "hinge" in item.acceptance.items


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "| Test ID | Test Name | Status | Notes |\n|--|--|--|--|\n| **DR-LOCK** | **Locks** | | |\n"
            "| DR-LOCK-01 | Turn the key | | |\n| DR-LOCK-02 | Turn it twice | Pass | |\n| DR-LOCK-03 | Lose it | | |\n",
            {"DR-LOCK-01": "open", "DR-LOCK-02": "done", "DR-LOCK-03": "open"},
        ),
        (
            "| Req. No. | Requirement Text | Characteristic |\n|--|--|--|\n| 1 | It shall open. | Fully compliant |\n"
            "| 2 | It shall shut. | Not compliant |\n",
            {"1": "done", "2": "open"},
        ),
        (
            "| Req. No. | Requirement |\n|--|--|\n| 1 | It shall open. |\n| 2 | It shall shut. |\n",
            {"1": "open", "2": "open"},
        ),
        (
            "| Feature Category | Theirs | Ours | Status |\n|--|--|--|--|\n| Doors | oak | ash | Partial |\n"
            "| Locks | brass | none yet | Missing |\n",
            {"doors": "partial", "locks": "open"},
        ),
        (
            "| Milestone | Status |\n|--|--|\n| M5A — Walls | DONE |\n| M5B — Roof | OPEN |\n",
            {"M5A": "done", "M5B": "open"},
        ),
        (
            "R1 When the key turns, the lock opens.\nR2 The lock shall hold.\n   It shall not rust.\nR3 The hinge shall not squeak.\n",
            {"R1": "open", "R2": "open", "R3": "open"},
        ),
        ("R1 is a road. It must be wide.\nR2 is a road too.\nAnd R3 is none.\n", {}),
        ("- `DR-1` and `DR-2` cover the lock.\n- `DR-3` proves that it holds.\n- `DR-4`, `DR-5` and so on\n", {}),
        (
            "- [ ] DR-1: a lock\n- [ ] DR-2: a key\n\n## Order\n\n- `DR-2` must be there before the first lock.\n",
            {"DR-1": "open", "DR-2": "open"},
        ),
        (
            "- [ ] Set all of these\n  - `LOCK_KEY_NAME` → the key\n  - `LOCK_DOOR_NAME` → the door\n",
            {"set-all-of-these": "open"},
        ),
        ("- `LOCK_KEY_NAME`: the key MUST be set\n- `LOCK_DOOR_NAME`: the door MUST be set\n", {}),
        ("- [x] Backup\n  - [x] S3 (by hand)\n  - [x] disk\n", {"backup": "done"}),
    ],
)
def test_rows_and_statements(text: str, wanted: dict[str, str]) -> None:
    assert found(text) == wanted


def test_a_mention_that_must_not_move_a_definition() -> None:
    text = "- [ ] DR-1: a lock\n- [ ] DR-2: a key\n\n## Order\n\n- `DR-2` must be there before the first lock.\n"
    assert [(item.id, item.place.line) for item in joined(parsed(text)).items] == [("DR-1", 1), ("DR-2", 2)]


def test_what_is_compared_is_no_tag() -> None:
    (item,) = joined(parsed("- [ ] DR-1: open while 1 <= force and force >= 0 in <b>all</b> weather\n")).items
    assert item.title == "open while 1 <= force and force >= 0 in all weather"


def test_a_decision_may_be_told_by_its_date() -> None:
    text = "# Oak for the doors\n\n- Status: accepted\n- Date: 2025-02-03\n\n## Context\n\nDoors.\n"
    held = joined(
        parsed(text, "docs/adr/20250203-oak-for-the-doors.md"),
        parsed(text.replace("Oak", "Ash"), "docs/adr/20250203-ash-for-the-doors.md"),
    )
    assert [(item.id, item.status) for item in held.items] == [
        ("20250203-oak-for-the-doors", "done"),
        ("20250203-ash-for-the-doors", "done"),
    ]
    assert held.remarks == ()


def test_a_decision_without_a_status_says_what_was_chosen() -> None:
    text = "# Oak\n\n## Considered Options\n\n* oak\n* ash\n\n## Decision Outcome\n\nChosen option: oak, because it lasts.\n"
    held = joined(parsed(text, "docs/decisions/0002-oak.md"))
    assert [(item.id, item.status, item.status_line) for item in held.items] == [("ADR-0002", "done", 10)]
    assert found("# Oak\n\n## Context\n\nDoors.\n", "docs/decisions/0002-oak.md") == {"ADR-0002": "open"}


def test_an_amended_decision_stands() -> None:
    text = "# 5. Oak\n\n## Status\n\nAccepted\n\nAmended by [9. Ash](0009-ash.md)\n"
    assert found(text, "doc/adr/0005-oak.md") == {"ADR-0005": "done"}


def test_an_index_of_decisions_names_them_by_its_links() -> None:
    file = parsed("# Oak\n\n## Status\n\nAccepted\n", "docs/adr/0001-oak.md")
    index = parsed(
        "| ID | Titel | Stand |\n|--|--|--|\n| [0001](0001-oak.md) | Oak | Accepted |\n", "docs/adr/INDEX.de.md"
    )
    held = joined(index, file)
    assert [(item.id, item.status, item.others.count) for item in held.items] == [("ADR-0001", "done", 1)]
    assert held.remarks == ()


def test_a_file_with_front_matter_is_one_item() -> None:
    text = '---\nid: "001"\ntitle: "Hang the door"\nstatus: "done"\npriority: high\n---\n\n## What\n\n- [x] hinge\n- [ ] lock\n'
    (item,) = joined(parsed(text, "requirements/001-hang-the-door.md")).items
    assert (item.id, item.status, item.title, item.severity) == ("001", "done", "Hang the door", "high")
    assert (item.place.line, item.status_line, item.acceptance.items) == (2, 4, ("hinge", "lock"))


@pytest.mark.parametrize(
    "front",
    ["id: door\ntitle: Doors", "title: Doors\nstatus: done", "id: door\ntitle: Doors\nstatus: <what it is>"],
)
def test_a_page_with_front_matter_is_no_item(front: str) -> None:
    assert found(f"---\n{front}\n---\n\nA page about doors.\n", "docs/door.md") == {}


def test_a_total_may_count_the_headings() -> None:
    parts = "".join(f"### Task {at}: part\n- [x] one\n- [ ] two\n\n" for at in range(1, 4))
    text = f"# House\n\n## Work\n\n{parts}## Progress\n\nPhase 1: 1/3 tasks completed\n\n- Total tasks: {{}}\n"
    assert [one.code for one in joined(parsed(text.format(3))).remarks] == []
    assert [one.message for one in joined(parsed(text.format(7))).remarks] == [
        "'Total tasks: 7' is said here, and the items say 6 in all: count again"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "This extends ADR-0026, which was in part superseded by ADR-0034.",
        "- What is to be done: ADR-0003 → Superseded by ADR-0010.",
        "---\nsupersedes: (commit 3c69429)\n---",
    ],
)
def test_a_sentence_about_decisions_supersedes_none(text: str) -> None:
    front, _, rest = text.rpartition("---") if text.startswith("---") else ("", "", text)
    body = f"{front}---\n# 3. Oak\n" if front else f"# 3. Oak\n\n{rest}\n"
    assert joined(parsed(f"{body}\nStatus: Accepted\n", "docs/adr/0003-oak.md")).remarks == ()


@pytest.mark.parametrize(
    "text",
    [
        "# 3. Oak\n\n## Status\n\nSuperseded by ADR-0009\n",
        "# 3. Oak\n\n- Status: superseded by 9\n",
        "# 3. Oak for all of the doors (supersedes 0009)\n\nStatus: Accepted\n",
    ],
)
def test_a_line_of_a_decision_supersedes_one(text: str) -> None:
    assert [one.code for one in joined(parsed(text, "docs/adr/0003-oak.md")).remarks] == ["TRC012"]


def test_a_heading_before_the_contents_is_not_among_them() -> None:
    text = "# House\n\n## Abstract\n\n## Contents\n\n- [Doors](#doors)\n- [Roof](#roof)\n\n## Doors\n\n## Roof\n"
    assert joined(parsed(text)).remarks == ()


def test_a_total_of_a_phase_counts_that_phase() -> None:
    text = (
        "## Phase 1: Walls\n- [x] T001 north\n- [x] T002 south\n\n## Phase 2: Doors\n- [x] T003 front\n- [ ] T004 back\n\n"
        "## Summary\n\nPhase 1 - Walls: 2/2 tasks complete (100%)\nPhase 2 - Doors: {}/2 tasks complete\nPhase 3 - Roof: 0/9 tasks complete\n"
    )
    assert joined(parsed(text.format(1))).remarks == ()
    assert [one.message for one in joined(parsed(text.format(2))).remarks] == [
        "'Phase 2 - Doors: 2/2 tasks complete' is said here, and the items say 1 done: count again"
    ]


def test_a_total_may_count_the_items_of_one_kind() -> None:
    text = "- [x] T001 a\n- [x] T002 b\n- [x] T003 c\n\n- **SC-001**: it holds — done\n\nTotal tasks: 3\n"
    assert joined(parsed(text)).remarks == ()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("✅ Working", "done"),
        ("Working", "in-progress"),
        ("✅ Active", "done"),
        ("62% complete", "partial"),
        ("100%", "done"),
    ],
)
def test_a_word_of_what_goes_on_beside_a_tick(said: str, status: str) -> None:
    assert found(f"| ID | Part | Status |\n|--|--|--|\n| AB-1 | lock | {said} |\n") == {"AB-1": status}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "## Recently Completed\n- door\n\n## To do\n- lock\n",
            {"recently-completed/door": "done", "to-do/lock": "open"},
        ),
        ("### ✅ ALLOWED — paint it\n\nwords\n\n### ❌ FORBIDDEN — burn it\n\nwords\n", {}),
        ("- ✅ Do paint it\n- ❌ Don't burn it\n- ❌ Never sell it\n", {}),
        ("- **[DOOR_GUIDE](door.md)** - how doors are hung\n- **[LOCK_GUIDE](lock.md)** - how locks are set\n", {}),
    ],
)
def test_advice_and_links_are_no_items(text: str, wanted: dict[str, str]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize("title", ["Email Templates", "Template Engine", "Maintenance", "Export Format", "Sort Key"])
def test_a_topic_is_no_aside(title: str) -> None:
    assert len(found(f"# House\n\n## {title}\n\n- [ ] one\n- [x] two\n")) == 2


@pytest.mark.parametrize(
    "title", ["Template", "Task Template", "Templates (copy these)", "Example", "Issue Format", "Legend"]
)
def test_an_aside_has_no_items(title: str) -> None:
    assert found(f"# House\n\n## {title}\n\n- [ ] one\n- [x] two\n") == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- ID: two words here\n  Status: done\n  Task: hang it\n", {"hang-it": "done"}),
        ("- ID: two words here\n  Status: done\n", {"two-words-here": "done"}),
        ("- ID: DR-1 (old)\n  Status: done\n", {"DR-1": "done"}),
        ("- ID: see the table below\n", {}),
        ("- ID: <two words>\n  Status: done\n  Task: <what it is>\n", {}),
        ("- Owner: me\n  Status: done\n", {}),
        ("- **Assignee:** me\n  - Status: done\n", {}),
        ("- Owner: me\n  Status: done\n  ID: DR-1\n", {"DR-1": "done"}),
        ("- Door: the front one\n  Status: done\n", {"door-the-front-one": "done"}),
    ],
)
def test_records_with_words_for_an_id_or_with_no_name(text: str, wanted: dict[str, str]) -> None:
    assert set(found(text).values()) == set(wanted.values())
    assert found(text) == wanted


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("  - Impact: guests cannot leave the house\n  - Priority: High\n", "High"),
        ("  - Priority: High\n  - Impact: guests cannot leave the house\n", "High"),
        ("  - Impact: guests cannot leave the house\n  - Priority: 2\n", "2"),
        ("  - Impact: high for all who live there\n  - Priority: Low\n", "high for all who live there"),
        ("  - Impact: guests cannot leave the house\n", "guests cannot leave the house"),
    ],
)
def test_a_sentence_about_the_impact_hides_no_priority(said: str, severity: str) -> None:
    (item,) = joined(parsed(f"- [ ] DR-1: lock\n{said}")).items
    assert item.severity == severity


@pytest.mark.parametrize(
    ("text", "title", "status"),
    [
        ("- DR-1: it opens \u2705\n", "it opens", "done"),
        ("- DR-1: \u2705 it opens\n", "it opens", "done"),
        ("- DR-1: it opens \u26a0\ufe0f\n", "it opens", "partial"),
        ("- **DR-1** it opens the \u2705 door\n", "it opens the \u2705 door", "done"),
    ],
)
def test_the_sign_of_a_status_is_no_part_of_the_title(text: str, title: str, status: str) -> None:
    (item,) = joined(parsed(text)).items
    assert (item.title, item.status) == (title, status)


@pytest.mark.parametrize(
    ("columns", "cells", "status"),
    [
        ("Code status | Test status", "done | open", "partial"),
        ("Code status | Test status", "\u2705 | \U0001f6a7", "partial"),
        ("Code status | Test status", "open | open", "open"),
        ("Code status | Test status", "done | passed", "done"),
        ("Code status | Test status", "done | frobnicated", None),
        ("Implemented | Tested", "yes | no", "partial"),
        ("Status | Test status", "done | open", "partial"),
        ("Status | Test status", "blocked | done", "blocked"),
        ("Status | Test status", "in progress | open", "in-progress"),
        ("Status | Risk status", "done | open", "done"),
        ("Test status | Status", "open | done", "partial"),
    ],
)
def test_no_column_of_a_status_is_left_out(columns: str, cells: str, status: str | None) -> None:
    text = f"| ID | Task | {columns} |\n|--|--|--|--|\n| DR-1 | lock | {cells} |\n| DR-2 | key | done | done |\n"
    assert found(text) == {"DR-1": status, "DR-2": "done"}


def test_an_id_with_words_beside_it_is_an_id() -> None:
    rows = "| DR-1 (old) | | done |\n| DR-2 | lock | done |\n| DR-3: key | | open |\n"
    held = joined(parsed(f"| ID | Task | Status |\n|--|--|--|\n{rows}"))
    assert [(one.id, one.title, one.status) for one in held.items] == [
        ("DR-1", "(old)", "done"),
        ("DR-2", "lock", "done"),
        ("DR-3", "key", "open"),
    ]
    few = "| DR-1 (old) | | done |\n| DR-3: key | | open |\n"
    assert found(f"| ID | Task | Status |\n|--|--|--|\n{few}") == found(few) == {"DR-1": "done", "DR-3": "open"}
