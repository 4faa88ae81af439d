"""Titles: files in them, where a name with a dot may be a library, and the status that a heading says."""

from __future__ import annotations

import pytest

from gates.builtin.trace.readers import titles
from support.trace_reading import joined, parsed


def tokens(text: str) -> list[str]:
    (item,) = joined(parsed(text)).items
    return [one.token for one in item.files.items]


@pytest.mark.parametrize(
    "title",
    [
        "Support Node.js", "json.loads is strict", "ASP.net, e.g. its core", "version 2.x", "call `foo.bar()` twice",
        "`requests.get`", "write config.yaml on exit", "client/server over TCP/IP", "Node.js/Express.js",
        "I/O of a.b.c",
    ],
)  # fmt: skip
def test_a_name_with_a_dot_is_no_file(title: str) -> None:
    assert tokens(f"- [x] FT-1: {title}") == []


@pytest.mark.parametrize(
    ("title", "files"),
    [
        ("find it in src/words.py", ["src/words.py"]),
        ("`docs/guide.md` and .github/workflows/ci.yml", ["docs/guide.md", ".github/workflows/ci.yml"]),
        ("all of src/core/*.py and data/", ["src/core/*.py", "data/"]),
    ],
)
def test_a_path_with_a_folder_is_one(title: str, files: list[str]) -> None:
    assert tokens(f"- [x] FT-1: {title}") == files


def test_what_is_called_a_file_is_one() -> None:
    assert tokens("- [x] FT-1: it\n  - Files: setup.py, README.md") == ["setup.py", "README.md"]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Phase 1: Server - Done ✅", ("Phase 1: Server", "Done ✅")),
        ("Server – In Progress 🚧", ("Server", "In Progress 🚧")),  # noqa: RUF001
        ("Phase 2: 🚀 Launch - Done", ("Phase 2: 🚀 Launch", "Done")),
        ("Phase 2: what ✅ means", ("Phase 2: what ✅ means", "")),
        ("Phase 3: Party 🎉", ("Phase 3: Party 🎉", "")),
        ("— Done", ("— Done", "")),
    ],
)
def test_a_heading_says_its_status_behind_its_title(title: str, wanted: tuple[str, str]) -> None:
    assert titles.stated(parsed(f"# {title}\n").blocks.sections[1]) == wanted
