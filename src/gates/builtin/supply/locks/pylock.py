"""pylock.toml: the lock file of the packaging standards (PEP 751)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.builtin.supply.addresses import cleaned
from gates.builtin.supply.distribution import Distribution, Origin, Requirement, locked
from gates.builtin.supply.locks.entries import artifacts, entries, text
from gates.builtin.supply.source import Supply
from gates.errors import ConfigError
from gates.model.evidence import counted
from gates.project.documents import table, toml
from pytest_vltair.installed import canonical

FILE = "pylock.toml"


def read(written: str, name: str, project: str) -> Supply:
    """What a lock of PEP 751 says; an entry of the project itself is the root.

    Raises:
        ConfigError: it is damaged, or of a version that is not known.
    """
    held = toml(written, name)
    version = text(held, "lock-version")
    if version.partition(".")[0] != "1":
        raise ConfigError(f"{name} has lock-version {version!r}; version 1 is understood", path=name)
    found = [_distribution(one, name, line) for one, line in entries(held, written, "packages", name)]
    root = next((one for one in found if one.name == canonical(project)), None)
    return Supply(
        kind="pylock",
        paths=counted((name,)),
        root=root,
        roots=counted(root.requires.items if root is not None and root.known else ()),
        rooted=False,
        distributions=counted(sorted((one for one in found if one is not root), key=lambda one: one.key)),
        notes=counted(()),
    )


def _distribution(held: Mapping[str, Any], name: str, line: int | None) -> Distribution:
    origin, url = _origin(held)
    listed = held.get("dependencies")
    required = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return locked(
        canonical(text(held, "name")),
        text(held, "version"),
        path=name,
        line=line,
        origin=origin,
        url=url,
        artifacts=artifacts(held.get("sdist", []), held.get("wheels", []), held.get("archive", [])),
        requires=tuple(map(_requirement, required)),
        known=isinstance(listed, list),
        marker=text(held, "marker"),
    )


def _requirement(held: Mapping[str, Any]) -> Requirement:
    return Requirement(
        name=canonical(text(held, "name")),
        extras=counted(()),
        specifier="",
        marker=text(held, "marker"),
        group="",
        version=text(held, "version"),
    )


def _origin(held: Mapping[str, Any]) -> tuple[Origin, str]:
    vcs, folder, archive = (table(held, key) for key in ("vcs", "directory", "archive"))
    if vcs:
        url = cleaned(text(vcs, "url"))
        return "vcs", f"{text(vcs, 'type') or 'git'}+{url}@{text(vcs, 'commit-id')}"
    if folder:
        return ("editable" if folder.get("editable") is True else "local"), ""
    if archive:
        url = cleaned(text(archive, "url"))
        return ("local", "") if not url or url.startswith("file:") else ("url", url)
    return "index", ""
