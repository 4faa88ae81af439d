"""`gates runs backfill`: runs of before there was a record, from the files that they left."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.cli.runs_ingest import refused
from gates.errors import NOTHING_JUDGED, PASSED, UNDECIDED
from gates.render import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gates.cli.options import Prepared
    from gates.record.backfill.writing import Files, Taken
    from gates.record.maintenance import Backfilling

NOTHING = "there is no file of JUnit XML, of pytest-json-report or of `gates check` here"
TOGETHER = 50
"""Files that are taken into the store at once: other runs that end meanwhile remove all but the newest recordings."""
TOGETHER_SIZE = 64 << 20
"""Bytes of them."""


@click.command(short_help="Take in runs of before there was a record.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|DIR...")
@options.with_options(
    options.PROJECT,
    click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing."),
    click.option(
        "--at",
        type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]),
        metavar="TIME",
        help="When those ran that do not say it (UTC).",
    ),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Make a run of the record out of each file.

    It is JUnit XML, a report of `gates check --output-format json`, or a file of pytest-json-report; in a DIR all of
    these are taken, at any depth. The same file is taken once, however often it is given, and by whichever machine.

    \b
    exit 0    all files are in the record
    exit 3    a file cannot be read, or the record cannot be written; the others are in it
    exit 5    there is no such file
    """
    from gates.record.backfill import writing
    from gates.record.stored.errors import StoreError

    prepared = options.prepare(given["directory"], {})
    files = _files(prepared, given)
    try:
        taken = list(_taken(files, writing.found(given["paths"])))
    except (StoreError, OSError) as error:
        from gates.record.maintenance import Backfilling

        return refused(Backfilling, error, given["output_format"])
    return _show(taken, given["output_format"])


def _files(prepared: Prepared, given: dict[str, Any]) -> Files:
    from datetime import UTC

    from gates.process.redact import redactor
    from gates.record.backfill.writing import Files
    from pytest_vltair.personal import scrub

    config, at = prepared.config, given["at"]
    hiding = redactor(prepared.environ, profile=config.redact.profile, patterns=config.redact.patterns)
    strict = config.record.profile == "strict"

    def clean(text: str) -> str:
        plain = text.encode("utf-8", "backslashreplace").decode()
        return scrub(hiding.text(plain), strict=strict)

    if at is not None:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    project = prepared.project
    return Files(root=project.root, name=project.name, scrub=clean, at=at, dry=given["dry_run"])


def _taken(files: Files, found: Iterable[tuple[Path, bool]]) -> Iterator[Taken]:
    """What became of each file; the runs are in the store after the last one."""
    count = size = 0
    for path, named in found:
        one = files.take(path, named=named)
        yield one
        if one.state in {"written", "already there"} and not files.dry:
            count += 1
            size += path.stat().st_size
        if count >= TOGETHER or size >= TOGETHER_SIZE:
            _ingest(files.root)
            count = size = 0
    if count:
        _ingest(files.root)


def _ingest(root: Path) -> None:
    """Take the runs into the store: recordings are kept for a while only, and those of an earlier attempt may wait."""
    from gates.record.asked import questions

    with questions.open_store(root):
        pass


def _show(taken: list[Taken], form: str) -> int:
    bad = [one for one in taken if one.state == "unreadable"]
    ours = [one for one in taken if one.state not in {"unreadable", "passed over"}]
    code = UNDECIDED if bad else PASSED if ours else NOTHING_JUDGED
    if form == "json":
        output.value(_document(taken, bad, code))
        return code
    for one in taken:
        if one.state != "passed over":
            output.line(escape.line(_line(one)))
    counts = Counter(one.state for one in taken)
    said = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))
    output.line(said or NOTHING)
    return code


def _document(taken: list[Taken], bad: list[Taken], code: int) -> Backfilling:
    from gates.model.reason import Reason
    from gates.record.maintenance import Backfilling

    if code == PASSED:
        return Backfilling(verdict="passed", files=tuple(taken))
    if bad:
        reason = Reason(code="unreadable", message=_line(bad[0]), fix=f"gates runs backfill {shlex.quote(bad[0].path)}")
    else:
        reason = Reason(code="nothing_examined", message=NOTHING, fix="gates runs backfill --help")
    return Backfilling(reason=reason, files=tuple(taken))


def _line(one: Taken) -> str:
    if one.state == "unreadable":
        return f"{one.path}{'' if one.line is None else f':{one.line}'}: {one.reason}"
    held = f"{one.gates:,} gates" if one.kind == "report" else f"{one.tests:,} tests"
    return f"{one.path}: {one.kind}, {held}, {one.started}: {one.run} {one.state}"
