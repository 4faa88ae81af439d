"""A project's life, from `gates init` to a release that others can verify: real tools, one repository, one story."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.commands import Result, check, environment, gates
from support.repositories import commit_all, git, make_repository

for _needed in ("build", "cyclonedx_py", "securesystemslib"):
    pytest.importorskip(_needed, reason=f"{_needed} is not installed")

FIXED = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "SOURCE_DATE_EPOCH": "1767225600",
}
PATIENCE = 120.0
"""Seconds for which an index, or the way to it, may be away."""
AWAY = ("Request failed after", "Name or service not known", "name resolution", "NewConnectionError", "timed out")
"""What uv and pip say where no index answers."""

BUILDER = "https://ci.example.org/release"
PROJECT = """
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "newest"
version = "1.0.0"
description = "Finds the newest of several versions."
readme = "README.md"
requires-python = ">=3.11"
license = "0BSD"
license-files = ["LICENSE"]
dependencies = ["packaging>=24"]

[dependency-groups]
dev = ["ruff", "mypy", "pytest", "pytest-vltair"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
vltair = "fix"

[tool.mypy]
strict = true
files = ["src", "tests"]
mypy_path = "src"

[tool.coverage.run]
source_pkgs = ["newest"]

[tool.coverage.report]
fail_under = 90

[tool.gates.trace]
documents = ["docs/requirements.md"]
"""
MODULE = '''
"""Finds the newest of several versions."""

from packaging.version import Version


def newest(versions: list[str]) -> str:
    """The newest of `versions`."""
    return max(versions, key=Version)
'''.lstrip()
MENDED = '''
"""Finds the newest of several versions."""

from packaging.version import InvalidVersion, Version


def newest(versions: list[str]) -> str:
    """The newest of `versions`."""
    try:
        return max(versions, key=Version)
    except InvalidVersion as error:
        raise ValueError("not all of them are versions") from error
'''.lstrip()
TESTS = """
import pytest

from newest import newest


@pytest.mark.requirement("NV-1")
def test_ten_is_newer_than_nine() -> None:
    assert newest(["1.9", "1.10"]) == "1.10"
""".lstrip()
TEST_OF_NV_2 = """

@pytest.mark.requirement("NV-2")
def test_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match="not all of them are versions"):
        newest(["1.9", "latest"])
"""
REQUIREMENTS = """
# Requirements

| ID | Status | Requirement |
|---|---|---|
| NV-1 | Done | Versions are ordered by number, not by letters. |
""".lstrip()
NV_2 = "| NV-2 | Done | What is no version is refused. |\n"
CHANGELOG = """
# Changelog

## [Unreleased]

### Added

- What is no version is refused.

## [1.0.0] - 2026-01-01

- The first release.
""".lstrip()
RELEASING = f"""
[tool.gates.sbom]
source = "pylock"
author = "The authors of newest"
artifacts = ["dist/*.whl", "dist/*.tar.gz"]
minimum = {{ supplier = 50 }}

