"""Files: which files are wiring, and who reads each kind of them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from gates.errors import ConfigError, ProjectError
from gates.project import documents
from gates.project.tree import printable
from gates.project.wiring.wire import Unreadable, Wiring, joined

READERS = (
    (r"(.*/)?(GNUm|[Mm])akefile|.*\.mk", "makefile"),
    (r"(.*/)?\.?[Jj]ustfile|.*\.just", "makefile"),
    (r"\.(github|gitea|forgejo)/(workflows/[^/]+|actions/.+/action)\.ya?ml|action\.ya?ml", "pipeline"),
    (r"(\.gitlab-ci|\.travis|azure-pipelines|bitbucket-pipelines|\.?lefthook|appveyor|\.appveyor)\.ya?ml", "pipeline"),
    (r"(\.circleci/config|\.gitlab/.+|\.azure-pipelines/.+|\.buildkite/.+|\.cirrus)\.ya?ml", "pipeline"),
    (r"\.pre-commit-(config|hooks)\.ya?ml", "hooks"),
    (r"tox\.ini|setup\.cfg", "sections"),
    (r"pyproject\.toml|hatch\.toml|tox\.toml|poe_tasks\.toml", "tables"),
    (r"noxfile\.py|tasks\.py", "sessions"),
    (r".*\.(sh|bash)", "script"),
)
"""Patterns of whole paths, and the module beside this one whose `of` reads such a file."""

_KINDS = tuple((re.compile(pattern), module) for pattern, module in READERS)
_NAMELESS = re.compile(r"(?:[^/]+/){0,3}[^/.]+")
"""Scripts without a suffix; deeper than this none is looked for."""


def handles(path: str) -> bool:
    """Whether a file may be wiring; of one without a suffix only its first line tells."""
    return _reader(path) is not None or _NAMELESS.fullmatch(path) is not None


def of(path: str, text: str) -> Wiring:
    """The wires of one file, whose path is relative to the project's root; none where it is no wiring."""
    name = _reader(path)
    if name is None:
        if not (_NAMELESS.fullmatch(path) and text.startswith("#!")):
            return Wiring()
        name = "script"
    reader = importlib.import_module(f"gates.project.wiring.{name}")
    if name == "script" and not reader.is_script(path, text):
        return Wiring()
    try:
        found: Wiring = reader.of(path, text)
    except RecursionError:
        return Wiring(unreadable=(Unreadable(path=path, line=None, why="it nests too deeply to be read"),))
    last = text.count("\n") + 1
    # An escape in a string makes lines that the file does not have.
    wires = tuple(wire if wire.line <= last else replace(wire, line=last) for wire in found.wires)
    return joined([Wiring(wires=wires, unreadable=found.unreadable)])


def read(root: Path, files: Iterable[str]) -> Wiring:
    """The wires of those of a project's files that are wiring; a file that cannot be read is listed as unreadable."""
    parts = []
    for path in files:
        if not handles(path) or (_reader(path) is None and not _has_shebang(root / path)):
            continue
        try:
            text = documents.text_of(root, path)
        except (ConfigError, ProjectError) as error:
            parts.append(Wiring(unreadable=(Unreadable(path=printable(path), line=error.line, why=error.message),)))
            continue
        parts.append(of(printable(path), text or ""))
    return joined(parts)


def _reader(path: str) -> str | None:
    return next((module for pattern, module in _KINDS if pattern.fullmatch(path)), None)


def _has_shebang(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False
