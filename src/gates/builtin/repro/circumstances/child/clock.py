"""Clock: the time stands still at the plan's moment, so that nothing but this factor shows up by it.

A clock that went on would give a build that writes microseconds other bytes each time, and hide what they follow.
Monotonic clocks, and with them time-outs and sleeping, go on.
"""

from __future__ import annotations

import errno
import sys
import time
import types
from typing import Any


def start(plan: dict[str, Any]) -> int | None:
    """The moment (seconds since 1970) at which the clock stands from now on, None where it goes on."""
    if plan["means"] == "time-machine":
        _travel(plan["folder"], plan["now"])
    elif plan["means"] == "faketime":
        _mend_sleep()
    else:
        return None
    return int(plan["now"])


def _travel(folder: str, now: int) -> None:
    """Patch the clock by time-machine out of `folder`, which is not seen afterwards.

    It imports pytest, dateutil and unittest for what is not used here: four fifths of its time.
    """
    idle = types.ModuleType("unittest")
    idle.TestCase = object  # type: ignore[attr-defined]
    held = {name: sys.modules.get(name) for name in ("unittest", "pytest", "dateutil.parser")}
    sys.modules.update({"unittest": idle, "pytest": None, "dateutil.parser": None})  # type: ignore[dict-item]
    sys.path.insert(0, folder)
    try:
        import time_machine

        time_machine.travel(float(now), tick=False).start()
    finally:
        sys.path.remove(folder)
        for name, module in held.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _mend_sleep() -> None:
    """Let the process sleep: libfaketime 0.9.10 refuses clock_nanosleep while monotonic clocks are left alone."""
    try:
        time.sleep(0)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        time.sleep = _sleep


def _sleep(seconds: Any, /) -> None:
    """Delay execution for a number of seconds, which may be a fraction."""
    import select

    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)
