"""A process that writes runs into the log of a project and takes them into its store until it is killed.

Each event is reported on standard output once it is acknowledged. Arguments: the project, and a number to vary by.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gates.record.stored import ingest, sources, store
from pytest_vltair import eventlog, identity
from support import event_logs


def main() -> None:
    root = Path(sys.argv[1])
    chance = random.Random(int(sys.argv[2]))
    while True:
        write(root / ".gates" / "events", chance)
        if chance.random() < 0.5:
            with store.opened(root / ".gates" / store.NAME) as opened:
                ingest.ingest(opened, [sources.own(root)])


def write(folder: Path, chance: random.Random) -> None:
    log = eventlog.begin(folder, event_logs.CODEC)
    log.identify(identity.trace(str(chance.randrange(5))), identity.run_span(log.run), 1 + chance.randrange(3))
    log.write("command_start", event_logs.started(log))
    told(log.run, 0)
    count = chance.randrange(1, 30)
    for number in range(1, count):
        log.write("measure", event_logs.measure(number))
        told(log.run, number)
    log.write("command_end", event_logs.ended())
    told(log.run, count)
    log.close()


def told(run: str, seq: int) -> None:
    """Report in one write, so that a kill leaves whole lines or a last one that says nothing."""
    os.write(1, f"{run} {seq}\n".encode())


if __name__ == "__main__":
    main()
