"""Canaries: how to make each rule of a command gate fire in the project that wrote the table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gates.builtin.command.rules import COMMAND_FAILED, COMMAND_FINDING, GENERATED_CHANGED
from gates.config import source
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.process import failure

if TYPE_CHECKING:
    from gates.config.command import CommandTable
    from gates.model.gate import Context

LINE = "a line that nothing generates"


def _fails(context: Context[CommandTable]) -> Planted | Reason:
    table = context.settings
    if table.parser == "none" and not table.unchanged:
        patched = _patched(context)
        return patched if isinstance(patched, Reason) else Planted(path=None)
    # No patch makes a foreign tool crash; that its exit code is looked at shows when the good one is not accepted.
    return _accepts_nothing(context)


def _accepts_nothing(context: Context[CommandTable]) -> Planted:
    import tomlkit

    root, read = context.project.root, source.read(context.project.root)
    document: Any = tomlkit.parse(read.text)
    tables = document
    for name in (*read.prefix, "command"):
        tables = tables[name]
    next(one for one in tables if one["name"] == context.settings.name)["exit-codes"] = []
    (root / (read.path or "")).write_text(tomlkit.dumps(document), encoding="utf-8", newline="")
    return Planted(path=None)


def _reports(context: Context[CommandTable]) -> Planted | Reason:
    if context.settings.parser == "none":
        return _off("no parser is set, so nothing that the command prints is a finding", 'parser = "regex"')
    patched = _patched(context)
    if isinstance(patched, Reason):
        return patched
    only = patched[0] if len(patched) == 1 and context.settings.parser != "junit" else None
    return Planted(path=only)


def _generates(context: Context[CommandTable]) -> Planted | Reason:
    table, project = context.settings, context.project
    if not table.unchanged:
        return _off("no generated files are named", 'unchanged = ["GLOB"]')
    names = project.tree.matching(table.unchanged)
    if table.canary is not None and table.parser == "none":
        patched = _patched(context)
        if isinstance(patched, Reason):
            return patched
        touched = [name for name in names if name in patched]
        return Planted(path=next(iter(touched if len(touched) == 1 else names if len(names) == 1 else ()), None))
    for name in names:
        path = project.root / name
        data = path.read_bytes()
        if b"\0" not in data:
            path.write_bytes(data + (b"" if data.endswith(b"\n") or not data else b"\n") + LINE.encode() + b"\n")
            return Planted(path=name)
    return _unfit(table, "every generated file is binary, so that no line can be added to one")


def _patched(context: Context[CommandTable]) -> tuple[str, ...] | Reason:
    """The files that the table's own patch touched, or why it cannot be applied."""
    table, root = context.settings, context.project.root
    if table.canary is None:
        return _unfit(table, "its table names no patch (`canary`), so nothing shows that it can fail")
    if not (root / table.canary).is_file():
        return _unfit(table, f"its patch {table.canary} is not there")
    # A repository around the project would make git skip what is not below its own top.
    env = {"GIT_CEILING_DIRECTORIES": os.fspath(root.parent), "LC_ALL": "C"}
    git = ("git", "-c", "core.autocrlf=false", "apply")
    listed = context.run([*git, "--numstat", "-z", "--", table.canary], env=env, cwd=root)
    applied = context.run([*git, "--", table.canary], env=env, cwd=root)
    for run in (listed, applied):
        if run.status == "NOT_INSTALLED":
            return Reason(code="tool_missing", message="git applies a patch, and it is absent", fix="install git")
        if run.status != "OK":
            return _unfit(table, f"its patch {table.canary} does not apply: {failure.last_words(run)}")
    return tuple(sorted(entry.split("\t")[2] for entry in listed.text.split("\0") if entry.count("\t") >= 2))


def _unfit(table: CommandTable, why: str) -> Reason:
    return Reason(
        code="does_not_apply",
        message=f"{table.name} cannot be shown to fail: {why}",
        fix=f'git diff --relative > {table.name}.patch  # then `canary = "{table.name}.patch"` in its table',
    )


def _off(message: str, setting: str) -> Reason:
    return Reason(code="not_configured", message=message, fix=f"set `{setting}` in the [[tool.gates.command]]")


CANARIES = (
    Canary(rule=COMMAND_FAILED.code, title="a patch, or an exit code that is no longer accepted", plant=_fails),
    Canary(rule=COMMAND_FINDING.code, title="the patch of the command's own table", plant=_reports),
    Canary(rule=GENERATED_CHANGED.code, title="a patch, or a line that nothing generates", plant=_generates),
)
