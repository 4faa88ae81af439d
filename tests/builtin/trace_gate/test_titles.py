"""Files in titles: a path with a folder is one; a name with a dot may be a library, a function or a version."""

from __future__ import annotations

import pytest

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
