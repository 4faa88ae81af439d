from __future__ import annotations

import pytest

from support.trace_reading import joined, parsed, read


def said(code: str, *texts: str) -> list[tuple[str, int, str]]:
    documents = [parsed(text, f"doc{at}.md") for at, text in enumerate(texts)]
    return [(one.path, one.line, one.subject) for one in joined(*documents).remarks if one.code == code]


def test_one_id_in_two_documents_is_one_item() -> None:
    (item,) = joined(
        parsed("- **REQ-1**: The door MUST open.", "spec.md"), parsed("- [x] REQ-1: make the door open", "tasks.md")
    ).items
    assert (item.place.path, item.status, item.title) == ("spec.md", "done", "The door MUST open.")
    assert [(one.path, one.line) for one in item.others.items] == [("tasks.md", 1)]
    assert (item.status_raw, item.status_line) == ("[x]", 1)


def test_lines_are_of_the_document_that_is_named() -> None:
    tasks = "# Tasks\n\n\n- [x] REQ-1: open\n  - Validation: `pytest tests/test_a.py`\n  - Files: a.py\n"
    spec = "\n- **REQ-1**: The door MUST open.\n"
    (item,) = joined(parsed(spec, "spec.md"), parsed(tasks, "tasks.md")).items
    assert (item.place.path, item.place.line, item.status, item.status_line) == ("spec.md", 2, "done", 2)
    assert item.validation.count == item.files.count == 1
    assert [one.line for one in item.validation.items] == [one.line for one in item.files.items] == [2]


@pytest.mark.requirement("TRA-7")
def test_an_id_with_another_content_is_a_duplicate() -> None:
    text = "| ID | Task | Status |\n|--|--|--|\n| A-1 | paint the door | Open |\n| A-1 | feed the cat | Open |\n"
    assert said("TRC008", text) == [("doc0.md", 4, "A-1")]
    assert said("TRC008", "- [ ] A-1: paint the door", "- [ ] A-1: feed the cat") == [("doc1.md", 1, "A-1")]


def test_the_same_content_twice_is_no_duplicate() -> None:
    assert said("TRC008", "- [ ] A-1: paint the door\n- [ ] A-1: paint the door") == []


@pytest.mark.requirement("TRA-7")
def test_two_statuses_of_one_item_contradict() -> None:
    text = "| ID | Task | Status |\n|--|--|--|\n| A-1 | paint the door | Done |\n\n- [ ] A-1: paint it\n"
    assert said("TRC010", text) == [("doc0.md", 5, "A-1")]
    assert said("TRC010", text.replace("[ ]", "[x]")) == []


@pytest.mark.requirement("TRA-7")
def test_an_unknown_word_is_said_and_is_no_status() -> None:
    text = "| ID | Task | Status |\n|--|--|--|\n| A-1 | paint | Frobnicated |\n| A-2 | build | Done |\n"
    assert said("TRC009", text) == [("doc0.md", 3, "A-1")]
    assert joined(parsed(text)).items[0].status is None


def test_words_outside_the_legend_are_said() -> None:
    assert [(one.line, one.subject) for one in read("legend_table.md").remarks if one.code == "TRC009"] == [
        (14, "K4"),
        (15, "K5"),
    ]


def test_rows_that_do_not_fit_are_said() -> None:
    text = "| ID | Task | Status |\n|--|--|--|\n| A-1 | paint | Done |\n| A-2 | build |\n\n\n| A-3 | x | Done |\n"
    assert said("TRC016", text) == [("doc0.md", 4, "A-2"), ("doc0.md", 7, "doc0.md")]


def test_what_hides_the_rest_is_said() -> None:
    assert said("TRC016", "- [ ] A-1: x\n```\n- [ ] A-2: y\n") == [("doc0.md", 2, "doc0.md")]
    assert said("TRC016", "- [ ] A-1: x\n<!--\n- [ ] A-2: y\n") == [("doc0.md", 2, "doc0.md")]


ITEMS = "- [x] A-1: one\n- [x] A-2: two\n- [ ] A-3: three\n- [ ] A-4: four\n"


