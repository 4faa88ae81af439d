"""Keeping: recorded runs under their digests, without secrets and personal data, for the record.

What tests, warnings and settings said is cleaned; a line in which there is nothing to clean stays byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_vltair import state
from pytest_vltair.chain import Codec

FOLDER = "recordings"
SUFFIX = ".jsonl"
MOST = 200
"""Recorded runs of a project that are kept, the newest."""
SIZE = 256 << 20
"""Bytes of them; the newest one is kept, however large."""

SAYING = frozenset({
    "addopts", "allowed", "args", "demanded", "files", "inipath", "invocation", "keyword", "markexpr", "message",
    "path", "place", "rootdir", "shown", "unknown_options", "what",
})  # fmt: skip
"""Fields that hold text of any kind."""

NAMING = frozenset({"nodeid", "selected", "deselected", "other_shards"})
"""Fields that hold names of tests."""

Clean = Callable[[str], str]


def keep(folder: Path, data: bytes, *, bounded: bool = True) -> str:
    """Write a cleaned recorded run into `folder`, whole or not at all, and return its digest.

    Unless it is not `bounded`, what is too much by then is removed, the oldest first.

    Raises:
        OSError: it cannot be written.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest}{SUFFIX}"
    if not (state.used(path) and _holds(path, data)):
        state.write(path, data)
        if bounded:
            state.prune(folder, MOST, SIZE, SUFFIX)
    return digest


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def cleaned(data: bytes, clean: Clean, codec: Codec) -> bytes:
    """The lines of a recorded run, with `clean` over all that they say.

    Raises:
        ValueError: a line is none of a recorded run.
    """
    lines = data.split(b"\n")
    try:
        names = _renamed(lines, clean, codec)
        return b"\n".join(
            line if not line or (_is_plain(line) and not names) else _cleaned(line, names, clean, codec)
            for line in lines
        )
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"it is no recorded run: {error}") from error


def _is_plain(line: bytes) -> bool:
    """Whether a line names tests and says nothing else."""
    if line.startswith(b'{"event":"phase",'):
        return b'"message":"","wasxfail":' in line
    return line.startswith(b'{"event":"collected",') and line.endswith(b'"skipped_modules":[]}')


def _cleaned(line: bytes, names: Mapping[str, str], clean: Clean, codec: Codec) -> bytes:
    def said(value: Any, clean: Clean) -> Any:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, dict):
            return {name: said(one, clean) for name, one in value.items()}
        return [said(one, clean) for one in value] if isinstance(value, list) else value

    def named(nodeid: str) -> str:
        return names.get(nodeid) or clean(nodeid)

    def inside(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: said(one, named) if name in NAMING else said(one, clean) if name in SAYING else inside(one)
                for name, one in value.items()
            }
        return [inside(one) for one in value] if isinstance(value, list) else value

    fields = codec.decode(line)
    told = {**inside(fields)}
    return line if told == fields else codec.encode(told)


def _renamed(lines: Iterable[bytes], clean: Clean, codec: Codec) -> dict[str, str]:
    """New names of tests of which one at least says what must not be kept: a parameter may be an address.

    Tests that are one after the cleaning are numbered, since a recorded run counts its tests.
    """
    held = [codec.decode(line) for line in lines if b'"selected"' in line and b'"deselected"' in line]
    names = [name for one in held for field in ("selected", "deselected", "other_shards") for name in one[field]]
    together = "\n".join(names)
    if clean(together) == together:
        return {}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        new = first = clean(name)
        number = 1
        while new in taken:
            number += 1
            new = f"{first}#{number}"
        taken.add(new)
        found[name] = new
    return found
