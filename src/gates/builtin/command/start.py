"""Start: the words and the environment of a command, and where its program is looked for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.command.gate import is_python, tool
from gates.config.command import CommandTable
from gates.model.evidence import Refusal, refuse
from gates.model.gate import Context
from gates.process.tools import hidden

if TYPE_CHECKING:
    from gates.process.completed import Completed


@dataclass(frozen=True, kw_only=True)
class Start:
    """A command that can be started: its words, and the variables that go before the run's own."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    volatile: str
    """Why its evidence must not be used again without a limit of age; empty where the cache's key covers it."""


def start(context: Context[CommandTable]) -> Start | Refusal:
    """How to start the command of the gate, or why there is nothing to start.

    `python` is the judged interpreter; a name without a folder is looked for beside it, beside the Python that runs
    gates, and on PATH; a path is one of the project.
    """
    table, root = context.settings, context.project.root
    concealed = hidden(tool(table.argv), context.environ) or hidden(Path(table.argv[0]).name, context.environ)
    if concealed is not None:
        return Refusal(concealed)
    first = table.argv[0]
    if is_python(first):
        if isinstance(context.python, Refusal):
            return context.python
        return Start(argv=(str(context.python.path), *table.argv[1:]), env=_variables(context), volatile="")
    env = _variables(context)
    place = root / first if "/" in first else Path(shutil.which(first, path=env["PATH"]) or "")
    if place.is_dir() or not place.exists():
        where = "in the project" if "/" in first else "beside the judged Python, beside gates or on PATH"
        return refuse("tool_missing", f"{first} is not there: it was looked for {where}", f"install {first}")
    return Start(argv=table.argv, env=env, volatile=_volatile(context, place))


def missing_module(context: Context[CommandTable], run: Completed) -> Refusal | None:
    """The refusal where `python -m NAME` found no such module, which ends with 1 as many a linter does."""
    argv = context.settings.argv
    name = tool(argv)
    if run.code != 1 or not is_python(argv[0]) or name == argv[0] or f"No module named {name}" not in run.errors:
        return None
    return refuse("tool_missing", f"the judged Python has no module {name}", f"python -m pip install {name}")


def _variables(context: Context[CommandTable]) -> dict[str, str]:
    judged = [] if isinstance(context.python, Refusal) else [str(context.python.path.parent)]
    path = context.environ.get("PATH", "")
    places = [*judged, str(Path(sys.executable).parent), *([path] if path else [])]
    return {"PATH": os.pathsep.join(places), **context.settings.env}


def _volatile(context: Context[CommandTable], place: Path) -> str:
    """The key holds the project's files and the judged environment; a program from elsewhere changes unseen."""
    if context.settings.max_age is not None:
        return ""
    inside = [context.project.root]
    if not isinstance(context.python, Refusal):
        inside.append(context.python.prefix)
    if any(place.is_relative_to(folder) for folder in inside):
        return ""
    return f"nothing tells one version of {place.name} from the next"
