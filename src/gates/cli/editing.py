"""Editing: how a command shows the files that it is about to change, writes them, and says how to take that back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gates.errors import GitError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.file_edit import FileEdit

SHOWN = 10
"""How many lines of a kind are shown of a change to a baseline, which may have thousands."""

LONGEST = 300
"""Letters that are shown of a line of a baseline."""


def finish(prepared: Prepared, edits: Sequence[FileEdit], notes: Sequence[str] = (), *, dry_run: bool) -> None:
    """Print the diff of every edit and the notes, then write all of them, unless it is a dry run.

    Raises:
        OutputError: a file changed in between, or cannot be written; nothing was written then.
    """
    for edit in edits:
        click.echo(_diff(edit), nl=False)
    for note in notes:
        say(note)
    if dry_run:
        say("nothing was written (--dry-run)")
        return
    undo = [_undo(prepared, edit) for edit in edits]
    for edit in edits:
        edit.check()
    for edit in edits:
        edit.write()
    say(f"wrote {', '.join(edit.name for edit in edits)}. To undo: {'; '.join(undo)}. Next: gates check")


def top(prepared: Prepared) -> Path:
    """The folder that diffs are relative to: the top of the work tree."""
    git, root = prepared.project.git, prepared.project.root
    return root if git is None or not root.is_relative_to(git.toplevel) else git.toplevel


def below(prepared: Prepared, name: str) -> str:
    """The path of a file of the project below `top`."""
    return (prepared.project.root / name).relative_to(top(prepared)).as_posix()


def say(text: str) -> None:
    """One line for people, beside what the command prints for machines."""
    click.echo(f"gates: {text}", err=True)


def _diff(edit: FileEdit) -> str:
    """The edit as a diff; of a baseline, which may have thousands of lines, the first ones and how many there are."""
    from gates.config.baseline import FOLDER

    if f"{FOLDER}/" not in f"{edit.name}/":
        return edit.diff()
    before, after = (set((data or b"").split(b"\n")) for data in (edit.before, edit.after))
    lines = [f"--- {'/dev/null' if edit.before is None else f'a/{edit.name}'}", f"+++ b/{edit.name}"]
    lines += [*_sample("-", before - after), *_sample("+", after - before)]
    return "".join(f"{line}\n" for line in lines)


def _sample(sign: str, found: set[bytes]) -> Iterator[str]:
    ordered = sorted(line.decode("utf-8", "replace") for line in found if line)
    yield from (sign + (line if len(line) <= LONGEST else f"{line[:LONGEST]} ...") for line in ordered[:SHOWN])
    if len(ordered) > SHOWN:
        yield f"{sign} and {len(ordered) - SHOWN:,} more lines"


def _undo(prepared: Prepared, edit: FileEdit) -> str:
    """A command, or a sentence, that takes back an edit and nothing else."""
    path = edit.root / edit.name
    shown = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()
    if edit.before is None:
        return f"rm {shown}"
    git = prepared.project.git
    if git is not None:
        try:
            known = git.ask("ls-files", "--", f":/{edit.name}")
            if known is not None and git.ask("status", "--porcelain", "--", f":/{edit.name}") is None:
                return f"git checkout -- {shown}"
        except GitError:
            pass
    before, after = (set((data or b"").split(b"\n")) for data in (edit.before, edit.after))
    ways = [f"take the lines marked + out of {shown}"] if after - before else []
    ways += [f"put the lines marked - back into {shown}"] if before - after else []
    return " and ".join(ways)
