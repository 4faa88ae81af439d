"""Choice: how the project's own environment is installed, and why that way."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inputs import Inputs
from refusal import USAGE, Refused

DEVELOPMENT = ("dev", "develop", "development", "test", "tests", "testing")
"""Names of groups and extras that hold what a project is developed with."""

REQUIREMENTS = re.compile(
    r"(?:requirements/)?(?:(?:requirements[-_.])?(?:dev|test|tests)(?:[-_.]?requirements)?\.txt|requirements\.txt)"
)
EXTRAS: Mapping[str, str] = {
    "lint": "lint",
    "types": "types",
    "bench": "bench",
    "repro": "build",
    "packaging": "packaging",
    "determinism": "clock",
    "sbom": "supply-chain",
    "audit": "supply-chain",
    "secrets": "supply-chain",
    "provenance": "supply-chain",
    "workflows": "supply-chain",
}
"""The extra of pytest-vltair that has the tools of a gate."""

Kind = Literal["uv", "poetry", "pip", "command", "nothing"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A way to install, what it was chosen by, what is handed to pip, and the folder with the lock file."""

    kind: Kind
    because: str
    words: tuple[str, ...] = ()
    folder: Path | None = None


def choose(inputs: Inputs) -> Choice:
    """The way to install: what the input says, else what the project has.

    Raises:
        Refused: the input is empty, or the project's file cannot be read.
    """
    if not inputs.install:
        raise Refused("the input install is empty; it is auto, a command, or false", code=USAGE)
    if inputs.install.lower() == "false":
        return Choice(kind="nothing", because="the input install is false")
    if inputs.install.lower() != "auto":
        return Choice(kind="command", because="the input install is a command", words=(inputs.install,))
    return _found(inputs)


def _found(inputs: Inputs) -> Choice:
    root, project = inputs.root, pyproject(inputs.root)
    for folder in upward(root, inputs.workspace):
        if (folder / "uv.lock").is_file():
            return Choice(kind="uv", because="uv.lock", words=_uv(project), folder=folder)
    if (root / "poetry.lock").is_file():
        extras = tuple(f"--extras={name}" for name in _names(project, "tool", "poetry", "extras"))
        return Choice(kind="poetry", because="poetry.lock", words=extras, folder=root)
    groups = _names(project, "dependency-groups")
    extras = _names(project, "project", "optional-dependencies")
    own = _own(root, project, extras)
    if groups or extras:
        said = [*(f"the dependency group {one}" for one in groups), *(f"the extra {one}" for one in extras)]
        words = (*own, *(f"--group={one}" for one in groups))
        return Choice(kind="pip", because=" and ".join(said), words=words)
    files = _requirements(root)
    if files:
        words = (*own, *(word for name in files for word in ("-r", name)))
        return Choice(kind="pip", because=", ".join(files), words=words)
    return Choice(kind="pip", because="no lock, group, extra or requirements file: nothing but the gates", words=own)


def upward(root: Path, workspace: Path) -> Iterator[Path]:
    """The folder of the project, and those above it in the checkout."""
    yield root
    yield from (one for one in root.parents if one.is_relative_to(workspace))


def _uv(project: Mapping[str, Any]) -> tuple[str, ...]:
    groups = (f"--group={name}" for name in _names(project, "dependency-groups"))
    extras = (f"--extra={name}" for name in _names(project, "project", "optional-dependencies"))
    every = ("--all-packages",) if _table(project, "tool", "uv", "workspace") is not None else ()
    return (*groups, *extras, *every)


def _own(root: Path, project: Mapping[str, Any], extras: tuple[str, ...]) -> tuple[str, ...]:
    """How pip installs the project itself: editable, since tests of a copy would prove nothing about the tree."""
    if extras:
        return ("-e", f".[{','.join(extras)}]")
    # A [project] table alone may only carry metadata: pip would guess at how to build it, and fail on two modules.
    built = "build-system" in project or any((root / name).is_file() for name in ("setup.py", "setup.cfg"))
    return ("-e", ".") if built else ()


def _requirements(root: Path) -> tuple[str, ...]:
    names = [path.name for path in root.glob("*.txt")]
    names += [f"requirements/{path.name}" for path in root.glob("requirements/*.txt")]
    return tuple(sorted(name for name in names if REQUIREMENTS.fullmatch(name)))


def extras(inputs: Inputs) -> tuple[str, ...]:
    """The extras of pytest-vltair for the gates that are asked for; lint and types may apply without."""
    names = {"lint", "types", *asked(inputs)}
    if inputs.command == "provenance":
        names |= {"provenance", "repro"}
    return tuple(sorted({EXTRAS[name] for name in names if name in EXTRAS}))


def asked(inputs: Inputs) -> frozenset[str]:
    """The names that the settings of the project and of its members, or `args`, have; gates among them."""
    names = {word for one in inputs.args for word in re.split("[,=]", one)}
    for folder in (inputs.root, *_members(inputs.root)):
        table = _settings(folder)
        names |= {*table, *_words(table.get("select"))}
    return frozenset(names)


def _members(root: Path) -> Iterator[Path]:
    """The folders that may be members of a workspace: rather one too many than a gate without its tool."""
    workspace = _table(pyproject(root), "tool", "uv", "workspace") or {}
    for glob in _words(_settings(root).get("members")) or _words(workspace.get("members")):
        if glob.startswith(("!", "/")) or not glob.strip("./"):
            continue
        yield from sorted(one for one in root.glob(glob.rstrip("/")) if one.is_dir())


def _settings(root: Path) -> Mapping[str, Any]:
    """The table of gates."""
    table = _table(pyproject(root), "tool", "gates")
    return _toml(root / "gates.toml") if table is None else table


def _words(found: Any) -> tuple[str, ...]:
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def pyproject(root: Path) -> Mapping[str, Any]:
    """The project's pyproject.toml, empty where there is none."""
    return _toml(root / "pyproject.toml")


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise Refused(f"{path.name} cannot be read: {error}", code=USAGE) from error


def _table(tables: Mapping[str, Any], *names: str) -> Mapping[str, Any] | None:
    found: Any = tables
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _names(tables: Mapping[str, Any], *path: str) -> tuple[str, ...]:
    return tuple(sorted(name for name in _table(tables, *path) or () if name.lower() in DEVELOPMENT))
