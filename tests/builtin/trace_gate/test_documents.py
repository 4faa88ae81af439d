from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.trace.documents import document, rows, scanning
from gates.builtin.trace.documents.blocks import Code, Entry, Table, Text
from gates.errors import ProjectError
from support.trace_reading import DATA, found, joined, parsed, read

TEXT = "- [x] REQ-1: Türen öffnen\n- [ ] REQ-2: schließen\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
def test_every_encoding_gives_the_same_items(encoding: str) -> None:
    held = document.parse("a.md", TEXT.encode(encoding))
    assert [(item.id, item.title) for item in joined(held).items] == [("REQ-1", "Türen öffnen"), ("REQ-2", "schließen")]
    assert bool(held.problems) == (encoding in {"cp1252", "latin-1"})


def test_one_damaged_byte_does_not_change_the_encoding() -> None:
    held = document.parse("a.md", ("ü" * 200).encode() + b"\xff" + TEXT.encode())
    assert "Türen" in held.lines[0]
    assert held.problems == ("1 bytes are no UTF-8: each became a replacement character",)


def test_bytes_that_are_no_text_are_refused_in_a_sentence() -> None:
    with pytest.raises(ProjectError, match=r"^a\.md holds NUL bytes: it is no text; name a text file$"):
        document.parse("a.md", b"\x7fELF\x00\x00")


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"^no\.md: cannot be read: "):
        document.read(tmp_path, "no.md")


def test_a_document_outside_of_a_project_is_read(tmp_path: Path) -> None:
    place = tmp_path / "a.md"
    place.write_bytes(TEXT.encode())
    held = document.read(Path.cwd(), str(place))
    assert held.lines[0] == "- [x] REQ-1: Türen öffnen"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.*")))
def test_line_ends_do_not_matter(name: str, end: str) -> None:
    text = (DATA / name).read_text(encoding="utf-8")
    held = document.parse(name, text.replace("\n", end).encode())
    assert joined(held).items == read(name).items


def test_blocks_have_their_lines() -> None:
    text = "# A\n\npara\nmore\n\n- one\n  two\n  - three\n\n```py\nx\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> q\n\n    code\n"  # noqa: E501
    blocks = parsed(text).blocks.each()
    assert [(type(block), block.line) for block in blocks] == [
        (Text, 3),
        (Entry, 6),
        (Code, 10),
        (Table, 14),
        (Text, 18),
        (Code, 20),
    ]
    entry = blocks[1]
    assert isinstance(entry, Entry)
    assert (entry.text, entry.children[0].text, entry.children[0].line) == ("one two", "three", 8)


def test_headings_have_paths() -> None:
    sections = parsed("# A\n## B ##\n#### C\n## D\nE\n===\n").blocks.sections
    assert [(one.path, one.line, one.end) for one in sections[1:]] == [
        ("A", 1, 1),
        ("A > B", 2, 2),
        ("A > B > C", 3, 3),
        ("A > D", 4, 4),
        ("E", 5, 6),
    ]


def test_a_rule_is_no_heading_and_no_entry() -> None:
    sections = parsed("text\n\n---\n\n***\n- - -\n").blocks.sections
    assert [one.title for one in sections] == [""]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("| a | b |", ("a", "b")),
        ("a | b", ("a", "b")),
        ("| a | |", ("a", "")),
        ("|| b |", ("", "b")),
        (r"| a \| c | b |", ("a | c", "b")),
        (r"| a \\| b |", (r"a \\", "b")),
        ("| `a|c` | b |", ("`a|c`", "b")),
        ("| `a | b |", ("`a", "b")),
    ],
)
def test_cells(line: str, wanted: tuple[str, ...]) -> None:
    assert rows.cells(line, 2) == wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("|---|", True), ("--|--", True), (":-:|-:", True), ("---", False), ("| |", False), ("|-a|", False)],
)
def test_the_line_below_a_header(line: str, wanted: bool) -> None:
    assert rows.is_delimiter(line) is wanted


def test_a_line_of_a_million_characters_is_read() -> None:
    for text in (
        "a" * 1_000_000,
        "|" * 200_000,
        "`" * 200_000,
        "[" * 200_000,
        "*" * 200_000,
        "> " * 100_000,
        "<" * 100_000,
        "- [ ] " * 100_000,
    ):
        joined(parsed(text))
        joined(parsed(f"- [ ] REQ-1: {text}"))
        joined(parsed(f"| ID | Task | Status |\n|--|--|--|\n| REQ-1 | {text} | Done |"))


