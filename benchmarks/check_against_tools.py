"""`gates check` against its tools run by hand, one after the other: cold to cold and warm to warm.

Budget: wall <= 1.05 x max(longest chain, CPU of all tools / cores) + 0.3 s. "Warm" keeps every tool's own cache and
gives gates `--no-cache`, so that both sides run every tool.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import projects
import timing

CACHES = (".gates", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__")


def main() -> None:
    given = timing.arguments(__doc__ or "", rounds=5)
    with tempfile.TemporaryDirectory() as folder:
        root = projects.make(Path(folder) / "project", modules=150, tests=100, cases=20)
        for warmth in ("cold", "warm"):
            _compare(root, warmth, max(1, given.rounds // (2 if given.quick else 1)))


def _compare(root: Path, warmth: str, rounds: int) -> None:
    def clear() -> None:
        for name in CACHES:
            for path in sorted(root.rglob(name), reverse=True):
                shutil.rmtree(path, ignore_errors=True)

    before = clear if warmth == "cold" else None
    python = [sys.executable, "-P", "-m"]
    tools = {
        "ruff check": [*python, "ruff", "check", "."],
        "mypy": [*python, "mypy", "src", "tests"],
        "pytest": [*python, "pytest", "-q"],
    }
    commands = [timing.Command(name, argv, root, before=before) for name, argv in tools.items()]
    whole = timing.Command("gates check", timing.gates("check", "--no-cache"), root, before=before)
    figures = timing.side_by_side([*commands, whole], rounds)
    hand = [figures[name] for name in tools]
    shared = sum(one.cpu for one in hand) / (os.cpu_count() or 1)
    print(f"\n{warmth}")
    timing.table(figures, floor="pytest")
    print(f"one after the other by hand: {sum(one.median for one in hand):.0f} ms wall")
    # The least is what a machine that others use as well still says truly.
    for title in ("median", "wall"):
        walls, gates = [getattr(one, title) for one in hand], getattr(figures["gates check"], title)
        budget = 1.05 * max(*walls, shared) + 300
        print(f"{'least' if title == 'wall' else title}: budget {budget:.0f} ms, gates {gates:.0f} ms,", end=" ")
        print(f"{gates / budget:.2f} of the budget")


if __name__ == "__main__":
    main()
