"""`gates waive`: write a named exception, with a reason, an owner and an end, into the configuration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from gates.cli import editing, options
from gates.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.file_edit import FileEdit
    from gates.model.waiver import Waiver


@click.command(short_help="Excuse findings of a rule, with a reason, an owner and an end.")
@click.argument("rule")
@click.argument("subject")
@options.with_options(
    options.PROJECT,
    click.option("--reason", required=True, help="Why this is acceptable for now."),
    click.option("--owner", required=True, help="Who answers for it."),
    click.option("--expires", required=True, metavar="DATE", help="Its last day, in UTC: 2026-12-31."),
    click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
)
def command(**given: Any) -> int:
    """Write a waiver into the configuration: findings of RULE about SUBJECT do not count until it ends.

    RULE is a rule's code or name, or a tool's own code such as ruff:F401. SUBJECT is a glob on the finding's path or
    subject ("src/legacy/**", "PYSEC-2026-12"), or its exact fingerprint; "**" is every finding of the rule.
    """
    prepared = options.prepare(given["directory"], {})
    wanted = _waiver(prepared, given)
    held = _held(prepared, wanted)
    if held is not None:
        editing.say(f"nothing to do: this waiver is written at {held}")
        return 0
    editing.finish(prepared, [_edit(prepared, wanted)], dry_run=given["dry_run"])
    return 0


def _waiver(prepared: Prepared, given: dict[str, Any]) -> Waiver:
    from gates.config.checks import waiver_problem
    from gates.model.waiver import Waiver

    registry = prepared.registry
    problem = waiver_problem(given["rule"], tuple(registry.rules), registry.unwaivable)
    if problem is not None:
        raise UsageError(problem)
    for key in ("subject", "reason", "owner"):
        if not given[key].strip():
            raise UsageError(f"a waiver needs {'an' if key == 'owner' else 'a'} {key}, and this one is empty")
    texts = {key: given[key] for key in ("rule", "subject", "reason", "owner")}
    return Waiver(**texts, expires=_date(given["expires"]))


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires {text!r} is not a date: write it as 2026-12-31") from None
    today = datetime.now(UTC).date()
    if day < today:
        raise UsageError(f"--expires {text} is past: today is {today.isoformat()} (UTC)")
    return day


def _held(prepared: Prepared, wanted: Waiver) -> str | None:
    """Where this very waiver is written already.

    Raises:
        UsageError: there is another one for the same rule and subject, so that which one counts would be a question.
    """
    source = prepared.config.source
    for index, one in enumerate(prepared.config.waiver):
        place = f"{source.path}:{source.line('waiver', index)}"
        if one == wanted:
            return place
        if (one.rule, one.subject) == (wanted.rule, wanted.subject):
            raise UsageError(
                f"{one.rule} {one.subject} is waived until {one.expires.isoformat()} ({one.owner}); edit it at {place}"
            )
    return None


def _edit(prepared: Prepared, wanted: Waiver) -> FileEdit:
    import msgspec

    from gates.cli import adoption
    from gates.config.edit import with_element
    from gates.config.file_edit import FileEdit
    from gates.project import documents

    file = adoption.config_file(prepared)
    before = file.data or b""
    items = msgspec.structs.asdict(wanted)
    try:
        text = with_element(documents.decode(before, file.path), (*file.prefix, "waiver"), items, path=file.path)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    mark = documents.BOM.encode() if before.startswith(documents.BOM.encode()) else b""
    return FileEdit(editing.top(prepared), editing.below(prepared, file.path), file.data, mark + text.encode("utf-8"))
