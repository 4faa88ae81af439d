"""Siblings: projects that the judged environment imports from their own folders, which no digest of it covers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter

OWN = "pytest-vltair"
"""The distribution that gates is of: its version is part of each key."""


class _Kind(msgspec.Struct, frozen=True):
    editable: bool = False


class _Origin(msgspec.Struct, frozen=True):
    """The part of direct_url.json (PEP 610) that tells of a local folder."""

    url: str
    dir_info: _Kind = msgspec.field(default_factory=_Kind)


def outside(interpreter: Interpreter, root: Path) -> str | None:
    """The first distribution or folder that is imported from outside of `root` and of the environment; None if none.

    Such are editable installs and other folders that a .pth or .egg-link file puts on `sys.path`.
    """
    site = [Path(os.path.realpath(folder)) for folder in (*interpreter.site, *interpreter.further)]
    within = [Path(os.path.realpath(root)), *site]
    found = []
    for name, folder in _editable(site):
        if name == OWN:
            within.append(folder)
        else:
            found.append((name, folder))
    found += [(folder.name, folder) for folder in _linked(site)]
    names = (name for name, folder in found if not any(folder.is_relative_to(one) for one in within))
    return next(names, None)


def _editable(site: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for folder in site:
        for path in sorted(folder.glob("*.dist-info/direct_url.json")):
            try:
                origin = msgspec.json.decode(path.read_bytes(), type=_Origin)
            except (OSError, msgspec.MsgspecError):
                continue
            if origin.dir_info.editable and origin.url.startswith("file:"):
                yield path.parent.name.partition("-")[0].replace("_", "-").lower(), _local(origin.url)


def _local(url: str) -> Path:
    path = unquote(urlsplit(url).path)
    return Path(os.path.realpath(path.removeprefix("/") if os.name == "nt" else path))


def _linked(site: Iterable[Path]) -> Iterator[Path]:
    for folder in site:
        for path in sorted((*folder.glob("*.pth"), *folder.glob("*.egg-link"))):
            for line in _text(path).splitlines():
                there = folder / line.strip()
                if line.strip() and not line.startswith(("#", "import ", "import\t")) and there.is_dir():
                    yield Path(os.path.realpath(there))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
