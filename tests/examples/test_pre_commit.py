"""The hooks of pre-commit: a commit and a push that go through, and that do not, by the real pre-commit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.commands import environment
from support.projects import write_project
from support.repositories import ENVIRONMENT, git, make_repository

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
REPOSITORY = Path(__file__).parents[2]
MANIFEST = REPOSITORY / ".pre-commit-hooks.yaml"
PAGE = (REPOSITORY / "docs" / "how-to" / "pre-commit.md").read_text("utf-8")
CHEAP, FULL = "gates check (what is cheap)", "gates check"
IGNORED = ".gates/\n__pycache__/\n.*_cache/\n"
MODULE = '"""A sample."""\n'
TEST = "def test_sums() -> None:\n    assert 1 + 1 == {}\n"


@dataclass(frozen=True)
class Clone:
    """A repository with the hooks installed, and one to push to."""

    root: Path

    def run(self, *words: str, **env: str) -> tuple[int, str]:
        """The code of a command and all that it printed."""
        home = {"PRE_COMMIT_HOME": str(self.root.parent / "home"), "PATH": self.path(), **ENVIRONMENT, **env}
        done = subprocess.run(
            words, cwd=self.root, env=environment() | home, capture_output=True, text=True, timeout=120, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def path(self) -> str:
        """The programs of the environment that runs the tests first."""
        return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def commit(self, **env: str) -> tuple[int, str]:
        git(self.root, "add", "--all")
        return self.run("git", "commit", "--allow-empty", "--message", "change", **env)

    def undone(self) -> None:
        git(self.root, "reset", "--quiet", "--hard")


def hooks(text: str) -> dict[str, str]:
    """What pre-commit says of each hook that ran."""
    return dict(re.findall(r"(?m)^(.+?)\.{3,}(?:\([^)]*\))?(\w+)$", text))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The configuration of the page, with our hooks from a repository on this machine."""
    folder = tmp_path_factory.mktemp("clone")
    ours = make_repository(folder / "ours", {MANIFEST.name: MANIFEST.read_bytes()})
    git(ours, "tag", "v0.1.0")
    found = re.search(r"<!-- file: .pre-commit-config.yaml -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    config = found[1].replace("https://github.com/pytest-vltair/pytest-vltair", ours.as_posix())
    assert config != found[1]
    root = write_project(
        folder / "project",
        {
            ".gitignore": IGNORED,
            ".pre-commit-config.yaml": config,
            "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n[tool.ruff]\n[tool.gates.tests]\n',
            "sample.py": MODULE,
            "test_sample.py": TEST.format(2),
        },
    )
    git(root, "init", "--quiet", "--initial-branch=main")
    git(folder, "init", "--quiet", "--bare", "remote")
    git(root, "remote", "add", "origin", str(folder / "remote"))
    clone = Clone(root)
    code, text = clone.run(sys.executable, "-m", "pre_commit", "install")
    assert code == 0, text
    code, text = clone.commit()
    assert code == 0, text
    assert hooks(text) == {CHEAP: "Passed"}
    return clone


def test_the_manifest_is_one() -> None:
    words = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_without_files_is_judged_all_the_same(clone: Clone) -> None:
    code, text = clone.commit()
    assert code == 0, text
    assert hooks(text) == {CHEAP: "Passed"}


def test_what_is_red_is_not_committed(clone: Clone) -> None:
    before = git(clone.root, "rev-parse", "HEAD")
    (clone.root / "sample.py").write_text(f"{MODULE}import os\n", "utf-8")
    code, text = clone.commit()
    assert code == 1
    assert hooks(text) == {CHEAP: "Failed"}
    assert "sample.py:2" in text
    assert "F401" in text
    assert git(clone.root, "rev-parse", "HEAD") == before
    clone.undone()


def test_what_cannot_be_decided_is_not_committed(clone: Clone) -> None:
    code, text = clone.commit(GATES_HIDE="ruff")
    assert code == 1
    assert hooks(text) == {CHEAP: "Failed"}
    assert "exit code: 3" in text
    assert "tool_missing" in text


def test_where_gates_is_not_installed_nothing_is_committed(clone: Clone) -> None:
    without = os.pathsep.join(part for part in clone.path().split(os.pathsep) if not (Path(part) / "gates").exists())
    code, text = clone.commit(PATH=without)
    assert code == 1
    assert hooks(text) == {CHEAP: "Failed"}
    assert "`gates` not found" in text


def test_a_failing_test_is_committed_and_not_pushed(clone: Clone) -> None:
    assert clone.run("git", "push", "--quiet", "origin", "main")[0] == 0
    (clone.root / "test_sample.py").write_text(TEST.format(3), "utf-8")
    assert clone.commit()[0] == 0
    code, text = clone.run("git", "push", "--quiet", "origin", "main")
    assert code == 1
    assert hooks(text) == {FULL: "Failed"}
    assert "TST001" in text
    assert git(clone.root, "rev-parse", "origin/main") != git(clone.root, "rev-parse", "HEAD")


def test_the_page_shows_the_names_of_the_hooks() -> None:
    named = re.findall(r"(?m)^  name: (.+)$", MANIFEST.read_text("utf-8"))
    assert named == [CHEAP, FULL]
    assert set(hooks(PAGE)) == {CHEAP, FULL}
