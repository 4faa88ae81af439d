"""uv.lock: every distribution for every system that the project supports, and what each requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gates.builtin.supply.addresses import cleaned
from gates.builtin.supply.distribution import Distribution, Origin, Requirement, locked
from gates.builtin.supply.locks.entries import artifacts, entries, text
from gates.builtin.supply.requiring import conditional
from gates.builtin.supply.source import Supply
from gates.errors import ConfigError
from gates.model.evidence import counted
from gates.project.documents import table, toml
from pytest_vltair.installed import canonical

FILE = "uv.lock"
VERSIONS = frozenset({1})
"""Schema versions that are understood; a revision only adds."""


def read(written: str, name: str, project: str) -> Supply:
    """What a lock of uv says; `project` is the name of the project, whose own entry is the root.

    Raises:
        ConfigError: it is damaged, or of a schema version that is not known.
    """
    held = toml(written, name)
    if held.get("version") not in VERSIONS:
        raise ConfigError(f"{name} has version {held.get('version')!r}; version 1 is understood", path=name)
    found = [(one, _distribution(one, name, line)) for one, line in entries(held, written, "package", name)]
    roots = [(raw, one) for raw, one in found if one.name == canonical(project) or _is_here(table(raw, "source"))]
    raw, root = roots[0] if roots else ({}, None)
    return Supply(
        kind="uv",
        paths=counted((name,)),
        root=root,
        roots=counted((*root.requires.items, *_grouped(raw)) if root is not None else ()),
        rooted=root is not None,
        distributions=counted(sorted((one for _, one in found if one is not root), key=lambda one: one.key)),
        notes=counted(()),
    )


def _distribution(held: Mapping[str, Any], name: str, line: int | None) -> Distribution:
    origin, url = _origin(table(held, "source"))
    extras = table(held, "optional-dependencies")
    optional = (
        conditional(one, f'extra == "{canonical(extra)}"') for extra in extras for one in _required(extras[extra], "")
    )
    return locked(
        canonical(text(held, "name")),
        text(held, "version"),
        path=name,
        line=line,
        origin=origin,
        url=url,
        artifacts=artifacts(held.get("sdist", []), held.get("wheels", [])),
        requires=(*_required(held.get("dependencies"), ""), *optional),
    )


def _is_here(source: Mapping[str, Any]) -> bool:
    """Whether a source is the folder of the project; a registry may be a folder too, and holds others."""
    return any(source.get(kind) == "." for kind in ("editable", "virtual", "directory"))


def _grouped(held: Mapping[str, Any]) -> Iterator[Requirement]:
    groups = table(held, "dev-dependencies")
    for group in groups:
        yield from _required(groups[group], group)


def _required(listed: Any, group: str) -> Iterator[Requirement]:
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and text(one, "name"):
            extras = one.get("extra")
            yield Requirement(
                name=canonical(text(one, "name")),
                extras=counted(sorted(map(canonical, map(str, extras))) if isinstance(extras, list) else ()),
                specifier="",
                marker=text(one, "marker"),
                group=group,
                version=text(one, "version"),
            )


def _origin(source: Mapping[str, Any]) -> tuple[Origin, str]:
    if "registry" in source:
        return "index", ""
    if "git" in source:
        return "vcs", f"git+{cleaned(text(source, 'git'))}"
    if "url" in source:
        return "url", cleaned(text(source, "url"))
    if "editable" in source or "virtual" in source:
        return "editable", ""
    return "local", ""
