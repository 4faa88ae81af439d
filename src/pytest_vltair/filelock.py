"""File lock: of one file, held by one process, which the system takes back when that process ends in any way."""

from __future__ import annotations

import os
import sys
import time

PAUSE = 0.002
_FAR = (1 << 31) - 2
"""Where Windows locks: a byte that no file has, since others may not read what is locked; its places have 31 bits."""

if sys.platform == "win32":
    import msvcrt

    def attempt(descriptor: int) -> bool:
        """Whether the lock could be had; nobody waits."""
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def attempt(descriptor: int) -> bool:
        """Whether the lock could be had; nobody waits.

        Raises:
            OSError: the file system has no locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def wait(descriptor: int, seconds: float) -> bool:
    """Whether the lock could be had in so many seconds; closing the file gives it back.

    Raises:
        OSError: the file system has no locks.
    """
    end = time.monotonic() + seconds
    while not attempt(descriptor):
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True
