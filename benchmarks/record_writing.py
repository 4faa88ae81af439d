"""What writing the event log costs a run: budget 5 CPU-ms, the same command with and without it, paired."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path

import projects
import timing

OFF = "\n[tool.gates.record]\nenabled = false\n"


def main() -> None:
    given = timing.arguments(__doc__ or "", rounds=30)
    with tempfile.TemporaryDirectory() as folder:
        with_log = projects.make(Path(folder) / "with", modules=40, tests=10, cases=5)
        without = projects.make(Path(folder) / "without", modules=40, tests=10, cases=5)
        settings = without / "pyproject.toml"
        settings.write_text(settings.read_text("utf-8") + OFF, "utf-8")
        for root in (with_log, without):
            subprocess.run(timing.gates("check"), cwd=root, check=True, stdout=subprocess.DEVNULL)
        commands = [
            timing.Command("gates check, cached, no event log", timing.gates("check"), without),
            timing.Command("gates check, cached, with its event log", timing.gates("check"), with_log),
        ]
        more = []
        for number in range(given.rounds + 1):
            pair = [timing.run(one)[0] for one in (commands if number % 2 else reversed(commands))]
            without_ms, with_ms = pair if number % 2 else reversed(pair)
            if number:  # the first warms file caches and byte code
                more.append(with_ms - without_ms)
        timing.table(timing.side_by_side(commands, 5), floor=commands[0].name)
        low, middle, high = statistics.quantiles(more, n=4)
        print(f"paired: median {middle:+.1f} CPU-ms, quartiles {low:+.1f} and {high:+.1f} (budget 5)")


if __name__ == "__main__":
    main()
