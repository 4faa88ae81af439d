"""Seen: what this process sees of each factor, in words that are the same wherever it sees the same."""

# ruff: noqa: PTH109, PTH110, PTH111, PTH116, PTH123, PTH208

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def read(path: str) -> dict[str, Any]:
    """The plan."""
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)  # type: ignore[no-any-return]


def write(plan: dict[str, Any]) -> None:
    """Write what is seen to the plan's report."""
    text = json.dumps(observed(plan))
    with open(plan["report"], "w", encoding="utf-8") as stream:
        stream.write(text)


def observed(plan: dict[str, Any]) -> dict[str, str]:
    """What is seen of each factor."""
    probe = os.stat(plan["file"])
    return {
        "path": os.getcwd(),
        "umask": f"{_umask():03o}",
        "modes": f"{probe.st_mode & 0o7777:04o} {os.stat(os.curdir).st_mode & 0o7777:04o}",
        "owner": _owner(probe),
        "timezone": time.strftime("%z", time.localtime(0)),
        "locale": _locale(),
        "hashseed": str(hash("circumstances")),
        "clock": _clock(),
        "mtimes": str(probe.st_mtime_ns),
        "listing": _listing(plan),
        "user": f"{_user()} {os.path.expanduser('~')}",
        "cpus": _cpus(),
        "rebuild": _rebuild(plan["marker"]),
    }


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _owner(probe: os.stat_result) -> str:
    if os.name != "posix":
        return ""
    import grp
    import pwd

    words = [str(number) for number in (os.getuid(), os.geteuid(), os.getgid(), probe.st_uid, probe.st_gid)]
    for find, number in ((pwd.getpwuid, os.getuid()), (grp.getgrgid, os.getgid())):
        try:
            words.append(find(number)[0])
        except KeyError:
            words.append("")
    return ":".join(words)


def _locale() -> str:
    """The name and the encoding that the variables give, though a process begins with less of it."""
    import _locale as native

    held = native.setlocale(native.LC_ALL)
    try:
        name = native.setlocale(native.LC_ALL, "")
        codeset = native.nl_langinfo(native.CODESET) if hasattr(native, "nl_langinfo") else ""
    except native.Error:  # type: ignore[attr-defined]
        return ""
    finally:
        native.setlocale(native.LC_ALL, held)
    return f"{name} {codeset} {sys.getfilesystemencoding()}"


def _clock() -> str:
    import datetime as dt

    moments = {int(time.time()), int(dt.datetime.now(dt.UTC).timestamp())}
    return " ".join(str(one) for one in sorted(moments))


def _listing(plan: dict[str, Any]) -> str:
    names = os.listdir(plan["folder"])
    found = next((word for word, order in plan["orders"].items() if order == names), ",".join(names))
    return f"{found}, by the file system" if plan["mounted"] else found


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def _cpus() -> str:
    counts = [os.cpu_count(), getattr(os, "process_cpu_count", os.cpu_count)()]
    if hasattr(os, "sched_getaffinity"):
        counts.append(len(os.sched_getaffinity(0)))
    return " ".join(str(one) for one in counts)


def _rebuild(marker: str) -> str:
    if os.path.exists(marker):
        return "second"
    with open(marker, "wb"):
        return "first"
