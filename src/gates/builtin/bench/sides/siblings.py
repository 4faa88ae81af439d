"""Siblings: other projects of the same repository that both sides import as they are in the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec

from gates.project.git import Git, call
from gates.project.tree import printable


class _Folder(msgspec.Struct):
    editable: bool = False


class _Origin(msgspec.Struct):
    """Where a distribution was installed from (PEP 610)."""

    url: str
    dir_info: _Folder = msgspec.field(default_factory=_Folder)


def notes(git: Git, base: str, site: Sequence[Path]) -> tuple[str, ...]:
    """A sentence for each editable installation out of the repository, beside the project, that differs from base.

    Raises:
        GitError: git does not answer.
    """
    told = []
    root, top = (os.path.realpath(one) for one in (git.root, git.toplevel))
    for name, place in sorted(_editable(site)):
        if place == root or not Path(place).is_relative_to(top):
            continue
        code, _, _ = call(git.toplevel, "diff", "--quiet", base, "--", os.path.relpath(place, top))
        if code == 1:
            shown = printable(Path(os.path.relpath(place, top)).as_posix())
            told.append(f"{name} differs from base, and both sides have it as it is in {shown} now")
    return tuple(told)


def _editable(site: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Names and folders of what is installed as a link to its source."""
    for path in (one for folder in site for one in folder.glob("*.dist-info/direct_url.json")):
        try:
            origin = msgspec.json.decode(path.read_bytes(), type=_Origin)
        except (OSError, msgspec.MsgspecError):
            continue
        parts = urlsplit(origin.url)
        if origin.dir_info.editable and parts.scheme == "file":
            yield path.parent.name.partition("-")[0], os.path.realpath(url2pathname(parts.path))
