"""Installed: which distributions an environment holds; digests of an environment and of the settings of a run."""

# Strings all the way: a Path for each of thousands of files costs too much.
# ruff: noqa: PTH113, PTH123
from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

RECORD_OPTION = "--vltair-record"

# PEP 427 escapes "-" in names; older tools did not, but a version always begins with a digit.
_FOLDER = re.compile(r"(?P<name>[^~].*?)-(?P<version>\d[^-]*)(?:-py\d[\d.]*)?(?:-[\w.]+)*\.(?:dist|egg)-info")
_HEADER = re.compile(rb"^(Name|Version):[ \t]*(\S+)", re.MULTILINE)
_STEERING = (".pth", ".egg-link", "__editable__.py", "_finder.py")


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it: `Foo._bar` is `foo-bar`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(site: Iterable[Path]) -> dict[str, str]:
    """Canonical names and versions of what is installed in `site`, by name; an earlier folder wins, as on `sys.path`.

    A folder that is missing holds nothing; one without metadata in it (what a broken removal leaves) is none.
    """
    found: dict[str, str] = {}
    for folder in site:
        for entry in _metadata(folder):
            named = _named(entry)
            if named is not None:
                found.setdefault(*named)
    return dict(sorted(found.items()))


def environment_digest(site: Iterable[Path], python: str) -> str:
    """The SHA-256 in hex over what is installed in `site` and `python`, the interpreter's version in any form.

    Names and versions, each RECORD and direct_url.json, and the files by which other folders are put on `sys.path`.
    A module edited in place inside an installed package does not change it.
    """
    whole = hashlib.sha256(python.encode())
    for folder in dict.fromkeys(os.path.realpath(one) for one in site):
        whole.update(b"\0site")
        for entry in _metadata(Path(folder)):
            parts = [b"\0", os.fsencode(entry.name)]
            if entry.is_dir():
                parts += [b"\0", _bytes(f"{entry.path}/RECORD"), b"\0", _bytes(f"{entry.path}/direct_url.json")]
            else:
                parts += [b"\0", _bytes(entry.path)]
            whole.update(b"".join(parts))
        for entry in _listed(folder):
            if entry.name.endswith(_STEERING):
                whole.update(b"\0" + os.fsencode(entry.name) + b"\0" + _bytes(entry.path))
    return whole.hexdigest()


def settings_digest(args: Sequence[str], env: Mapping[str, str]) -> str:
    """The SHA-256 in hex over pytest's arguments, without the one that names the record, and variables."""
    import json

    kept: list[str] = []
    words = iter(args)
    for word in words:
        if word == RECORD_OPTION:
            next(words, None)
        elif not word.startswith(f"{RECORD_OPTION}="):
            kept.append(word)
    return hashlib.sha256(json.dumps([kept, sorted(env.items())]).encode()).hexdigest()


def _listed(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _metadata(folder: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in _listed(folder) if entry.name.endswith((".dist-info", ".egg-info")))


def _named(entry: os.DirEntry[str]) -> tuple[str, str] | None:
    """Name and version from the folder's name, else from the metadata in it."""
    found = _FOLDER.fullmatch(entry.name)
    places = [entry.path, f"{entry.path}/METADATA", f"{entry.path}/PKG-INFO"]
    if found is not None:
        if not any(os.path.isfile(place) for place in places):
            return None
        return canonical(found["name"]), found["version"]
    text = b"\n".join(_bytes(place).partition(b"\n\n")[0] for place in places)
    headers: dict[bytes, bytes] = dict(reversed(_HEADER.findall(text)))
    if len(headers) != 2:
        return None
    return canonical(headers[b"Name"].decode("utf-8", "replace")), headers[b"Version"].decode("utf-8", "replace")


def _bytes(place: str) -> bytes:
    try:
        with open(place, "rb") as file:
            return file.read()
    except OSError:
        return b""