[tool.gates.provenance]
public-key = "release.pub.pem"
builder = "{BUILDER}"
"""
FILES = {
    ".gitignore": "dist/\nrelease.key\nreport.json\n__pycache__/\n.*_cache/\n",
    "pyproject.toml": PROJECT,
    "README.md": "# newest\n",
    "LICENSE": "Permission to use, copy, modify, and/or distribute this software.\n",
    "CHANGELOG.md": CHANGELOG,
    "docs/requirements.md": REQUIREMENTS,
    "src/newest/__init__.py": MODULE,
    "src/newest/py.typed": "",
    "tests/test_newest.py": TESTS,
}
EVERYDAY = {"lint", "types", "tests", "coverage", "trace", "policy"}


@dataclass(frozen=True)
class Project:
    """The project, and what its people do with it."""

    root: Path

    def gates(self, *words: str) -> Result:
        return gates(*words, cwd=self.root, env=FIXED)

    def run(self, *words: str) -> None:
        """Run another tool, which must succeed; a package index that is away is asked again for a while."""
        until = time.monotonic() + PATIENCE
        while True:
            done = subprocess.run(
                words, cwd=self.root, env=environment(FIXED), capture_output=True, text=True, timeout=400, check=False
            )
            said = f"{done.stdout}{done.stderr}"
            if done.returncode == 0 or not any(one in said for one in AWAY) or time.monotonic() > until:
                break
            time.sleep(5)
        assert done.returncode == 0, f"{words}: {said}"

    def add(self, name: str, text: str) -> None:
        """Put `text` at the end of a file, and commit."""
        with (self.root / name).open("a", encoding="utf-8") as file:
            file.write(text)
        commit_all(self.root, f"{name}: more of it")

    def change(self, name: str, before: str, after: str) -> None:
        """Put `after` in the place of `before`, and commit."""
        text = (self.root / name).read_text("utf-8")
        assert text.count(before) == 1
        (self.root / name).write_text(text.replace(before, after), "utf-8")
        commit_all(self.root, f"{name}: other than it was")

    def is_green(self) -> None:
        result = check(self.root, env=FIXED)
        assert result.code == 0, result.out + result.err
        assert result.verdicts == dict.fromkeys(EVERYDAY, "passed")

    def is_red(self, *names: str, by: set[str]) -> None:
        """These gates fail by these rules, and every other one passes."""
        result = check(self.root, env=FIXED)
        assert result.code == 1, result.out + result.err
        assert result.verdicts == dict.fromkeys(EVERYDAY, "passed") | dict.fromkeys(names, "failed")
        assert result.rules == by


@pytest.mark.requirement("ACT-6")
def test_a_project_from_its_first_check_to_its_release(tmp_path: Path) -> None:
    project = Project(make_repository(tmp_path / "newest", FILES))

    # It takes the gates on: they are green, and what that rests on is written down.
    begun = project.gates("init")
    assert begun.code == 0, begun.out + begun.err
    assert 'select = ["lint", "types", "tests", "coverage", "trace"]' in begun.out
    commit_all(project.root, "Gates")
    project.is_green()

    # A requirement is said to be met, and no test shows it.
    project.add("docs/requirements.md", NV_2)
    project.is_red("trace", by={"TRC004"})

    # The test is written, and shows that it is not met.
    project.add("tests/test_newest.py", TEST_OF_NV_2)
    project.is_red("tests", "trace", by={"TST001", "TRC007"})

    # The code is mended.
    project.change("src/newest/__init__.py", MODULE, MENDED)
    project.is_green()

    # Somebody lowers a limit, on a branch that does not get through.
    git(project.root, "switch", "--quiet", "--create", "easier")
    project.change("pyproject.toml", "fail_under = 90", "fail_under = 50")
    project.is_red("policy", by={"POL001"})
    git(project.root, "switch", "--quiet", "main")

    # A release: a key of its own, a version, a tag.
    assert project.gates("provenance", "key", "release").code == 0
    project.run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--format",
        "pylock.toml",
        "-o",
        "pylock.toml",
        "pyproject.toml",
    )
    project.add("pyproject.toml", RELEASING)
    bumped = project.gates("release", "bump", "1.1.0", "--date", "2026-01-01")
    assert bumped.code == 0, bumped.err
    commit_all(project.root, "Release 1.1.0")
    git(project.root, "tag", "--annotate", "--message=1.1.0", "v1.1.0")

    # What passed is kept, and what will be published is built, listed and signed.
    dist = project.root / "dist"
    judged = project.gates("check", "--output-file", "json=report.json")
    assert judged.code == 0, judged.out + judged.err
    made_with = project.root.parent / "made-with.json"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed")
    project.run(*pip, "--report", str(made_with), "hatchling>=1.26")
    project.run(sys.executable, "-m", "build", "--installer", "uv")
    bill = project.gates("sbom", "--output-file", "cyclonedx=dist/newest.cdx.json")
    assert bill.code == 0, bill.out + bill.err
    listed = [*dist.glob("newest*")]
    sums = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in sorted(listed)]
    (dist / "SHA256SUMS").write_text("".join(sums), "utf-8")
    signed = project.gates(
        *("provenance", "dist", "--key", "release.key", "--builder", BUILDER, "--packages", str(made_with)),
        *("--report", "report.json", "--byproduct", "dist/newest.cdx.json"),
    )
    assert signed.code == 0, signed.err

    # It is whole, and who has the public key can verify it; a byte that is not theirs is found.
    whole = project.gates("release", "check", "dist")
    assert whole.code == 0, whole.out
    trusted = ("--public-key", "release.pub.pem", "--builder", BUILDER, "--version", "1.1.0")
    verify = ("provenance", "verify", "dist", *trusted, "--commit", git(project.root, "rev-parse", "HEAD"))
    verified = project.gates(*verify, "--report", "report.json", "--gates", "lint,tests,trace")
    assert verified.code == 0, verified.out + verified.err
    (wheel,) = dist.glob("*.whl")
    with wheel.open("ab") as file:
        file.write(b"\n")
    assert project.gates(*verify).code == 1
    assert git(project.root, "status", "--porcelain") == ""