def test_totals_that_are_right_are_not_said() -> None:
    text = "Progress: 50%\n2 of 4 tasks done, 6/6 tests passing\nTotal: 4 | Done: 2 | Open: 2\n2 done, 2 open\n\n"
    assert said("TRC010", text + ITEMS) == []


def test_totals_that_are_wrong_are_said() -> None:
    for text in (
        "Progress: 60%",
        "3 of 4 tasks done",
        "2 of 5 tasks done",
        "Total: 5",
        "Done: 3",
        "3 done, 2 open",
        "No tasks are done",
        "All tasks are done",
        "| Status | Count |\n|--|--|\n| Done | 3 |",
        "| Status | Count |\n|--|--|\n| **Total** | 3 |",
    ):
        assert said("TRC010", f"{text}\n\n{ITEMS}"), text


def test_a_total_is_right_where_its_section_has_it() -> None:
    assert said("TRC010", f"## One (2/4)\n{ITEMS}\n## Two\nTotal: 1\n\n- [ ] B-1: x\n") == []
    assert said("TRC010", f"## One (3/4)\n{ITEMS}\n## Two\n\n- [ ] B-1: x\n") == [("doc0.md", 1, "line of (3/4)")]


def test_what_is_done_has_nothing_open_below_it() -> None:
    assert said("TRC010", "- [x] A-1: one\n  - [ ] rest\n") == [("doc0.md", 1, "A-1")]
    assert said("TRC010", f"## Phase 1 ✅ Complete\n{ITEMS}") == [("doc0.md", 1, "Phase 1")]


def test_prose_about_other_things_says_nothing_of_items() -> None:
    text = "12 of 14 files done. When all tasks are done, ship. Coverage: 85%. We met 3 people on 2025-01-01.\n\n"
    assert said("TRC010", text + ITEMS) == []


def test_numbers_are_ids_of_their_document_only() -> None:
    text = "| # | Task | Status |\n|--|--|--|\n| 1 | paint | Done |\n"
    held = joined(parsed(text, "a.md"), parsed(text.replace("paint", "build"), "b.md"))
    assert sorted(item.id for item in held.items) == ["a.md/1", "b.md/1"]
    twice = f"## One\n{text}\n## Two\n{text}"
    assert [item.derived for item in joined(parsed(twice)).items] == [True, True]


def test_each_feature_counts_for_itself() -> None:
    one = parsed("- [x] T001 Make the door", "specs/001-door/tasks.md")
    two = parsed("- [ ] T001 Feed the cat", "specs/002-cat/tasks.md")
    assert [(item.id, item.status) for item in joined(one, two).items] == [
        ("001-door/T001", "done"),
        ("002-cat/T001", "open"),
    ]
    assert [item.id for item in joined(one).items] == ["T001"]


def test_derived_ids_do_not_change_with_what_stands_around() -> None:
    before = joined(parsed("# D\n## Now\n- [ ] paint the door\n")).items[0].id
    after = joined(parsed("# D\n\nText.\n\n## Now\n- [ ] build\n- [ ] paint the door\n")).items
    assert before in {item.id for item in after}


def test_equal_titles_have_ids_of_their_own() -> None:
    held = joined(parsed("## Now\n- [ ] paint\n- [ ] paint\n")).items
    assert len({item.id for item in held}) == 2


def test_the_digest_is_over_the_content_and_not_the_place() -> None:
    one = joined(parsed("- [ ] A-1: paint   the door\n  - Acceptance: red\n")).items[0]
    two = joined(parsed("# T\n\n- [x] A-1: paint the door\n  - Acceptance: red\n")).items[0]
    other = joined(parsed("- [ ] A-1: paint the door\n  - Acceptance: blue\n")).items[0]
    assert one.digest == two.digest != other.digest


def test_levels_are_those_of_the_configuration() -> None:
    from gates.builtin.trace import items
    from gates.builtin.trace.readers import registry

    reading = registry.read(parsed("- [ ] A-1: x"), registry.builtin())
    assert items.join([reading], {"doc.md": "spec"}).items[0].level == "spec"
