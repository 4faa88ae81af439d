"""Imports: that a copy of the project is what Python imports, and not an installed one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gates.model.reason import Reason, ReasonCode
from gates.project.layout import Layout

QUESTION = """
import importlib.util, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    if spec is not None:
        found[name] = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or [])
print(json.dumps(found))
"""
"""Asks for places without running a package: importing one may do anything."""


class Ended(Protocol):
    """What came of a child: `gates.process.child.Completed` is one."""

    @property
    def status(self) -> str:
        """`OK`, or why not."""

    @property
    def text(self) -> str:
        """Its standard output."""


class Run(Protocol):
    """Whatever runs a command to its end: `Context.run` is one."""

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Ended:
        """Run `argv` in `cwd` with `env` on top of the usual environment."""


def import_paths(copy: Path, layout: Layout, before: str = "") -> str:
    """A PYTHONPATH that puts the import roots of `copy` first, and then what was there `before`."""
    roots = [str(copy if root == "." else copy / root) for root in layout.import_roots]
    return os.pathsep.join([*roots, *([before] if before else [])])


def verify(copy: Path, layout: Layout, *, python: Path, run: Run, before: str = "") -> Reason | None:
    """None where `python` finds each of the project's packages inside `copy` and nowhere else; else what is wrong."""
    if not layout.packages:
        return _reason("nothing_examined", "the project has no package or module whose import could be checked")
    env = {"PYTHONPATH": import_paths(copy, layout, before)}
    ended = run([str(python), "-P", "-c", QUESTION, *layout.packages], env=env, cwd=copy)
    if ended.status != "OK":
        return _reason("tool_crashed", f"the interpreter did not say where it imports from ({ended.status})")
    try:
        found = json.loads(ended.text.splitlines()[-1])
    except (ValueError, IndexError):
        return _reason("unparsable_output", "the interpreter did not say where it imports from")
    for name in layout.packages:
        places = found.get(name) if isinstance(found, dict) else None
        if not places:
            return _reason("package_missing", f"{name} cannot be imported from a copy of the project")
        inside = [Path(os.path.realpath(place)).is_relative_to(os.path.realpath(copy)) for place in places]
        if not all(inside):
            where = "from an installed copy and not from the tree under test"
            if any(inside):
                where = "as a namespace package, of which a part comes from outside of the tree under test"
            return _reason("tested_installed_copy", f"{name} is imported {where}")
    return None


def _reason(code: ReasonCode, message: str) -> Reason:
    return Reason(code=code, message=message, fix="python -m pip install --editable .")
