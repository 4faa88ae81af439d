"""Quarantine: lines that could not be taken into the store, each once, with the reason; nothing is ever lost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from gates.model.evidence import encode
from gates.record.stored.errors import StoreError
from pytest_vltair import filelock, heads

NAME = "quarantine.jsonl"

_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Bad(NamedTuple):
    """A line (from 1) of a file, why it could not be taken, and its text; bytes that are no UTF-8 are spelled out."""

    file: str
    line: int
    reason: str
    text: str


class _Identity(msgspec.Struct, frozen=True):
    file: str
    line: int
    text: str


class Quarantine:
    """The lines that were put aside so far, in the file at `path`; several processes may add to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: set[_Identity] = set()
        self._read = 0

    def add(self, found: Sequence[Bad]) -> int:
        """How many of these were not there yet; they are now.

        Raises:
            StoreError: the file cannot be written.
        """
        if not found:
            return 0
        try:
            return self._added(found)
        except OSError as error:
            raise StoreError(
                f".gates/{self.path.name} cannot be written, and nothing was ingested: {error.strerror or error}"
            ) from error

    def _added(self, found: Sequence[Bad]) -> int:
        descriptor = os.open(self.path, _APPEND, 0o666)
        try:
            if not filelock.wait(descriptor, heads.PATIENCE):
                raise TimeoutError("another process keeps it locked")
            self._refresh(descriptor)
            new = {_Identity(one.file, one.line, one.text): one for one in found}
            lines = [encode(one._asdict()) + b"\n" for identity, one in new.items() if identity not in self._held]
            heads.whole(descriptor, b"".join(lines))
            return len(lines)
        finally:
            os.close(descriptor)

    def _refresh(self, descriptor: int) -> None:
        """Read what others added, and cut off what a killed process left of a line: it will be added again."""
        with self.path.open("rb") as file:
            if os.fstat(descriptor).st_size < self._read:
                self._held.clear()
                self._read = 0
            file.seek(self._read)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(descriptor, self._read + whole)
        for line in data[:whole].splitlines():
            try:
                self._held.add(msgspec.json.decode(line, type=_Identity))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
        self._read += whole
