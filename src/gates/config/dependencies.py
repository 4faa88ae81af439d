"""Development dependencies: the distributions that a project asks its developers or its CI to install."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gates.config import ini
from gates.config.tool_settings import tables, text_of
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.project.facts import Project

PRE_COMMIT = ".pre-commit-config.yaml"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_FACTOR = re.compile(r"[A-Za-z0-9_.,{}!*-]+:\s+")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_REQUIREMENTS = re.compile(r"(?:requirements/[^/]+|[^/]*requirements[^/]*)\.(?:txt|in)")
_HOOK = re.compile(r"^\s*-?\s*id:\s*[\"']?([A-Za-z0-9._-]+)", re.MULTILINE)
# Hooks whose id is not the name of the distribution that they run.
_HOOKS = {"ruff-check": "ruff", "ruff-format": "ruff", "nbqa-ruff": "ruff", "nbqa-mypy": "mypy"}


def development_dependencies(project: Project) -> frozenset[str]:
    """Canonical names out of dependency groups, extras, poetry, pdm, uv, hatch, tox, requirements files and hooks.

    Names are normalised as the packaging specifications say ("Names and normalization"). Markers and versions are not
    looked at, and files that are included are only read where they are requirements files of the project themselves.
    """
    found = set(_names(_from_pyproject(project.pyproject)))
    found |= set(_names(_from_ini_files(project)))
    for name in project.tree.files:
        if _REQUIREMENTS.fullmatch(name):
            found |= set(_names((text_of(project.root / name) or "").splitlines()))
    pipfile = tables(text_of(project.root / "Pipfile") or "")
    found |= set(_names(_table(pipfile, "dev-packages")))
    hooks = _HOOK.findall(text_of(project.root / PRE_COMMIT) or "")
    found |= set(_names(_HOOKS.get(hook, hook) for hook in hooks))
    return frozenset(found)


def _names(requirements: Iterable[Any]) -> Iterator[str]:
    for requirement in requirements:
        if not isinstance(requirement, str):
            continue
        text = requirement.strip()
        egg = _EGG.search(text)
        if egg is not None:
            yield canonical(egg[1])
            continue
        factor = _FACTOR.match(text)
        found = _NAME.match(text, factor.end() if factor else 0)
        if found is not None and not text.startswith(f"{found[0]}://"):
            yield canonical(found[0])


def _from_pyproject(pyproject: Mapping[str, Any]) -> Iterator[Any]:
    for group in (
        *_table(pyproject, "project", "optional-dependencies").values(),
        *_table(pyproject, "dependency-groups").values(),
        *_table(pyproject, "tool", "pdm", "dev-dependencies").values(),
        _table(pyproject, "tool", "uv").get("dev-dependencies", []),
    ):
        yield from _list(group)
    yield from _table(pyproject, "tool", "poetry", "dev-dependencies")
    for group in _table(pyproject, "tool", "poetry", "group").values():
        yield from _table(group, "dependencies")
    for environment in _table(pyproject, "tool", "hatch", "envs").values():
        for key in ("dependencies", "extra-dependencies"):
            yield from _list(_table(environment).get(key))
    tox = _table(pyproject, "tool", "tox")
    yield from _deps(tox)
    if isinstance(tox.get("legacy_tox_ini"), str):
        yield from _from_tox_ini(tox["legacy_tox_ini"])


def _from_ini_files(project: Project) -> Iterator[str]:
    yield from _from_tox_ini(text_of(project.root / "tox.ini") or "")
    yield from _deps(tables(text_of(project.root / "tox.toml") or ""))
    extras = ini.sections(text_of(project.root / "setup.cfg") or "").get("options.extras_require", {})
    for entry in extras.values():
        yield from entry.value.splitlines()


def _from_tox_ini(text: str) -> Iterator[str]:
    for section, entries in ini.sections(text).items():
        if section.startswith("testenv") and "deps" in entries:
            yield from entries["deps"].value.splitlines()


def _deps(table: Any) -> Iterator[Any]:
    """The `deps` of every environment of a tox configuration in TOML, however deep its tables are."""
    for key, value in _table(table).items():
        if key == "deps":
            yield from _list(value)
        else:
            yield from _deps(value)


def _table(value: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
