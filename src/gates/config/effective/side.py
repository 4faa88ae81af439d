"""Side: one of two states of a project that are compared, and everything that is in force in either of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gates.config.effective import coverage, mypy, own, pytest, ruff
from gates.config.effective.value import Known
from gates.config.other_tools import coverage_configured
from gates.config.settings import Config
from gates.config.tool_settings import Setting, ruff_settings_below
from gates.model.strictness import strictness

if TYPE_CHECKING:
    from gates.model.gate import Gate
    from gates.project.facts import Project

TOOLS = {"ruff": ruff, "mypy": mypy, "coverage": coverage, "pytest": pytest}
IN_USE = {"ruff": ruff_settings_below, "coverage": coverage_configured}
"""Where else a project says that it uses a tool."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A project with what its file of settings says."""

    project: Project
    config: Config


def compared(
    head: Side, base: Side | None, gates: Mapping[str, Gate[Any, Any]]
) -> tuple[dict[str, Known], dict[str, Known]]:
    """What is in force in both, by key; without a base the second is empty.

    A setting for some folder, module or gate that only one side mentions has, on the other side, the value that holds
    there: so a setting that moves is the same setting.
    """
    sides = [head] if base is None else [head, base]
    whole = _Whole(sides, gates)
    found = [{one.key: one for one in whole.known(side)} for side in sides]
    return found[0], found[1] if base is not None else {}


class _Whole:
    """What the sides mention together."""

    def __init__(self, sides: list[Side], gates: Mapping[str, Gate[Any, Any]]) -> None:
        self.gates = gates
        self.codes = {rule.name: rule.code for gate in gates.values() for rule in gate.rules}
        self.folders = frozenset(one for side in sides for one in ruff.folders(side.project, _file(side, "lint")))
        self.modules = frozenset(one for side in sides for one in mypy.overridden(side.project, _file(side, "types")))
        self.levels = frozenset(one for side in sides for one in own.levelled(side.config, self.codes))
        named = {one for side in sides for one in (*(side.config.select or ()), *side.config.tables)}
        always = {name for name, gate in gates.items() if gate.always}
        self.names = (named | set(gates)) - always

    def known(self, side: Side) -> Iterator[Known]:
        project, config = side.project, side.config
        yield from own.known(config)
        yield from own.judged(config, project, self.gates, self.names)
        yield from own.members(config, project)
        yield from own.levels(config, self.levels, self.codes)
        yield from ruff.known(project, _file(side, "lint"), self.folders)
        yield from mypy.known(project, _file(side, "types"), self.modules)
        yield from coverage.known(project)
        yield from pytest.known(project, _arguments(side))
        for tool, module in TOOLS.items():
            found = module.configured(project)
            place = "" if found is None else found.file
            held = strictness("on", "judging")
            used = found is not None or (tool in IN_USE and bool(IN_USE[tool](project)))
            yield Known(key=f"{tool}.configured", value=used, place=place, strictness=held)


def _file(side: Side, gate: str) -> str | None:
    """The configuration file that a gate hands to its tool."""
    found: str | None = getattr(side.config.gates.get(gate), "config_file", None)
    return found


def _arguments(side: Side) -> list[Setting]:
    """The arguments that the gate `tests` gives pytest beside `addopts`."""
    settings, config = side.config.gates.get("tests"), side.config
    given = [("args", getattr(settings, "args", ()))]
    given += [("env.PYTEST_ADDOPTS", getattr(settings, "env", {}).get("PYTEST_ADDOPTS", ""))]
    return [Setting(value, config.where("tests", key)) for key, value in given if value]
