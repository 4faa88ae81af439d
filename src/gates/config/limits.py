"""Limits that the project already gives its tools; they are the default limits of the gates that judge the same."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gates.config.tool_settings import Setting, Settings, addopts, coverage_settings, mypy_settings, pytest_settings

if TYPE_CHECKING:
    from gates.project.facts import Project

_TRUE = frozenset({"1", "true", "yes", "on"})


class ToolLimit(msgspec.Struct, frozen=True):
    """A limit in a tool's own settings: `coverage`, `fail_under`, 85.0, and its place `pyproject.toml:12`."""

    tool: str
    name: str
    value: float | bool | str
    place: str


def limits(project: Project) -> tuple[ToolLimit, ...]:
    """Every limit known here, sorted by tool and name.

    coverage: `fail_under`, where pytest-cov's `--cov-fail-under` goes before coverage's own setting, in percent.
    mypy: `strict`. pytest: `filterwarnings` "error" (also `-W error`), `xfail_strict`.
    """
    found = (_fail_under(project), _strict(project), _warnings(project), _xfail_strict(project))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.tool, one.name)))


def limit(project: Project, tool: str, name: str) -> ToolLimit | None:
    """One limit by the names of the tool and of its setting, or None when the project does not set it."""
    return next((one for one in limits(project) if (one.tool, one.name) == (tool, name)), None)


def _fail_under(project: Project) -> ToolLimit | None:
    options = addopts(project)
    if options is not None:
        value = _number(_option(options.value, "--cov-fail-under"))
        if value is not None:
            return ToolLimit("coverage", "fail_under", value, options.place)
    found = coverage_settings(project)
    given = None if found is None else found.keys.get("report.fail_under")
    value = None if given is None else _number(given.value)
    # Zero is coverage's own default: no limit.
    return ToolLimit("coverage", "fail_under", value, given.place) if given is not None and value else None


def _strict(project: Project) -> ToolLimit | None:
    return _switch(mypy_settings(project), "mypy", "strict")


def _xfail_strict(project: Project) -> ToolLimit | None:
    return _switch(pytest_settings(project), "pytest", "xfail_strict")


def _warnings(project: Project) -> ToolLimit | None:
    found = pytest_settings(project)
    given = None if found is None else found.keys.get("filterwarnings")
    if given is not None:
        lines = given.value if isinstance(given.value, list) else str(given.value).splitlines()
        if any(_makes_errors(str(line)) for line in lines):
            return ToolLimit("pytest", "filterwarnings", "error", given.place)
    options = addopts(project)
    if options is not None:
        arguments: Sequence[str] = options.value
        joined = [one.removeprefix("-W") for one in arguments if one.startswith("-W") and one != "-W"]
        apart = [after for one, after in itertools.pairwise(arguments) if one in {"-W", "--pythonwarnings"}]
        if any(_makes_errors(one) for one in (*joined, *apart)):
            return ToolLimit("pytest", "filterwarnings", "error", options.place)
    return None


def _makes_errors(filter_: str) -> bool:
    """Whether a warning filter turns *every* warning into an error; `error::SomeWarning` does not."""
    return re.fullmatch(r"\s*error\s*(?::\s*(?::\s*(?:Warning)?\s*)?(?::\s*)*)?", filter_) is not None


def _switch(found: Settings | None, tool: str, name: str) -> ToolLimit | None:
    given: Setting | None = None if found is None else found.keys.get(name)
    on = given is not None and str(given.value).strip().lower() in _TRUE
    return ToolLimit(tool, name, True, given.place) if given is not None and on else None


def _option(arguments: Sequence[str], name: str) -> str | None:
    """The value of the last `name=value` or `name value`, as pytest takes it."""
    value = None
    for one, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if one.startswith(f"{name}="):
            value = one.removeprefix(f"{name}=")
        elif one == name:
            value = after
    return value


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None
