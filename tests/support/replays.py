"""Runs that are recorded and decided again in this process, and projects of which nothing else is left."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from gates.cli import options
from gates.engine import grounds, session
from gates.engine.grounds import Grounds
from gates.engine.observer import Silent
from gates.engine.request import Request
from gates.engine.session import Judgement
from support.repositories import commit_all, make_repository

SETTINGS = """\
[tool.gates]
plugins = ["support.replayed_gates"]
select = [{select}]
{more}
"""
FILES = {"a.txt": "TODO one\nfine\nTODO two\n", "b.txt": "fine\n", ".gitignore": ".gates/\n"}


def project(folder: Path, *gates: str, more: str = "", **files: str) -> Path:
    """A repository with one commit whose settings select these gates."""
    settings = SETTINGS.format(select=", ".join(f'"{one}"' for one in gates), more=more)
    root = make_repository(folder, {**FILES, **files, "pyproject.toml": settings})
    commit_all(root)
    return root


def request(root: Path, **wished: Any) -> Request:
    """A request for the project with the gates that its settings name, as `gates check` makes it."""
    return options.request(options.prepare(str(root), {}), Silent(), **wished)


def judged(root: Path, **wished: Any) -> Judgement:
    """The judgement of the project."""
    return session.judge(request(root, **wished))


def kept(root: Path, judgement: Judgement) -> Grounds:
    """The grounds of a judgement, as they are read again."""
    digest = grounds.keep(root, judgement)
    data = (root / ".gates" / "grounds" / f"{digest}.json").read_bytes()
    return msgspec.json.decode(data, type=Grounds)


def emptied(root: Path) -> Path:
    """The project of which nothing is left but what gates keeps."""
    for path in root.iterdir():
        if path.name != ".gates":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return root
