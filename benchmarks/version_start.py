"""`gates --version` against a bare interpreter and its peers: budget 60 CPU-ms."""

from __future__ import annotations

import sys
from pathlib import Path

import timing


def main() -> None:
    given = timing.arguments(__doc__ or "", rounds=20)
    here = Path.cwd()
    commands = [
        timing.Command("python -c pass", [sys.executable, "-c", "pass"], here),
        timing.Command("gates --version", timing.gates("--version"), here),
        timing.Command("gates --help", timing.gates("--help"), here),
        *(
            timing.Command(f"{name} --version", [path, "--version"], here)
            for name, path in timing.installed("pre-commit", "nox", "tox", "coverage", "pytest")
        ),
    ]
    timing.table(timing.side_by_side(commands, given.rounds), floor="python -c pass")


if __name__ == "__main__":
    main()
