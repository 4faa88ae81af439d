"""The workflow that `gates init --ci github` writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gates.project.facts import Project

PATH = ".github/workflows/gates.yml"

# Commits of the releases named beside them, read from the actions' own repositories in August 2026.
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"

DEVELOPMENT = ("dev", "develop", "development", "test", "tests", "testing")
FIRST_LINE = "# Written by `gates init --ci github`; it is yours to change."
TEMPLATE = """\
{first}
name: gates

on:
  push:
    branches: [{branch}]
  pull_request:

permissions: {{}}

jobs:
  gates:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: read
{directory}    steps:
      - uses: {checkout}
        with:
          # The merge base with the target branch is compared with, so all commits are needed.
          fetch-depth: 0
          persist-credentials: false
      - uses: {setup_python}
        with:
          python-version: "{python}"
      - name: Install
        run: |
{install}
      - name: Check
        run: gates check --output-format github --output-file "markdown=$GITHUB_STEP_SUMMARY"
"""


def text(project: Project, *, python: str, branch: str) -> str:
    """The workflow: least permissions, no credentials kept, actions pinned to commits, every commit fetched.

    `python` is the version to judge with, such as `3.12`; `branch` the one whose pushes are judged.
    """
    prefix = "" if project.git is None else project.git.prefix.rstrip("/")
    directory = f"    defaults:\n      run:\n        working-directory: {json.dumps(prefix)}\n" if prefix else ""
    return TEMPLATE.format(
        first=FIRST_LINE,
        branch=json.dumps(branch),
        directory=directory,
        checkout=CHECKOUT,
        setup_python=SETUP_PYTHON,
        python=python,
        install="\n".join(f"          {line}" for line in _install(project)),
    )


def _install(project: Project) -> Iterable[str]:
    """Commands that install the project for development, as far as its metadata says how, and gates."""
    files = set(project.tree.files)
    metadata = project.pyproject.get("project", {})
    wanted = ['"pytest-vltair[lint,types]"']
    found = [name for name in _names(metadata, "optional-dependencies") if name in DEVELOPMENT]
    # A [project] table alone may only carry metadata: pip would guess at how to build it, and fail on two modules.
    if found or "build-system" in project.pyproject or files & {"setup.py", "setup.cfg"}:
        # Editable: tests of an installed copy would prove nothing about the tree.
        wanted.append(f'-e ".[{",".join(found)}]"' if found else "-e .")
    wanted += [f"--group {name}" for name in _names(project.pyproject, "dependency-groups") if name in DEVELOPMENT]
    requirements = r"(?:requirements[-_.])?(?:dev|test|tests)(?:[-_.]?requirements)?\.txt|requirements\.txt"
    wanted += [f"-r {name}" for name in sorted(files) if re.fullmatch(rf"(?:requirements/)?(?:{requirements})", name)]
    yield "python -m pip install --upgrade pip"
    yield f"python -m pip install {' '.join(wanted)}"


def _names(table: Any, key: str) -> list[str]:
    found = table.get(key) if isinstance(table, Mapping) else None
    return sorted(found) if isinstance(found, Mapping) else []
