"""poetry.lock: what poetry installs, with what each requires; the project's own requirements are in pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gates.builtin.supply.addresses import cleaned
from gates.builtin.supply.distribution import Distribution, Origin, Requirement, locked
from gates.builtin.supply.locks.entries import artifacts, entries, text
from gates.builtin.supply.requiring import conditional, declared, requirement
from gates.builtin.supply.source import Supply
from gates.errors import ConfigError
from gates.model.evidence import counted
from gates.project.documents import table, toml
from pytest_vltair.installed import canonical

FILE = "poetry.lock"


def read(written: str, name: str, pyproject: Mapping[str, Any]) -> Supply:
    """What a lock of poetry says, and what pyproject.toml asks for.

    Raises:
        ConfigError: it is damaged, or of a version that is not known.
    """
    held = toml(written, name)
    version = str(table(held, "metadata").get("lock-version", ""))
    if version.partition(".")[0] not in {"1", "2"}:
        raise ConfigError(f"{name} has lock-version {version!r}; versions 1 and 2 are understood", path=name)
    older = table(held, "metadata", "files")
    found = [_distribution(one, name, line, older) for one, line in entries(held, written, "package", name)]
    roots = (*(declared(pyproject) or ()), *_asked(table(pyproject, "tool", "poetry"), table(held, "extras")))
    return Supply(
        kind="poetry",
        paths=counted((name, "pyproject.toml")),
        root=None,
        roots=counted(roots),
        rooted=bool(roots) or not found,
        distributions=counted(sorted(found, key=lambda one: one.key)),
        notes=counted(()),
    )


def _distribution(held: Mapping[str, Any], name: str, line: int | None, older: Mapping[str, Any]) -> Distribution:
    origin, url = _origin(table(held, "source"))
    groups = held.get("groups")
    markers = held.get("markers")
    return locked(
        canonical(text(held, "name")),
        text(held, "version"),
        path=name,
        line=line,
        origin=origin,
        url=url,
        artifacts=artifacts(held.get("files") or older.get(text(held, "name"), [])),
        requires=(*_required(held), *_optional(held)),
        # A table of markers is one for each group; which of them holds is told by the requirements.
        marker=markers if isinstance(markers, str) else "",
        groups=tuple(map(str, groups)) if isinstance(groups, list) else (),
        summary=text(held, "description"),
    )


def _required(held: Mapping[str, Any]) -> Iterator[Requirement]:
    """The table of dependencies: a version, a table with markers and extras, or a list of such tables."""
    for name, value in table(held, "dependencies").items():
        for one in value if isinstance(value, list) else [value]:
            found = _asked_for(name, one, "")
            # Those of an extra stand in `extras` too, where the extra is told.
            if not (isinstance(one, Mapping) and one.get("optional") is True):
                yield found


def _optional(held: Mapping[str, Any]) -> Iterator[Requirement]:
    extras = table(held, "extras")
    for extra, listed in extras.items():
        for one in listed if isinstance(listed, list) else ():
            found = requirement(str(one).partition(" (")[0]) or requirement(str(one))
            if found is not None:
                yield conditional(found, f'extra == "{canonical(extra)}"')


def _asked(poetry: Mapping[str, Any], extras: Mapping[str, Any]) -> Iterator[Requirement]:
    """What poetry's own tables ask for."""
    by_extra = {
        canonical(str(one)): canonical(extra)
        for extra, listed in {**extras, **table(poetry, "extras")}.items()
        for one in (listed if isinstance(listed, list) else ())
    }
    groups: dict[str, Mapping[str, Any]] = {"": table(poetry, "dependencies"), "dev": table(poetry, "dev-dependencies")}
    for group in table(poetry, "group"):
        groups[group] = table(poetry, "group", group, "dependencies")
    for group, listed in groups.items():
        for name, value in listed.items():
            if canonical(name) == "python":
                continue
            for one in value if isinstance(value, list) else [value]:
                found = _asked_for(name, one, group)
                extra = by_extra.get(found.name)
                yield found if extra is None or group else conditional(found, f'extra == "{extra}"')


def _asked_for(name: str, value: Any, group: str) -> Requirement:
    held = value if isinstance(value, Mapping) else {}
    extras = held.get("extras")
    return Requirement(
        name=canonical(name),
        extras=counted(sorted(map(canonical, map(str, extras))) if isinstance(extras, list) else ()),
        specifier="",
        marker=text(held, "markers"),
        group=group,
        version="",
    )


def _origin(source: Mapping[str, Any]) -> tuple[Origin, str]:
    kind, url = text(source, "type"), cleaned(text(source, "url"))
    if kind == "git":
        return "vcs", f"git+{url}@{text(source, 'resolved_reference') or text(source, 'reference')}"
    if kind == "url":
        return "url", url
    if kind == "directory":
        return "local", ""
    if kind == "file":
        return "local", ""
    return "index", ""
