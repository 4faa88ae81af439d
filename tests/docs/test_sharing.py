"""The page about runs of CI: what its workflow keeps is enough for its commands, which print what it shows."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import yaml

from support import consoles
from support.commands import gates
from support.pages import HOW_TO, marked
from support.repositories import git, make_repository

PAGE = "share-the-record.md"
PYPROJECT = '[project]\nname = "greet"\nversion = "1.0"\n\n[tool.gates]\nselect = ["tests"]\n'
TEST = 'def test_hello():\n    assert "Hallo" == "Hello"\n'


def kept(job: Path, place: Path) -> None:
    """Put there what the step of the page keeps of a job: files below the last folder that its paths share."""
    (step,) = yaml.safe_load(marked(PAGE, "file: upload"))
    assert step["with"]["include-hidden-files"] is True
    for line in step["with"]["path"].split():
        shared, _, folder = line.rpartition("/")
        assert shared == ".gates"
        shutil.copytree(job / line, place / folder)


def test_the_artifact_answers_what_the_page_asks(tmp_path: Path) -> None:
    job = make_repository(tmp_path / "job", {"pyproject.toml": PYPROJECT, "test_greet.py": TEST})
    git(job, "clone", "-q", str(job), str(tmp_path / "greet"))
    assert gates("check", cwd=job).code == 1
    for place in ("ci/record-4711-1-gates", "of-4711/.gates"):
        kept(job, tmp_path / place)
    shutil.rmtree(job)
    shown = consoles.commands(HOW_TO / PAGE)
    assert len(shown) == 5
    for command, text in shown:
        done = gates(*shlex.split(command)[1:], cwd=tmp_path / "greet")
        assert consoles.alike(done.out) == consoles.alike(text), f"{command}\n{done.out}{done.err}"
