"""A project that was built and recorded, so that it can be attested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.builtin.attested import dists as files
from gates.project import facts
from support.repositories import commit_all, git

SDIST, WHEEL = "sample-1.0.tar.gz", "sample-1.0-py3-none-any.whl"
REMOTE = "https://ada:hunter2hunter2@github.com/ada/sample.git"
REPOSITORY = "https://github.com/ada/sample"
BUILDER = "https://ci.example/ada/release"


def made(root: Path) -> Path:
    """A repository at its tag v1.0, with artifacts that git ignores and the record of what they are built with."""
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "sample"\nversion = "1.0"\n', "utf-8")
    (root / ".gitignore").write_text("dist/\n.gates/\n", "utf-8")
    (root / "dist").mkdir()
    for name in (SDIST, WHEEL):
        (root / "dist" / name).write_bytes(name.encode())
    record(root)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "remote", "add", "origin", REMOTE)
    commit_all(root)
    git(root, "tag", "v1.0")
    return root


def record(root: Path, **other: Any) -> None:
    """What `gates repro --record` writes, as far as it is read."""
    packages = [{"name": "hatchling", "version": "1.27.0", "sha256": "a" * 64}]
    held = {
        "schema_version": 1,
        "gate": "repro",
        "sources": "0" * 64,
        "source_date_epoch": 1767225600,
        "toolchain": {
            "python": "cpython 3.12.1",
            "zlib": "1.3",
            "platform": "linux-x86_64",
            "backend": "hatchling.build",
            "packages": packages,
        },
        "artifacts": [
            {"kind": "sdist", "name": one.name, "sha256": one.sha256} for one in files.read(files.find([root / "dist"]))
        ],
        **other,
    }
    place = root / "gates-baseline/repro.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(held), "utf-8")


def report(root: Path, **other: Any) -> dict[str, Any]:
    """A green report of the project at HEAD."""
    git_of = facts.find(root).git
    assert git_of is not None
    return {
        "schema_version": 1,
        "verdict": "passed",
        "exit_code": 0,
        "error": None,
        "project": {"name": "sample", "root": ".", "commit": git_of.head, "dirty": False, "scope": "full"},
        "gates": [gate("lint"), gate("tests")],
        "not_judged": [],
        "run": {"started": "2026-01-01T11:00:00Z"},
        **other,
    }


def gate(name: str, verdict: str = "passed", **more: Any) -> Mapping[str, Any]:
    """One gate of a report."""
    return {"name": name, "verdict": verdict, "allowed_undecided": False, **more}
