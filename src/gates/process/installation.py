"""Installation: the command that puts a distribution into an environment as the project itself would."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter

LOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("uv.lock", ("uv", "add", "--dev")),
    ("poetry.lock", ("poetry", "add", "--group", "dev")),
    ("pdm.lock", ("pdm", "add", "-dG", "dev")),
    ("Pipfile.lock", ("pipenv", "install", "--dev")),
    ("pixi.lock", ("pixi", "add", "--pypi")),
)
EXPLICIT = frozenset({"--python", "GATES_PYTHON", "[tool.gates] python"})
"""Names of places that may lead to another environment than the one a lock file describes."""

ACTIVE = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX"})
ELSEWHERE = frozenset({"poetry", "pipenv"})
"""Tools that keep the environment of a lock file outside of the project, in a folder that they call `virtualenvs`."""

SESSIONS = frozenset({".tox", ".nox"})
"""Folders of environments that no lock file describes; nox makes each anew with every run."""

OLDEST = {"pytest-vltair": (3, 11)}
"""Distributions that need a newer Python than many projects support; a lock file has to hold for all of those."""


def install_command(root: Path, interpreter: Interpreter | None, *requirements: str) -> str:
    """The command that installs `requirements` where they are missing, to be pasted in `root`.

    With None that is gates' own environment. A lock file here or above decides over the environment that it describes,
    because what is installed past it is gone after the next sync; elsewhere the environment's own pip does it. A
    session of nox is made anew each time, so that only an edit lasts.
    """
    if interpreter is None:
        return _own_command(root, requirements)
    locked = _locked(root, requirements, interpreter.prefix, interpreter)
    if locked is not None:
        return _words(locked)
    if _is_hatch(root) and interpreter.own:
        return _words(("hatch", "run", "pip", "install", *requirements))
    if interpreter.prefix.parent.name == ".nox":
        named = " ".join(requirements)
        return f"add {named} to session.install(...) of the session {interpreter.prefix.name} in noxfile.py"
    python = _shown(interpreter.path, root)
    if "pip" not in interpreter.distributions:
        return _words(("uv", "pip", "install", "--python", python, *requirements))
    return _words((python, "-m", "pip", "install", *requirements))


def runner(root: Path) -> str | None:
    """The command by which a tool that keeps environments out of sight would start gates in the right one."""
    manager = next((name for folder in upward(root) for name in _managers(folder)), None)
    return None if manager is None else f"{manager} run gates check"


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


def _own_command(root: Path, requirements: Sequence[str]) -> str:
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").is_file():
        return _words(("pipx", "inject", "pytest-vltair", *requirements))
    if (prefix / "uv-receipt.toml").is_file():
        extra = [word for one in requirements for word in ("--with", one)]
        return _words(("uv", "tool", "install", "pytest-vltair", *extra))
    locked = _locked(root, requirements, prefix, None)
    if locked is not None:
        return _words(locked)
    return _words((_shown(Path(sys.executable), root), "-m", "pip", "install", *requirements))


def _locked(
    root: Path, requirements: Sequence[str], prefix: Path, interpreter: Interpreter | None
) -> tuple[str, ...] | None:
    """The command of the tool whose lock file describes the environment at `prefix`, or None."""
    for folder in upward(root):
        for name, words in LOCKS:
            if (folder / name).is_file():
                described = _describes(words[0], folder, prefix, interpreter)
                return (*words, *_restricted(words[0], folder, requirements)) if described else None
    return None


def _describes(tool: str, folder: Path, prefix: Path, interpreter: Interpreter | None) -> bool:
    """Whether the lock file in `folder` says what is installed at `prefix`; `interpreter` None is gates' own."""
    if prefix.parent.name in SESSIONS:
        return False
    if _is_inside(prefix, folder) or (tool in ELSEWHERE and "virtualenvs" in prefix.parts):
        return True
    if interpreter is None or interpreter.chosen_by in EXPLICIT:
        return False
    # Where nothing names an environment there is none yet, and the tool makes it.
    return tool in ELSEWHERE or interpreter.chosen_by not in ACTIVE


def _restricted(tool: str, folder: Path, requirements: Sequence[str]) -> tuple[str, ...]:
    """The requirements, limited to newer Pythons than the project's oldest where they cannot be had for that one."""
    names = {one: one.partition("==")[0] for one in requirements}
    needed = max((OLDEST.get(name, (0, 0)) for name in names.values()), default=(0, 0))
    if _oldest(folder) >= needed:
        return tuple(requirements)
    release = ".".join(map(str, needed))
    if tool == "poetry":
        return ("--python", f">={release}", *requirements)
    if tool in ("uv", "pdm"):
        marker = f'; python_version >= "{release}"'
        return tuple(f"{one}{marker}" if name in OLDEST else one for one, name in names.items())
    return tuple(requirements)


def _oldest(folder: Path) -> tuple[int, int]:
    """The oldest Python that the project says it supports, or one that is newer than any where it does not say so."""
    import tomllib

    try:
        data = tomllib.loads((folder / "pyproject.toml").read_text("utf-8", "replace"))
        said = data.get("project", {}).get("requires-python") or data["tool"]["poetry"]["dependencies"]["python"]
    except (OSError, tomllib.TOMLDecodeError, AttributeError, LookupError, TypeError):
        return (99, 0)
    bound = re.search(r"(?:>=|~=|==|\^|~|>)\s*(\d+)\.(\d+)", str(said))
    return (99, 0) if bound is None else (int(bound[1]), int(bound[2]))


def _managers(folder: Path) -> Iterator[str]:
    if (folder / "poetry.lock").is_file() or _mentions(folder, "[tool.poetry"):
        yield "poetry"
    if _is_hatch(folder):
        yield "hatch"
    if (folder / "Pipfile.lock").is_file():
        yield "pipenv"


def _is_hatch(folder: Path) -> bool:
    return (folder / "hatch.toml").is_file() or _mentions(folder, "[tool.hatch.envs")


def _mentions(folder: Path, table: str) -> bool:
    try:
        lines = (folder / "pyproject.toml").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.strip().startswith(table) for line in lines)


def _is_inside(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) or Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _shown(python: Path, root: Path) -> str:
    return str(python.relative_to(root)) if python.is_relative_to(root) else str(python)


def _words(words: Sequence[str]) -> str:
    import shlex
    import subprocess

    joined: Callable[[Sequence[str]], str] = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return joined(words)
