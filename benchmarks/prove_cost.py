"""`gates prove` against one uncached `gates check` of the same gates, on the examples.

Budget: all rules of all gates within 8 times the CPU of the check. The check is measured without any cache, as in CI,
and with the tools' own caches warm; the proof always starts without any, and copies the project.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import timing

EXAMPLES = Path(__file__).parent.parent / "examples"
CACHES = (".gates", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__")


def main() -> None:
    given = timing.arguments(__doc__ or "", rounds=3)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("minimal", "full"):
            root = Path(folder) / name
            shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns(*CACHES))
            _compare(root, 1 if given.quick else given.rounds)


def _compare(root: Path, rounds: int) -> None:
    def clear() -> None:
        for name in CACHES:
            for path in sorted(root.rglob(name), reverse=True):
                shutil.rmtree(path, ignore_errors=True)

    def check() -> None:
        clear()
        timing.run(timing.Command("", timing.gates("check"), root))

    commands = [
        timing.Command("gates check, no cache", timing.gates("check", "--no-cache"), root, before=clear),
        timing.Command("gates check, tools' caches", timing.gates("check", "--no-cache"), root, before=check),
        timing.Command("gates prove", timing.gates("prove"), root, before=clear),
        timing.Command("gates prove, after a check", timing.gates("prove"), root, before=check),
        timing.Command("gates prove --fast", timing.gates("prove", "--fast"), root, before=clear),
    ]
    figures = timing.side_by_side(commands, rounds)
    print(f"\nexamples/{root.name}")
    timing.table(figures, floor="gates check, no cache")
    multiple = figures["gates prove"].cpu / figures["gates check, no cache"].cpu
    warm = figures["gates prove"].cpu / figures["gates check, tools' caches"].cpu
    print(f"all rules: {multiple:.1f} x the check without caches ({warm:.1f} x with the tools' own), budget 8 x")


if __name__ == "__main__":
    main()
