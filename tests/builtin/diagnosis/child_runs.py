"""Runs of the child in pytest processes of their own, as a trial starts them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

from gates.builtin.diagnosis.child import events
from support.trial_library import trial_library

BASE = {"rngseed": "0", "clock": "now", "network": "off", "umask": "022", "listing": "native", "cpus": "own"}
PYTHON = os.environ.get("TRIAL_PYTHON", sys.executable)
Event = dict[str, Any]


class Ran:
    """What came of a run: its events, the status of the process and what it printed."""

    def __init__(self, said: list[Event], status: int, output: str) -> None:
        self.events, self.status, self.output = said, status, output

    def of(self, kind: str) -> list[Event]:
        return [one for one in self.events if one["e"] == kind]

    @property
    def order(self) -> list[str]:
        return [one["id"] for one in self.of("begun")]

    @property
    def ended(self) -> dict[tuple[str, int], str]:
        return {(one["id"], one["turn"]): one["ended"] for one in self.of("ended")}

    def one(self, nodeid: str, turn: int = 1) -> Event:
        (found,) = [e for e in self.of("ended") if e["id"] == nodeid and e["turn"] == turn]
        return found


def run(
    place: Path,
    files: Mapping[str, str],
    *,
    settings: Mapping[str, str] | None = None,
    tests: Sequence[str] = (),
    limit: float = 0.0,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    plugins: bool = False,
) -> Ran:
    """Write a project and run it, as it is asked for; with the plugins that are installed only where they matter."""
    root, library, prefix = place / "project", trial_library(PYTHON), place / "events" / "run"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    shutil.rmtree(prefix.parent, ignore_errors=True)
    spec = place / "spec.json"
    asked: dict[str, Any] = {"events": str(prefix), "root": str(root), "tests": list(tests)}
    asked |= {
        "settings": dict(settings or {}),
        "base": BASE,
        "limit": limit,
        "watch": [],
        "at": [],
        "writable": [str(place)],
    }
    spec.write_text(json.dumps(asked), encoding="utf-8")
    known = {"PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"}
    variables = {name: value for name, value in os.environ.items() if name in known}
    variables |= {"PYTHONPATH": str(library), "VLTAIR_TRIAL": str(spec), "PYTHONDONTWRITEBYTECODE": "1"}
    if not plugins and (settings or {}).get("parallel", "0") == "0":
        variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    argv = [PYTHON, "-m", "pytest", "-q", "--rootdir", str(root), "-p", "vltair_trial.plugin", *arguments]
    ended = subprocess.run(
        argv, cwd=root, env=variables | dict(environment or {}), capture_output=True, text=True, timeout=90, check=False
    )
    return Ran(events.read(str(prefix), str(root)), ended.returncode, ended.stdout + ended.stderr)
