"""Looks: what this process has of the factors that it was given as it started, and what it reaches; without a trace."""

from __future__ import annotations

import _locale
import datetime as dt
import os
import socket
import sys
import time
from typing import Any

PROBE = "vltair"
JANUARY, JULY = 1_736_942_400, 1_752_580_800  # noon of 15 January and of 15 July 2025 in UTC
FOREIGN = "192.0.2.1"


def hashes() -> dict[str, Any]:
    """How text is hashed."""
    return {
        "probe": hash(PROBE),
        "algorithm": sys.hash_info.algorithm,
        "width": sys.hash_info.width,
        "variable": os.environ.get("PYTHONHASHSEED"),
    }


def zone() -> dict[str, Any]:
    """The offsets of local time in winter and in summer, as C and as Python have them."""
    offsets = [time.localtime(moment).tm_gmtoff for moment in (JANUARY, JULY)]
    zone = [dt.datetime.fromtimestamp(moment, dt.UTC).astimezone().utcoffset() for moment in (JANUARY, JULY)]
    python = [int(one.total_seconds()) for one in zone if one is not None]
    return {"offsets": offsets, "python": python, "names": list(time.tzname), "variable": os.environ.get("TZ")}


def language() -> dict[str, Any]:
    """The encodings, and what the variables give where they are asked: the process is put back to what it had."""
    import locale

    found: dict[str, Any] = {
        "preferred": locale.getpreferredencoding(False),
        "filesystem": sys.getfilesystemencoding(),
        "utf8": sys.flags.utf8_mode,
    }
    held = _locale.setlocale(_locale.LC_ALL)
    try:
        _locale.setlocale(_locale.LC_ALL, "")
        found["name"] = _locale.setlocale(_locale.LC_CTYPE)
        found["decimal"] = _locale.localeconv()["decimal_point"]
        found["order"] = "letters" if _locale.strcoll("a", "B") < 0 else "codes"
        found["day"] = _locale.nl_langinfo(_locale.DAY_2) if hasattr(_locale, "DAY_2") else ""
    except _locale.Error as error:  # type: ignore[attr-defined]
        found["error"] = str(error)
    finally:
        _locale.setlocale(_locale.LC_ALL, held)
    return found


def processors() -> dict[str, Any]:
    """How many processors it is told of, by each function."""
    import multiprocessing

    return {
        "count": os.cpu_count(),
        "multiprocessing": multiprocessing.cpu_count(),
        "process": os.process_cpu_count() if hasattr(os, "process_cpu_count") else None,
        "affinity": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
    }


def optimisation() -> dict[str, Any]:
    """Whether assertions are on."""
    return {"flag": sys.flags.optimize, "debug": __debug__}


def route() -> str:
    """Where another machine is reached: its own address, loopback that answers for it, or `refused`."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((FOREIGN, 9))
            return str(probe.getpeername()[0])
    except OSError:
        return "refused"


def loopback() -> bool:
    """Whether this machine reaches itself."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 10):
            return True
    except OSError:
        return False
