"""Workspace: the projects that are judged together, each with its own settings, gates, interpreter and state."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.cli import options
from gates.errors import ConfigError, GatesError, UsageError, nearest

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.project.facts import Project
    from gates.project.members import MembersError

ROOT = "."
ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One project of a workspace, by its folder: `.` or `packages/a`.

    Something must be judged in one that is `owed` a judgement: in each but a root without code of its own.
    """

    path: str
    prepared: Prepared
    owed: bool = True

    @property
    def project(self) -> Project:
        """What is known of it."""
        return self.prepared.project


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """The root with all its projects, and those of them that are to be judged; `chosen` is empty where all are."""

    places: tuple[Place, ...]
    chosen: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[Place, ...]:
        """The projects to be judged, the root first."""
        return tuple(one for one in self.places if not self.chosen or one.path in self.chosen)

    @property
    def name(self) -> str:
        """That of its root."""
        return self.places[0].project.name


def of(prepared: Prepared, packages: Sequence[str] = (), flags: Mapping[str, Any] | None = None) -> Workspace | None:
    """The workspace whose root a project is, and of it what `packages` name; None where it has no members.

    `flags` are those of the root. All members are read, whichever are chosen: one that cannot be is an error of the
    workspace.

    Raises:
        GatesError: a member cannot be read or its configuration is wrong, with its file; two projects have one name or
            one module of gates; a member has members; `packages` names what is not there.
    """
    members = found(prepared.project)
    if not members:
        if set(packages) - {ROOT}:
            raise UsageError(f"--package {packages[0]}: this project has no members; leave it out, or see --project")
        return None
    own = prepared.project.own
    root = Place(path=ROOT, prepared=prepared, owed=bool(own.packages or own.tests))
    places = (root, *(_member(prepared, folder, flags or {}) for folder in members))
    _refuse_twins(places)
    _refuse_shared_modules(places)
    return Workspace(places=places, chosen=tuple(dict.fromkeys(_chosen(one, places) for one in packages)))


def found(project: Project) -> tuple[str, ...]:
    """The folders of the members of a workspace.

    Raises:
        ConfigError: they are not what the configuration says; with its file and line.
    """
    from gates.project.members import MembersError

    try:
        members, passed_over = project.members, project.passed_over
    except MembersError as error:
        raise _placed(error, project.root) from error
    if passed_over is not None:
        raise _placed(passed_over, project.root)
    return members


def refuse(prepared: Prepared, what: str, package: str | None) -> None:
    """Refuse what is done for one project where it would be done for the root of a workspace and for no member.

    Raises:
        UsageError: the project has members, and nobody says that the root alone is meant.
    """
    members = found(prepared.project)
    if members and package is None:
        raise UsageError(
            f"{what} is for one project, and this is the root of a workspace with {', '.join(members)}; name one with"
            f" --project {members[0]}, or the root alone with --package ."
        )


def placed_in(member: str, error: GatesError) -> GatesError:
    """The error with its path as it is from the root of the workspace."""
    error.path = member if error.path is None else posixpath.normpath(f"{member}/{error.path}")
    return error


def strangers(names: Iterable[str], places: Sequence[Place]) -> None:
    """Refuse names of gates that no project has.

    Raises:
        UsageError: there is one.
    """
    known = {name for one in places for name in one.prepared.registry.gates}
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f", did you mean {close!r}?" if close else ""
            raise UsageError(f"there is no gate {name!r}{hint}; `gates list` shows them all")


def _member(root: Prepared, folder: str, flags: Mapping[str, Any]) -> Place:
    try:
        prepared = options.prepare(
            os.fspath(root.project.root / folder),
            {key: one for key, one in flags.items() if key != "output_format"},
            in_workspace=lambda _: True,
        )
        nested = prepared.project.nested
        if nested is not None:
            raise _placed(nested, prepared.project.root)
    except UsageError:
        raise
    except GatesError as error:
        raise placed_in(folder, error) from error
    return Place(path=folder, prepared=_with_own_environment(prepared))


def _with_own_environment(prepared: Prepared) -> Prepared:
    """A member that has a `.venv` of its own is judged with it: what is active belongs to one project of many."""
    if not os.path.lexists(prepared.project.root / ".venv"):
        return prepared
    environ = {name: value for name, value in prepared.environ.items() if name not in ACTIVE}
    return msgspec.structs.replace(prepared, environ=environ)


def _placed(error: MembersError, root: Path) -> ConfigError:
    """The error with the line of the glob that it is about."""
    line = _line(root, error.path or "", error.keys)
    return ConfigError(error.message, path=error.path, line=line)


def _line(root: Path, name: str, keys: tuple[str | int, ...]) -> int | None:
    from gates.config.positions import positions
    from gates.project import documents

    lines = positions(documents.text_of(root, name) or "")
    while keys and keys not in lines:
        keys = keys[:-1]
    return lines.get(keys)


def _written(project: Project) -> str | None:
    """The name that a project gives itself in its `[project]`, as it is compared."""
    from packaging.utils import canonicalize_name

    from gates.project.documents import table

    name = table(project.pyproject, "project").get("name")
    return canonicalize_name(name) if isinstance(name, str) else None


def _refuse_twins(places: Sequence[Place]) -> None:
    seen: dict[str, str] = {}
    for one in places:
        name = _written(one.project)
        if name is None:
            continue
        if name in seen:
            line = _line(one.project.root, "pyproject.toml", ("project", "name"))
            path = posixpath.normpath(f"{one.path}/pyproject.toml")
            raise ConfigError(f"{seen[name]} and {one.path} are both named {name!r}; rename one", path=path, line=line)
        seen[name] = one.path


def _refuse_shared_modules(places: Sequence[Place]) -> None:
    """One process has one module of a name: that of another project must not judge here, nor what it imports."""
    with_plugins = [one for one in places if one.prepared.config.plugins]
    if not with_plugins:
        return
    roots = sorted(((one.project.root, one.path) for one in places), key=lambda pair: -len(pair[0].parts))
    loaded: dict[str, str] = {}
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        owner = next((path for root, path in roots if file and Path(file).is_relative_to(root)), None)
        if owner is not None:
            loaded.setdefault(name.partition(".")[0], owner)
    for one in with_plugins:
        named = {plugin.partition(".")[0] for plugin in one.prepared.config.plugins}
        for name, owner in loaded.items():
            if owner != one.path and (name in named or _has_module(one.project.root, name)):
                source = one.prepared.config.source
                raise ConfigError(
                    f"plugins: the module {name!r} that would be loaded is that of {owner}; give it another name, or"
                    f" judge this project by itself: gates check --project {one.path}",
                    path=posixpath.normpath(f"{one.path}/{source.path}"),
                    line=source.line("plugins"),
                )


def _has_module(root: Path, name: str) -> bool:
    return any((root / file).exists() for file in (f"{name}.py", f"{name}/__init__.py"))


def _chosen(wanted: str, places: Sequence[Place]) -> str:
    from packaging.utils import canonicalize_name

    path = posixpath.normpath(wanted.replace(os.sep, "/"))
    for one in places:
        if path == one.path or canonicalize_name(wanted) == _written(one.project):
            return one.path
    known = [one.path for one in places] + [name for one in places if (name := _written(one.project))]
    close = nearest(wanted, known)
    hint = f"did you mean {close!r}?" if close else f"there are {', '.join(one.path for one in places)}"
    raise UsageError(f"--package {wanted}: the workspace has no such project; {hint}")
