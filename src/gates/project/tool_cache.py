"""Tool cache: a folder for the cache of a tool that tells a changed file by its time stamp.

ruff takes a file for unchanged when its time stamp is, and mypy when time stamp (in whole seconds) and size are; an
archive, a checkout that sets times, or a copy that keeps them brings other contents under the same stamp, and the tool
says again what it said of the old ones. Here the digest of every file is kept for every stamp that it was seen with,
and the cache is thrown away when a stamp comes back with another digest.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gates.model.evidence import sha256

STAMPS_PER_FILE = 20
"""How many stamps are remembered for a file, on average, before all starts anew."""

Record = dict[str, dict[str, str]]


def folder(state: Path, tool: str, root: Path, files: Iterable[str]) -> Path:
    """The folder under `state` for the cache of `tool`, empty if it may hold something of other contents than now.

    `files` are relative to `root`, or absolute. The record is written before the tool runs, so that a run that is
    killed leaves no cache which the record does not know of.
    """
    cache, record = state / tool, state / f"{tool}-seen.json"
    seen, now = _read(record), _stamps(root, files)
    if seen is None or _mistakable(seen, now) or sum(map(len, seen.values())) > STAMPS_PER_FILE * max(len(now), 100):
        shutil.rmtree(cache, ignore_errors=True)
        seen = {}
    for path, stamps in now.items():
        seen[path] = {**seen.get(path, {}), **stamps}
    _write(record, seen)
    return cache


def _stamps(root: Path, files: Iterable[str]) -> Record:
    found: Record = {}
    for file in files:
        path = root / file
        try:
            stamp = str(int(path.stat().st_mtime))
            found[file] = {stamp: sha256(path.read_bytes())}
        except OSError:
            continue
    return found


def _mistakable(seen: Record, now: Record) -> bool:
    return any(
        seen.get(path, {}).get(stamp, digest) != digest
        for path, stamps in now.items()
        for stamp, digest in stamps.items()
    )


def _read(record: Path) -> Record | None:
    try:
        found: Any = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not all(isinstance(stamps, dict) for stamps in found.values()):
        return None
    return found


def _write(record: Path, seen: Record) -> None:
    draft = record.with_name(f"{record.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(seen, sort_keys=True), "utf-8")
        draft.replace(record)
    except OSError:
        # Without a record the next run starts with an empty cache.
        record.unlink(missing_ok=True)
