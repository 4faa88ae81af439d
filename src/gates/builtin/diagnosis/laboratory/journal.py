"""Journal: what came of trials, kept until the diagnosis is finished, so that one that was stopped goes on there."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from gates.builtin.diagnosis.trial import Ran, Trial

FOLDER = "diagnose"
DAY = 86400.0
"""What is older is not believed: a test may have failed for the date."""


class Journal:
    """A file below `.gates/diagnose/`; whatever is wrong with it, the trials are run again."""

    def __init__(self, state: Path, key: str) -> None:
        self.path = state / FOLDER / f"{key[:32]}.jsonl"
        self._lock = threading.Lock()

    def read(self) -> dict[Trial, Ran]:
        """What is known; a line that cannot be read is passed over."""
        found: dict[Trial, Ran] = {}
        with suppress(OSError, ValueError):
            if time.time() - self.path.stat().st_mtime > DAY:
                return found
            for line in self.path.read_bytes().splitlines():
                with suppress(msgspec.MsgspecError, ValueError):
                    ran = msgspec.json.decode(line, type=Ran)
                    if ran.status == "done":
                        found[ran.trial] = ran
        return found

    def note(self, ran: Ran) -> None:
        """Add what came of a trial; a state folder that cannot be written is done without."""
        if ran.status != "done":
            return
        with self._lock, suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # A line that was cut by whatever ended an earlier run must not take this one with it.
            with self.path.open("ab") as file:
                file.write((b"\n" if file.tell() else b"") + msgspec.json.encode(ran))

    def clear(self) -> None:
        """Forget all of it: the diagnosis is finished."""
        with self._lock, suppress(OSError):
            self.path.unlink(missing_ok=True)
