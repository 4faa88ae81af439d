"""Collect: one run of the command, with every way in which it says too little turned into a refusal."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.command import generated, junit, pattern, sarif
from gates.builtin.command.facts import CommandEvidence, Reported
from gates.builtin.command.report import Places, UnreadableReport
from gates.builtin.command.start import Start, missing_module, start
from gates.config.command import CommandTable
from gates.model.evidence import Refusal, counted, refuse
from gates.model.gate import Context
from gates.process import failure
from gates.project import imports, tree, workspace
from gates.project.source_lines import Names, SourceLines
from pytest_vltair.worktree import REDIRECTING

if TYPE_CHECKING:
    from gates.process.child import Completed

REPORT_LIMIT = 64 * 1024 * 1024
"""Bytes of a report that are read."""


def collect(context: Context[CommandTable]) -> CommandEvidence | Refusal:
    """Evidence of one run in the project, or in a copy of it where files must stay unchanged."""
    table, files = context.settings, context.project.tree
    examined = files.matching(table.files)
    if not examined:
        return _nothing(table, "files", "no file of the project matches", table.files)
    ready = start(context)
    if isinstance(ready, Refusal):
        return ready
    if ready.volatile:
        context.volatile(ready.volatile)
    if table.unchanged:
        return _in_a_copy(context, ready, len(examined))
    files.digest(table.files)
    evidence = _run(context, ready, context.project.root, len(examined))
    changed = files.changed([*table.files, *([] if table.output is None else [f"!{table.output}"])])
    if changed is not None:
        return refuse(
            "evidence_stale",
            f"the command changed {changed}, which it examines, so that what it said is of no file that is there",
            f"use the command's own way to check and not to edit; the table is named {table.name!r}",
        )
    return evidence


def _in_a_copy(context: Context[CommandTable], ready: Start, examined: int) -> CommandEvidence | Refusal:
    project, table = context.project, context.settings
    names = project.tree.matching(table.unchanged)
    with workspace.copy(project, context.scratch, history=project.git is not None) as copy:
        paths = imports.import_paths(copy, project.layout, context.environ.get("PYTHONPATH", ""))
        ready = dataclasses.replace(ready, env={"PYTHONPATH": paths, **_repository(context, copy), **ready.env})
        evidence = _run(context, ready, copy, examined)
        if isinstance(evidence, Refusal):
            return evidence
        written = tree.read(copy).matching(table.unchanged)
        changed = generated.compared(names, project.root, copy, written, context.redact)
    compared = len({*names, *written})
    if not compared:
        return _nothing(
            table, "unchanged", "no file that is there, or that the command writes, matches", table.unchanged
        )
    return msgspec.structs.replace(evidence, compared=compared, changed=counted(changed))


def _repository(context: Context[CommandTable], copy: Path) -> dict[str, str]:
    """Variables that lead git to the copy's own repository where a hook of git leads it to the original."""
    git = context.project.git
    if git is None or REDIRECTING.isdisjoint(context.environ):
        return {}
    top = copy.parents[git.prefix.count("/") - 1] if git.prefix else copy
    folder = top / ".git"
    return {"GIT_DIR": str(folder), "GIT_WORK_TREE": str(top), "GIT_INDEX_FILE": str(folder / "index")}


def _run(context: Context[CommandTable], ready: Start, root: Path, examined: int) -> CommandEvidence | Refusal:
    """Evidence of one run in the folder `root`, without what it changed there."""
    table = context.settings
    before = None if table.output is None else _stamp(root / table.output)
    run = context.run(ready.argv, env=ready.env, cwd=root)
    stopped = failure.stopped(run, table.argv[0], table.name)
    if stopped is not None:
        return Refusal(stopped)
    absent = missing_module(context, run)
    if absent is not None:
        return absent
    names = Names(root, context.project.tree.files)
    places = Places(names, SourceLines(root, context.redact))
    try:
        reported = _reported(table, run, root, before, places)
    except UnreadableReport as error:
        return _unreadable(context, run, error)
    code = run.code or 0
    return CommandEvidence(
        code=code,
        words="" if code in table.exit_codes else failure.last_words(run).replace(str(root), "."),
        examined=examined,
        compared=0,
        reported=counted(reported),
        changed=counted([]),
    )


def _reported(
    table: CommandTable, run: Completed, root: Path, before: tuple[int, int] | None, places: Places
) -> list[Reported]:
    if table.parser == "none":
        return []
    data = run.stdout if table.output is None else _written(root / table.output, table.output, before)
    if table.parser == "sarif":
        return sarif.read(data, places)
    if table.parser == "junit":
        return junit.read(data, places)
    text = data.decode("utf-8", "replace")
    # What a compiler or a linter objects to is as often on the one stream as on the other.
    text = text if table.output is not None else f"{text}\n{run.errors}"
    return pattern.read(text, table.pattern or "", places)


def _written(path: Path, name: str, before: tuple[int, int] | None) -> bytes:
    after = _stamp(path)
    if after is None:
        raise UnreadableReport(f"it did not write {name}", "evidence_missing")
    if after == before:
        raise UnreadableReport(f"it left {name} as it was before, from an earlier run", "evidence_stale")
    if after[1] > REPORT_LIMIT:
        raise UnreadableReport(f"{name} is larger than {REPORT_LIMIT // 1024 // 1024} MiB", "output_limit")
    return path.read_bytes()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _unreadable(context: Context[CommandTable], run: Completed, error: UnreadableReport) -> Refusal:
    table = context.settings
    what = f'what {table.argv[0]} reports cannot be used (`parser = "{table.parser}"`)'
    ended = "" if run.code in table.exit_codes else f"; it ended with exit code {run.code}: {failure.last_words(run)}"
    return refuse(error.code, f"{what}: {context.redact(error.message)}{ended}", f"gates check {table.name} -v")


def _nothing(table: CommandTable, key: str, said: str, globs: tuple[str, ...]) -> Refusal:
    return refuse(
        "nothing_examined",
        f"{said} `{key}` ({', '.join(globs)})",
        f"edit `{key}` in the table [[tool.gates.command]] named {table.name!r}",
    )
