"""`gates release notes`: from whichever source says something, with the link to compare, and never empty."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.cli.release import command
from gates.errors import UsageError
from gates.project.git import Git
from gates.project.releasing import commits, forge, tags
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

PYPROJECT = '[project]\nname = "sample"\nversion = "1.1.0"\n'
KEEP = "# Changelog\n\n## Unreleased\n{}\n## 1.1.0 - 2026-02-01\n\n- One\n\n## 1.0.0 - 2026-01-01\n\n- First\n"
Said = tuple[int, str, str]


@pytest.fixture
def notes(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs the command and returns its code, output and errors."""

    def run(root: Path, *words: str) -> Said:
        code = command(["notes", "--project", str(root), *words], standalone_mode=False)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def repository(root: Path, files: dict[str, str], *tagged: str) -> Path:
    made = make_repository(root, {"pyproject.toml": PYPROJECT, **files})
    for tag in tagged:
        git(made, "tag", tag)
        commit_all(made, f"after {tag}")
    git(made, "remote", "add", "origin", "git@github.com:org/sample.git")
    return made


def test_the_entry_of_a_version_with_the_link_to_compare(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = repository(tmp_path, {"CHANGELOG.md": KEEP.format("")}, "v1.0.0", "v1.1.0")
    page = "https://github.com/org/sample/compare/v1.0.0...v1.1.0"
    assert notes(root, "1.1.0") == (0, f"- One\n\n**Full changelog**: {page}\n", "")
    assert notes(root, "1.0") == (0, "- First\n", "")
    code, out, _ = notes(root, "1.1", "--output-format", "json")
    told = json.loads(out)
    assert (code, told["schema_version"], told["verdict"], told["reason"]) == (0, 1, "passed", None)
    assert told["notes"] == {
        "version": "1.1",
        "date": "2026-02-01",
        "source": "changelog",
        "path": "CHANGELOG.md",
        "line": 5,
        "body": "- One",
        "since": "v1.0.0",
        "compare": page,
        "left_out": 0,
        "markdown": f"- One\n\n**Full changelog**: {page}",
    }


def test_without_a_version_it_is_that_of_heads_tag_or_what_is_not_released(
    tmp_path: Path, notes: Callable[..., Said]
) -> None:
    root = repository(tmp_path, {"CHANGELOG.md": KEEP.format("\n- Soon\n")}, "v1.0.0", "v1.1.0")
    page = "https://github.com/org/sample/compare"
    assert notes(root)[1] == f"- Soon\n\n**Full changelog**: {page}/v1.1.0...HEAD\n"
    assert notes(root, "1.2.0")[1] == f"- Soon\n\n**Full changelog**: {page}/v1.1.0...v1.2.0\n"
    git(root, "tag", "v1.0.1rc1")
    git(root, "checkout", "--quiet", "v1.1.0")
    assert notes(root)[1].startswith("- One\n")


def test_an_entry_that_waits_for_its_tag(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = repository(tmp_path, {"CHANGELOG.md": KEEP.format("")}, "v1.0.0")
    assert notes(root)[1].startswith("- One\n")


def test_fragments(tmp_path: Path, notes: Callable[..., Said]) -> None:
    files = {
        "CHANGELOG.md": KEEP.format(""),
        "towncrier.toml": '[tool.towncrier]\ndirectory = "news"\n',
        "news/12.feature.md": "It does\nmore.\n",
        "news/+x.bugfix.md": "It works.\n",
        "news/13.misc.md": "Nobody sees this.\n",
    }
    root = repository(tmp_path, files, "v1.1.0")
    told = "### Features\n\n- It does more. (#12)\n\n### Bugfixes\n\n- It works.\n\n### Misc\n\n- #13\n"
    assert notes(root)[1].startswith(told)


def test_a_log_by_dates_since_the_tag_before(tmp_path: Path, notes: Callable[..., Said]) -> None:
    log = "# Log\n\n## 2026-03-01\n\n- Late\n\n## 2026-01-01\n\n- Of that day\n\n## 2025-01-01\n\n- Early\n"
    root = repository(tmp_path, {"HISTORY.md": log}, "v1.0.0")
    assert notes(root)[1].startswith("### 2026-03-01\n\n- Late\n\n**Full")
    assert notes(root, "1.0.0")[1] == "### 2026-01-01\n\n- Of that day\n\n### 2025-01-01\n\n- Early\n"


def test_conventional_commits_since_the_tag_before(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = repository(tmp_path, {}, "v1.0.0")
    for message in (
        "feat(cli): more\n\nBREAKING CHANGE: less",
        "fix: it",
        "fix: it",
        "fix!: that",
        "chore: sweep",
        "Merge it",
    ):
        commit_all(root, message)
    code, out, err = notes(root)
    body = (
        "### Breaking changes\n\n- that\n- **cli:** less\n\n### Added\n\n- **cli:** more\n\n### Fixed\n\n- it\n\n"
        "### Other changes\n\n- sweep\n"
    )
    assert (code, out.partition("\n\n**")[0] + "\n") == (0, body)
    assert err == "gates: 2 commits not in the notes, for want of the conventional form (feat: ..., fix: ...)\n"


def test_a_shallow_clone_says_that_it_is_one(tmp_path: Path, notes: Callable[..., Said]) -> None:
    whole = make_repository(tmp_path / "whole", {"pyproject.toml": '[project]\nname = "sample"\nversion = "1"\n'})
    git(whole, "commit", "--quiet", "--allow-empty", "-m", "feat: one")
    git(tmp_path, "clone", "--quiet", "--depth", "1", whole.as_uri(), "cut")
    code, out, _ = notes(tmp_path / "cut")
    assert (code, out.partition(",")[0]) == (3, "undecided: the clone is shallow")


def test_where_there_is_nothing_it_is_undecided(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = repository(tmp_path, {"CHANGELOG.md": KEEP.format("")}, "v1.0.0", "v1.1.0")
    code, out, _ = notes(root)
    assert (code, out.count("\n")) == (3, 1)
    assert out.startswith("undecided: there is nothing to make notes of what is not released from: CHANGELOG.md has no")
    code, out, _ = notes(root, "0.9", "--output-format", "json")
    told = json.loads(out)
    assert (code, told["verdict"], told["notes"], told["reason"]["code"]) == (3, "undecided", None, "evidence_missing")


def test_without_a_repository(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = write_project(tmp_path / "project", {"pyproject.toml": PYPROJECT})
    assert notes(root)[0] == 3
    (root / "CHANGES.md").write_text(KEEP.format(""))
    assert notes(root, "1.0.0") == (0, "- First\n", "")
    with pytest.raises(UsageError, match=r"'1\.x' is not a version"):
        notes(root, "1.x")


def test_the_commits_of_an_old_version_without_a_tag_are_not_known(tmp_path: Path, notes: Callable[..., Said]) -> None:
    root = repository(tmp_path, {}, "v1.0.0", "v2.0.0")
    commit_all(root, "feat: new")
    assert notes(root, "1.5")[0] == 3
    assert notes(root, "2.1")[0] == 0


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("https://user:token@github.com/o/r", "https://github.com/o/r"),
        ("git@gitlab.com:group/sub/r.git", "https://gitlab.com/group/sub/r"),
        ("ssh://git@bitbucket.org:22/o/r.git/", "https://bitbucket.org/o/r"),
        ("http://git.example.org:3000/o/r", "https://git.example.org:3000/o/r"),
        ("git+ssh://git@codeberg.org/o/r.git", "https://codeberg.org/o/r"),
        ("../r.git", None),
        ("C:/folder/r.git", None),
        ("file:///folder/r.git", None),
        ("https://example.org/r", None),
    ],
)
def test_pages_of_remotes(remote: str, page: str | None) -> None:
    assert forge.home(remote) == page


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("https://github.com/o/r", "https://github.com/o/r/compare/v1...v2"),
        ("https://codeberg.org/o/r", "https://codeberg.org/o/r/compare/v1...v2"),
        ("https://gitlab.com/o/r", "https://gitlab.com/o/r/-/compare/v1...v2"),
        ("https://bitbucket.org/o/r", "https://bitbucket.org/o/r/branches/compare/v2%0Dv1"),
    ],
)
def test_links_to_compare(page: str, link: str) -> None:
    assert forge.compare(page, "v1", "v2") == link


def test_a_remote_of_another_name_will_do(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    here = Git(toplevel=root, prefix="", head="x", branch="main", shallow=False)
    assert forge.page_of(here) is None
    git(root, "remote", "add", "upstream", "https://gitlab.com/o/r.git")
    assert forge.page_of(here) == "https://gitlab.com/o/r"
    assert forge.page_of(None) is None


@pytest.mark.parametrize(
    ("name", "version"),
    [("v1.2", "1.2"), ("1.2rc1", "1.2rc1"), ("name-1.2", "1.2"), ("hatch-v1.2", "1.2"), ("release/1.2", "1.2"),
     ("my-name-1.2", "1.2"), ("nightly", None), ("v1.x", None), ("2026", "2026")],
)  # fmt: skip
def test_versions_of_tags(name: str, version: str | None) -> None:
    found = tags.version_of(name)
    assert (None if found is None else str(found)) == version


def test_the_release_before_a_final_version_is_a_final_one() -> None:
    known = tags.ordered(["v1.0", "v1.1rc1", "v1.1", "v1.2a1", "v1.2b1", "junk"])
    assert [one.name for one in known] == ["v1.2b1", "v1.2a1", "v1.1", "v1.1rc1", "v1.0"]

    def before(version: str | None) -> Any:
        found = tags.before(version, known)
        return None if found is None else found.name

    assert [before(one) for one in ("1.2", "1.2b1", "1.1", "1.1rc1", "1.0", None)] == [
        "v1.1", "v1.2a1", "v1.0", "v1.0", None, "v1.2b1",
    ]  # fmt: skip
    assert tags.named("2.0", tags.ordered(["name-1.0"])) == "name-2.0"
    assert tags.named("2.0", ()) == "v2.0"


@given(message=st.text())
def test_any_message_is_a_commit_or_none(message: str) -> None:
    found = commits.parse(message)
    assert found is None or found.text in message
