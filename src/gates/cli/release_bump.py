"""`gates release bump`: write the next version wherever it is declared, and its heading into the changelog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from gates.cli import editing, options, output
from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.file_edit import FileEdit
    from gates.project.releasing.declared import Declared


@click.command(short_help="Write the next version wherever it is declared.")
@click.argument("version")
@options.with_options(
    options.PROJECT,
    click.option("--date", "day", metavar="DATE", help="The day of the release; today in UTC by default."),
    click.option("--force", is_flag=True, help="Also in a work tree with changes that are not committed."),
    click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Write VERSION wherever the project declares its version, and a heading for it into the changelog.

    What is unreleased in the changelog goes below the new heading, and its links move on. A version that is taken
    from a tag is not written anywhere: tag instead.
    """
    from gates.project.releasing import declared

    prepared = options.prepare(given["directory"], {})
    settings = prepared.config.gates.get("packaging")
    day = _day(given["day"])
    found = declared.find(prepared.project, getattr(settings, "version_files", ()))
    _refuse(prepared, found, given)
    edits, told = _edits(prepared, found, given["version"], day, getattr(settings, "changelog", None))
    notes = (*told, *(f"{one.path}:{one.line} says {one.version}, and was left as it is" for one in found.others))
    if given["output_format"] == "json":
        _finish_json(edits, notes, found, given)
    else:
        editing.finish(prepared, edits, notes, dry_run=given["dry_run"])
    return 0


def _refuse(prepared: Prepared, found: Declared, given: dict[str, Any]) -> None:
    """Refuse what would be no next version, or would be written over other changes.

    Raises:
        UsageError: it is one of these.
    """
    from packaging.version import InvalidVersion, Version

    from gates.project.releasing import declared, tags

    project, version = prepared.project, given["version"]
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise UsageError(
            f"{version!r} is not a version: write it as PEP 440 has it, such as 1.2.0 or 1.3.0rc1"
        ) from None
    if found.from_tags:
        name = tags.named(version, tags.every(project.git))
        raise UsageError(
            f"the version comes from a tag ({found.from_tags}), so that no file has it; tag instead: git tag {name}"
        )
    if found.version is None:
        raise UsageError(
            "no file that the build backend reads declares a version; write `version` under [project] first"
        )
    other = declared.conflict(found)
    first = found.places[0]
    if other is not None:
        raise UsageError(
            f"{first.path}:{first.line} says {first.version} and {other.path}:{other.line} says {other.version};"
            " make them agree first"
        )
    if wanted <= Version(found.version):
        word = "is" if wanted == Version(found.version) else "is lower than"
        raise UsageError(
            f"{version} {word} the version that {first.path}:{first.line} declares,"
            f" {found.version}; a release needs a higher one"
        )
    if project.git is not None and not given["force"] and project.git.dirty():
        raise UsageError("the work tree has changes that are not committed; commit them first, or give --force")


def _edits(
    prepared: Prepared, found: Declared, version: str, day: date, path: str | None
) -> tuple[list[FileEdit], tuple[str, ...]]:
    from gates.project import changelog
    from gates.project.releasing import declared, entry, tags
    from gates.project.releasing import places as written

    root = prepared.project.root
    places = [(one, version) for one in found.places]
    released = declared.released(root)
    if released is not None and any(one.path == released.path for one in found.places):
        places.append((released, day.isoformat()))
    edits = []
    for name in written.by_path(one for one, _ in places):
        before = (root / name).read_bytes()
        edits.append(
            _edit(prepared, name, before, written.replaced(before, [one for one in places if one[0].path == name]))
        )
    log = changelog.read(root, path)
    if log is None:
        return edits, ("there is no changelog, so that nothing was written into one",)
    before = (root / log.path).read_bytes()
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError:
        return edits, (f"{log.path} is not UTF-8, so that nothing was written there",)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    tag = tags.named(version, tags.every(prepared.project.git))
    made = entry.moved(text.removeprefix(mark), log, version, day, tag)
    after = (mark + made.text).encode("utf-8")
    return [*edits, *([_edit(prepared, log.path, before, after)] if after != before else [])], made.notes


def _edit(prepared: Prepared, name: str, before: bytes, after: bytes) -> FileEdit:
    from gates.config.file_edit import FileEdit

    return FileEdit(editing.top(prepared), editing.below(prepared, name), before, after)


def _finish_json(edits: Sequence[FileEdit], notes: Sequence[str], found: Declared, given: dict[str, Any]) -> None:
    if not given["dry_run"]:
        for edit in edits:
            edit.check()
        for edit in edits:
            edit.write()
    output.value(
        {
            "schema_version": 1,
            "verdict": "passed",
            "from": found.version,
            "to": given["version"],
            "written": not given["dry_run"],
            "edits": [{"path": edit.name, "diff": edit.diff()} for edit in edits],
            "notes": list(notes),
        }
    )


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date {text!r} is not a date: write it as 2026-12-31") from None
