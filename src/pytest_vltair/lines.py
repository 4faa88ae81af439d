"""Lines of a recording: how values become JSON, and the file that they are written to one by one."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from io import FileIO
from json import JSONEncoder
from pathlib import Path
from stat import S_ISREG

# Appending, so that a file that somebody else truncates or writes to does not end up as long as it should be.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def escape(text: str) -> str:
    r"""`text` with each lone surrogate spelled out as `\udcff`, because JSON readers refuse them."""
    return text if text.isascii() or _is_utf8(text) else text.encode("utf-8", "backslashreplace").decode()


def string(text: str) -> str:
    """`text` as a string of JSON."""
    return _encode(escape(text))


def text(fields: Mapping[str, object]) -> str:
    """`fields` as one line of JSON that can be written in UTF-8.

    Raises:
        ValueError: a number is infinite or not a number.
    """
    encoded = _encode(fields)
    return f"{encoded}\n" if encoded.isascii() or _is_utf8(encoded) else f"{_encode(_escaped(fields))}\n"


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return {escape(name): _escaped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    return value


class LineFile:
    """A new file to which lines are written unbuffered, so that a killed run leaves all but its end.

    Its process alone writes (`ours`): a child that a test forked, and that runs on, must not add lines of its own.
    `failure` says what went wrong with the file, once something did; nothing is written from then on.
    """

    def __init__(self, path: Path) -> None:
        """Replace the file at `path`, making the directory that it lies in.

        Raises:
            OSError: it cannot be written, or what lies there is not a regular file.
        """
        self.path = path
        self.failure: str | None = None
        self.ours = True
        self._size = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        real = Path(os.path.realpath(path))
        if real.exists():
            if not S_ISREG(real.stat().st_mode):
                raise OSError("it is not a regular file")
            real.unlink()
        self._file = FileIO(os.open(real, _NEW), "wb")
        _files.add(self)

    def write(self, data: bytes) -> None:
        """Append whole lines; a failure is kept, for the run goes on and is made to end badly."""
        if self.failure is not None or not self.ours:
            return
        try:
            written = self._file.write(data)
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as error:
            self.failure = error.strerror or str(error)
        else:
            self._size += written

    def close(self) -> None:
        """Close the file, having made sure that it is still the one at its path and holds what was written."""
        with self._file:
            if self.failure is None and not self._intact():
                self.failure = "it was replaced or changed while the tests ran"
                self.path.unlink(missing_ok=True)

    def _intact(self) -> bool:
        try:
            there = self.path.stat()
        except OSError:
            return False
        held = os.fstat(self._file.fileno())
        return os.path.samestat(there, held) and held.st_size == self._size


_files: weakref.WeakSet[LineFile] = weakref.WeakSet()


def _disown() -> None:
    for file in _files:
        file.ours = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)
