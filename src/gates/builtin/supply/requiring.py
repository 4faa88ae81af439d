"""Requiring: requirements as the packaging standards write them (PEP 508)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gates.builtin.supply.distribution import Requirement
from gates.model.evidence import counted
from gates.project.documents import table
from pytest_vltair.installed import canonical


def requirement(text: str, *, group: str = "") -> Requirement | None:
    """The requirement that `text` is, or None where it is none; an address in it is left out."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except InvalidRequirement:
        return None
    return Requirement(
        name=canonical(parsed.name),
        extras=counted(sorted(canonical(one) for one in parsed.extras)),
        specifier=str(parsed.specifier),
        marker=str(parsed.marker) if parsed.marker else "",
        group=group,
        version="",
    )


def declared(pyproject: Mapping[str, Any]) -> tuple[Requirement, ...] | None:
    """What pyproject.toml asks for: dependencies, extras (a marker names the extra) and groups; None if it cannot say.

    A table [project] with `dependencies` left to the backend cannot say.
    """
    project = table(pyproject, "project")
    if not project:
        return None
    dynamic = project.get("dynamic")
    if isinstance(dynamic, list) and {"dependencies", "optional-dependencies"} & set(map(str, dynamic)):
        return None
    found = list(_read(project.get("dependencies"), ""))
    for extra, listed in table(project, "optional-dependencies").items():
        found += [conditional(one, f'extra == "{canonical(extra)}"') for one in _read(listed, "")]
    groups = table(pyproject, "dependency-groups")
    for group in groups:
        found += _group(groups, group, group, ())
    return tuple(found)


def conditional(one: Requirement, marker: str) -> Requirement:
    """The requirement under one more condition."""
    from msgspec.structs import replace

    return replace(one, marker=f"({one.marker}) and {marker}" if one.marker else marker)


def _read(listed: Any, group: str) -> Iterator[Requirement]:
    for text in listed if isinstance(listed, list) else ():
        found = requirement(text, group=group) if isinstance(text, str) else None
        if found is not None:
            yield found


def _group(groups: Mapping[str, Any], name: str, asker: str, above: tuple[str, ...]) -> Iterator[Requirement]:
    """The requirements of a group and of those that it includes (PEP 735), as those of `asker`."""
    if name in above:
        return
    listed = groups.get(name)
    yield from _read(listed, asker)
    for entry in listed if isinstance(listed, list) else ():
        included = entry.get("include-group") if isinstance(entry, Mapping) else None
        if isinstance(included, str):
            yield from _group(groups, _written(groups, included), asker, (*above, name))


def _written(groups: Iterable[str], name: str) -> str:
    return next((one for one in groups if canonical(one) == canonical(name)), name)
