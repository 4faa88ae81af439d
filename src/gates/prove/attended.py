"""Attended: `python -m gates` for a proof; when that is killed, it ends and takes the copy away."""

from __future__ import annotations

import os
import runpy
import threading
import time
from pathlib import Path

LOOK = 0.5
"""Seconds between two looks at whether the proof is still there."""
PATIENCE = 10.0
"""Seconds that the check has to come to its end without its children."""


def main(home: str) -> None:
    """Run the command line that `sys.argv` has; `home` is the folder round the copy that is checked."""
    ended = threading.Event()
    watch = _Watch(Path(home), ended)
    watch.start()
    try:
        runpy.run_module("gates", run_name="__main__", alter_sys=True)
    finally:
        ended.set()
        if watch.is_orphaned:
            watch.join()


class _Watch(threading.Thread):
    """Waits until nobody waits for this process any more, and then leaves nothing behind."""

    def __init__(self, home: Path, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.is_orphaned = False
        self._parent = os.getppid()
        self._home = home
        self._ended = ended

    def run(self) -> None:
        """Look, and at last end every child, wait for the check to end for want of them, and remove the copy."""
        while os.getppid() == self._parent:
            time.sleep(LOOK)
        from gates.process import child
        from gates.project import workspace

        self.is_orphaned = True
        child.end_all(closing=True)
        self._ended.wait(PATIENCE)
        workspace.remove(self._home)
        os._exit(130)
