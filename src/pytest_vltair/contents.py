"""Contents: one digest of a file, the same on every platform that checks it out."""

# Strings all the way: a Path for each of thousands of files costs too much.
# ruff: noqa: PTH113, PTH114, PTH115
from __future__ import annotations

import hashlib
import os
import stat

CHUNK = 1 << 20

# O_NONBLOCK: opening a named pipe would wait for a writer.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)


class UnreadableTree(Exception):  # noqa: N818 - named for what it says of the tree
    """A directory or file of the project that may not be read, so that nothing can be said of the whole.

    `path` is relative to the root, with forward slashes; `reason` is the operating system's.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or '.'} cannot be read: {reason}")
        self.path = path or "."
        self.reason = reason


def file_digest(root: str, path: str) -> bytes:
    """The BLAKE2b-256 (32 bytes) over kind and content of the file or link `path` below `root`.

    Not SHA-256, which takes more than twice the time of all else that a run with nothing to do needs.

    Raises:
        UnreadableTree: it cannot be read.
    """
    place = f"{root}/{path}"
    try:
        if not _NOFOLLOW and os.path.islink(place):
            return _link_digest(place)
        try:
            handle = os.open(place, _READ | _NOFOLLOW)
        except OSError:
            if not os.path.islink(place):
                raise
            return _link_digest(place)
        return _content_digest(handle, b"")
    except (FileNotFoundError, NotADirectoryError):
        return _hash(b"gone").digest()
    except OSError as error:
        raise UnreadableTree(path, error.strerror or str(error)) from error


def _link_digest(place: str) -> bytes:
    target = os.readlink(place)
    head = b"link:" + os.fsencode(target.removeprefix("\\\\?\\").replace(os.sep, "/")) + b"\0"
    if not os.path.isfile(place):
        return _hash(head).digest()
    return _content_digest(os.open(place, _READ), head)


def _content_digest(handle: int, head: bytes) -> bytes:
    """The digest of an open file's content; closes it."""
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return _hash(head + b"special").digest()
        head += b"program:" if status.st_mode & stat.S_IXUSR and os.name == "posix" else b"file:"
        wanted = min(status.st_size, CHUNK) + 1
        data = os.read(handle, wanted)
        if len(data) < wanted:
            return _hash(head + _normalised(data)).digest()
        return _streamed(handle, head, data)
    finally:
        os.close(handle)


def _normalised(data: bytes) -> bytes:
    # Looking for the one byte first takes a tenth of the time of looking for the two.
    return data.replace(b"\r\n", b"\n") if b"\r" in data and b"\0" not in data else data


def _streamed(handle: int, head: bytes, data: bytes) -> bytes:
    """The digest of a large file: as it is and as text side by side, until it is known which one it is."""
    raw, text = _hash(head), _hash(head)
    binary = False
    carry = b""
    while data:
        raw.update(data)
        binary = binary or b"\0" in data
        if not binary:
            data = carry + data
            carry = b"\r" if data.endswith(b"\r") else b""
            text.update(data[: len(data) - len(carry)].replace(b"\r\n", b"\n"))
        data = os.read(handle, CHUNK)
    text.update(carry)
    return (raw if binary else text).digest()


def _hash(data: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(data, digest_size=32)
