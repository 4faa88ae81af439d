"""A process that does one thing to the record of a project again and again, beside others, for some seconds.

Arguments: the project, what to do, the seconds, and a number to vary by. What must never be is an error.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gates.record.integrity import history, retention, verifying
from gates.record.stored import ingest, rebuilding, reconcile, sources, store
from pytest_vltair import eventlog, keeping, state
from support import event_logs


def run(root: Path, chance: random.Random) -> None:
    """A run that keeps what an earlier one kept too, and names it later."""
    log = eventlog.begin(state.folder(root, eventlog.FOLDER), event_logs.CODEC)
    log.identify(event_logs.TRACE, os.urandom(8).hex(), 1)
    log.write("command_start", event_logs.started(log))
    digest = keeping.keep(state.folder(root, keeping.FOLDER), b"%d\n" % chance.randrange(150))
    time.sleep(chance.choice([0.0, 0.001, 0.02]))
    log.write("tests", {"gate": "tests", "project": ".", "recording": digest})
    if chance.random() < 0.05:
        log.abandon()
        return
    log.write("command_end", event_logs.ended())
    log.close()


def retire(root: Path, _: random.Random) -> None:
    """Take away what is older than a moment."""
    history.CLOCKS = timedelta(0)
    path, now = root / ".gates" / "events", datetime.now(UTC)
    retention.retire(path, retention.find(path, now, timedelta(seconds=1)).old, now)


def verify(root: Path, _: random.Random) -> None:
    """Nobody has tampered with anything."""
    found = verifying.verify(root / ".gates" / "events")
    assert found.verdict == "passed", (found.faults, found.unread)


def compare(root: Path, chance: random.Random) -> None:
    """Take all in, make the store anew now and then, and find no drift."""
    path, own = root / ".gates" / store.NAME, sources.own(root)
    if chance.random() < 0.3:
        rebuilding.rebuild(path, [own])
    with store.opened(path) as opened:
        ingest.ingest(opened, [own])
        drifts = reconcile.reconcile(opened, own).drifts
    assert not drifts, drifts[:3]


def main() -> None:
    root, act, end = Path(sys.argv[1]), globals()[sys.argv[2]], time.monotonic() + float(sys.argv[3])
    chance = random.Random(int(sys.argv[4]))
    count = 0
    while time.monotonic() < end:
        act(root, chance)
        count += 1
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main()
