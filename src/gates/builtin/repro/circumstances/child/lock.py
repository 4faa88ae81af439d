"""Lock: keeps what a build starts from writing outside too, by Linux' Landlock; the fence sees its own process only.

https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from contextlib import suppress

CREATE, ADD, RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on every architecture since Linux 5.13."""

VERSION = 1
NO_NEW_PRIVILEGES = 38
NEEDED = 2
"""The first version in which files can be moved between folders of a build."""

WRITE_FILE, TRUNCATE, WRITING = 1 << 1, 1 << 14, 0b11_1111_1111_0010
"""The right to write files, to truncate them (version 3), and all rights that change something up to version 2."""


def close(writable: list[str]) -> bool:
    """Let this process and all that it starts write below `writable` only; False where the system has no such means."""
    if not sys.platform.startswith("linux"):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    version = call(CREATE, None, ctypes.c_size_t(0), VERSION)
    if version < NEEDED:
        return False
    rights = WRITING | (TRUNCATE if version > NEEDED else 0)
    ruleset = call(CREATE, struct.pack("=Q", rights), ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    try:
        for path in writable:
            with suppress(OSError):
                _allow(call, ruleset, path, rights)
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        return bool(prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and call(RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(call: ctypes._NamedFuncPointer, ruleset: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        some = rights if os.path.isdir(path) else rights & (WRITE_FILE | TRUNCATE)  # noqa: PTH112
        call(ADD, ruleset, 1, struct.pack("=Qi", some, folder), 0)
    finally:
        os.close(folder)