MARKDOWN = st.lists(
    st.sampled_from(
        "# A|## B ✅|### REQ-1: x|- [ ] REQ-1: a|- [x] b|  - [ ] c|  - Validation: `pytest a.py::b`|- ID: X-1|  Status: DONE|\\| ID \\| Status \\||"  # noqa: E501
        "\\|--\\|--\\||\\| A-1 \\| Done \\||```|~~~|<!--|-->|> - [ ] q|text|    code||---|===|1. one|<pre>|</pre>|Status: done|- ✅ x|- 🚧 y|"  # noqa: E501
        "## TODO — x|- plain|**FR-1**: it MUST|\t- [ ] tab|[ ] bare|Legend: ✅ done, ❌ open|Progress: 50%|[a]: b".replace(  # noqa: E501
            "\\|", "\x01"
        ).split("|")
    ).map(lambda line: line.replace("\x01", "|")),
    max_size=40,
).map("\n".join)


@settings(deadline=None)
@given(st.one_of(MARKDOWN, st.text(max_size=300)))
def test_any_text_gives_items_within_the_document(text: str) -> None:
    try:
        held = parsed(text)
    except (ProjectError, UnicodeEncodeError):
        return
    result = joined(held)
    assert all(1 <= item.place.line <= len(held.lines) for item in result.items)
    assert len({item.id for item in result.items}) == len(result.items)
    assert all(remark.line >= 1 for remark in result.remarks)


@pytest.mark.requirement("TRA-2")
@settings(deadline=None)
@given(MARKDOWN)
def test_code_never_gives_items(text: str) -> None:
    assert not found("~~~~~~~~\n" + text.replace("~", "") + "\n~~~~~~~~\n")


@pytest.mark.requirement("TRA-2")
@settings(deadline=None)
@given(MARKDOWN, st.sampled_from(["Some words about REQ-1.", "It MUST be so: A-1, A-2.", "See [A-1](x.md) | or not."]))
def test_prose_at_the_end_changes_no_item(text: str, prose: str) -> None:
    before = set(found(f"{text}\n\n# End\n"))
    assert set(found(f"{text}\n\n# End\n\n{prose}\n")) == before


@settings(deadline=None)
@given(
    st.permutations(
        [
            f"| A-{at} | task {at} | {status} |"
            for at, status in enumerate(["Done", "Open", "WIP", "Nonsense", "Blocked"])
        ]
    )
)
def test_the_order_of_rows_does_not_matter(lines: list[str]) -> None:
    held = found("\n".join(["| ID | Task | Status |", "|--|--|--|", *lines]))
    assert held == {"A-0": "done", "A-1": "open", "A-2": "in-progress", "A-3": None, "A-4": "blocked"}


@given(st.lists(st.text(max_size=60), max_size=30))
def test_the_scan_loses_no_line_and_raises_nothing(lines: list[str]) -> None:
    blocks = scanning.scan([line.replace("\n", " ").replace("\r", " ") for line in lines])
    assert all(section.line <= max(1, len(lines)) for section in blocks.sections)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("- [x] REQ-1: a <!-- one\ntwo -->\n- [x] REQ-2: b\n", {"REQ-1": 1, "REQ-2": 3}),
        ("<!-- one\ntwo --> - [x] REQ-1: a\n- [x] REQ-2: b\n", {"REQ-1": 2, "REQ-2": 3}),
        ("- [x] REQ-1: a <!--> b\n- [x] REQ-2: b <!-- c --> d <!-- e -->\n", {"REQ-1": 1, "REQ-2": 2}),
    ],
)
def test_a_comment_moves_no_line_number(text: str, lines: dict[str, int]) -> None:
    assert {item.id: item.place.line for item in joined(parsed(text)).items} == lines


@pytest.mark.parametrize(
    ("line", "title"),
    [("# a", "a"), ("# a #", "a"), ("# a ## ", "a"), ("# a#", "a#"), ("#", ""), ("## b \t##\t", "b")],
)
def test_marks_behind_a_heading_are_no_part_of_it(line: str, title: str) -> None:
    assert parsed(f"{line}\n").blocks.sections[1].title == title


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| `a|b` | c |", ("`a|b`", "c")),
        ("| ``a`|b`` | c |", ("``a`|b``", "c")),
        ("| `a | b |", ("`a", "b")),
        ("| `a` | `b|c` |", ("`a`", "`b|c`")),
    ],
)
def test_pipes_in_code_are_part_of_the_cell(row: str, cells: tuple[str, ...]) -> None:
    assert rows.cells(row, 2) == cells
