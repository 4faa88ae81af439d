"""A user for whom permissions count, also when the tests run as root."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """Inside, this process has no rights of root; unchanged where it never had."""
    if os.name != "posix" or os.geteuid() != 0:
        yield
        return
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


@contextmanager
def public_folder() -> Iterator[Path]:
    """A temporary folder that every user can enter, which pytest's own one is not."""
    place = Path(tempfile.mkdtemp(prefix="vltair-test-"))
    place.chmod(0o755)
    try:
        yield place.resolve()
    finally:
        for path in place.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(place)
