"""Loopback: a program started in a network namespace of its own, where only 127.0.0.1 and ::1 answer (Linux).

This file is run by path, `python -I -S loopback.py ARGV…`, so it uses the standard library alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

MARK = "vltair-loopback: "
REFUSED = 125
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x1 | 0x40
"""Numbers of Linux's linux/sched.h, linux/sockios.h and linux/if.h."""


def enter() -> None:
    """Leave every network behind and bring the loopback up; the user's and group's numbers stay as they are.

    Raises:
        OSError: the kernel or its security module refuses one of the steps.
    """
    user, group = os.getuid(), os.getgid()
    _unshare(CLONE_NEWUSER | CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    _loopback_up()


def _unshare(flags: int) -> None:
    own = getattr(os, "unshare", None)
    if own is not None:
        own(flags)
        return
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _loopback_up() -> None:
    import fcntl
    import socket
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))


def main(argv: list[str]) -> NoReturn:
    """Become `argv` without a network; on failure one marked line and code 125, before anything of it ran."""
    try:
        enter()
        os.execvp(argv[0], argv)  # noqa: S606 - the command that the caller already decided on
    except (OSError, ImportError) as error:
        sys.stderr.write(f"{MARK}{error}\n")
        sys.stderr.flush()
        os._exit(REFUSED)


if __name__ == "__main__":
    main(sys.argv[1:])
