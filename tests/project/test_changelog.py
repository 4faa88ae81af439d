"""Changelogs of every common form are read: versions, dates, lines, bodies, and what is not released."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gates.errors import ProjectError
from gates.project import changelog, changelog_fragments, changelog_headings, changelog_titles
from gates.project.changelog import Changelog
from support.projects import write_project

KEEP = """# Changelog

Text about 1.0 of it.

## [Unreleased]

### Added

- Something

## [1.1.0] - 2026-02-03

- One

```
## [9.9.9] - 2026-01-01
```

<!-- a template:
## [8.8.8]
-->

## 1.0.0 (yanked)

- First

[Unreleased]: https://example.org/o/r/compare/v1.1.0...HEAD
[1.1.0]: https://example.org/o/r/compare/v1.0.0...v1.1.0
"""
RST = """=========
Changelog
=========

.. code-block:: text

    9.9.9
    =====

1.1.0 (unreleased)
==================

Features
--------

- One

name 1.0.0
==========

*Released on March 4th, 2025*

- First
"""
OVERLINED = "##########\n 2.0 (2026-01-02)\n##########\n\n- B\n\n##########\n 1.0 (2025-01-02)\n##########\n\n- A\n"
CLICK = "## Version 8.1\n\nReleased 2026-11-09\n\n-   Fix\n\n## Version 8.0\n\nUnreleased\n\n-   Fix\n"
DATED = "# Log\n\n## 2026-03-01\n\n- B\n\n## 2026-02-01 The second one of 1.0\n\n- A\n"
PLAIN = "Version 1.1 (2026-01-02)\n\n  * B\n    2.0 is coming\n\nv1.0:\n\n  * A\n"
BOLD = "**1.1.0** - 2026-01-02\n\n- B\n\n**1.0.0** - 2025-01-02\n\n- A\n"
NAMED = "# name 2.0\n\n## Python 3.12\n\nit\n\n# name 1.0\n\nfirst\n"
SERIES = "# 1.0 (2025-01-01)\n\nbig\n\n## 1.0.1 (2025-02-01)\n\nsmall\n"


def rows(log: Changelog) -> list[tuple[str | None, str | None, int, int]]:
    return [(one.version, one.date.isoformat() if one.date else None, one.line, one.end) for one in log.entries]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("CHANGELOG.md", KEEP, [("1.1.0", "2026-02-03", 11, 21), ("1.0.0", None, 23, 25)]),
        ("CHANGES.rst", RST, [("1.1.0", None, 10, 16), ("1.0.0", "2025-03-04", 18, 23)]),
        ("CHANGELOG.rst", OVERLINED, [("2.0", "2026-01-02", 2, 5), ("1.0", "2025-01-02", 8, 11)]),
        ("CHANGES.md", CLICK, [("8.1", "2026-11-09", 1, 5), ("8.0", None, 7, 11)]),
        ("NEWS", DATED.replace("## ", ""), [(None, "2026-03-01", 3, 5), (None, "2026-02-01", 7, 9)]),
        ("HISTORY.md", DATED, [(None, "2026-03-01", 3, 5), (None, "2026-02-01", 7, 9)]),
        ("HISTORY.txt", PLAIN, [("1.1", "2026-01-02", 1, 4), ("1.0", None, 6, 8)]),
        ("HISTORY.md", BOLD, [("1.1.0", "2026-01-02", 1, 3), ("1.0.0", "2025-01-02", 5, 7)]),
        ("NEWS.md", NAMED, [("2.0", None, 1, 5), ("1.0", None, 7, 9)]),
        ("NEWS.md", "## 1.0\n\n- A\n\n## Thanks\n\nall\n", [("1.0", None, 1, 3)]),
        ("NEWS.md", SERIES, [("1.0", "2025-01-01", 1, 3), ("1.0.1", "2025-02-01", 5, 7)]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_forms(name: str, text: str, end: str, expected: list[tuple[str, str, int, int]]) -> None:
    assert rows(changelog.parse(text.replace("\n", end), name)) == expected


def test_an_entry_has_its_text_and_the_links_at_the_foot_belong_to_none() -> None:
    log = changelog.parse(KEEP, "CHANGELOG.md")
    assert log.unreleased is not None
    assert (log.unreleased.title, log.unreleased.body) == ("Unreleased", "### Added\n\n- Something")
    assert log.entries[-1].body == "- First"
    assert log.links == {"Unreleased": 27, "1.1.0": 28}
    assert log.form == "versions"
    found = log.of("1.1")
    assert found is not None
    assert found.line == 11
    assert log.of("9.9.9") is None


def test_what_is_pending_is_told_by_the_heading_or_below_it() -> None:
    rst = changelog.parse(RST, "CHANGES.rst")
    assert rst.unreleased == rst.entries[0]
    click = changelog.parse(CLICK, "CHANGES.md")
    assert (click.unreleased, click.entries[1].pending) == (None, True)
    assert changelog.parse(DATED, "HISTORY.md").form == "dated"
    assert changelog.parse("# Changelog\n\nnothing yet\n", "CHANGELOG.md").entries == ()


@pytest.mark.parametrize(
    ("title", "version", "day", "pending"),
    [
        ("[1.2.3][] - 2026-03-01", "1.2.3", date(2026, 3, 1), False),
        ("[1.2.3](https://example.org/tree/9.9) (2026-03-01) {: #v1.2.3 }", "1.2.3", date(2026, 3, 1), False),
        ("`1.2.3 <https://example.org/9.9>`_ - 2026/3/1", "1.2.3", date(2026, 3, 1), False),
        (":tag:`1.2.3` -- 12 Jan 2020", "1.2.3", date(2020, 1, 12), False),
        ("v1.2 (6th December, 2024)", "1.2", date(2024, 12, 6), False),
        ("1.2 (June 21, 2019)", "1.2", date(2019, 6, 21), False),
        ("1.2, June 2019", "1.2", date(2019, 6, 1), False),
        ("1.2 - 24.12.2019", "1.2", date(2019, 12, 24), False),
        ("2026-03-01 - v1.2.3", "1.2.3", date(2026, 3, 1), False),
        ("2026.03.01", "2026.03.01", None, False),
        ("Sat, Mar 1 2020", None, date(2020, 3, 1), False),
        ("What's new in version 1.2?", "1.2", None, False),
        ("Version 24", "24", None, False),
        ("1!2.0rc1 / TBD", "1!2.0rc1", None, True),
        ("1.2.3 (2026-xx-xx)", "1.2.3", None, True),
        ("1.0, 2020-02-30", "1.0", None, False),
        ("\N{PARTY POPPER} 1.2.3 \N{EM DASH} the big one", "1.2.3", None, False),
        ("[Unreleased] - 2026-xx-xx", None, None, True),
        ("In development", None, None, True),
        ("<a name='1.0'></a>1.0 release notes", "1.0", None, False),
    ],
)
def test_titles(title: str, version: str | None, day: date | None, pending: bool) -> None:
    found = changelog_titles.read(title)
    assert found is not None
    assert (found.version, found.date, found.pending) == (version, day, pending)


@pytest.mark.parametrize(
    "title",
    ["", "Added", "1.2.x", "2026", "24", "Python 3.8 support", "1.0.0-SNAPSHOT", "Latest version of pip is required",
     "March 2026", "2.7 is out", "2026-13-01 1.0", "x" * 400, "2026-02-30", "Sat 31 Feb 2026"],
)  # fmt: skip
def test_no_titles(title: str) -> None:
    assert changelog_titles.read(title) is None


def test_versions_are_compared_by_pep_440_and_other_words_letter_by_letter() -> None:
    assert changelog_titles.same("1.0", "v1.0.0")
    assert not changelog_titles.same("1.0", "1.0.1")
    assert changelog_titles.same("r2", "r2")
    assert not changelog_titles.same("r2", "1.0")


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("a\n---\n", [(1, 2, "a")]),
        ("- a\n---\n\n1. b\n===\n\n    c\n===\n", []),
        ("two\nlines\n---\n", []),
        ("````\n```\n# a\n````\n# b\n", [(5, 1, "b")]),
        ("~~~ text\n# a\n", []),
        ("``` `x` ```\n# a ##\n", [(2, 1, "a ##")]),
        ("<!-- a\n# b\n--> # c\n# d\n<!-- e -->\n#\n", [(4, 1, "d"), (6, 1, "")]),
        ("#no\n####### no\n\t# no\n", []),
    ],
)
def test_headings_of_markdown(text: str, headings: list[tuple[int, int, str]]) -> None:
    found = changelog_headings.find(changelog_headings.lines(text), "md")
    assert [(one.line, one.level, one.text) for one in found] == headings


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("===\n a\n===\n\nb\n===\n\nc\n---\n\nd\n===\n", [(2, 1, "a"), (5, 2, "b"), (8, 3, "c"), (11, 2, "d")]),
        ("a paragraph\nb\n===\n", []),
        ("  a\n  ===\n\n----\n\ntext\n\n=== ===\na   b\n=== ===\n", []),
        (".. comment\nb\n===\n", [(2, 1, "b")]),
    ],
)
def test_headings_of_restructured_text(text: str, headings: list[tuple[int, int, str]]) -> None:
    found = changelog_headings.find(changelog_headings.lines(text), "rst")
    assert [(one.line, one.level, one.text) for one in found] == headings


versions = st.builds(
    lambda parts, tail: ".".join(map(str, parts)) + tail,
    st.lists(st.integers(0, 2000), min_size=2, max_size=4),
    st.sampled_from(["", "rc1", "a2", ".post1", ".dev3", "-beta.1"]),
)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
words = st.text(st.characters(codec="utf-8", categories=("L", "Zs")), min_size=0, max_size=40).map(
    lambda text: f"- it {' '.join(text.split())}"
)
headings = st.tuples(
    versions,
    st.none() | days,
    st.sampled_from(["{v}", "v{v}", "Version {v}", "[{v}]", "name {v}", "Release {v}"]),
    words,
)


@given(entries=st.lists(headings, min_size=1, max_size=6), markup=st.sampled_from(["md", "rst"]), crlf=st.booleans())
def test_every_heading_is_found_at_its_line(
    entries: list[tuple[str, date | None, str, str]], markup: str, crlf: bool
) -> None:
    form = entries[0][2]
    rows_: list[str] = ["Changelog", "#########", ""] if markup == "rst" else ["# Changelog", ""]
    expected = []
    for version, day, _, text in entries:
        title = form.format(v=version) + (f" - {day.isoformat()}" if day else "")
        expected.append((version, day, len(rows_) + 1, text))
        rows_ += [title, "=" * len(title)] if markup == "rst" else [f"## {title}"]
        rows_ += [
            "",
            text,
            "",
            *(["```", "## 0.0.0.1", "```"] if markup == "md" else ["::", "", "    0.0.1", "    ====="]),
            "",
        ]
    log = changelog.parse(("\r\n" if crlf else "\n").join(rows_), f"CHANGELOG.{markup}")
    assert [(one.version, one.date, one.line) for one in log.entries] == [one[:3] for one in expected]
    assert all(text in one.body for one, (*_, text) in zip(log.entries, expected, strict=True))


@settings(max_examples=300)
@given(
    text=st.text()
    | st.lists(st.sampled_from([*KEEP.split("\n"), *RST.split("\n"), "====", "```", "<!--"])).map("\n".join),
    name=st.sampled_from(["a.md", "a.rst", "a.txt", "a"]),
)
@example(text="===\n===\n===", name="a.rst")
@example(text="\ud800# 1.0", name="a.md")
def test_nothing_raises_and_lines_are_those_of_the_text(text: str, name: str) -> None:
    log = changelog.parse(text, name)
    rows_ = changelog_headings.lines(text)
    for one in log.entries:
        assert 1 <= one.line < one.body_line <= one.end + 1 <= len(rows_) + 1
        assert one.version is None or one.version in rows_[one.line - 1]


@pytest.mark.parametrize(
    "text",
    [
        "## 1.0\n" * 20_000,
        f"## 1.0{'a' * 280}!\n",
        f"## {'a ' * 140}1.0\n",
        "## 1.0 (\n### x\n" * 20_000,
        "[a]: b\n" * 50_000,
    ],
    ids=["entries", "version", "name", "deeper", "links"],
)
def test_a_hostile_text_is_read_in_time_that_grows_with_it(text: str) -> None:
    """Would not end in minutes if it were not: the time limit of the suite is the test."""
    assert len(changelog.parse(text, "a.md").entries) in {0, 20_000}


@given(data=st.binary())
def test_any_bytes_are_text(data: bytes) -> None:
    changelog.parse(changelog.decoded(data), "CHANGELOG.md")


@pytest.mark.parametrize(
    "data",
    [KEEP.encode("utf-8-sig"), KEEP.encode("utf-16"), KEEP.encode("utf-16-be").join([b"\xfe\xff", b""]),
     KEEP.replace("One", "\xdcber").encode("latin-1")],
)  # fmt: skip
def test_encodings(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "CHANGELOG.md").write_bytes(data)
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert [one.version for one in log.entries] == ["1.1.0", "1.0.0"]


def test_an_empty_file_is_a_changelog_without_entries(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_bytes(b"")
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert log.entries == ()


@pytest.mark.parametrize("data", [b"\0## 1.0\n", b"#" * (changelog.LIMIT + 1)])
def test_a_binary_or_endless_file_says_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "CHANGELOG.md").write_bytes(data)
    assert changelog.read(tmp_path, None) is None
    asked = changelog.read(tmp_path, "CHANGELOG.md")
    assert asked is not None
    assert asked.entries == ()


@pytest.mark.parametrize(
    "name",
    ["CHANGELOG.md", "changes.rst", "HISTORY", "NEWS.txt", "Release-Notes.md", "docs/changelog.md",
     "doc/en/changelog.rst", "docs/about/release_notes.markdown"],
)  # fmt: skip
def test_where_a_changelog_is(tmp_path: Path, name: str) -> None:
    text = "1.0 (2026-01-01)\n================\n\n- First\n"
    write_project(tmp_path, {"docs/release.md": text, "CHANGES.py": text, "tests/CHANGELOG.md": text, name: text})
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert (log.path, log.entries[0].version) == (name, "1.0")


def test_a_page_that_only_includes_another_is_passed_over(tmp_path: Path) -> None:
    files = {"CHANGELOG.rst": ".. include:: docs/changelog.rst\n", "docs/changelog.rst": OVERLINED}
    write_project(tmp_path, files)
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert log.path == "docs/changelog.rst"
    assert changelog.read(tmp_path, "NEWS.md") is None


def test_one_without_entries_is_one(tmp_path: Path) -> None:
    (tmp_path / "CHANGES.md").write_text("# Changes\n")
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert (log.path, log.entries) == ("CHANGES.md", ())


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions hold")
def test_one_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text(KEEP)
    (tmp_path / "CHANGELOG.md").chmod(0)
    with pytest.raises(ProjectError, match="cannot be read"):
        changelog.read(tmp_path, None)


# Fragments


@pytest.mark.parametrize(
    ("table", "files", "expected"),
    [
        ("", ["newsfragments/1.bugfix.rst", "newsfragments/+a.feature", "newsfragments/README.rst"],
         [("newsfragments/+a.feature", "", "Features"), ("newsfragments/1.bugfix.rst", "1", "Bugfixes")]),
        ('directory = "changes"\ntype = [{directory = "break", name = "Breaking"}]\n',
         ["changes/12.break.1.md", "changes/1.bugfix.md"], [("changes/12.break.1.md", "12", "Breaking")]),
        ('package = "a.b"\npackage_dir = "src"\n', ["src/a/b/newsfragments/3.doc"],
         [("src/a/b/newsfragments/3.doc", "3", "Improved Documentation")]),
        ('directory = "n"\nsection = [{path = "core", name = "Core"}]\n[tool.towncrier.fragment.chore]\n',
         ["n/core/3.chore.md"], [("n/core/3.chore.md", "3", "Chore")]),
    ],
)  # fmt: skip
def test_fragments(tmp_path: Path, table: str, files: list[str], expected: list[tuple[str, str, str]]) -> None:
    write_project(
        tmp_path,
        {"pyproject.toml": f'[tool.towncrier]\nname = "x"\n{table}', "NEWS.md": "", **dict.fromkeys(files, "It.\n")},
    )
    found = changelog_fragments.find(tmp_path, changelog_fragments.settings(tmp_path))
    assert [(one.path, one.issue, one.heading) for one in found] == expected
    assert {changelog_fragments.text(tmp_path, one) for one in found} == {"It."}
    log = changelog.read(tmp_path, "NEWS.md")
    assert log is not None
    assert log.fragments == tuple(one.path for one in found)


def test_towncrier_has_a_file_of_its_own_which_names_the_changelog(tmp_path: Path) -> None:
    files = {
        "towncrier.toml": '[tool.towncrier]\nfilename = "docs/what.rst"\n',
        "docs/what.rst": OVERLINED,
        "NEWS.md": KEEP,
    }
    write_project(tmp_path, files)
    log = changelog.read(tmp_path, None)
    assert log is not None
    assert log.path == "docs/what.rst"
    (tmp_path / "towncrier.toml").write_text("[broken")
    assert changelog_fragments.settings(tmp_path) == {}
    assert changelog_fragments.find(tmp_path, {}) == ()
