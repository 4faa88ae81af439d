"""Wanted: the Pythons, the systems and the variables that a project asks for, and where it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gates.builtin.workflows.facts import Wanted
from gates.config.tool_settings import pytest_settings
from gates.project.documents import ini, table, text_of, toml, words

if TYPE_CHECKING:
    from gates.builtin.workflows.settings import WorkflowsSettings
    from gates.project.facts import Project

SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "linux": ("Operating System :: POSIX :: Linux",),
    "macos": ("Operating System :: MacOS",),
    "windows": ("Operating System :: Microsoft",),
}
_PYTHON = re.compile(r"Programming Language :: Python :: 3\.(\d+)")
_BOUND = re.compile(r"(?P<sign>>=|>|<=|<|~=|==|\^|~)\s*3\.(?P<minor>\d+)")
HELD_BY = {"LC_ALL": "locale", "PYTHONHASHSEED": "hash-seed", "TZ": "timezone"}
"""The variables, and the factors of pytest_vltair that they hold still."""


def of(project: Project, settings: WorkflowsSettings) -> Iterator[Wanted]:
    """What is asked for, by the settings of the gate where they say it."""
    own = "[tool.gates.workflows]"
    if settings.pythons is not None:
        yield from (Wanted(kind="python", name=one, place=own) for one in settings.pythons)
    else:
        yield from _pythons(project)
    if settings.systems is not None:
        yield from (Wanted(kind="system", name=one, place=own) for one in settings.systems)
    else:
        yield from _systems(project)
    if settings.variables is not None:
        yield from (Wanted(kind="variable", name=one, place=own) for one in settings.variables)
    else:
        yield from _variables(project)


def _metadata(project: Project) -> tuple[str, Sequence[str], str]:
    """The file with the metadata, its classifiers, and the range of Pythons as it writes it."""
    own = table(project.pyproject, "project")
    poetry = table(project.pyproject, "tool", "poetry")
    if own or poetry:
        classifiers = (*words(own.get("classifiers")), *words(poetry.get("classifiers")))
        asked = own.get("requires-python") or table(poetry, "dependencies").get("python") or ""
        return "pyproject.toml", classifiers, asked if isinstance(asked, str) else ""
    held = ini(project.root, "setup.cfg")
    listed = [line.strip() for line in held.get("metadata", {}).get("classifiers", "").splitlines()]
    return "setup.cfg", listed, held.get("options", {}).get("python_requires", "")


def _pythons(project: Project) -> Iterator[Wanted]:
    path, classifiers, asked = _metadata(project)
    minors = sorted({int(match[1]) for one in classifiers if (match := _PYTHON.fullmatch(one))})
    place = f"the classifiers in {path}"
    if not minors:
        place = f"`requires-python` in {path}"
        minors = sorted(_bounds(asked))
    yield from (Wanted(kind="python", name=f"3.{minor}", place=place) for minor in minors)


def _bounds(asked: str) -> Iterator[int]:
    """The oldest minor version of a range, and the newest where it has an end."""
    for match in _BOUND.finditer(asked):
        minor = int(match["minor"])
        if match["sign"] in {">=", "~=", "==", "<=", "^", "~"}:
            yield minor
        elif match["sign"] == ">":
            yield minor + 1
        elif minor > 0 and not asked[match.end() :].startswith("."):
            yield minor - 1


def _systems(project: Project) -> Iterator[Wanted]:
    path, classifiers, _ = _metadata(project)
    for system, beginnings in SYSTEMS.items():
        if any(one.startswith(beginning) for one in classifiers for beginning in beginnings):
            yield Wanted(kind="system", name=system, place=f"the classifiers in {path}")


def _variables(project: Project) -> Iterator[Wanted]:
    """Those that hold still what the project asks for and pytest_vltair does not hold by itself."""
    told = pytest_settings(project)
    keys: dict[str, Any] = {}
    if told is not None:
        keys = {name: one.value for name, one in told.keys.items() if name.startswith("vltair")}
    acts = keys.get("vltair") in {"fix", "guard"}
    asked = _determinism(project)
    for variable, factor in HELD_BY.items():
        key = f"vltair_{factor.replace('-', '_')}"
        value = str(keys.get(key, "")) or ("report" if factor == "hash-seed" and acts else "held" if acts else "")
        held = value not in {"", "keep"} and (factor != "hash-seed" or value.startswith("reexec"))
        if held or value == "keep":
            continue
        if factor in asked:
            yield Wanted(kind="variable", name=variable, place=asked[factor])
        elif value and told is not None:
            yield Wanted(kind="variable", name=variable, place=told.where)


def _determinism(project: Project) -> Mapping[str, str]:
    """The factors that the gate `determinism` requires, with the place that asks for it; none where it is not asked."""
    text = text_of(project.root, "gates.toml")
    own = toml(text, "gates.toml") if text is not None else table(project.pyproject, "tool", "gates")
    where = "gates.toml" if text is not None else "[tool.gates] in pyproject.toml"
    if "determinism" not in own and "determinism" not in words(own.get("select")):
        return {}
    required = table(own, "determinism").get("require")
    factors = ("hash-seed", "locale", "timezone") if required is None else words(required)
    return dict.fromkeys(factors, f"the gate `determinism` ({where})")
