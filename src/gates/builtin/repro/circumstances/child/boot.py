"""Boot: applies circumstances to this process, writes down what it sees of them, and becomes the script of a hook.

Run as a file: `boot.py PLAN SCRIPT ARGUMENT…`; PLAN is the JSON file that `circumstances.plan` writes. What is done by
variables, a name space or a file system holds for the backend's own subprocesses too; what is patched here does not:
they see the real owner, order of folders and number of processors, and the real times of files.
"""

# ruff: noqa: PTH100, PTH108, PTH120, PTH208, S108

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module

SHARED = "FAKETIME_SHARED"
SIBLINGS = ("clock", "fence", "lock", "seen", "world")


def main() -> None:
    """Apply, observe, fence in, run."""
    place, script = os.path.dirname(os.path.abspath(__file__)), sys.argv[2]
    sys.path.insert(0, place)
    # Not by `import`: they are top-level modules in the build's process only, and no others have these names there.
    clock, fence, lock, seen, world = (import_module(name) for name in SIBLINGS)
    plan = seen.read(sys.argv[1])
    forget()
    _prune(plan["variables"])
    os.umask(plan["umask"])
    now = clock.start(plan["clock"])
    names = os.listdir(os.curdir)
    plan["mounted"] = plan["mounted"] and names == sorted(names, key=os.fsencode, reverse=True)
    world.apply(plan, now)
    seen.write(plan)
    writable = [os.path.realpath(one) for one in [*plan["writable"], *sys.argv[4:5]]]
    fence.build(plan, writable)
    lock.close([*writable, os.path.realpath(sys.prefix), "/dev", "/proc"])
    for name in SIBLINGS:
        sys.modules.pop(name, None)
    sys.path.remove(place)
    sys.argv = sys.argv[2:]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(script)
    import runpy

    runpy.run_path(script, run_name="__main__")


def forget() -> None:
    """Remove the names of the memory that libfaketime shares: 0.9.10 leaves them; what is mapped stays so."""
    for name in os.environ.get(SHARED, "").split():
        for path in (f"/dev/shm/{name[1:]}", f"/dev/shm/sem.{name[1:]}"):
            with suppress(OSError):
                os.unlink(path)


def _prune(kept: list[str]) -> None:
    """Take out every variable that is not among `kept`, names or beginnings that end in `*`."""
    names = {one for one in kept if not one.endswith("*")}
    beginnings = tuple(one[:-1] for one in kept if one.endswith("*"))
    for name in list(os.environ):
        if name not in names and not name.startswith(beginnings):
            del os.environ[name]


if __name__ == "__main__":
    main()
