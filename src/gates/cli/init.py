"""`gates init`: write down what is judged here, with today's findings and figures, which can only get better."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gates.cli import editing, options, workspace
from gates.errors import NOTHING_JUDGED, OutputError, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.file_edit import FileEdit
    from gates.engine.session import Judgement


@click.command(short_help="Write the configuration: what is judged here, at today's figures.")
@options.PROJECT
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--ci", type=click.Choice(["github"]), help="Write a workflow that runs `gates check` too.")
@click.option("--python", metavar="EXE", help="The interpreter of the judged environment.")
@click.option("--offline", is_flag=True, help="Make no network call.")
def command(*, directory: str, dry_run: bool, ci: str | None, python: str | None, offline: bool) -> int:
    """Run the gates that apply here once; write `select` and today's figures into pyproject.toml.

    What is red today goes into the baseline (gates-baseline/): it is known and does not count, and one more does.
    Without a pyproject.toml the settings go into gates.toml. Comments and order are kept, limits that the project
    already gives its tools stay where they are, and a project that has `select` is left alone.
    """
    prepared = options.prepare(directory, {"python": python, "offline": offline or None})
    edits = list(_workflow(prepared, ci))
    notes = list(_of_members(prepared))
    if "select" not in prepared.config.source.table:
        from gates.cli import adoption

        file = adoption.config_file(prepared)
        offered = adoption.offered(prepared)
        adopted = adoption.Adoption(prepared, _judged(prepared, python, offered), file, offered)
        if not adopted.select:
            editing.say("no gate applies to this project, so there is nothing to write; `gates list` says why")
            for note in notes:
                editing.say(note)
            return NOTHING_JUDGED
        edits = [*adopted.edits(editing.top(prepared), lambda name: editing.below(prepared, name)), *edits]
        notes = [*adopted.notes(), *notes]
    edits += _gitignore(prepared)
    if not edits:
        read = prepared.config.source
        editing.say(f"nothing to do: the gates of this project are selected in {read.path}:{read.line('select')}")
        return 0
    editing.finish(prepared, edits, notes, dry_run=dry_run)
    return 0


def _of_members(prepared: Prepared) -> Iterator[str]:
    members = workspace.found(prepared.project)
    if members:
        yield f"this is for the root alone; for a member: gates init --project {members[0]}"


def _judged(prepared: Prepared, python: str | None, offered: Sequence[str]) -> Judgement:
    """Today's judgement of the gates that apply, and of those that only wait for their figures to be written."""
    from gates.cli import progress
    from gates.engine import plan, session

    drawn = plan.draw(prepared.project, prepared.registry.gates, prepared.config)
    named = [*(one.gate.name for one in drawn.asked), *offered] if offered and drawn.asked else []
    watching = progress.observer("text", quiet=False, environ=dict(prepared.environ))
    return session.judge(options.request(prepared, watching, python=python, named=tuple(named)))


def _gitignore(prepared: Prepared) -> Sequence[FileEdit]:
    """The edit that has git, and so build backends, leave out gates' state; none where it is left out already.

    The nearest .gitignore upward is edited: a new one beside it would take its place for a build backend.

    Raises:
        OutputError: it cannot be read.
    """
    from gates.config.file_edit import FileEdit
    from gates.engine.state import FOLDER

    ours = FOLDER.encode()
    top, root = editing.top(prepared), prepared.project.root
    folders = [folder for folder in (root, *root.parents) if folder.is_relative_to(top)]
    held = {folder / ".gitignore": _bytes(folder / ".gitignore") for folder in folders}
    for data in held.values():
        lines = [line.strip() for line in (data or b"").split(b"\n")]
        if any(line.strip(b"/").removeprefix(b"**/") == ours for line in lines):
            return ()
    path = next((path for path, data in held.items() if data is not None), root / ".gitignore")
    before = held[path] or b""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    apart = b"" if not before or before.endswith(b"\n") else end
    return (FileEdit(top, path.relative_to(top).as_posix(), held[path], before + apart + ours + b"/" + end),)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.exists() else None
    except OSError as error:
        raise OutputError(f"{path.name} cannot be read: {error.strerror or error}") from error


def _workflow(prepared: Prepared, ci: str | None) -> Sequence[FileEdit]:
    """The new workflow; none where one is there that `init` wrote.

    Raises:
        UsageError: there is another file of that name.
    """
    from gates.cli import workflow
    from gates.config.file_edit import FileEdit

    if ci is None:
        return ()
    path = editing.top(prepared) / workflow.PATH
    if path.exists() or path.is_symlink():
        if path.is_file() and (_bytes(path) or b"").startswith(workflow.FIRST_LINE.encode()):
            return ()
        raise UsageError(f"{workflow.PATH} is there and not from `gates init`; move it away or leave out --ci")
    python = ".".join(platform.python_version_tuple()[:2])
    written = workflow.text(prepared.project, python=python, branch=_default_branch(prepared))
    return (FileEdit(editing.top(prepared), workflow.PATH, None, written.encode()),)


def _default_branch(prepared: Prepared) -> str:
    git = prepared.project.git
    if git is None:
        return "main"
    told = git.ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    return told.removeprefix("origin/") if told else git.branch or "main"
