"""Disk: regular files as bytes; a pipe would be waited for without end, and a device may never end."""

from __future__ import annotations

import errno
import stat
from pathlib import Path


def read(place: Path) -> bytes:
    """The bytes of a regular file, through links.

    Raises:
        OSError: there is none, it is something else, or it cannot be read; `strerror` says it in words.
    """
    mode = place.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device")
    return place.read_bytes()
