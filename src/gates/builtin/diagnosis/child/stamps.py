"""Stamps: the times of files that are made while the clock is moved, which the file system takes from the real one.

A test that compares the time of a new file with the clock would else fail by the perturbation alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .switch import replace

BILLION = 1_000_000_000
BEFORE = 600 * BILLION  # the copy of the project is made shortly before the process begins
AFTER = 5 * BILLION
TIMES = {"st_atime": 7, "st_mtime": 8, "st_ctime": 9}
KINDS = (os.supports_fd, os.supports_follow_symlinks, os.supports_dir_fd, os.supports_effective_ids)


class Stamps:
    """Moves times that are of this run as far as the clock; a time that was given to a file stays as it was given."""

    def __init__(self, moved: Callable[[], int], real: Callable[[], int]) -> None:
        self._moved, self._real = moved, real
        self._start = real() - BEFORE

    def install(self) -> None:
        """Stand in for the functions that tell the times of a file."""
        for name in ("stat", "lstat", "fstat"):
            made = self._stat(getattr(os, name))
            before = replace(os, name, made)
            for kind in KINDS:
                if before in kind:
                    kind.add(made)

    def _stat(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def stat(*args: Any, **named: Any) -> Any:
            found = original(*args, **named)
            by = self._moved()
            return self._shifted(found, by) if by else found

        return stat

    def _shifted(self, found: Any, by: int) -> Any:
        last = self._real() + AFTER
        kind, (numbers, fields) = found.__reduce__()
        numbers, fields = list(numbers), dict(fields)
        for name, at in TIMES.items():
            stamp = getattr(found, f"{name}_ns")
            if self._start <= stamp <= last:
                fields[f"{name}_ns"] = stamp + by
                fields[name] = (stamp + by) / BILLION
                numbers[at] = (stamp + by) // BILLION
        return kind(tuple(numbers), fields)
