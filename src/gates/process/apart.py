"""Apart: gates in an environment of its own; what installs something there, and what leads to the project's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.process import locks

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter

OWN = "pytest-vltair"
MANAGERS: Mapping[str, tuple[str, ...]] = {
    "poetry": ("poetry.lock",),
    "hatch": ("hatch.toml",),
    "pipenv": ("Pipfile.lock",),
    "pixi": ("pixi.lock",),
}
"""Tools that keep environments where gates cannot see them, and files that only their projects have."""

TABLES = (("poetry", "[tool.poetry"), ("hatch", "[tool.hatch.envs"))
"""The same, by the beginning of a table's header in pyproject.toml."""

LAUNCHERS = ("bin/gates", "Scripts/gates.exe")


def elsewhere(root: Path, interpreter: Interpreter) -> str | None:
    """The command that judges the environment which the project's own tool made out of gates' sight.

    None where an environment was named, where none of these tools is in use, and where the project itself is
    installed in the environment that runs gates.
    """
    if not interpreter.unnamed or _is_home(root, interpreter):
        return None
    manager = next((tool for folder in locks.upward(root) for tool in _managers(folder)), None)
    if manager is not None:
        return joined((manager, "run", *_gates(), "check"))
    session = next((one for folder in locks.upward(root) for one in _sessions(folder)), None)
    return None if session is None else joined((*_gates(), "check", "--python", os.path.relpath(session, root)))


def install_command(root: Path, requirements: Sequence[str]) -> str:
    """The command that installs `requirements` beside gates, by what installed gates itself."""
    prefix = Path(sys.prefix)
    if _is_thrown_away(prefix):
        return joined(("uvx", *_with(requirements), OWN, "check"))
    if (prefix / "pipx_metadata.json").is_file():
        if prefix.parent.name == "venvs":
            return joined(("pipx", "inject", OWN, *requirements))
        return joined(("pipx", "run", *_with(requirements), OWN, "check"))
    if (prefix / "uv-receipt.toml").is_file():
        own, others = _received(prefix / "uv-receipt.toml")
        return joined(("uv", "tool", "install", own, *_with([*others, *requirements])))
    return joined(locks.adding(root, prefix, None, requirements) or pip(sys.executable, root, requirements))


def pip(python: str, root: Path, arguments: Sequence[str], *, installed: bool | None = None) -> tuple[str, ...]:
    """The words that have `python` install something: its own pip, or uv where it has none.

    `installed` says whether it has pip; None looks at the Python that runs gates.
    """
    shown = os.path.relpath(python, root) if Path(python).is_relative_to(root) else python
    if _has_pip() if installed is None else installed:
        return (shown, "-m", "pip", "install", *arguments)
    return ("uv", "pip", "install", "--python", shown, *arguments)


def joined(words: Sequence[str]) -> str:
    """The words as one line for the platform's shell."""
    import shlex
    import subprocess

    join: Callable[[Sequence[str]], str] = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return join(words)


def _gates() -> tuple[str, ...]:
    """The words that start this very gates from the user's shell."""
    import shutil

    prefix = Path(sys.prefix)
    if _is_thrown_away(prefix):
        return ("uvx", OWN)
    # What lies in gates' own environment may be on PATH for this process alone.
    found = shutil.which("gates")
    if found is not None and not Path(found).is_relative_to(prefix):
        return ("gates",)
    launcher = next((prefix / name for name in LAUNCHERS if (prefix / name).is_file()), None)
    return (sys.executable, "-m", "gates") if launcher is None else (str(launcher),)


def _is_thrown_away(prefix: Path) -> bool:
    """Whether the environment is one that uvx keeps in its cache."""
    return re.fullmatch(r"archive-v\d+", prefix.parent.name) is not None


def _with(requirements: Sequence[str]) -> list[str]:
    return [word for one in requirements for word in ("--with", one)]


def _received(receipt: Path) -> tuple[str, list[str]]:
    """What `uv tool` installed, gates itself and what was asked for beside it: a new install replaces them all."""
    data = _toml(receipt)
    tool = data.get("tool")
    listed = tool.get("requirements") if isinstance(tool, dict) else None
    own, others = OWN, []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            continue
        extras = ",".join(map(str, one.get("extras") or ()))
        wanted = f"{one['name']}[{extras}]" if extras else one["name"]
        if one["name"] == OWN:
            own = wanted
        else:
            others.append(f"{wanted}{one.get('specifier', '')}")
    return own, others


def _has_pip() -> bool:
    import importlib.util

    return importlib.util.find_spec("pip") is not None


def _is_home(root: Path, interpreter: Interpreter) -> bool:
    """Whether the project is installed from its tree (PEP 610), so that there is no other environment to look for."""
    import msgspec

    tree = root.resolve().as_uri()
    for path in (one for site in interpreter.site for one in site.glob("*.dist-info/direct_url.json")):
        try:
            origin = msgspec.json.decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            continue
        if isinstance(origin, dict) and str(origin.get("url")).rstrip("/") == tree:
            return True
    return False


def _managers(folder: Path) -> Iterator[str]:
    yield from (tool for tool, files in MANAGERS.items() if any((folder / name).is_file() for name in files))
    try:
        lines = (folder / "pyproject.toml").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    yield from (tool for tool, header in TABLES if any(line.strip().startswith(header) for line in lines))


def _sessions(folder: Path) -> Iterator[Path]:
    """Environments of nox and tox that pytest is installed in, and that are there to be judged."""
    for place in locks.SESSIONS:
        for path in sorted((folder / place).glob("*/pyvenv.cfg")):
            programs = (path.parent / "bin/pytest", path.parent / "Scripts/pytest.exe")
            if any(one.is_file() for one in programs):
                yield path.parent


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8", "replace"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}
