"""Canaries: how to make each rule of the gate `coverage` fire in a project that somebody else wrote.

Each plants a module into the project's package, of which one function never runs and one `if` is only ever true, and a
test file that imports it. Only these test files are run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.coverage.rules import (
    BRANCHES,
    CHANGED_BRANCHES,
    CHANGED_LINES,
    FILE,
    PATHS,
    PRAGMAS,
    SUBJECT,
    TOTAL,
    UNMEASURED,
)
from gates.builtin.suite import code, site
from gates.config import tool_settings
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.project.documents import words

if TYPE_CHECKING:
    from gates.builtin.coverage.settings import CoverageSettings
    from gates.builtin.suite.site import Site
    from gates.model.gate import Context

CODE = """\
def used(value):
    if value:
        value += 1
    return value


def unused(value):
    return value - 1
"""
IF, MISSED = 2, 8
"""The lines of `CODE` from which one way is never taken, and which never runs."""

HIDDEN = """\
def used(value):
    return value


def hidden(value):  # pragma: no cover
    return value - 1
"""


def _canary(
    rule: Rule,
    title: str,
    settings: Mapping[str, Any],
    *,
    line: int | None = None,
    text: str = CODE,
    marked: bool = False,
) -> Canary:
    """A canary whose finding is at `line` of the planted module, or nowhere."""

    def plant(context: Context[CoverageSettings]) -> Planted | Reason:
        found = _site(context, rule)
        if isinstance(found, Reason):
            return found
        module = code.beside(context.project, _named(rule))
        (context.project.root / module.file).write_text(text, encoding="utf-8")
        mark = f'@pytest.mark.covers("{module.name}", minimum=100)\n' if marked else ""
        found.write(
            f"import pytest\n\nimport {module.name} as planted\n\n\n{mark}def {{name}}():\n    planted.used(1)\n"
        )
        return Planted(
            path=None if line is None else module.file,
            line=line,
            settings=settings,
            needed=_only(context, found),
        )

    return Canary(rule=rule.code, title=title, plant=plant, settings={"coverage": dict(settings)}, shares=True)


def _unmeasured(context: Context[CoverageSettings]) -> Planted | Reason:
    """A module that no test imports, in a package that nothing measures."""
    found = _site(context, UNMEASURED)
    if isinstance(found, Reason):
        return found
    roots = context.project.layout.import_roots or (".",)
    folder = Path(roots[0], "gates_canary_cov006")
    taking = _taking(context, found, folder)
    if taking is not None:
        message = f"coverage measures all of {taking}, whatever is imported, so that no file is left out"
        return site.unfit(message, "coverage")
    module = code.beside(context.project, _named(UNMEASURED))
    (context.project.root / module.file).write_text("USED = True\n", encoding="utf-8")
    found.write(f"import {module.name} as planted\n\n\ndef {{name}}():\n    assert planted.USED\n")
    (context.project.root / folder).mkdir()
    (context.project.root / folder / "__init__.py").write_text("", encoding="utf-8")
    file = (folder / "planted.py").as_posix()
    (context.project.root / file).write_text(CODE, encoding="utf-8")
    return Planted(path=file, settings={"patch": 100.0}, needed=_only(context, found))


def _taking(context: Context[CoverageSettings], found: Site, folder: Path) -> str | None:
    """The folder that coverage is told to measure with all that is in it, if `folder` is below it."""
    settings = tool_settings.coverage_settings(context.project)
    keys = {} if settings is None else settings.keys
    given = [keys[key].value for key in ("run.source", "run.source_dirs") if key in keys]
    named = [word for one in given for word in words(one.replace(",", " ") if isinstance(one, str) else one)]
    named += [value for value, _ in found.options.values("--cov", optional=True) if value]
    root = context.project.root
    return next((one for one in named if (root / folder).is_relative_to((root / one).resolve())), None)


def _site(context: Context[CoverageSettings], rule: Rule) -> Site | Reason:
    tests = context.needed["tests"]
    return site.find(context.project, tests.args, {**context.environ, **tests.env}, rule.code, "coverage")


def _named(rule: Rule) -> str:
    return f"gates_canary_{rule.code.lower()}"


def _only(context: Context[CoverageSettings], found: Site) -> Mapping[str, Mapping[str, Any]]:
    """Settings of the tests gate that run the planted file alone."""
    del context
    return {"tests": {"args": [*found.args, found.file], "packages": []}}


CANARIES = (
    _canary(TOTAL, "a function that never runs", {"total": 100.0}),
    _canary(
        PATHS,
        "a function that never runs, in a file with a limit",
        {"path": [{"glob": "**/gates_canary_cov002.py", "minimum": 100.0}]},
    ),
    _canary(FILE, "a file below the floor", {"file": 100.0}, line=MISSED),
    _canary(CHANGED_LINES, "a new function that never runs", {"patch": 100.0}, line=MISSED),
    _canary(CHANGED_BRANCHES, "a new `if` that is only ever true", {"patch": 100.0}, line=IF),
    Canary(
        rule=UNMEASURED.code,
        title="a new file that nobody measures",
        plant=_unmeasured,
        settings={"coverage": {"patch": 100.0}},
        shares=True,
    ),
    _canary(BRANCHES, "an `if` that is only ever true", {"branches": 100.0}),
    _canary(PRAGMAS, "a function with an exclusion pragma", {"pragmas": 0}, text=HIDDEN),
    _canary(SUBJECT, "a test that promises more than it runs", {"patch": 0.0}, line=MISSED, marked=True),
)
