"""Canaries: for each rule of `lint` a fault that the project's own selection must catch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from gates.builtin.lint import configuration, ruff
from gates.builtin.lint.rules import LINT_VIOLATION, NOT_FORMATTED, SYNTAX_ERROR, UNREADABLE_FILE
from gates.config.other_tools import ruff_formats
from gates.model.canary import Canary, Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.process import failure
from gates.project.source_lines import Names, SourceLines

if TYPE_CHECKING:
    from gates.builtin.lint.settings import LintSettings
    from gates.model.gate import Context

    Plant: TypeAlias = Callable[[Context[LintSettings]], Planted | Reason]

FILE = "gates_canary_{rule}.py"
# One line for each of the rules that projects select most; at least one of them is wrong for nearly everybody.
VIOLATIONS = """\
import sys
import os, json
l = 1
undefined_name_of_a_canary
def Canary(a=[], b={}):
    if a == None:
        print("x" % (1, 2))
    assert True, eval("1")
    try:
        unused = 1
    except:
        pass
class canary(object): value = None; pass
"""
LONG_LINE = f"# {'a line that is longer than any limit which a project gives itself ' * 6}\n"
UNFORMATTED = "value  =  { 'a':1 }\n"
BROKEN = "def canary(:\n"
NOT_UTF8 = b"name = '\xff'\n"
FOLDERS = 4
"""How many folders are tried before a canary does not fit: each costs one short run of ruff."""


def _candidates(context: Context[LintSettings], rule: Rule) -> Iterator[Path]:
    """New files beside existing ones, first those of the packages and last those of the tests."""
    folders = dict.fromkeys(PurePosixPath(file).parent for file in context.project.layout.by_weight())
    for folder in list(folders)[:FOLDERS]:
        yield context.project.root / folder / FILE.format(rule=rule.code.lower())


def _reported(context: Context[LintSettings], path: Path, *command: str) -> list[tuple[str, int | None]] | Reason:
    """Code and line of all that ruff, under the project's configuration, says of one file."""
    tool = context.tool("ruff")
    if isinstance(tool, Refusal):
        return tool.reason
    root = context.project.root
    config = configuration.options(root, context.project.tree.files, context.settings.config_file)
    shape = ("--output-format", "json", "--no-cache", "--force-exclude")
    argv = [*tool.argv, *command, *shape, *config, "--", os.fspath(path.relative_to(root))]
    run = context.run(argv, env=ruff.environment(context.scratch))
    stopped = failure.stopped(run, "ruff", "lint")
    if stopped is not None:
        return stopped
    try:
        found = ruff.diagnostics(run.stdout, Names(root, ()), SourceLines(root))
    except ValueError:
        return []
    return [(item.code, item.line) for item in found]


def _plant(rule: Rule, content: bytes, fires: Callable[[str], bool], *command: str) -> Plant:
    """A function that writes `content` where ruff reports a code that `fires`, and else says that it does not fit."""

    def plant(context: Context[LintSettings]) -> Planted | Reason:
        for path in _candidates(context, rule):
            path.write_bytes(content)
            found = _reported(context, path, *command)
            if isinstance(found, Reason):
                path.unlink()
                return found
            lines = [line for code, line in found if fires(code)]
            if lines:
                return Planted(path=path.relative_to(context.project.root).as_posix(), line=lines[0])
            path.unlink()
        return Reason(
            code="does_not_apply",
            message="ruff, under the project's configuration, objects to none of the faults that were tried",
            fix="select more rules under [tool.ruff.lint]",
        )

    return plant


def _plant_unreadable(context: Context[LintSettings]) -> Planted | Reason:
    # ruff says nothing of such a file where E902 is not selected: that it looks there is seen by a readable one.
    planted = _broken(UNREADABLE_FILE)(context)
    if isinstance(planted, Planted) and planted.path is not None:
        (context.project.root / planted.path).write_bytes(NOT_UTF8)
        return Planted(path=planted.path)
    return planted


def _plant_unformatted(context: Context[LintSettings]) -> Planted | Reason:
    wanted = context.settings.format
    if wanted is False or (wanted is None and ruff_formats(context.project) is None):
        return Reason(
            code="not_configured",
            message="formatting is not judged in this project",
            fix="set `format = true` in [tool.gates.lint]",
        )
    fires = "format", "--check"
    return _plant(NOT_FORMATTED, UNFORMATTED.encode(), lambda code: code == "unformatted", *fires)(context)


def _broken(rule: Rule) -> Plant:
    return _plant(rule, BROKEN.encode(), lambda code: code == "invalid-syntax", "check", *ruff.READ_ONLY)


def _violating(context: Context[LintSettings]) -> Planted | Reason:
    content = (VIOLATIONS + LONG_LINE).encode()
    command = ("check", *ruff.READ_ONLY)
    return _plant(LINT_VIOLATION, content, lambda code: code not in ("invalid-syntax", "E902"), *command)(context)


def _canary(rule: Rule, title: str, plant: Plant) -> Canary:
    """A canary in a file of its own: what ruff says of one file does not depend on another."""
    return Canary(rule=rule.code, title=title, plant=plant, shares=True)


CANARIES = (
    _canary(LINT_VIOLATION, "a module that breaks the rules which most projects select", _violating),
    _canary(NOT_FORMATTED, "an assignment with too many spaces", _plant_unformatted),
    _canary(SYNTAX_ERROR, "a function whose parameters are not Python", _broken(SYNTAX_ERROR)),
    _canary(UNREADABLE_FILE, "a file that is not UTF-8", _plant_unreadable),
)
