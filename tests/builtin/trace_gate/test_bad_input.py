"""Bad input: what is written badly gives the items that are meant, or says what is not read; nothing is lost unsaid."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.trace.documents import document
from gates.builtin.trace.facts import Item
from gates.errors import ProjectError
from support.trace_reading import joined, parsed

HEAD = "| ID | Task | Status |\n|--|--|--|\n"


def read(data: str | bytes, path: str = "doc.md") -> list[tuple[str, str | None, int]]:
    """Id, status and line of each item."""
    held = document.parse(path, data.encode() if isinstance(data, str) else data)
    return [(one.id, one.status, one.place.line) for one in joined(held).items]


def remarked(text: str, path: str = "doc.md") -> list[tuple[str, int]]:
    """Code and line of each remark."""
    return [(one.code, one.line) for one in joined(parsed(text, path)).remarks]


BOXES = "- [x] AB-1: Tür\n- [ ] AB-2: b\n"
BOTH = [("AB-1", "done", 1), ("AB-2", "open", 2)]


@pytest.mark.requirement("TRA-9")
@pytest.mark.parametrize(
    ("data", "odd"),
    [
        (BOXES.encode("utf-16-le"), "it has no byte-order mark, and was read as UTF-16"),
        (BOXES.encode("utf-16-be"), "it has no byte-order mark, and was read as UTF-16"),
        (codecs.BOM_UTF8 * 2 + BOXES.encode(), ""),
        (BOXES.replace("\n- [ ]", "\n\ufeff- [ ]").encode(), ""),
        (BOXES.replace("- [", "\u200b- [").encode(), ""),
        (BOXES.replace("[ ]", "[\xa0]").replace("- ", "-\xa0").encode(), ""),
        (BOXES.encode("utf-16") + b"x", "some bytes are no UTF text"),
        (BOXES.encode() + "ü".encode("latin-1"), "1 bytes are no UTF-8: each became a replacement character"),
        (BOXES.encode("cp1252"), "it is no UTF-8, and was read as Windows-1252"),
        (BOXES.encode("latin-1") + b"\x81", "it is no UTF-8, and was read as Latin-1"),
        (BOXES.replace("\n", "\r").encode(), ""),
        (BOXES.replace("\n", "\r\n", 1).encode(), ""),
        (BOXES.replace("Tür\n", "Tür\n\x0c").encode(), ""),
        (BOXES.encode() + b"\x1a", ""),
        (BOXES.replace("Tür", "T\x1b[31mü\x07r\u2028\x85").encode(), ""),
    ],
)
def test_bytes_of_any_kind_give_the_items_and_say_what_was_odd(data: bytes, odd: str) -> None:
    assert read(data) == BOTH
    assert document.parse("doc.md", data).problems == ((odd,) if odd else ())


@pytest.mark.parametrize("data", [b"- [ ] AB-1: a\x00b\n", b"\x00" * 50, b"\x7fELF\x00\x01", b"PK\x03\x04\x00\x00"])
def test_what_is_no_text_is_one_sentence(data: bytes) -> None:
    with pytest.raises(ProjectError, match=r"^doc\.md holds NUL bytes: it is no text; name a text file$"):
        document.parse("doc.md", data)


A1, A2 = ("A-1", "done", 3), ("A-2", "open", 4)


@pytest.mark.requirement("TRA-9")
@pytest.mark.parametrize(
    ("text", "items", "remarks"),
    [
        (f"{HEAD}| A-1 | a | Done |\n| A-2 | b |\n| A-3 |\n", [A1, A2, ("A-3", "open", 5)], [4, 5]),
        (f"{HEAD}| A-1 | a | Done |\n| A-2 | | |\n", [A1, A2], []),
        (f"{HEAD}| A-1 | a | Done | x | y |\n| A-2 | b | Open |\n", [A1, A2], [3]),
        (f"{HEAD}| A-1 | a \\| b | Done |\n| A-2 | `x \\| y` | Open |\n", [A1, A2], []),
        (f"{HEAD}| A-1 | `a | b` | Done |\n| A-2 | ``a ` | b`` | Open |\n", [A1, A2], []),
        (f"{HEAD}| A-1 | \\`a | Done\nA-2 | b | Open\n", [A1, A2], []),
        ("ID | Task | Status\n--|--|--\nA-1 | a | Done\nA-2 | b | Open\n", [A1, A2], []),
        ("| ID | Task | Status |\n|--|--|\n| A-1 | a | Done |\n| A-2 | b | Open |\n", [A1, A2], []),
        ("\n| ID | Task | Status |\n| A-1 | a | Done |\n| A-2 | b | Open |\n", [A1, A2], [2]),
        (f"{HEAD}| A-1 | a | Done |\n\n| A-2 | b | Open |\n", [A1, ("A-2", "open", 5)], [5]),
        (f"- x\n\n  {HEAD}  | A-1 | a | Done |\n".replace("\n|--", "\n  |--"), [("A-1", "done", 5)], []),
    ],
)
def test_broken_rows_are_read_or_said(text: str, items: list[tuple[str, str | None, int]], remarks: list[int]) -> None:
    assert read(text) == items
    assert remarked(text) == [("TRC016", line) for line in remarks]


@pytest.mark.requirement("TRA-9")
@pytest.mark.parametrize(
    ("rows", "items", "message"),
    [
        (
            f"A-2,{'y' * 140_000},done\nA-3,z,open\n",
            [("A-1", "done", 2), ("A-3", "open", 4)],
            "larger than field limit",
        ),
        ('A-2,"y' + "y\n" * 70_000, [("A-1", "done", 2)], "nor what follows it: close its quotes"),
        ('A-2,"never closed,done\nA-3,z,open\n', [("A-1", "done", 2), ("A-2", "open", 3)], "nothing after it is read"),
        ("A-2,sort, then stop,done\n", [("A-1", "done", 2), ("A-2", None, 3)], "the row has 4 cells"),
    ],
)
def test_rows_of_a_sheet_are_read_or_said(rows: str, items: list[tuple[str, str | None, int]], message: str) -> None:
    text = f"id,title,status\nA-1,x,done\n{rows}"
    assert read(text, "a.csv") == items
    (remark,) = (one for one in joined(parsed(text, "a.csv")).remarks if one.code == "TRC016")
    assert (remark.line, message in remark.message) == (3, True)


def test_a_sheet_as_it_should_be_has_nothing_odd() -> None:
    text = 'id,title,status,note\nA-1,"x, and\ny",done\n\nA-2,"z",open,\n,,,\nA-3,"z\n",open,,,\n'
    assert read(text, "a.csv") == [("A-1", "done", 2), ("A-2", "open", 5), ("A-3", "open", 7)]
    assert remarked(text, "a.csv") == []


TABLE = """\
<table>
  <thead><tr><th>ID</th><th>Task</th><th>Status</th></tr></thead>
  <tr><td>A-1</td><td>the <b>first</b> of <code>a|b</code></td><td>Done</td></tr>
  <TR>
    <TD>A-2<TD>lots<br>more<TD>Open
  <tr><td>A-3</td><td>in <table><tr><td>A-9</td></tr></table></td><td>Open</td></tr>
