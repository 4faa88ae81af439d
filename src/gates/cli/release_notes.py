"""`gates release notes`: what a release says, with the link that compares it with the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import options, output
from gates.errors import PASSED, UNDECIDED, UsageError
from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.project.releasing.notes import Notes


@click.command(short_help="Show the notes of a release.")
@click.argument("version", required=False)
@options.with_options(
    options.PROJECT,
    click.option("--output-format", type=click.Choice(["markdown", "json"]), default="markdown"),
)
def command(**given: Any) -> int:
    """Show the notes of VERSION: of the version whose tag HEAD has, or of what is not released, unless it is named.

    They are from the changelog's entry, from what is unreleased there, from a log by dates since the tag before, from
    towncrier's fragments, or from conventional commits since the tag before: the first of these that says something.

    \b
    exit 0    there are notes
    exit 3    there is nothing to make them from; they are never empty
    """
    from gates.project.changelog_titles import valid
    from gates.project.releasing import declared, notes

    version = given["version"]
    if version is not None and not valid(version):
        raise UsageError(f"{version!r} is not a version: write it as PEP 440 has it, such as 1.2.0 or 1.3.0rc1")
    prepared = options.prepare(given["directory"], {})
    settings = prepared.config.gates.get("packaging")
    said = declared.find(prepared.project).version
    found = notes.read(prepared.project, version, said, getattr(settings, "changelog", None))
    if given["output_format"] == "json":
        output.value(_json(found))
    elif isinstance(found, Refusal):
        output.line(f"undecided: {found.reason.message} (fix: {found.reason.fix})")
    else:
        for row in _markdown(found).split("\n"):
            output.line(row)
        _warn(found)
    return UNDECIDED if isinstance(found, Refusal) else PASSED


def _json(found: Notes | Refusal) -> dict[str, Any]:
    if isinstance(found, Refusal):
        return {"schema_version": 1, "verdict": "undecided", "reason": found.reason, "notes": None}
    told = {**msgspec.to_builtins(found), "markdown": _markdown(found)}
    return {"schema_version": 1, "verdict": "passed", "reason": None, "notes": told}


def _markdown(found: Notes) -> str:
    """The notes without a heading: the page of a release has one."""
    if found.compare is None:
        return found.body
    return f"{found.body}\n\n**Full changelog**: {found.compare}"


def _warn(found: Notes) -> None:
    from gates.cli import editing

    if found.left_out:
        number = f"{found.left_out} commit{'' if found.left_out == 1 else 's'}"
        editing.say(f"{number} not in the notes, for want of the conventional form (feat: ..., fix: ...)")
