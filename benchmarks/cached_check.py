"""`gates check` with nothing changed on 1,000 files: budget 150 CPU-ms, beside peers whose hooks do nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import projects
import timing

PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - {id: one, name: one, entry: "true", language: system, pass_filenames: false, always_run: true}
      - {id: two, name: two, entry: "true", language: system, pass_filenames: false, always_run: true}
      - {id: three, name: three, entry: "true", language: system, pass_filenames: false, always_run: true}
"""
NOXFILE = """\
import nox


@nox.session(venv_backend="none")
def one(session):
    pass


@nox.session(venv_backend="none")
def two(session):
    pass
"""


def main() -> None:
    given = timing.arguments(__doc__ or "", rounds=12)
    with tempfile.TemporaryDirectory() as folder:
        root = projects.make(Path(folder) / "project", modules=900, tests=100, cases=1)
        (root / ".pre-commit-config.yaml").write_text(PRE_COMMIT, "utf-8")
        (root / "noxfile.py").write_text(NOXFILE, "utf-8")
        subprocess.run(timing.gates("check"), cwd=root, check=True)
        peers = {"pre-commit": ["run", "-a"], "nox": []}
        commands = [
            timing.Command("python -c pass", [sys.executable, "-c", "pass"], root),
            timing.Command("gates check (lint, types, tests cached)", timing.gates("check"), root),
            timing.Command("gates check lint (cached)", timing.gates("check", "lint"), root),
            *(
                timing.Command(f"{name} {' '.join(peers[name])}, hooks that do nothing", [path, *peers[name]], root)
                for name, path in timing.installed("pre-commit", "nox")
            ),
        ]
        timing.table(timing.side_by_side(commands, given.rounds), floor="python -c pass")


if __name__ == "__main__":
    main()