</table>

- [ ] AB-1: after
"""


def test_tables_in_html_are_tables() -> None:
    held = joined(parsed(TABLE))
    assert [(one.id, one.status, one.title, one.place.line) for one in held.items] == [
        ("A-1", "done", "the first of a|b", 3),
        ("A-2", "open", "lots more", 4),
        ("A-3", "open", "in A-9", 6),
        ("AB-1", "open", "after", 9),
    ]
    assert held.remarks == ()


@pytest.mark.requirement("TRA-9")
@pytest.mark.parametrize(
    ("text", "items", "remarks"),
    [
        ("<table>\n<tr><td>A-1</td></tr>\n\n- [ ] AB-2: b\n", [("AB-2", "open", 4)], [1]),
        ("<table>\n<table>\n- [ ] AB-2: b\n", [("AB-2", "open", 3)], [1, 2]),
        ("<table><![bad[ <tr><td>\n</table>\n- [ ] AB-2: b\n", [("AB-2", "open", 3)], []),
        ("<!-- - [ ] AB-0: no -->\n- [x] AB-1: a <!-- b -->\n<!--\n- [ ] AB-9: no\n-->\n", [("AB-1", "done", 2)], []),
        ("- [x] AB-1: a\n<!-- never\n- [ ] AB-2: b\n", [("AB-1", "done", 1)], [2]),
        ("- [x] AB-1: a\n```\n- [ ] AB-2: b\n", [("AB-1", "done", 1)], [2]),
        ("<details><summary>Done</summary>\n\n- [x] AB-1: a\n\n</details>\n- [ ] AB-2: b\n",
         [("AB-1", "done", 3), ("AB-2", "open", 6)], []),
        ("<details open>\n- [x] AB-1: a\n- [ ] AB-2: b\n</details>\n", [("AB-1", "done", 2), ("AB-2", "open", 3)], []),
        ("<ul>\n<li>[x] AB-1: a</li>\n<li><input type=checkbox> AB-2</li>\n</ul>\n", [], [2, 3]),
        ("> - [ ] AB-1: a\n> - [ ] AB-2: b\n\n> more\n", [], [1]),
        ("> > - [ ] AB-1: a\n", [], [1]),
        ("- x\n  > > 1. [x] AB-1: a\n", [], [2]),
        ("> | ID | Status |\n> |--|--|\n> | A-1 | Done |\n", [], [2]),
        ("> said - [ ] here\n", [], []),
        ("---\ntitle: AB-9\nstatus: done\n---\n- [x] AB-1: a\n", [("AB-1", "done", 5)], []),
        ("---\ntitle: AB-9\n\n- [x] AB-1: a\n", [("AB-1", "done", 4)], []),
        ("+++\ntitle = 'x'\n+++\n\n- [x] AB-1: a\n", [("AB-1", "done", 5)], []),
    ],
)  # fmt: skip
def test_what_is_hidden_quoted_or_markup_is_read_or_said(
    text: str, items: list[tuple[str, str | None, int]], remarks: list[int]
) -> None:
    assert read(text) == items
    assert [line for code, line in remarked(text) if code == "TRC016"] == remarks


def test_mdx_has_comments_of_its_own() -> None:
    text = (
        'import X from "./x"\n\n<Tabs>\n- [x] AB-1: a\n</Tabs>\n{/* - [ ] AB-8: no\n- [ ] AB-9: no */}\n- [ ] AB-2: b\n'
    )
    assert read(text, "doc.mdx") == [("AB-1", "done", 4), ("AB-2", "open", 8)]


def test_a_row_of_a_hundred_thousand_columns_is_one_item() -> None:
    many = 100_000
    rows = (["ID", "Status"], ["--", "--"], ["A-1", "Done"])
    text = "\n".join(
        "| " + " | ".join([*row, *(["--" if row[0] == "--" else "x"] * (many - 2))]) + " |" for row in rows
    )
    assert read(text) == [("A-1", "done", 3)]
    assert read(text.replace("\n| A-1", "\n\n| A-1"))[0][:2] == ("A-1", "done")


LINES = st.lists(
    st.sampled_from(
        [
            "# A", "## TODO — x", "### REQ-1: x", "- [ ] REQ-2: a", "- [x] b (High)",
            "  - Validation: `pytest a.py::b`",
            "- ID: X-1", "  Status: DONE", "| ID | Task | Status |", "|--|--|--|", "| A-1 | a \\| `b | c` | Done |",
            "| A-2 | b |", "| A-3 | x | y | Open |", "```", "<!--", "-->", "> - [ ] REQ-9: q", "> > | a |", "<table>",
            "<tr><td>A-5<td>x<td>Done", "</table>", "<details>", "    code", "---", "===", "1. [ ] REQ-4: one",
            "**FR-1**: it MUST be", "Status: done", "- ✅ done", "", "", "text ü", "{/*", "*/}", "<pre>", "</pre>",
        ]
    ),
    max_size=30,
)  # fmt: skip
PATHS = st.sampled_from(["doc.md", "doc.mdx", "docs/adr/0001-x.md", "a.csv", "a.yaml", "a.json", "a.txt"])


def items_of(data: bytes, path: str) -> tuple[Item, ...]:
    return joined(document.parse(path, data)).items


@pytest.mark.requirement("TRA-9")
@settings(deadline=None)
@given(LINES, PATHS, st.sampled_from([b"", codecs.BOM_UTF8]), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_a_mark_and_other_line_ends_change_no_item(lines: list[str], path: str, mark: bytes, end: bytes) -> None:
    plain = "\n".join(lines).encode()
    assert items_of(mark + plain.replace(b"\n", end), path) == items_of(plain, path)


@settings(deadline=None)
@given(LINES, st.sampled_from(["utf-16", "utf-32", "utf-8-sig"]))
def test_encodings_change_no_item(lines: list[str], name: str) -> None:
    text = "\n".join(lines)
    assert items_of(text.encode(name), "doc.md") == items_of(text.encode(), "doc.md")


@settings(deadline=None)
@given(LINES, PATHS)
def test_an_item_is_at_the_line_that_tells_of_it(lines: list[str], path: str) -> None:
    for item in items_of("\n".join(lines).encode(), path):
        assert 1 <= item.place.line <= max(1, len(lines))
        # The definition of an id that is written stands where it is written, or the row that has it begins there.
        if not item.derived and path.endswith((".md", ".mdx", ".txt")) and "adr" not in path:
            shown = " ".join(lines[item.place.line - 1 : item.place.line + 2])
            assert item.id.split("/")[-1] in shown


@settings(deadline=None)
@given(st.binary(max_size=400), PATHS)
def test_any_bytes_give_items_within_the_document_or_one_sentence(data: bytes, path: str) -> None:
    try:
        held = document.parse(path, data)
    except ProjectError:
        assert b"\0" in data
        return
    found = joined(held)
    assert all(1 <= one.place.line <= max(1, len(held.lines)) for one in found.items)
    assert len({one.id for one in found.items}) == len(found.items)
    assert all(one.line >= 1 for one in found.remarks)
