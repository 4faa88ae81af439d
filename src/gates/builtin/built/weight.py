"""Weight: how much a build has written so far, looked at while it runs."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from gates.model.reason import Reason

INTERVAL = 0.2
"""Seconds between two looks at least."""

SHARE = 20
"""A look may take this part of the time at most: the tree of a large project is not looked at five times a second."""


class Weight:
    """Set once `folders` hold more than `limit` bytes beyond what they held in the beginning."""

    def __init__(self, folders: Sequence[Path], limit: int) -> None:
        self.folders = folders
        self.limit = limit
        self.start()

    def start(self) -> None:
        """Take what the folders hold now for what was there in the beginning."""
        self.before = self._now()
        self.most = 0
        self.next = time.monotonic() + INTERVAL

    def is_set(self) -> bool:
        """Whether more was written than may be; looks at most every fifth of a second."""
        began = time.monotonic()
        if self.most <= self.limit and began >= self.next:
            self._look()
            ended = time.monotonic()
            self.next = ended + max(INTERVAL, SHARE * (ended - began))
        return self.most > self.limit

    def reason(self, hook: str, *, now: bool = False) -> Reason | None:
        """Why what the hook left does not count, or None where it kept to the limit; looks again with `now`."""
        if now:
            self._look()
        if self.most <= self.limit:
            return None
        return Reason(
            code="output_limit",
            message=f"{hook} wrote more than the {_size(self.limit)} that a build may write",
            fix="look at what the build writes, or raise `disk` (mebibytes) in [tool.gates.repro]",
        )

    def _look(self) -> None:
        self.most = max(self.most, self._now() - self.before)

    def _now(self) -> int:
        return sum(_weigh(str(folder)) for folder in self.folders)


def _weigh(folder: str) -> int:
    """The bytes of all files below a folder, however small they are on disk: a hole can be read too."""
    total = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            # It is gone, or shut: what is in there the backend put there itself, and the artifact is looked at anyway.
            continue
    return total


def _size(count: int) -> str:
    return f"{count / 1024**2:,.0f} MiB" if count >= 1024**2 else f"{count:,} bytes"
