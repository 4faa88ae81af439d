"""Runs of a small project in which lines are watched, or are in other circumstances than all others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from gates.builtin.diagnosis.child import events
from gates.builtin.diagnosis.factors import FACTORS
from support.trial_library import trial_library

INSIDE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


class Lines(NamedTuple):
    """How each test ended, and which lines read which factor."""

    ended: dict[str, str]
    reads: set[tuple[str, str, int, str]]

    def of(self, factor: str, test: str = "") -> set[int]:
        """The lines that read a factor in the course of a test."""
        return {line for name, _, line, nodeid in self.reads if name == factor and nodeid.endswith(test)}


def watched(
    place: Path,
    files: Mapping[str, str],
    *watch: str,
    at: Sequence[tuple[str, int]] = (),
    settings: Mapping[str, str] | None = None,
) -> Lines:
    """Write a project and run it with some factors watched, or some lines in those settings."""
    root, library, prefix = place / "project", trial_library(), place / "events" / "run"
    for name, text in {"pytest.ini": "[pytest]\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).removeprefix("\n"), encoding="utf-8")
    shutil.rmtree(prefix.parent, ignore_errors=True)
    spec = place / "spec.json"
    asked: dict[str, Any] = {"events": str(prefix), "root": str(root), "tests": [], "settings": dict(settings or {})}
    asked |= {"base": {name: factor.base for name, factor in FACTORS.items()}, "limit": 0, "writable": [str(place)]}
    spec.write_text(json.dumps(asked | {"watch": watch, "at": at}), encoding="utf-8")
    known = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    given = {"PYTHONPATH": str(library), "VLTAIR_TRIAL": str(spec), "PYTHONDONTWRITEBYTECODE": "1"}
    given["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    argv = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(root), "-p", "vltair_trial.plugin"]
    done = subprocess.run(argv, cwd=root, env=known | INSIDE | given, capture_output=True, text=True, check=False)
    said = events.read(str(prefix), str(root))
    assert any(one["e"] == "done" for one in said), done.stdout + done.stderr
    return Lines(
        {one["id"]: one["ended"] for one in said if one["e"] == "ended"},
        {(one["factor"], one["path"], one["line"], one["id"]) for one in said if one["e"] == "read"},
    )
