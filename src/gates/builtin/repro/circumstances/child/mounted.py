"""Mounted: runs a command where disorderfs shows folders in another order, in a mount name space of its own.

Run as a file: `mounted.py DISORDERFS SOURCE PLACE FOLDER COMMAND…`; the command runs in FOLDER, which is PLACE or below
it. When the name space ends, so does the mount.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time

PATIENCE = 10.0
FAILED = 70
"""EX_SOFTWARE of sysexits.h."""


def main() -> int:
    """The code of the command, 70 where there was no mount to run it in."""
    tool, source, place, folder, *command = sys.argv[1:]
    plain = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    options = ["-q", "-f", "--sort-dirents=yes", "--reverse-dirents=yes", "--pad-blocks=0"]
    daemon = subprocess.Popen([tool, *options, source, place], env=plain, cwd="/")
    try:
        until = time.monotonic() + PATIENCE
        while not os.path.ismount(place):
            if daemon.poll() is not None or time.monotonic() > until:
                sys.stderr.write("disorderfs did not mount\n")
                return FAILED
            select.select([], [], [], 0.002)
        # From the mount on, the name leads to another folder than before.
        os.chdir(folder)
        code = subprocess.call(command)
    finally:
        os.chdir("/")
        daemon.terminate()
        daemon.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
