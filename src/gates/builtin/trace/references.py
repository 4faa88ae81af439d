"""References: the files that a text names, and whether they are there.

What leads out of the project (an absolute path, `..`, a link) is never followed: whether it exists, nobody can say.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

import msgspec

from gates.builtin.trace.facts import FileRef
from gates.builtin.trace.globs import braces, is_glob
from gates.builtin.trace.paths import inside
from gates.model.evidence import counted
from gates.project import tree

NAMED = 20
"""Paths that a glob is shown to lead to; how many more there are changes nothing."""

SUFFIX = re.compile(r"[\w)}\]*-]\.[A-Za-z][A-Za-z0-9]{0,9}$")
_PLANNED = re.compile(r"\((?:new|planned|pending|to be (?:made|written|added)|tbd|todo|neu)\b[^)]*\)", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\]\(\s*<?([^)>\s]+)>?[^)]*\)")
_MARKED = re.compile(r"^(\*\*|__|[*_\"'])(.+)\1$")
_REMARK = re.compile(r"\s*\([^()]*\)")
_PLACE = re.compile(r"(?::\d+(?:[-:,]\d+)*|#[\w-]+|::?[A-Za-z_][\w.]*(?:\(\))?|::[\w:.\[\]-]+)$")
_OUTSIDE = re.compile(r"^(?:/|~|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]*://|mailto:|\$|<)")
_WORDS = re.compile(r"^(?:and|or|und|the|in|see|plus|under|edit|edits|update|add)\s+", re.IGNORECASE)
_NAMES = frozenset({"Dockerfile", "Makefile", "LICENSE", "Justfile", "Procfile", "CODEOWNERS", "Jenkinsfile"})


class Files(msgspec.Struct, frozen=True, dict=True):
    """The files of a project, found by path, by folder and by the end of their path.

    `within` is the folder of the project in its repository (`pkg/`), from whose root paths may be written too.
    """

    root: Path
    paths: Sequence[str]
    within: str = ""

    @cached_property
    def known(self) -> frozenset[str]:
        """All files."""
        return frozenset(self.paths)

    @cached_property
    def folders(self) -> Mapping[str, Sequence[str]]:
        """All folders that hold a file, with what is directly or further below them, as far as a glob needs it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            folder = path
            while "/" in folder:
                folder = folder.rpartition("/")[0]
                found[folder].append(path)
        return found

    @cached_property
    def _ends(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in (*self.paths, *self.folders):
            found[path.rpartition("/")[2]].append(path)
        return found

    @cached_property
    def _globbed(self) -> dict[str, tuple[str, ...]]:
        return {}

    def find(self, path: str) -> tuple[str, ...] | None:
        """Where a path of a document leads, itself first, else what ends like it; None where that cannot be known."""
        if is_glob(path):
            if path not in self._globbed:
                self._globbed[path] = tuple(self._matching(path))
            return self._globbed[path]
        path = path.rstrip("/")
        if path in self.known or path in self.folders:
            return (path,)
        ends = tuple(one for one in self._ends.get(path.rpartition("/")[2], ()) if one.endswith(f"/{path}"))
        return ends[:NAMED] or self._on_disk(path)

    def _matching(self, glob: str) -> Iterable[str]:
        fixed = glob[: min(at for mark in "*?[" if (at := glob.find(mark)) >= 0)].rpartition("/")[0]
        pattern = re.compile(f"{tree.translate(glob.rstrip('/'))}(?:/.*)?", re.DOTALL)
        within = self.folders.get(fixed, ()) if fixed else self.paths
        found = [one for one in within if pattern.fullmatch(one)][:NAMED]
        if found or not fixed:
            return found
        # A short path with a wildcard, as one that ends like it.
        behind = [one for one in self._ends.get(fixed.rpartition("/")[2], ()) if one.endswith(f"/{fixed}")]
        tail = re.compile(f".*/{tree.translate(glob.rstrip('/'))}(?:/.*)?", re.DOTALL)
        return [one for folder in behind for one in self.folders.get(folder, ()) if tail.fullmatch(one)][:NAMED]

    def _on_disk(self, path: str) -> tuple[str, ...] | None:
        """A file that the tree leaves out, as git's ignored ones; None for what leads out of the project."""
        place = self.root / path
        try:
            if not os.path.lexists(place):
                return self._of_repository(path)
            inside = Path(os.path.realpath(place)).is_relative_to(os.path.realpath(self.root))
        except (OSError, ValueError):
            return None
        return (path,) if inside else None

    def _of_repository(self, path: str) -> tuple[str, ...] | None:
        """What a path from the root of the repository leads to; None for what is there beside the project."""
        if not self.within:
            return ()
        if path.startswith(self.within):
            local = path.removeprefix(self.within)
            return (local,) if local in self.known or local in self.folders else ()
        outer = self.root.joinpath(*[".."] * self.within.count("/"), path)
        return None if os.path.lexists(outer) else ()


def read(text: str, line: int, files: Files, *, document: str = "") -> Iterator[FileRef]:
    """The files that a text names which begins on a line of `document`, in its order, each once."""
    seen: set[str] = set()
    for written in _written(text):
        token, planned = _stripped(written)
        if token in seen or not token:
            continue
        seen.add(token)
        found = _found(token, files, document)
        if found is not None:
            exists, paths = found
            yield FileRef(token=token, line=line, exists=exists, paths=counted(paths), planned=planned)


def _written(text: str) -> Iterator[str]:
    """The pieces of a list of files; what stands in braces, brackets or marks stays together."""
    text = _LINK.sub(lambda match: f"`{match[2]}`", text)
    piece, depth, quoted = "", 0, False
    for char in text:
        quoted ^= char == "`"
        depth += (char in "{(") - (char in "})" and depth > 0)
        if char in ";,\n" and not depth and not quoted:
            yield piece
            piece = ""
        else:
            piece += char
    yield piece


def _stripped(piece: str) -> tuple[str, bool]:
    """The token in a piece without marks, remarks and line numbers, or "" where it is prose; and whether it is new."""
    planned = _PLANNED.search(piece) is not None
    code = re.findall(r"`([^`]+)`", piece)
    if code:
        # `a/b.py` with a remark around it.
        piece = str(code[0])
    piece = _MARKED.sub(r"\2", _REMARK.sub("", piece).strip().rstrip("."))
    piece = _WORDS.sub("", piece).replace("\\", "/").removeprefix("./")
    if _OUTSIDE.match(piece):
        return piece, planned
    shorter = _PLACE.sub("", piece)
    if shorter != piece and (SUFFIX.search(shorter) or "/" in shorter):
        piece = shorter
    if " " in piece or not _is_path(piece):
        return "", planned
    return piece, planned


def _is_path(token: str) -> bool:
    if not re.search(r"\w", token) or re.search(r"[()<>=|\"'`]", token):
        return False
    name = PurePosixPath(token).name
    return "/" in token or SUFFIX.search(token) is not None or name in _NAMES or (is_glob(token) and "." in token)


def _found(token: str, files: Files, document: str) -> tuple[bool | None, tuple[str, ...]] | None:
    if _OUTSIDE.match(token):
        return None if re.match(r"(?:[a-z][a-z0-9+.-]*://|mailto:|<|\$)", token) else (None, ())
    held: dict[str, None] = {}
    exists: bool | None = True
    vague = not (is_glob(token) or token.endswith("/") or SUFFIX.search(token)) and "/" in token
    for path in braces(token):
        found = _of_path(path, files, document)
        if found is None:
            exists = None if exists else exists
        elif not found and vague and path.partition("/")[0] not in files.folders:
            # `and/or` is no folder.
            return None
        elif not found:
            exists = False
        held.update(dict.fromkeys(found or ()))
    return exists, tuple(held)[:NAMED]


def _of_path(path: str, files: Files, document: str) -> tuple[str, ...] | None:
    """Where a path leads from the root, from the folder of the document, or as an end; None outside of the project."""
    beside = inside(f"{document.rpartition('/')[0]}/{path}")
    plain = inside(path)
    for one in (plain, beside):
        if one is not None and (one in files.known or one in files.folders):
            return (one,)
    if plain is None:
        return None if beside is None else files.find(beside)
    return files.find(plain)
