"""Locks: which tool's lock file says what is installed in an environment, and that tool's commands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter


class Lock(msgspec.Struct, frozen=True):
    """A tool that locks: its file, the words that add a development dependency, and those that install the project."""

    file: str
    add: tuple[str, ...]
    install: tuple[str, ...]

    @property
    def tool(self) -> str:
        """The command that starts it."""
        return self.add[0]


LOCKS = (
    Lock("uv.lock", ("uv", "add", "--dev"), ("uv", "sync")),
    Lock("poetry.lock", ("poetry", "add", "--group", "dev"), ("poetry", "install")),
    Lock("pdm.lock", ("pdm", "add", "-dG", "dev"), ("pdm", "install")),
    Lock("Pipfile.lock", ("pipenv", "install", "--dev"), ("pipenv", "install", "--dev", "--editable", ".")),
    Lock("pixi.lock", ("pixi", "add", "--pypi"), ("pixi", "install")),
)
EXPLICIT = frozenset({"--python", "GATES_PYTHON", "[tool.gates] python"})
"""Names of places that may lead to another environment than the one a lock file describes."""

ACTIVE = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX"})
ELSEWHERE = frozenset({"poetry", "pipenv"})
"""Tools that keep the environment of a lock file outside of the project, in a folder that they call `virtualenvs`."""

SESSIONS = (".nox", ".tox")
"""Folders of environments that no lock file describes."""

OLDEST = {"pytest-vltair": (3, 11)}
"""Distributions that need a newer Python than many projects support; a lock file has to hold for all of those."""


def upward(root: Path) -> Iterator[Path]:
    """`root` and the folders above it up to the repository's root; `root` alone outside a repository."""
    yield root
    if (root / ".git").exists():
        return
    above = []
    for folder in root.parents:
        above.append(folder)
        if (folder / ".git").exists():
            yield from above
            return


def adding(
    root: Path, prefix: Path, interpreter: Interpreter | None, requirements: Sequence[str]
) -> tuple[str, ...] | None:
    """The words that add `requirements` by the tool whose lock file describes the environment at `prefix`, or None.

    `interpreter` None is gates' own. A file here or above counts.
    """
    found = _describing(root, prefix, interpreter)
    if found is None:
        return None
    lock, folder = found
    return (*lock.add, *_restricted(lock.tool, folder, requirements))


def installing(root: Path, interpreter: Interpreter) -> tuple[str, ...] | None:
    """The words that install the project itself, editable, by the tool whose lock file describes its environment."""
    found = _describing(root, interpreter.prefix, interpreter)
    return None if found is None else found[0].install


def _describing(root: Path, prefix: Path, interpreter: Interpreter | None) -> tuple[Lock, Path] | None:
    found = next(((lock, folder) for folder in upward(root) for lock in LOCKS if (folder / lock.file).is_file()), None)
    if found is None or not _describes(found[0].tool, found[1], prefix, interpreter):
        return None
    return found


def _describes(tool: str, folder: Path, prefix: Path, interpreter: Interpreter | None) -> bool:
    """Whether the lock file in `folder` says what is installed at `prefix`."""
    if prefix.parent.name in SESSIONS:
        return False
    if _is_inside(prefix, folder) or (tool in ELSEWHERE and "virtualenvs" in prefix.parts):
        return True
    if interpreter is None or interpreter.chosen_by in EXPLICIT:
        return False
    # Where nothing names an environment there is none yet, and the tool makes it.
    return tool in ELSEWHERE or interpreter.chosen_by not in ACTIVE


def _is_inside(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) or Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _restricted(tool: str, folder: Path, requirements: Sequence[str]) -> tuple[str, ...]:
    """The requirements, limited to newer Pythons than the project's oldest where they cannot be had for that one."""
    needed = max((OLDEST.get(_name(one), (0, 0)) for one in requirements), default=(0, 0))
    if _oldest(folder) >= needed:
        return tuple(requirements)
    release = ".".join(map(str, needed))
    if tool == "poetry":
        return ("--python", f">={release}", *requirements)
    if tool in ("uv", "pdm"):
        marker = f'; python_version >= "{release}"'
        return tuple(f"{one}{marker}" if _name(one) in OLDEST else one for one in requirements)
    return tuple(requirements)


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return "" if found is None else canonical(found[0])


def _oldest(folder: Path) -> tuple[int, int]:
    """The oldest Python that the project says it supports, or one that is newer than any where it does not say so."""
    import tomllib

    try:
        data: Any = tomllib.loads((folder / "pyproject.toml").read_text("utf-8", "replace"))
        said = data.get("project", {}).get("requires-python") or data["tool"]["poetry"]["dependencies"]["python"]
    except (OSError, tomllib.TOMLDecodeError, AttributeError, LookupError, TypeError):
        return (99, 0)
    bound = re.search(r"(?:>=|~=|==|\^|~|>)\s*(\d+)\.(\d+)", str(said))
    return (99, 0) if bound is None else (int(bound[1]), int(bound[2]))
